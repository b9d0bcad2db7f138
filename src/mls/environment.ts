/** What a client brings along: randomness, time, trust in credentials, retention. */
import type { CiphersuiteImpl, ClientConfig, MlsContext } from 'ts-mls';
import { equalBytes } from '../crypto/bytes.ts';
import type { CryptoSuite } from '../crypto/suites.ts';
import { systemRandom, type Random } from '../crypto/random.ts';
import { fromCredential } from './convert.ts';
import { cipherSuite } from './provider.ts';
import type { ExternalPsk, MlsCredential } from './types.ts';
import { mls } from './library/index.ts';

export interface EnvironmentOptions {
  /** Seconds since 1970, for the lifetimes of KeyPackages that one adds. */
  readonly nowSeconds: () => bigint;
  /** Default: the system's generator. */
  readonly random?: Random;
  /** Equal seeds give equal signatures with ECDSA, too. Default false. */
  readonly reproducible?: boolean;
  /** Whether the credential belongs to the signature key. Default: every one does. */
  readonly acceptCredential?: (credential: MlsCredential, signatureKey: Uint8Array) => boolean;
  /** Former epochs whose messages and resumption PSKs stay readable, at least 1. Default 4. */
  readonly keptEpochs?: number;
  /** Application messages are padded to this many bytes. Default 256. */
  readonly paddedBytes?: number;
  /** Replaces suites, for example by counted ones. */
  readonly suiteOf?: (number: number) => CryptoSuite | undefined;
}

export interface MlsEnvironment {
  readonly random: Random;
  readonly nowSeconds: () => bigint;
  /** Only for `src/mls`. */
  readonly context: (suite: number, psks?: readonly ExternalPsk[]) => MlsContext;
}

export function mlsEnvironment(options: EnvironmentOptions): MlsEnvironment {
  const { random = systemRandom, nowSeconds, acceptCredential, keptEpochs = 4 } = options;
  const suites = new Map<number, CiphersuiteImpl>();
  const suite = (number: number): CiphersuiteImpl => {
    const known = suites.get(number) ?? cipherSuite(number, { ...options, random });
    suites.set(number, known);
    return known;
  };
  const authService: MlsContext['authService'] = {
    validateCredential: (credential, key) =>
      Promise.resolve(acceptCredential?.(fromCredential(credential), key) ?? true),
  };
  const clientConfig: ClientConfig = {
    keyRetentionConfig: {
      ...mls.defaultKeyRetentionConfig,
      retainKeysForEpochs: Math.max(1, keptEpochs),
    },
    keyPackageEqualityConfig: {
      compareKeyPackages: (a, b) =>
        equalBytes(a.leafNode.signaturePublicKey, b.leafNode.signaturePublicKey),
      compareKeyPackageToLeafNode: (a, b) =>
        equalBytes(a.leafNode.signaturePublicKey, b.signaturePublicKey),
    },
    get lifetimeConfig() {
      const config = { ...mls.defaultLifetimeConfig, nowSeconds: nowSeconds() };
      return config as ClientConfig['lifetimeConfig'];
    },
    paddingConfig: { kind: 'padUntilLength', padUntilLength: options.paddedBytes ?? 256 },
  };
  return {
    random,
    nowSeconds,
    context: (number, psks = []) => ({
      cipherSuite: suite(number),
      authService,
      clientConfig,
      externalPsks: Object.fromEntries(
        psks.map(({ id, secret }) => [mls.bytesToBase64(id), secret]),
      ),
    }),
  };
}
