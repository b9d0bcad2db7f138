/**
 * Exact sizes, in bytes, of what MLS puts on the wire, from a suite and a few parameters.
 *
 * Everything follows the TLS presentation of RFC 9420: fixed-width integers, `optional<T>` with one
 * byte of presence (section 2.1.1), and vectors with a variable-size length (section 2.1.2).
 */
import type { Suite } from '../../../src/suites/registry.ts';

/** What RFC 9420 leaves to the application. The defaults stand in `defaultSizeOptions`. */
export interface SizeOptions {
  /** Bytes of a basic credential's identity. */
  readonly identityBytes: number;
  /** Encoded size of the Capabilities structure. */
  readonly capabilitiesBytes: number;
  /** Encoded content of a LeafNode's extensions, without its length. */
  readonly leafExtensionsBytes: number;
  /** Encoded content of a KeyPackage's own extensions, without its length. */
  readonly keyPackageExtensionsBytes: number;
  /** Encoded content of the GroupContext's extensions, without its length. */
  readonly groupExtensionsBytes: number;
  readonly groupIdBytes: number;
  /** Bytes of a framed message's authenticated_data. */
  readonly authenticatedDataBytes: number;
  /** The content of a PrivateMessage is padded with zeros up to this length; 0 = no padding. */
  readonly padUntilBytes: number;
  /** Size assumed for signatures of variable length. */
  readonly signature: 'min' | 'expected' | 'max';
}

/**
 * A 16-byte identity (a UUID) in a basic credential, a 16-byte group id, no extensions, and the
 * smallest honest capabilities: one version, one suite, one credential type, no extensions, no
 * proposals, which encode in 3 + 3 + 1 + 1 + 3 = 11 bytes. Padding to 256 bytes is that of ts-mls.
 */
export const defaultSizeOptions: SizeOptions = {
  identityBytes: 16,
  capabilitiesBytes: 11,
  leafExtensionsBytes: 0,
  keyPackageExtensionsBytes: 0,
  groupExtensionsBytes: 0,
  groupIdBytes: 16,
  authenticatedDataBytes: 0,
  padUntilBytes: 256,
  signature: 'expected',
};

/** Size of the length in front of a vector of `bytes` bytes (RFC 9420 section 2.1.2). */
export function lengthBytes(bytes: number): 1 | 2 | 4 {
  if (bytes < 64) return 1;
  if (bytes < 16_384) return 2;
  if (bytes < 1_073_741_824) return 4;
  throw new RangeError(`a vector of ${bytes} bytes cannot be encoded (the maximum is 2^30 - 1)`);
}

/** Size of a vector with its length. */
export function vectorBytes(bytes: number): number {
  return lengthBytes(bytes) + bytes;
}

/** Sizes that do not depend on the tree; made once per suite and shared by all groups. */
export interface Sizes {
  readonly suite: Suite;
  readonly options: SizeOptions;
  /** Signature with its length. */
  readonly signature: number;
  /** LeafNode by source (section 7.2). */
  readonly leafNode: {
    readonly keyPackage: number;
    readonly update: number;
    readonly commit: number;
    /** Of a member alone in its group: parent_hash is empty. */
    readonly commitAlone: number;
  };
  /** KeyPackage structure (section 10), without MLSMessage framing. */
  readonly keyPackage: number;
  /** HPKECiphertext that carries a path secret (section 7.6). */
  readonly pathSecretCiphertext: number;
  /** UpdatePathNode without its ciphertexts and their length. */
  readonly pathNodeKey: number;
  /** GroupContext (section 8.1) from epoch 1 on. */
  readonly groupContext: number;
  /** One ProposalOrRef by value or by reference (section 12.4). */
  readonly proposal: {
    readonly add: number;
    readonly remove: number;
    readonly reference: number;
  };
  /** MLSMessage(PublicMessage) of a standalone proposal by a member (section 6.2). */
  readonly proposalMessage: {
    readonly add: number;
    readonly update: number;
    readonly remove: number;
  };
}

