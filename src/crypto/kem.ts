/**
 * Key encapsulation as HPKE uses it (RFC 9180, section 4). The ephemeral key comes from the Random
 * port, so encapsulation can be replayed.
 */
import { concat, uint16Bytes, utf8 } from './bytes.ts';
import type { Hash } from './hash.ts';
import type { Random } from './random.ts';

export interface KemKeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface Encapsulation {
  /** What travels. */
  readonly enc: Uint8Array;
  readonly sharedSecret: Uint8Array;
}

export interface Kem {
  readonly name: 'X25519' | 'P-256' | 'X-Wing';
  /** HPKE's number for it (RFC 9180, section 7.1). */
  readonly id: number;
  readonly publicKeySize: number;
  readonly privateKeySize: number;
  readonly encSize: number;
  readonly sharedSecretSize: 32;
  generateKeyPair(random: Random): KemKeyPair;
  /** DeriveKeyPair of RFC 9180, section 7.1.3. */
  deriveKeyPair(ikm: Uint8Array): KemKeyPair;
  publicKeyOf(privateKey: Uint8Array): Uint8Array;
  /** Whether one can encapsulate to these bytes; check once, when a key is registered. */
  isPublicKey(publicKey: Uint8Array): boolean;
  /** Throws `CryptoError` when `publicKey` is none. */
  encapsulate(publicKey: Uint8Array, random: Random): Encapsulation;
  /** Undefined when a peer's `enc` is malformed; throws `CryptoError` for a bad private key. */
  decapsulate(privateKey: Uint8Array, enc: Uint8Array): Uint8Array | undefined;
}

/** LabeledExtract and LabeledExpand of RFC 9180, section 4, for one suite identifier. */
export function labelled(hash: Hash, suiteId: Uint8Array) {
  const prefix = concat(utf8('HPKE-v1'), suiteId);
  const labels = new Map<string, Uint8Array>();
  const labelOf = (label: string): Uint8Array => {
    const known = labels.get(label);
    if (known !== undefined) return known;
    const made = concat(prefix, utf8(label));
    labels.set(label, made);
    return made;
  };
  return {
    extract: (salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array =>
      hash.extract(salt, concat(labelOf(label), ikm)),
    expand: (prk: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array =>
      hash.expand(prk, concat(uint16Bytes(length), labelOf(label), info), length),
  };
}
