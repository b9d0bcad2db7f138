/** Between the library's values and ours, and from bytes to values with strict decoding. */
import type {
  Capabilities,
  Credential,
  Decoder,
  Extension,
  GroupContextExtension,
  LeafNode,
  MlsMessage,
  Node,
  Proposal,
  Reinit,
} from 'ts-mls';
import { concat, uint16Bytes, withLength } from '../crypto/bytes.ts';
import { MlsError, asMlsError } from './error.ts';
import { internal, mls } from './library/index.ts';
import type {
  MlsCapabilities,
  MlsCredential,
  MlsExtension,
  MlsMember,
  NewProposal,
  ReinitTarget,
  SeenProposal,
} from './types.ts';

type ProposalOf<K extends keyof typeof mls.defaultProposalTypes> = Extract<
  Proposal,
  { proposalType: (typeof mls.defaultProposalTypes)[K] }
>;

const types = mls.defaultProposalTypes;

/** Decodes all of `bytes`; anything else is `malformed`. */
export function decodeAll<T>(decoder: Decoder<T>, bytes: Uint8Array, what: string): T {
  let found: readonly [T, number] | undefined;
  try {
    found = decoder(bytes, 0);
  } catch (cause) {
    throw new MlsError('malformed', `${what}: ${asMlsError(cause).message}`, { cause });
  }
  if (found === undefined || found[1] !== bytes.length) {
    throw new MlsError('malformed', `${bytes.length} bytes are no ${what}`);
  }
  return found[0];
}

export const decodeMessage = (bytes: Uint8Array): MlsMessage =>
  decodeAll(mls.mlsMessageDecoder, bytes, 'MLSMessage');

export const decodeKeyPackage = (bytes: Uint8Array) =>
  decodeAll(mls.keyPackageDecoder, bytes, 'KeyPackage');

export const decodeTree = (bytes: Uint8Array) => {
  const tree = decodeAll(internal.ratchetTreeDecoder, bytes, 'ratchet tree');
  if (tree.length === 0) throw new MlsError('malformed', 'an empty ratchet tree');
  return tree;
};

export const encodeMessage = (message: MlsMessage): Uint8Array =>
  mls.encode(mls.mlsMessageEncoder, message);

export function fromCredential(credential: Credential): MlsCredential {
  const type = credential.credentialType;
  if ('identity' in credential) return { type, content: credential.identity };
  if ('data' in credential) return { type, content: credential.data };
  throw new MlsError('bad-leaf', 'X.509 credentials are not used here');
}

export function toCredential({ type, content }: MlsCredential): Credential {
  if (type === mls.defaultCredentialTypes.basic) return { credentialType: 1, identity: content };
  return { credentialType: type, data: content };
}

const opaque = (extension: Extension): MlsExtension => ({
  type: extension.extensionType,
  data: wireData(extension),
});

/** Extension data as on the wire, also for those that the library decodes. */
function wireData(extension: Extension): Uint8Array {
  if (extension.extensionData instanceof Uint8Array) return extension.extensionData;
  const bytes = mls.encode(internal.extensionEncoder, extension);
  return decodeAll(internal.customExtensionDecoder, bytes, 'extension').extensionData;
}

export const fromExtensions = (extensions: readonly Extension[]): MlsExtension[] =>
  extensions.map(opaque);

/** Group context extensions in the library's form; those it knows are decoded. */
export function toContextExtensions(extensions: readonly MlsExtension[]): GroupContextExtension[] {
  return extensions.map(({ type, data }) => {
    const bytes = concat(uint16Bytes(type), withLength(data));
    return decodeAll(internal.groupContextExtensionDecoder, bytes, 'group context extension');
  });
}

export const fromCapabilities = (capabilities: Capabilities): MlsCapabilities => ({
  suites: capabilities.ciphersuites,
  credentials: capabilities.credentials,
  extensions: capabilities.extensions,
  proposals: capabilities.proposals,
});

