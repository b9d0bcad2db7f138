/**
 * The MLS ciphersuites that Stormglass knows, as data: names and sizes, no cryptography. Every tier
 * takes its sizes from here, so a suite has one truth.
 *
 * Sources: RFC 9420 section 17.1 (suites), RFC 9180 section 7 (KEM, KDF and AEAD sizes), RFC 8032
 * (Ed25519), RFC 3279 section 2.2.3 (ECDSA-Sig-Value in DER), draft-connolly-cfrg-xwing-kem
 * (X-Wing: 1184 + 32 bytes of public key, 1088 + 32 bytes of ciphertext).
 */
import type { SuiteId } from './ids.ts';

/** Encoded size of a signature; all three are equal where the encoding has a fixed length. */
export interface SignatureBytes {
  readonly min: number;
  /** Rounded mean; what size models use unless told otherwise. */
  readonly expected: number;
  readonly max: number;
}

/** All sizes are in bytes. */
export interface Suite {
  readonly id: SuiteId;
  /** The number on the wire. */
  readonly number: number;
  readonly name: string;
  /** What a report calls it. */
  readonly label: string;
  readonly postQuantum: boolean;
  readonly kem: {
    readonly name: string;
    /** Npk: an encoded public key. */
    readonly publicKeyBytes: number;
    /** Nsk: an encoded private key. */
    readonly privateKeyBytes: number;
    /** Nenc: the KEM output of one encapsulation. */
    readonly outputBytes: number;
    /** Nsecret: the shared secret. */
    readonly secretBytes: number;
  };
  readonly aead: {
    readonly name: string;
    readonly keyBytes: number;
    readonly nonceBytes: number;
    readonly tagBytes: number;
  };
  /** Of the key schedule, transcript, tree hashes, HMACs: KDF.Nh equals the hash's output here. */
  readonly hash: { readonly name: string; readonly bytes: number };
  readonly signature: {
    readonly name: string;
    /** The public key as in a LeafNode (P-256: uncompressed point). */
    readonly publicKeyBytes: number;
    readonly privateKeyBytes: number;
    readonly bytes: SignatureBytes;
  };
}

const x25519 = {
  name: 'DHKEM(X25519, HKDF-SHA256)',
  publicKeyBytes: 32,
  privateKeyBytes: 32,
  outputBytes: 32,
  secretBytes: 32,
} as const;
const p256 = {
  name: 'DHKEM(P-256, HKDF-SHA256)',
  publicKeyBytes: 65,
  privateKeyBytes: 32,
  outputBytes: 65,
  secretBytes: 32,
} as const;
const xwing = {
  name: 'X-Wing (X25519 + ML-KEM-768)',
  publicKeyBytes: 1216,
  privateKeyBytes: 32,
  outputBytes: 1120,
  secretBytes: 32,
} as const;

const aes128 = { name: 'AES-128-GCM', keyBytes: 16, nonceBytes: 12, tagBytes: 16 } as const;
const aes256 = { name: 'AES-256-GCM', keyBytes: 32, nonceBytes: 12, tagBytes: 16 } as const;
const chacha20 = {
  name: 'ChaCha20-Poly1305',
  keyBytes: 32,
  nonceBytes: 12,
  tagBytes: 16,
} as const;

const sha256 = { name: 'SHA-256', bytes: 32 } as const;
const sha512 = { name: 'SHA-512', bytes: 64 } as const;

const ed25519 = {
  name: 'Ed25519',
  publicKeyBytes: 32,
  privateKeyBytes: 32,
  bytes: { min: 64, expected: 64, max: 64 },
} as const;
/**
 * DER: SEQUENCE (2) of two INTEGERs (2 + up to 33 each). An integer of 256 uniform bits takes 33
 * bytes when its top bit is set (one half), 32 with 127/256, less with 1/256: mean 32.496 each,
 * 70.99 in all. `min` is the shortest that occurs in practice (probability of less under 2^-32).
 */
const ecdsaP256 = {
  name: 'ECDSA-P256-SHA256',
  publicKeyBytes: 65,
  privateKeyBytes: 32,
  bytes: { min: 66, expected: 71, max: 72 },
} as const;

/** By identifier as in workload files. */
export const suites: Readonly<Record<SuiteId, Suite>> = {
  '0x0001': {
    id: '0x0001',
    number: 0x0001,
    name: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
    label: 'X25519, AES-128-GCM, Ed25519',
    postQuantum: false,
    kem: x25519,
    aead: aes128,
    hash: sha256,
    signature: ed25519,
  },
  '0x0002': {
    id: '0x0002',
    number: 0x0002,
    name: 'MLS_128_DHKEMP256_AES128GCM_SHA256_P256',
    label: 'P-256, AES-128-GCM, ECDSA',
    postQuantum: false,
    kem: p256,
    aead: aes128,
    hash: sha256,
    signature: ecdsaP256,
  },
  '0x0003': {
    id: '0x0003',
    number: 0x0003,
    name: 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519',
    label: 'X25519, ChaCha20-Poly1305, Ed25519',
    postQuantum: false,
    kem: x25519,
    aead: chacha20,
    hash: sha256,
    signature: ed25519,
  },
  /** Private use; the number is that of ts-mls 2.0.0-rc.10 (its 1.x line used 83). */
  '0xf00d': {
    id: '0xf00d',
    number: 0xf00d,
    name: 'MLS_256_XWING_AES256GCM_SHA512_Ed25519',
    label: 'X-Wing, AES-256-GCM, Ed25519',
    postQuantum: true,
    kem: xwing,
    aead: aes256,
    hash: sha512,
    signature: ed25519,
  },
};

/**
 * The suite that a user wrote (`0x0001`, `0xF00D`, `1`), or undefined when it is none of ours.
 * Numbers are compared by value, so leading zeros and letter case do not matter.
 */
export function findSuite(text: string): Suite | undefined {
  if (!/^(0x[0-9a-f]{1,4}|\d{1,5})$/i.test(text)) return undefined;
  const number = Number(text);
  return Object.values(suites).find((suite) => suite.number === number);
}
