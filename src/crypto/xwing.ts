/**
 * X-Wing, the hybrid of X25519 and ML-KEM-768 (draft-connolly-cfrg-xwing-kem). A private key is a
 * seed of 32 bytes; its expansion is cached.
 *
 * ML-KEM key generation and decapsulation are native (OpenSSL). Native encapsulation draws its own
 * randomness, so it serves the system generator only; any other Random port encapsulates through
 * @noble/post-quantum, which takes the 32 bytes as an argument (about 10 times slower).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  hash,
  type KeyObject,
} from 'node:crypto';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { concat, plain } from './bytes.ts';
import { CryptoError } from './error.ts';
import { importX25519Private, importX25519Public, x25519PublicOf } from './dh-kem.ts';
import type { Encapsulation, Kem } from './kem.ts';
import { KeyCache } from './key-cache.ts';
import { systemRandom, type Random } from './random.ts';

/** The picture `\./` over `/^\`, six bytes that separate X-Wing's hash from others. */
const label = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
const mlKemPublicSize = 1184;
const mlKemCiphertextSize = 1088;
const publicKeySize = mlKemPublicSize + 32;
const encSize = mlKemCiphertextSize + 32;

interface Expanded {
  readonly mlKem: KeyObject;
  readonly x25519: KeyObject;
  readonly publicKey: Uint8Array;
}

const expansions = new KeyCache<Expanded>(512);

function shake256(data: Uint8Array, outputLength: number): Uint8Array {
  return plain(createHash('shake256', { outputLength }).update(data).digest());
}

function expand(seed: Uint8Array): Expanded {
  if (seed.length !== 32) {
    throw new CryptoError('bad-private-key', `${seed.length} bytes instead of 32`);
  }
  const expanded = shake256(seed, 96);
  const mlKem = createPrivateKey({
    key: expanded.subarray(0, 64),
    format: 'raw-seed',
    asymmetricKeyType: 'ml-kem-768',
  });
  const x25519 = importX25519Private(expanded.subarray(64));
  const mlKemPublic = createPublicKey(mlKem).export({ format: 'raw-public' });
  return { mlKem, x25519, publicKey: concat(mlKemPublic, x25519PublicOf(x25519)) };
}

function importMlKemPublic(key: Uint8Array): KeyObject {
  return createPublicKey({ key, format: 'raw-public', asymmetricKeyType: 'ml-kem-768' });
}

function combine(
  ssMlKem: Uint8Array,
  ssX25519: Uint8Array,
  ctX25519: Uint8Array,
  pkX25519: Uint8Array,
): Uint8Array {
  return plain(hash('sha3-256', concat(ssMlKem, ssX25519, ctX25519, pkX25519, label), 'buffer'));
}

/** The ML-KEM half; `bytes` are drawn first, as Encaps_derand of the draft orders them. */
function encapsulateMlKem(publicKey: Uint8Array, random: Random): [Uint8Array, Uint8Array] {
  if (random === systemRandom) {
    const { ciphertext, sharedKey } = encapsulate(importMlKemPublic(publicKey));
    return [ciphertext, sharedKey];
  }
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, random.bytes(32));
  return [cipherText, sharedSecret];
}

function encapsulateXWing(publicKey: Uint8Array, random: Random): Encapsulation {
  if (publicKey.length !== publicKeySize) {
    throw new CryptoError('bad-public-key', `${publicKey.length} bytes, not ${publicKeySize}`);
  }
  const pkX25519 = publicKey.subarray(mlKemPublicSize);
  try {
    const [ct, ssMlKem] = encapsulateMlKem(publicKey.subarray(0, mlKemPublicSize), random);
    const ephemeral = importX25519Private(random.bytes(32));
    const ctX25519 = x25519PublicOf(ephemeral);
    const theirs = importX25519Public(pkX25519);
    const ssX25519 = diffieHellman({ privateKey: ephemeral, publicKey: theirs });
    return {
      enc: concat(ct, ctX25519),
      sharedSecret: combine(ssMlKem, ssX25519, ctX25519, pkX25519),
    };
  } catch (cause) {
    throw new CryptoError('bad-public-key', 'not an X-Wing key', { cause });
  }
}

function decapsulateXWing(privateKey: Uint8Array, enc: Uint8Array): Uint8Array | undefined {
  const { mlKem, x25519, publicKey } = expansions.get(privateKey, expand);
  if (enc.length !== encSize) return undefined;
  const ctX25519 = enc.subarray(mlKemCiphertextSize);
  try {
    const ssMlKem = decapsulate(mlKem, enc.subarray(0, mlKemCiphertextSize));
    const theirs = importX25519Public(ctX25519);
    const ssX25519 = diffieHellman({ privateKey: x25519, publicKey: theirs });
    return combine(ssMlKem, ssX25519, ctX25519, publicKey.subarray(mlKemPublicSize));
  } catch {
    return undefined;
  }
}

export const kemXWing: Kem = {
  name: 'X-Wing',
  id: 0x647a,
  publicKeySize,
  privateKeySize: 32,
  encSize,
  sharedSecretSize: 32,
  generateKeyPair(random) {
    const privateKey = random.bytes(32);
    return { privateKey, publicKey: expand(privateKey).publicKey };
  },
  deriveKeyPair(ikm) {
    const privateKey = shake256(ikm, 32);
    return { privateKey, publicKey: expand(privateKey).publicKey };
  },
  publicKeyOf: (privateKey) => expansions.get(privateKey, expand).publicKey,
  isPublicKey(publicKey) {
    try {
      encapsulateXWing(publicKey, systemRandom);
      return true;
    } catch {
      return false;
    }
  },
  encapsulate: encapsulateXWing,
  decapsulate: decapsulateXWing,
};