export const toCapabilities = (capabilities: MlsCapabilities): Capabilities => ({
  versions: [mls.protocolVersions.mls10],
  ciphersuites: [...capabilities.suites],
  credentials: [...capabilities.credentials],
  extensions: [...capabilities.extensions],
  proposals: [...capabilities.proposals],
});

export function memberOf(leaf: LeafNode, leafIndex: number): MlsMember {
  return {
    leafIndex,
    credential: fromCredential(leaf.credential),
    signatureKey: leaf.signaturePublicKey,
    encryptionKey: leaf.hpkePublicKey,
    capabilities: fromCapabilities(leaf.capabilities),
    extensions: fromExtensions(leaf.extensions),
  };
}

export function membersOf(tree: readonly (Node | undefined)[]): MlsMember[] {
  const members: MlsMember[] = [];
  for (let index = 0; index < tree.length; index += 2) {
    const node = tree[index];
    if (node?.nodeType === mls.nodeTypes.leaf) members.push(memberOf(node.leaf, index / 2));
  }
  return members;
}

export const fromReinit = (reinit: Reinit): ReinitTarget => ({
  groupId: reinit.groupId,
  suite: reinit.cipherSuite,
  extensions: fromExtensions(reinit.extensions),
});

/** What resumption PSKs need of the group, and a nonce for each PSK. */
interface ProposalContext {
  readonly groupId: Uint8Array;
  readonly nonce: () => Uint8Array;
}

export function toProposal(proposal: NewProposal, context: ProposalContext): Proposal {
  switch (proposal.kind) {
    case 'add':
      return {
        proposalType: types.add,
        add: { keyPackage: decodeKeyPackage(proposal.keyPackage) },
      };
    case 'remove':
      return { proposalType: types.remove, remove: { removed: proposal.leafIndex } };
    case 'external-psk':
      return pskProposal({ psktype: 1, pskId: proposal.id, pskNonce: context.nonce() });
    case 'resumption-psk':
      return pskProposal({
        psktype: 2,
        usage: 1,
        pskGroupId: context.groupId,
        pskEpoch: proposal.epoch,
        pskNonce: context.nonce(),
      });
    case 'group-context-extensions':
      return {
        proposalType: types.group_context_extensions,
        groupContextExtensions: { extensions: toContextExtensions(proposal.extensions) },
      };
    case 'reinit':
      return {
        proposalType: types.reinit,
        reinit: {
          groupId: proposal.groupId,
          version: mls.protocolVersions.mls10,
          cipherSuite: proposal.suite,
          extensions: toContextExtensions(proposal.extensions),
        },
      };
  }
}

type PskId = ProposalOf<'psk'>['psk']['preSharedKeyId'];

export const pskProposal = (preSharedKeyId: PskId): Proposal => ({
  proposalType: types.psk,
  psk: { preSharedKeyId },
});

export function fromProposal(proposal: Proposal, sender: number | undefined): SeenProposal {
  if (!mls.isDefaultProposal(proposal)) {
    return { kind: 'custom', type: proposal.proposalType, data: proposal.proposalData, sender };
  }
  switch (proposal.proposalType) {
    case types.add: {
      const { keyPackage } = proposal.add;
      const credential = fromCredential(keyPackage.leafNode.credential);
      const bytes = mls.encode(mls.keyPackageEncoder, keyPackage);
      return { kind: 'add', credential, keyPackage: bytes, sender };
    }
    case types.update:
      return { kind: 'update', leafIndex: sender ?? -1, sender };
    case types.remove:
      return { kind: 'remove', leafIndex: proposal.remove.removed, sender };
    case types.psk:
      return { kind: 'psk', sender };
    case types.reinit:
      return { kind: 'reinit', ...fromReinit(proposal.reinit), sender };
    case types.external_init:
      return { kind: 'external-init', sender };
    case types.group_context_extensions: {
      const extensions = fromExtensions(proposal.groupContextExtensions.extensions);
      return { kind: 'group-context-extensions', extensions, sender };
    }
  }
}
