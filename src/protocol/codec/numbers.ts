/** Unsigned integers, big-endian. */
import { CodecError } from './error.ts';
import type { Codec, Pick } from './codec.ts';
import type { Reader, Writer } from './bytes.ts';

function unsigned(
  name: string,
  bytes: number,
  read: (reader: Reader, at: number) => number,
  write: (writer: Writer, value: number) => void,
): Codec<number> {
  const max = bytes === 8 ? Number.MAX_SAFE_INTEGER : 256 ** bytes - 1;
  return {
    name,
    fixedSize: bytes,
    minSize: bytes,
    size(value) {
      if (!Number.isInteger(value) || value < 0 || value > max) {
        throw new CodecError('bad-value', 0, `${value} is not an integer from 0 to ${max}`);
      }
      return bytes;
    },
    write(writer, value) {
      write(writer, value);
      writer.position += bytes;
    },
    read: (reader) => read(reader, reader.take(bytes)),
    sample: (pick) => sampleInteger(pick, max),
  };
}

/** Small values and the edges as often as all the rest. */
function sampleInteger(pick: Pick, max: number): number {
  const choice = pick(4);
  if (choice === 0) return pick(4);
  if (choice === 1) return max - pick(2);
  return Math.floor((max / 0x10000) * pick(0x10000));
}

export const uint8 = unsigned(
  'uint8',
  1,
  (reader, at) => reader.view.getUint8(at),
  (writer, value) => writer.view.setUint8(writer.position, value),
);

export const uint16 = unsigned(
  'uint16',
  2,
  (reader, at) => reader.view.getUint16(at),
  (writer, value) => writer.view.setUint16(writer.position, value),
);

export const uint32 = unsigned(
  'uint32',
  4,
  (reader, at) => reader.view.getUint32(at),
  (writer, value) => writer.view.setUint32(writer.position, value),
);

/**
 * A uint64 held as a JavaScript number: times in milliseconds, sequence numbers, epochs. Values
 * above 2^53 - 1 are refused, because they could not be encoded again as they came.
 */
export const uint53 = unsigned(
  'uint64',
  8,
  (reader, at) => {
    const high = reader.view.getUint32(at);
    if (high > 0x1fffff) reader.fail('bad-value', 'exceeds 2^53 - 1', at);
    return high * 0x100000000 + reader.view.getUint32(at + 4);
  },
  (writer, value) => {
    writer.view.setUint32(writer.position, Math.floor(value / 0x100000000));
    writer.view.setUint32(writer.position + 4, value % 0x100000000);
  },
);

/** A full uint64 as a bigint. */
export const uint64: Codec<bigint> = {
  name: 'uint64',
  fixedSize: 8,
  minSize: 8,
  size(value) {
    if (value < 0n || value > 0xffffffffffffffffn) {
      throw new CodecError('bad-value', 0, `${value} is not an integer from 0 to 2^64 - 1`);
    }
    return 8;
  },
  write(writer, value) {
    writer.view.setBigUint64(writer.position, value);
    writer.position += 8;
  },
  read: (reader) => reader.view.getBigUint64(reader.take(8)),
  sample: (pick) => (BigInt(pick(0x100000000)) << 32n) | BigInt(pick(0x100000000)),
};

/** An integer that may only be one of the values of an `as const` map. */
export function oneOf<const M extends Readonly<Record<string, number>>>(
  name: string,
  base: Codec<number>,
  values: M,
): Codec<M[keyof M]> {
  const known = new Set<number>(Object.values(values));
  return {
    name,
    fixedSize: base.fixedSize,
    minSize: base.minSize,
    size(value) {
      if (!known.has(value)) throw new CodecError('bad-value', 0, `${value} is not a ${name}`);
      return base.size(value);
    },
    write: (writer, value) => base.write(writer, value),
    read(reader) {
      const at = reader.position;
      const value = base.read(reader);
      if (!known.has(value)) reader.fail('bad-value', `${value} is not a ${name}`, at);
      return value as M[keyof M];
    },
    sample: (pick) => [...known][pick(known.size)] as M[keyof M],
  };
}
