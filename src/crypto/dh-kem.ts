/** The two Diffie-Hellman KEMs of RFC 9180, section 4.1: X25519 and P-256, both with HKDF-SHA256. */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { concat, noBytes, plain, uint16Bytes, utf8 } from './bytes.ts';
import { CryptoError } from './error.ts';
import { sha256 } from './hash.ts';
import { labelled, type Kem, type KemKeyPair } from './kem.ts';
import { KeyCache } from './key-cache.ts';
import type { Random } from './random.ts';
import { p256PublicKey } from './signature.ts';

/** What differs between the curves. */
interface Curve {
  readonly name: 'X25519' | 'P-256';
  readonly id: number;
  readonly publicKeySize: number;
  importPublic(bytes: Uint8Array): KeyObject;
  importPrivate(bytes: Uint8Array): KeyObject;
  publicKeyOf(privateKey: Uint8Array, imported: KeyObject): Uint8Array;
  /** DeriveKeyPair after the first extraction. */
  deriveScalar(expand: (label: string, info: Uint8Array) => Uint8Array): Uint8Array;
}

interface PreparedKey {
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
}

const cacheCapacity = 4096;

function preparePrivate(curve: Curve, bytes: Uint8Array): PreparedKey {
  if (bytes.length !== 32) {
    throw new CryptoError('bad-private-key', `${bytes.length} bytes instead of 32`);
  }
  try {
    const key = curve.importPrivate(bytes);
    return { key, publicKey: curve.publicKeyOf(bytes, key) };
  } catch (cause) {
    throw new CryptoError('bad-private-key', `not a private key of ${curve.name}`, { cause });
  }
}

function makeDhKem(curve: Curve): Kem {
  const { extract, expand } = labelled(sha256, concat(utf8('KEM'), uint16Bytes(curve.id)));
  const privates = new KeyCache<PreparedKey>(cacheCapacity);
  const publics = new KeyCache<KeyObject>(cacheCapacity);
  const prepare = (bytes: Uint8Array): PreparedKey => preparePrivate(curve, bytes);
  /** Undefined for what is no point, and for points of small order (RFC 9180, section 7.1.4). */
  const agree = (privateKey: KeyObject, publicKey: Uint8Array, cached: boolean) => {
    if (publicKey.length !== curve.publicKeySize) return undefined;
    try {
      const imported = cached
        ? publics.get(publicKey, curve.importPublic)
        : curve.importPublic(publicKey);
      return plain(diffieHellman({ privateKey, publicKey: imported }));
    } catch {
      return undefined;
    }
  };
  const sharedSecret = (dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array => {
    const prk = extract(noBytes, 'eae_prk', dh);
    return expand(prk, 'shared_secret', concat(enc, recipient), 32);
  };
  const generate = (random: Random): KemKeyPair & PreparedKey => {
    for (;;) {
      const privateKey = random.bytes(32);
      try {
        return { privateKey, ...prepare(privateKey) };
      } catch {
        // A scalar outside the order of P-256, 1 in 2^32: draw again.
      }
    }
  };
  const probe = prepare(new Uint8Array(32).fill(9)).key;
  return {
    name: curve.name,
    id: curve.id,
    publicKeySize: curve.publicKeySize,
    privateKeySize: 32,
    encSize: curve.publicKeySize,
    sharedSecretSize: 32,
    generateKeyPair(random) {
      const { privateKey, publicKey } = generate(random);
      return { privateKey, publicKey };
    },
    deriveKeyPair(ikm) {
      const prk = extract(noBytes, 'dkp_prk', ikm);
      const scalar = curve.deriveScalar((label, info) => expand(prk, label, info, 32));
      return { privateKey: scalar, publicKey: prepare(scalar).publicKey };
    },
    publicKeyOf: (privateKey) => privates.get(privateKey, prepare).publicKey,
    isPublicKey: (publicKey) => agree(probe, publicKey, false) !== undefined,
    encapsulate(publicKey, random) {
      const ephemeral = generate(random);
      const dh = agree(ephemeral.key, publicKey, true);
      if (dh === undefined) throw new CryptoError('bad-public-key', `not a key of ${curve.name}`);
      const enc = ephemeral.publicKey;
      return { enc, sharedSecret: sharedSecret(dh, enc, publicKey) };
    },
    decapsulate(privateKey, enc) {
      const { key, publicKey } = privates.get(privateKey, prepare);
      const dh = agree(key, enc, false);
      return dh && sharedSecret(dh, enc, publicKey);
    },
  };
}

const x25519Type = 'x25519';

/** Public key object of 32 bytes; every string of that length is one. */
export const importX25519Public = (key: Uint8Array): KeyObject =>
  createPublicKey({ key, format: 'raw-public', asymmetricKeyType: x25519Type });

export const importX25519Private = (key: Uint8Array): KeyObject =>
  createPrivateKey({ key, format: 'raw-private', asymmetricKeyType: x25519Type });

export const x25519PublicOf = (key: KeyObject): Uint8Array =>
  plain(createPublicKey(key).export({ format: 'raw-public' }));

/** DHKEM(X25519, HKDF-SHA256). */
export const kemX25519 = makeDhKem({
  name: 'X25519',
  id: 0x0020,
  publicKeySize: 32,
  importPublic: importX25519Public,
  importPrivate: importX25519Private,
  publicKeyOf: (_, key) => x25519PublicOf(key),
  deriveScalar: (expand) => expand('sk', noBytes),
});

const p256 = { asymmetricKeyType: 'ec', namedCurve: 'P-256' } as const;

/** DHKEM(P-256, HKDF-SHA256); public keys are uncompressed points. */
export const kemP256 = makeDhKem({
  name: 'P-256',
  id: 0x0010,
  publicKeySize: 65,
  importPublic: (key) => createPublicKey({ key, format: 'raw-public', ...p256 }),
  importPrivate: (key) => createPrivateKey({ key, format: 'raw-private', ...p256 }),
  publicKeyOf: (privateKey) => p256PublicKey(privateKey),
  deriveScalar(expand) {
    for (let counter = 0; counter < 256; counter++) {
      const candidate = expand('candidate', Uint8Array.of(counter));
      try {
        p256PublicKey(candidate);
        return candidate;
      } catch {
        // Not below the group order: the next candidate, as RFC 9180, section 7.1.3 says.
      }
    }
    throw new CryptoError('bad-private-key', 'no scalar in 256 candidates');
  },
});
