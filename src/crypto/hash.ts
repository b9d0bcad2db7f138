/** Hashes, HMAC, HKDF (RFC 5869) and the labelled forms of RFC 9420, sections 5.2 and 8. */
import { createHmac, hash as oneShot, timingSafeEqual } from 'node:crypto';
import { concat, noBytes, plain, uint16Bytes, utf8, withLength } from './bytes.ts';
import { CryptoError } from './error.ts';

export interface Hash {
  readonly name: 'sha256' | 'sha512';
  /** Output size in bytes. */
  readonly size: number;
  digest(data: Uint8Array): Uint8Array;
  /** HMAC (RFC 2104). */
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** Constant-time comparison with the expected HMAC. */
  verifyMac(key: Uint8Array, data: Uint8Array, tag: Uint8Array): boolean;
  /** HKDF-Extract; an empty salt stands for zeros. */
  extract(salt: Uint8Array, ikm: Uint8Array): Uint8Array;
  /** HKDF-Expand to `length` bytes, at most 255 times the hash size. */
  expand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;
}

const one = Uint8Array.of(1);

function makeHash(name: Hash['name'], size: number): Hash {
  const zeros = new Uint8Array(size);
  const mac = (key: Uint8Array, data: Uint8Array): Uint8Array =>
    plain(createHmac(name, key).update(data).digest());
  return {
    name,
    size,
    digest: (data) => plain(oneShot(name, data, 'buffer')),
    mac,
    verifyMac(key, data, tag) {
      const expected = mac(key, data);
      return expected.length === tag.length && timingSafeEqual(expected, tag);
    },
    extract: (salt, ikm) => mac(salt.length === 0 ? zeros : salt, ikm),
    expand(prk, info, length) {
      if (length > 255 * size)
        throw new CryptoError('bad-length', `HKDF cannot give ${length} bytes`);
      const first = plain(createHmac(name, prk).update(info).update(one).digest());
      if (length <= size) return first.subarray(0, length);
      return expandLong(name, prk, info, length, first);
    },
  };
}

function expandLong(
  name: Hash['name'],
  prk: Uint8Array,
  info: Uint8Array,
  length: number,
  first: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(length);
  let block = first;
  for (let at = 0, counter = 1; at < length; at += block.length) {
    if (counter > 1) {
      const next = createHmac(name, prk).update(block).update(info);
      block = plain(next.update(Uint8Array.of(counter)).digest());
    }
    out.set(block.subarray(0, length - at), at);
    counter++;
  }
  return out;
}

export const sha256 = makeHash('sha256', 32);
export const sha512 = makeHash('sha512', 64);

/** ExpandWithLabel of RFC 9420, section 8. */
export function expandWithLabel(
  hash: Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const info = concat(
    uint16Bytes(length),
    withLength(utf8(`MLS 1.0 ${label}`)),
    withLength(context),
  );
  return hash.expand(secret, info, length);
}

/** DeriveSecret of RFC 9420, section 8. */
export function deriveSecret(hash: Hash, secret: Uint8Array, label: string): Uint8Array {
  return expandWithLabel(hash, secret, label, noBytes, hash.size);
}

/** RefHash of RFC 9420, section 5.2; the label is used as it is. */
export function refHash(hash: Hash, label: string, value: Uint8Array): Uint8Array {
  return hash.digest(concat(withLength(utf8(label)), withLength(value)));
}