/** Derives the sizes. @throws RangeError for a negative or fractional option. */
export function sizes(suite: Suite, overrides: Partial<SizeOptions> = {}): Sizes {
  const options = { ...defaultSizeOptions, ...overrides };
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number' && !(Number.isInteger(value) && value >= 0)) {
      throw new RangeError(`${name} must be a whole number of bytes, not ${value}`);
    }
  }
  const hash = suite.hash.bytes;
  const key = vectorBytes(suite.kem.publicKeyBytes);
  const signature = vectorBytes(suite.signature.bytes[options.signature]);
  const leafNode = leafNodeSizes(suite, options, signature);
  const keyPackage =
    2 + 2 + key + leafNode.keyPackage + vectorBytes(options.keyPackageExtensionsBytes) + signature;
  const groupContext =
    2 +
    2 +
    vectorBytes(options.groupIdBytes) +
    8 +
    2 * vectorBytes(hash) +
    vectorBytes(options.groupExtensionsBytes);
  const base = {
    suite,
    options,
    signature,
    leafNode,
    keyPackage,
    groupContext,
    pathNodeKey: key,
    pathSecretCiphertext: hpkeCiphertextBytes(suite, hash),
    proposal: { add: 1 + 2 + keyPackage, remove: 1 + 2 + 4, reference: 1 + vectorBytes(hash) },
  };
  const framing = publicFramingBytes(base, 0);
  return {
    ...base,
    proposalMessage: {
      add: framing + 2 + keyPackage,
      update: framing + 2 + leafNode.update,
      remove: framing + 2 + 4,
    },
  };
}

function leafNodeSizes(suite: Suite, options: SizeOptions, signature: number): Sizes['leafNode'] {
  const common =
    vectorBytes(suite.kem.publicKeyBytes) +
    vectorBytes(suite.signature.publicKeyBytes) +
    2 +
    vectorBytes(options.identityBytes) +
    options.capabilitiesBytes +
    1 + // leaf_node_source
    vectorBytes(options.leafExtensionsBytes) +
    signature;
  return {
    keyPackage: common + 8 + 8, // lifetime
    update: common,
    commit: common + vectorBytes(suite.hash.bytes),
    commitAlone: common + 1,
  };
}

/** HPKECiphertext of `plaintextBytes`: KEM output and AEAD ciphertext, each with its length. */
export function hpkeCiphertextBytes(suite: Suite, plaintextBytes: number): number {
  return vectorBytes(suite.kem.outputBytes) + vectorBytes(plaintextBytes + suite.aead.tagBytes);
}

/** UpdatePathNode with `ciphertexts` encrypted path secrets. */
export function pathNodeBytes(sizes: Sizes, ciphertexts: number): number {
  return sizes.pathNodeKey + vectorBytes(ciphertexts * sizes.pathSecretCiphertext);
}

type FramingSizes = Pick<Sizes, 'suite' | 'options' | 'signature'>;

/**
 * MLSMessage(PublicMessage) of a member around its content: version, wire format, group id, epoch,
 * sender, authenticated data, content type, signature, confirmation tag, membership tag.
 * `confirmationTags` is 1 for commits and 0 for proposals.
 */
function publicFramingBytes(sizes: FramingSizes, confirmationTags: 0 | 1): number {
  const { options, suite, signature } = sizes;
  return (
    2 +
    2 +
    vectorBytes(options.groupIdBytes) +
    8 +
    (1 + 4) +
    vectorBytes(options.authenticatedDataBytes) +
    1 +
    signature +
    (1 + confirmationTags) * vectorBytes(suite.hash.bytes)
  );
}

/**
 * Commit structure (section 12.4): the proposals, and the path behind its presence byte.
 * `updatePathBytes` is 0 for a commit without a path.
 */
export function commitContentBytes(proposalBytes: number, updatePathBytes: number): number {
  return vectorBytes(proposalBytes) + 1 + updatePathBytes;
}

