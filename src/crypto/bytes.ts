/** Small helpers on byte arrays. */

export const noBytes = new Uint8Array(0);

const encoder = new TextEncoder();

/** UTF-8 bytes of `text`. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** The same memory as a plain `Uint8Array`; Buffers of node:crypto are handed out as such. */
export function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** I2OSP(value, 2). */
export const uint16Bytes = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 255);

/** Equality of public values; not for secrets (it stops at the first difference). */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The length prefix of RFC 9420, section 2.1.2. */
export function lengthPrefix(length: number): Uint8Array {
  if (length < 0x40) return Uint8Array.of(length);
  if (length < 0x4000) return uint16Bytes(length | 0x4000);
  return Uint8Array.of(0x80 | (length >>> 24), length >>> 16, length >>> 8, length);
}

/** `opaque<V>` for the labelled inputs of this room. */
export function withLength(bytes: Uint8Array): Uint8Array {
  return concat(lengthPrefix(bytes.length), bytes);
}
