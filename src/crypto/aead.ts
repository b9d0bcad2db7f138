/** Authenticated encryption: AES-GCM (NIST SP 800-38D) and ChaCha20-Poly1305 (RFC 8439). */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat, plain } from './bytes.ts';
import { CryptoError } from './error.ts';

export interface Aead {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  /** HPKE's number for it (RFC 9180, section 7.3). */
  readonly id: number;
  readonly keySize: number;
  readonly nonceSize: 12;
  readonly tagSize: 16;
  /** Ciphertext followed by the tag. Throws `CryptoError` for a key or nonce of the wrong length. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or undefined when the ciphertext is not authentic. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | undefined;
}

const options = { authTagLength: 16 } as const;
/** node:crypto types its GCM and ChaCha20-Poly1305 forms apart; they are used alike. */
type Algorithm = 'aes-128-gcm';

function makeAead(name: Aead['name'], id: number, keySize: number): Aead {
  const algorithm = name as Algorithm;
  const check = (key: Uint8Array, nonce: Uint8Array): void => {
    if (key.length !== keySize || nonce.length !== 12) {
      throw new CryptoError('bad-length', `${name} needs a ${keySize}-byte key and 12-byte nonce`);
    }
  };
  return {
    name,
    id,
    keySize,
    nonceSize: 12,
    tagSize: 16,
    seal(key, nonce, aad, plaintext) {
      check(key, nonce);
      const cipher = createCipheriv(algorithm, key, nonce, options);
      if (aad.length > 0) cipher.setAAD(aad);
      const body = cipher.update(plaintext);
      cipher.final();
      return concat(body, cipher.getAuthTag());
    },
    open(key, nonce, aad, ciphertext) {
      check(key, nonce);
      const length = ciphertext.length - 16;
      if (length < 0) return undefined;
      const decipher = createDecipheriv(algorithm, key, nonce, options);
      decipher.setAuthTag(ciphertext.subarray(length));
      if (aad.length > 0) decipher.setAAD(aad);
      const plaintext = decipher.update(ciphertext.subarray(0, length));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return plain(plaintext);
    },
  };
}

export const aes128Gcm = makeAead('aes-128-gcm', 1, 16);
export const aes256Gcm = makeAead('aes-256-gcm', 2, 32);
export const chacha20Poly1305 = makeAead('chacha20-poly1305', 3, 32);
