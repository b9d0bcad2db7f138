/**
 * Hybrid public key encryption, RFC 9180: base and PSK modes, single-shot and as a context, with
 * exported secrets. (MLS and the queue encryption use base mode; the specification's
 * authenticated mode for queue configs is replaced by a signature, which X-Wing can do too.)
 */
import type { Aead } from './aead.ts';
import { concat, noBytes, uint16Bytes, utf8, withLength } from './bytes.ts';
import { CryptoError } from './error.ts';
import type { Hash } from './hash.ts';
import { labelled, type Kem } from './kem.ts';
import type { Random } from './random.ts';

/** Number of the KDF (RFC 9180, section 7.2). */
const kdfIds = { sha256: 1, sha512: 3 } as const;

export interface Psk {
  readonly id: Uint8Array;
  /** At least 32 bytes of entropy. */
  readonly secret: Uint8Array;
}

export interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export interface SenderContext {
  readonly enc: Uint8Array;
  seal(aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  exportSecret(context: Uint8Array, length: number): Uint8Array;
}

export interface ReceiverContext {
  /** Undefined, and the sequence number stays, when the ciphertext is not authentic. */
  open(aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
  exportSecret(context: Uint8Array, length: number): Uint8Array;
}

export interface Hpke {
  readonly kem: Kem;
  readonly aead: Aead;
  setupSender(publicKey: Uint8Array, info: Uint8Array, random: Random, psk?: Psk): SenderContext;
  /** Undefined when a peer's `enc` is malformed. */
  setupReceiver(
    privateKey: Uint8Array,
    enc: Uint8Array,
    info: Uint8Array,
    psk?: Psk,
  ): ReceiverContext | undefined;
  /** One encapsulation and one encryption. */
  seal(
    publicKey: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    random: Random,
  ): Sealed;
  /** One decapsulation and one decryption; undefined for whatever is not authentic. */
  open(
    privateKey: Uint8Array,
    sealed: Sealed,
    info: Uint8Array,
    aad: Uint8Array,
  ): Uint8Array | undefined;
}

interface Schedule {
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
  readonly exporterSecret: () => Uint8Array;
}

/** The nonce of one message: the base nonce with the sequence number in its last four bytes. */
function nonceAt(baseNonce: Uint8Array, sequence: number): Uint8Array {
  const nonce = Uint8Array.from(baseNonce);
  for (let i = 0; i < 4; i++) {
    nonce[11 - i] = (nonce[11 - i] as number) ^ ((sequence >>> (8 * i)) & 255);
  }
  return nonce;
}

export function makeHpke(kem: Kem, hash: Hash, aead: Aead): Hpke {
  const ids = [kem.id, kdfIds[hash.name], aead.id].map(uint16Bytes);
  const { extract, expand } = labelled(hash, concat(utf8('HPKE'), ...ids));
  const noPskHash = extract(noBytes, 'psk_id_hash', noBytes);

  const schedule = (sharedSecret: Uint8Array, info: Uint8Array, psk?: Psk): Schedule => {
    const pskHash = psk === undefined ? noPskHash : extract(noBytes, 'psk_id_hash', psk.id);
    const mode = Uint8Array.of(psk === undefined ? 0 : 1);
    const context = concat(mode, pskHash, extract(noBytes, 'info_hash', info));
    const secret = extract(sharedSecret, 'secret', psk?.secret ?? noBytes);
    return {
      key: expand(secret, 'key', context, aead.keySize),
      baseNonce: expand(secret, 'base_nonce', context, aead.nonceSize),
      exporterSecret: () => expand(secret, 'exp', context, hash.size),
    };
  };
  const exporter = (keys: Schedule) => (context: Uint8Array, length: number) =>
    expand(keys.exporterSecret(), 'sec', context, length);

  return {
    kem,
    aead,
    setupSender(publicKey, info, random, psk) {
      const { enc, sharedSecret } = kem.encapsulate(publicKey, random);
      const keys = schedule(sharedSecret, info, psk);
      let sequence = 0;
      const next = (): Uint8Array => {
        if (sequence === 0xffffffff) throw new CryptoError('message-limit', '2^32 messages sealed');
        return nonceAt(keys.baseNonce, sequence++);
      };
      return {
        enc,
        seal: (aad, plaintext) => aead.seal(keys.key, next(), aad, plaintext),
        exportSecret: exporter(keys),
      };
    },
    setupReceiver(privateKey, enc, info, psk) {
      const sharedSecret = kem.decapsulate(privateKey, enc);
      if (sharedSecret === undefined) return undefined;
      const keys = schedule(sharedSecret, info, psk);
      let sequence = 0;
      return {
        open(aad, ciphertext) {
          const nonce = nonceAt(keys.baseNonce, sequence);
          const plaintext = aead.open(keys.key, nonce, aad, ciphertext);
          if (plaintext !== undefined) sequence++;
          return plaintext;
        },
        exportSecret: exporter(keys),
      };
    },
    seal(publicKey, info, aad, plaintext, random) {
      const { enc, sharedSecret } = kem.encapsulate(publicKey, random);
      const { key, baseNonce } = schedule(sharedSecret, info);
      return { enc, ciphertext: aead.seal(key, baseNonce, aad, plaintext) };
    },
    open(privateKey, sealed, info, aad) {
      const sharedSecret = kem.decapsulate(privateKey, sealed.enc);
      if (sharedSecret === undefined) return undefined;
      const { key, baseNonce } = schedule(sharedSecret, info);
      return aead.open(key, baseNonce, aad, sealed.ciphertext);
    },
  };
}

/** The `info` of EncryptWithLabel, RFC 9420, section 5.1.3. */
export function encryptContext(label: string, context: Uint8Array): Uint8Array {
  return concat(withLength(utf8(`MLS 1.0 ${label}`)), withLength(context));
}

/** EncryptWithLabel of RFC 9420, section 5.1.3. */
export function sealWithLabel(
  hpke: Hpke,
  publicKey: Uint8Array,
  label: string,
  context: Uint8Array,
  plaintext: Uint8Array,
  random: Random,
): Sealed {
  return hpke.seal(publicKey, encryptContext(label, context), noBytes, plaintext, random);
}

/** DecryptWithLabel of RFC 9420, section 5.1.3; undefined for whatever is not authentic. */
export function openWithLabel(
  hpke: Hpke,
  privateKey: Uint8Array,
  label: string,
  context: Uint8Array,
  sealed: Sealed,
): Uint8Array | undefined {
  return hpke.open(privateKey, sealed, encryptContext(label, context), noBytes);
}
