/** KeyPackages (RFC 9420, section 10): made by their owner, checked by who stores or adds them. */
import type { KeyPackage, LeafNodeExtension, PrivateKeyPackage } from 'ts-mls';
import { equalBytes } from '../crypto/bytes.ts';
import { cryptoSuite } from '../crypto/suites.ts';
import {
  decodeKeyPackage,
  fromCredential,
  memberOf,
  toCapabilities,
  toCredential,
} from './convert.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, refusing } from './error.ts';
import { internal, mls } from './library/index.ts';
import type {
  MlsCapabilities,
  MlsCredential,
  MlsExtension,
  MlsLifetime,
  MlsMember,
  OwnKeyPackage,
  SigningKeys,
} from './types.ts';

export interface KeyPackageParams {
  readonly suite: number;
  readonly credential: MlsCredential;
  readonly lifetime: MlsLifetime;
  /** Default: this suite, the credential's type, and the types of the leaf extensions. */
  readonly capabilities?: MlsCapabilities;
  /** Default: fresh ones. */
  readonly signingKeys?: SigningKeys;
  readonly extensions?: readonly MlsExtension[];
  readonly leafExtensions?: readonly MlsExtension[];
}

/** Extension type of RFC 9420, section 16.8 of draft-ietf-mls-extensions: last resort. */
const toLibrary = (extensions: readonly MlsExtension[]): LeafNodeExtension[] =>
  extensions.map(
    ({ type, data }) => ({ extensionType: type, extensionData: data }) as LeafNodeExtension,
  );

function defaultCapabilities(params: KeyPackageParams): MlsCapabilities {
  return {
    suites: [params.suite],
    credentials: [params.credential.type],
    extensions: (params.leafExtensions ?? []).map(({ type }) => type).filter((type) => type > 5),
    proposals: [],
  };
}

export async function createKeyPackage(
  environment: MlsEnvironment,
  params: KeyPackageParams,
): Promise<OwnKeyPackage> {
  const { cipherSuite } = environment.context(params.suite);
  const keys =
    params.signingKeys ?? cryptoSuite(params.suite).signature.generateKeyPair(environment.random);
  const { publicPackage, privatePackage } = await mls.generateKeyPackageWithKey({
    credential: toCredential(params.credential),
    capabilities: toCapabilities(params.capabilities ?? defaultCapabilities(params)),
    lifetime: params.lifetime,
    extensions: toLibrary(params.extensions ?? []) as KeyPackage['extensions'],
    leafNodeExtensions: toLibrary(params.leafExtensions ?? []),
    signatureKeyPair: { signKey: keys.privateKey, publicKey: keys.publicKey },
    cipherSuite,
  });
  return {
    keyPackage: mls.encode(mls.keyPackageEncoder, publicPackage),
    reference: await mls.makeKeyPackageRef(publicPackage, cipherSuite.hash),
    initPrivateKey: privatePackage.initPrivateKey,
    encryptionPrivateKey: privatePackage.hpkePrivateKey,
    signaturePrivateKey: privatePackage.signaturePrivateKey,
  };
}

/** The library's form of an own KeyPackage. */
export function ownParts(own: OwnKeyPackage): {
  keyPackage: KeyPackage;
  privateKeys: PrivateKeyPackage;
} {
  return {
    keyPackage: decodeKeyPackage(own.keyPackage),
    privateKeys: {
      initPrivateKey: own.initPrivateKey,
      hpkePrivateKey: own.encryptionPrivateKey,
      signaturePrivateKey: own.signaturePrivateKey,
    },
  };
}

export interface CheckedKeyPackage {
  readonly suite: number;
  readonly reference: Uint8Array;
  readonly lifetime: MlsLifetime;
  /** The leaf it will become; `leafIndex` is -1. */
  readonly leaf: MlsMember;
  readonly extensions: readonly MlsExtension[];
}

/** Section 10.1, without what depends on a group. Throws `MlsError`. */
export function checkKeyPackage(
  environment: MlsEnvironment,
  bytes: Uint8Array,
): Promise<CheckedKeyPackage> {
  return refusing(async () => {
    const keyPackage = decodeKeyPackage(bytes);
    const { leafNode, extensions } = keyPackage;
    const { cipherSuite, authService } = environment.context(keyPackage.cipherSuite);
    await checkSignatures(keyPackage, cipherSuite.signature);
    if (equalBytes(keyPackage.initKey, leafNode.hpkePublicKey)) {
      throw new MlsError('bad-leaf', 'the init key is the encryption key');
    }
    const now = environment.nowSeconds();
    const { notBefore, notAfter } = leafNode.lifetime;
    if (now < notBefore || now > notAfter) {
      throw new MlsError('bad-leaf', `the lifetime [${notBefore}, ${notAfter}] excludes ${now}`);
    }
    const { credential, signaturePublicKey, capabilities } = leafNode;
    if (!capabilities.credentials.includes(credential.credentialType)) {
      throw new MlsError('bad-leaf', 'its credential type is not among its capabilities');
    }
    if (!(await authService.validateCredential(credential, signaturePublicKey))) {
      throw new MlsError('bad-leaf', `credential of type ${fromCredential(credential).type}`);
    }
    return {
      suite: keyPackage.cipherSuite,
      reference: await mls.makeKeyPackageRef(keyPackage, cipherSuite.hash),
      lifetime: leafNode.lifetime,
      leaf: memberOf(leafNode, -1),
      extensions: extensions.map((e) => ({ type: e.extensionType, data: e.extensionData })),
    };
  }, 'bad-leaf');
}

async function checkSignatures(
  keyPackage: KeyPackage,
  signature: Parameters<typeof internal.verifyKeyPackage>[1],
): Promise<void> {
  if (!(await internal.verifyLeafNodeSignatureKeyPackage(keyPackage.leafNode, signature))) {
    throw new MlsError('bad-leaf', 'signature of the leaf node');
  }
  if (!(await internal.verifyKeyPackage(keyPackage, signature))) {
    throw new MlsError('bad-signature', 'signature of the KeyPackage');
  }
}
