/**
 * The cryptography of ts-mls on synchronous node:crypto. The library awaits whatever a provider
 * returns, so plain values save a promise, a thread-pool job and a key import per call.
 *
 * Keys are their own bytes: src/crypto keeps prepared key objects by content, so importing is free
 * here. Every random byte comes from the Random port; with a seeded one and `reproducible` a whole
 * history of commits is a function of its seed.
 */
import type { CiphersuiteImpl, CryptoProvider } from 'ts-mls';
import { noBytes } from '../crypto/bytes.ts';
import { systemRandom, type Random } from '../crypto/random.ts';
import { cryptoSuites, type CryptoSuite } from '../crypto/suites.ts';
import { MlsError } from './error.ts';

export interface ProviderOptions {
  /** Default: the system's generator. */
  readonly random?: Random;
  /** ECDSA signatures by RFC 6979, so that equal seeds give equal bytes. Default false. */
  readonly reproducible?: boolean;
  /** Wraps the suite, for example to count its operations. */
  readonly suiteOf?: (number: number) => CryptoSuite | undefined;
}

type Awaited1<T> = T extends Promise<infer U> ? U | T : T;

/** An interface of the library with every promise replaced by its value. */
type Sync<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Awaited1<R>
    : T[K] extends object
      ? Sync<T[K]>
      : T[K];
};

type SyncSuite = Sync<CiphersuiteImpl>;
type Hpke = SyncSuite['hpke'];
type KeyLike = Parameters<Hpke['exportPublicKey']>[0] & Parameters<Hpke['exportPrivateKey']>[0];

/** The library passes keys through without looking into them. */
const asKey = (bytes: Uint8Array): KeyLike => bytes as unknown as KeyLike;
const bytesOf = (key: unknown): Uint8Array => key as Uint8Array;

function opened(plaintext: Uint8Array | undefined): Uint8Array {
  if (plaintext === undefined)
    throw new MlsError('undecryptable', 'the ciphertext is not authentic');
  return plaintext;
}

function hpkeOf(suite: CryptoSuite, random: Random): Hpke {
  const { hpke, kem, aead } = suite;
  const pairOf = (pair: { privateKey: Uint8Array; publicKey: Uint8Array }) => ({
    privateKey: asKey(pair.privateKey),
    publicKey: asKey(pair.publicKey),
  });
  return {
    keyLength: aead.keySize,
    nonceLength: aead.nonceSize,
    seal(publicKey, plaintext, info, aad = noBytes) {
      const { enc, ciphertext } = hpke.seal(bytesOf(publicKey), info, aad, plaintext, random);
      return { enc, ct: ciphertext };
    },
    open(privateKey, enc, ciphertext, info, aad = noBytes) {
      return opened(hpke.open(bytesOf(privateKey), { enc, ciphertext }, info, aad));
    },
    exportSecret(publicKey, context, length, info) {
      const sender = hpke.setupSender(bytesOf(publicKey), info, random);
      return { enc: sender.enc, secret: sender.exportSecret(context, length) };
    },
    importSecret(privateKey, context, enc, length, info) {
      const receiver = hpke.setupReceiver(bytesOf(privateKey), enc, info);
      if (receiver === undefined) throw new MlsError('undecryptable', 'malformed KEM output');
      return receiver.exportSecret(context, length);
    },
    importPrivateKey: asKey,
    importPublicKey: asKey,
    exportPublicKey: bytesOf,
    exportPrivateKey: bytesOf,
    encryptAead: (key, nonce, aad, plaintext) => aead.seal(key, nonce, aad ?? noBytes, plaintext),
    decryptAead: (key, nonce, aad, ciphertext) =>
      opened(aead.open(key, nonce, aad ?? noBytes, ciphertext)),
    deriveKeyPair: (ikm) => pairOf(kem.deriveKeyPair(ikm)),
    generateKeyPair: () => pairOf(kem.generateKeyPair(random)),
  };
}

function implementationOf(suite: CryptoSuite, random: Random, reproducible: boolean): SyncSuite {
  const { hash, signature } = suite;
  return {
    id: suite.number,
    hash: {
      digest: hash.digest,
      mac: hash.mac,
      verifyMac: (key, tag, data) => hash.verifyMac(key, data, tag),
    },
    kdf: { extract: hash.extract, expand: hash.expand, size: hash.size },
    signature: {
      sign: (key, message) => signature.sign(key, message, { reproducible }),
      verify: signature.verify,
      keygen() {
        const { privateKey, publicKey } = signature.generateKeyPair(random);
        return { signKey: privateKey, publicKey };
      },
    },
    rng: { randomBytes: (length) => random.bytes(length) },
    hpke: hpkeOf(suite, random),
  };
}

/** The suite of a number for ts-mls; `MlsError` `unsupported-suite` for one we do not have. */
export function cipherSuite(number: number, options: ProviderOptions = {}): CiphersuiteImpl {
  const suite = (options.suiteOf ?? ((n) => cryptoSuites.get(n)))(number);
  if (suite === undefined) {
    throw new MlsError('unsupported-suite', `no suite 0x${number.toString(16).padStart(4, '0')}`);
  }
  const { random = systemRandom, reproducible = false } = options;
  return implementationOf(suite, random, reproducible) as unknown as CiphersuiteImpl;
}

/** All suites of the lab; implementations are made once, so hashes keep their memo. */
export function nodeCryptoProvider(options: ProviderOptions = {}): CryptoProvider {
  const made = new Map<number, CiphersuiteImpl>();
  return {
    getCiphersuiteImpl(number) {
      const known = made.get(number) ?? cipherSuite(number, options);
      made.set(number, known);
      return Promise.resolve(known);
    },
  };
}
