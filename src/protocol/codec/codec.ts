/**
 * One description of a structure gives its exact size, its encoder and its decoder. The encoding is
 * deterministic: for all bytes b that decode to v, encoding v gives b again. Request signatures
 * (`reencoded`) rest on that property, and the tests check it for every structure.
 */
import { CodecError } from './error.ts';
import { Reader, Writer, defaultLimits, type DecodeLimits } from './bytes.ts';

/** How values of one type travel. */
export interface Codec<T> {
  /** Name for messages and documents, as in the presentation language. */
  readonly name: string;
  /** Size in bytes where every value has the same; lets containers skip the walk. */
  readonly fixedSize: number | undefined;
  /** Least number of bytes of any value; a vector element must have at least one. */
  readonly minSize: number;
  /** Exact number of bytes that `write` will write; throws `CodecError` for impossible values. */
  size(value: T): number;
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
  /** Some valid value, for tests and the fuzzer; a function of the numbers that `pick` returns. */
  sample(pick: Pick): T;
}

/** Draws an integer from 0 to `below` - 1. */
export type Pick = (below: number) => number;

/** The value type of a codec. */
export type Decoded<C> = C extends Codec<infer T> ? T : never;

export type DecodeResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CodecError };

/**
 * Decodes one value that fills `bytes` exactly. Byte strings in the value are views of `bytes`.
 * Never throws: any fault of the input is the `error` of the result.
 */
export function decode<T>(
  codec: Codec<T>,
  bytes: Uint8Array,
  limits: DecodeLimits = defaultLimits,
): DecodeResult<T> {
  try {
    return { ok: true, value: decodeOrThrow(codec, bytes, limits) };
  } catch (error) {
    if (error instanceof CodecError) return { ok: false, error: error.within(codec.name) };
    throw error;
  }
}

function decodeOrThrow<T>(codec: Codec<T>, bytes: Uint8Array, limits: DecodeLimits): T {
  if (bytes.length > limits.maxBytes) {
    throw new CodecError('too-large', 0, `${bytes.length} bytes exceed ${limits.maxBytes}`);
  }
  const reader = new Reader(bytes, limits);
  const value = codec.read(reader);
  if (reader.position !== bytes.length) {
    reader.fail('trailing', `${bytes.length - reader.position} bytes left over`);
  }
  return value;
}

/** Encodes one value into a fresh buffer of exactly its size. Throws `CodecError` for values out of range. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  try {
    const writer = new Writer(codec.size(value));
    codec.write(writer, value);
    return writer.bytes;
  } catch (error) {
    if (error instanceof CodecError) throw error.within(codec.name);
    throw error;
  }
}