/** MLSMessage(PublicMessage(Commit)) by a member. */
export function publicCommitBytes(
  sizes: Sizes,
  proposalBytes: number,
  updatePathBytes: number,
): number {
  return publicFramingBytes(sizes, 1) + commitContentBytes(proposalBytes, updatePathBytes);
}

/**
 * MLSMessage(PrivateMessage) around `contentBytes` of content and `tags` confirmation tags
 * (section 6.3): the padding applies to content and authentication data together.
 */
function privateMessageBytes(sizes: Sizes, contentBytes: number, tags: 0 | 1): number {
  const { options, suite, signature } = sizes;
  const inner = contentBytes + signature + tags * vectorBytes(suite.hash.bytes);
  const padded = Math.max(inner, options.padUntilBytes);
  return (
    2 +
    2 +
    vectorBytes(options.groupIdBytes) +
    8 +
    1 +
    vectorBytes(options.authenticatedDataBytes) +
    vectorBytes(4 + 4 + 4 + suite.aead.tagBytes) + // sender data: leaf, generation, reuse guard
    vectorBytes(padded + suite.aead.tagBytes)
  );
}

/** MLSMessage(PrivateMessage) of an application message with `plaintextBytes` of plaintext. */
export function applicationMessageBytes(sizes: Sizes, plaintextBytes: number): number {
  return privateMessageBytes(sizes, vectorBytes(plaintextBytes), 0);
}

/** MLSMessage(PrivateMessage(Commit)), for systems that hide handshakes from the server. */
export function privateCommitBytes(
  sizes: Sizes,
  proposalBytes: number,
  updatePathBytes: number,
): number {
  return privateMessageBytes(sizes, commitContentBytes(proposalBytes, updatePathBytes), 1);
}

/** MLSMessage(KeyPackage). */
export function keyPackageMessageBytes(sizes: Sizes): number {
  return 2 + 2 + sizes.keyPackage;
}

/** Options of a GroupInfo: which of the two large extensions it carries. */
export interface GroupInfoParts {
  /** Encoded ratchet tree (`RatchetTree.encodedBytes`), or absent when it travels elsewhere. */
  readonly ratchetTreeBytes?: number | undefined;
  /** The external_pub extension, which external joiners need. */
  readonly externalPub?: boolean;
}

/** GroupInfo structure (section 12.4.3). */
export function groupInfoBytes(sizes: Sizes, parts: GroupInfoParts = {}): number {
  const { ratchetTreeBytes, externalPub = false } = parts;
  const extensions =
    (ratchetTreeBytes === undefined ? 0 : 2 + vectorBytes(ratchetTreeBytes)) +
    (externalPub ? 2 + externalPubBytes(sizes.suite) : 0);
  return (
    sizes.groupContext +
    vectorBytes(extensions) +
    vectorBytes(sizes.suite.hash.bytes) +
    4 +
    sizes.signature
  );
}

/** extension_data of external_pub: an HPKEPublicKey, itself a vector (section 12.4.3.2). */
function externalPubBytes(suite: Suite): number {
  return vectorBytes(vectorBytes(suite.kem.publicKeyBytes));
}

/**
 * MLSMessage(Welcome) for `joiners` new members (section 12.4.3.1). A commit with a path gives each
 * of them a path secret.
 */
export function welcomeBytes(
  sizes: Sizes,
  joiners: number,
  parts: GroupInfoParts & { readonly path: boolean },
): number {
  const { suite } = sizes;
  const secret = vectorBytes(suite.hash.bytes);
  const groupSecrets = secret + 1 + (parts.path ? secret : 0) + 1;
  const perJoiner = secret + hpkeCiphertextBytes(suite, groupSecrets);
  return (
    2 +
    2 +
    2 +
    vectorBytes(joiners * perJoiner) +
    vectorBytes(groupInfoBytes(sizes, parts) + suite.aead.tagBytes)
  );
}
