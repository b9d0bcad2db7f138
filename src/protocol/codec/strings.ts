/** Byte strings and text. */
import { CodecError } from './error.ts';
import { varintSize } from './bytes.ts';
import type { Codec, Pick } from './codec.ts';

const sampleBytes = (pick: Pick, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => pick(256));

/** `opaque name[length]`: exactly `length` bytes, without a prefix. */
export function opaque(length: number): Codec<Uint8Array> {
  return {
    name: `opaque[${length}]`,
    fixedSize: length,
    minSize: length,
    size(value) {
      if (value.length !== length) {
        throw new CodecError('bad-value', 0, `${value.length} bytes instead of ${length}`);
      }
      return length;
    },
    write: (writer, value) => writer.put(value),
    read: (reader) => reader.view8(length),
    sample: (pick) => sampleBytes(pick, length),
  };
}

/** `opaque name<V>` of at most `max` bytes (default: what the prefix can carry). */
export function opaqueV(max = 0x3fffffff): Codec<Uint8Array> {
  return {
    name: 'opaque<V>',
    fixedSize: undefined,
    minSize: 1,
    size(value) {
      const length = value.length;
      if (length > max) throw new CodecError('too-large', 0, `${length} bytes exceed ${max}`);
      return varintSize(length) + length;
    },
    write(writer, value) {
      writer.varint(value.length);
      writer.put(value);
    },
    read(reader) {
      const at = reader.position;
      const length = reader.varint();
      if (length > max) reader.fail('too-large', `${length} bytes exceed ${max}`, at);
      return reader.view8(length);
    },
    // Mostly short, sometimes with a two-byte prefix.
    sample: (pick) => sampleBytes(pick, pick(Math.min(pick(8) === 0 ? 100 : 12, max + 1))),
  };
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** UTF-8 text of at most `max` bytes; malformed UTF-8 is refused, so text round-trips exactly. */
export function text(max: number): Codec<string> {
  const bytes = opaqueV(max);
  const fits = (value: string): boolean => utf8Encoder.encode(value).length <= max;
  return {
    name: 'text<V>',
    fixedSize: undefined,
    minSize: 1,
    size(value) {
      if (!value.isWellFormed()) throw new CodecError('bad-value', 0, 'lone surrogate in text');
      return bytes.size(utf8Encoder.encode(value));
    },
    write: (writer, value) => bytes.write(writer, utf8Encoder.encode(value)),
    read(reader) {
      const at = reader.position;
      const encoded = bytes.read(reader);
      try {
        return utf8Decoder.decode(encoded);
      } catch {
        return reader.fail('bad-value', 'malformed UTF-8', at);
      }
    },
    sample: (pick) => ['', 'a', 'na\u00efve', '\ufeff', '\u{1f600}'].filter(fits)[pick(5)] ?? '',
  };
}

const asciiPattern = /^[\x21-\x7e]*$/;

/**
 * Printable ASCII of at most `max` bytes that also matches `pattern`. Several times faster than
 * UTF-8 for short names, and what domain names need anyway. `samples` are some valid values.
 */
export function ascii(
  name: string,
  max: number,
  pattern: RegExp,
  samples: readonly string[],
): Codec<string> {
  // The same few names come again and again: what passed once is remembered, at most 1,024 names.
  const passed = new Set<string>();
  const valid = (value: string): boolean => {
    if (passed.has(value)) return true;
    if (!asciiPattern.test(value) || !pattern.test(value)) return false;
    if (passed.size >= 1024) passed.clear();
    passed.add(value);
    return true;
  };
  return {
    name,
    fixedSize: undefined,
    minSize: 1,
    size(value) {
      if (value.length > max) throw new CodecError('too-large', 0, `longer than ${max} bytes`);
      if (!valid(value)) throw new CodecError('bad-value', 0, `"${value}" is not a ${name}`);
      return varintSize(value.length) + value.length;
    },
    write(writer, value) {
      writer.varint(value.length);
      const start = writer.position;
      for (let i = 0; i < value.length; i++) {
        writer.view.setUint8(start + i, value.charCodeAt(i));
      }
      writer.position = start + value.length;
    },
    read(reader) {
      const at = reader.position;
      const length = reader.varint();
      if (length > max) reader.fail('too-large', `longer than ${max} bytes`, at);
      const start = reader.take(length);
      let value = '';
      for (let i = 0; i < length; i++) {
        value += String.fromCharCode(reader.view.getUint8(start + i));
      }
      if (!valid(value)) reader.fail('bad-value', `not a ${name}`, at);
      return value;
    },
    sample: (pick) => samples[pick(samples.length)] ?? '',
  };
}
