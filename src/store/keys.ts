/** Keys as byte strings. */
import type { Key, Range } from './port.ts';

/** Longest key in bytes (lmdb's default limit is 1,978; PostgreSQL's index limit about 2,700). */
export const maxKeyBytes = 1500;

/** Bytes as a key part, one character per byte. */
export function bytesKey(bytes: Uint8Array): Key {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The bytes of a key, for stores that keep bytes, and of index values. */
export function keyBytes(key: Key): Uint8Array {
  const buffer = Buffer.from(key, 'latin1');
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Big-endian, so that keys sort as numbers do. 0 to 2^53 - 1 in eight bytes. */
export function numberKey(value: number): Key {
  const high = Math.floor(value / 0x100000000);
  const low = value % 0x100000000;
  return String.fromCharCode(
    high >>> 24,
    (high >>> 16) & 255,
    (high >>> 8) & 255,
    high & 255,
    low >>> 24,
    (low >>> 16) & 255,
    (low >>> 8) & 255,
    low & 255,
  );
}

/** The number of the eight bytes at `at`. */
export function numberAt(key: Key, at = 0): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) value = value * 256 + key.charCodeAt(i);
  return value;
}

/**
 * Key of a record: a space of its own (letters), then parts with their lengths before them. No key
 * of a record is the beginning of another's, so no record's entries mix with another record.
 * Throws `RangeError` for a part of more than 255 bytes.
 */
export function recordKey(space: string, ...parts: readonly Uint8Array[]): Key {
  let key = `${space}:`;
  for (const part of parts) {
    if (part.length > 255) throw new RangeError(`a key part of ${part.length} bytes, not 0 to 255`);
    key += String.fromCharCode(part.length) + bytesKey(part);
  }
  return key;
}

/** The key of an entry under a record. */
export const entryKey = (record: Key, suffix: Key): Key => record + suffix;

/** The end, exclusive, of all keys that begin with `prefix`. */
export function prefixEnd(prefix: Key): Key {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const byte = prefix.charCodeAt(i);
    if (byte < 255) return prefix.slice(0, i) + String.fromCharCode(byte + 1);
  }
  throw new RangeError('the prefix has no end: it is empty or all bytes are 255');
}

/** Head and all entries of a record, as a range to delete. */
export const wholeRecord = (record: Key) => ({ from: record, to: prefixEnd(record) });

/** The range of suffixes that begin with `prefix`. */
export const suffixesOf = (prefix: Key, limit: number): Range => ({
  from: prefix,
  to: prefixEnd(prefix),
  limit,
});
