/** Structures, vectors, optional values and tagged unions out of other codecs. */
import { CodecError, atField } from './error.ts';
import { maxVarint, varintSize, type Reader } from './bytes.ts';
import type { Codec, Decoded } from './codec.ts';

type Fields = Readonly<Record<string, Codec<never>>>;
type StructValue<F> = { readonly [K in keyof F]: Decoded<F[K]> };

/** Any codec, where the value type is found by inference from the object it stands in. */
// oxlint-disable-next-line typescript/no-explicit-any -- a codec is invariant in its value type
type AnyCodec = Codec<any>;

/** `struct { ... } name`: the fields in the order of the object. */
export function struct<const F extends Readonly<Record<string, AnyCodec>>>(
  name: string,
  fields: F,
): Codec<StructValue<F>> {
  type Value = Record<string, never>;
  const keys = Object.keys(fields);
  const codecs = Object.values(fields as unknown as Fields);
  const count = keys.length;
  const fixedSize = codecs.every((codec) => codec.fixedSize !== undefined)
    ? codecs.reduce((sum, codec) => sum + (codec.fixedSize ?? 0), 0)
    : undefined;
  const codec: Codec<Value> = {
    name,
    fixedSize,
    minSize: codecs.reduce((sum, codec) => sum + codec.minSize, 0),
    size(value) {
      let sum = 0;
      let i = 0;
      try {
        for (; i < count; i++) {
          sum += (codecs[i] as Codec<never>).size(value[keys[i] as string] as never);
        }
      } catch (error) {
        throw atField(error, keys[i] as string);
      }
      return sum;
    },
    write(writer, value) {
      let i = 0;
      try {
        for (; i < count; i++) {
          (codecs[i] as Codec<never>).write(writer, value[keys[i] as string] as never);
        }
      } catch (error) {
        throw atField(error, keys[i] as string);
      }
    },
    read(reader) {
      const value: Value = {};
      let i = 0;
      reader.enter();
      try {
        for (; i < count; i++) {
          value[keys[i] as string] = (codecs[i] as Codec<never>).read(reader);
        }
      } catch (error) {
        throw atField(error, keys[i] as string);
      }
      reader.leave();
      return value;
    },
    sample: (pick) =>
      Object.fromEntries(keys.map((key, i) => [key, (codecs[i] as Codec<never>).sample(pick)])),
  };
  return codec as unknown as Codec<StructValue<F>>;
}

export interface VectorOptions {
  /** Most elements. Default: bounded only by the limits of the decoding. */
  readonly max?: number;
  /** Fewest elements. Default 0. */
  readonly min?: number;
}

/** `T name<V>`: elements behind a prefix with their total length in bytes. */
export function vector<T>(element: Codec<T>, options: VectorOptions = {}): Codec<readonly T[]> {
  const { min = 0, max = maxVarint } = options;
  if (element.minSize < 1) throw new RangeError(`elements of ${element.name}<V> may be empty`);
  const contents = (values: readonly T[]): number => {
    if (element.fixedSize !== undefined && values.length > 64) {
      for (const value of values) element.size(value);
      return element.fixedSize * values.length;
    }
    return values.reduce((sum, value, index) => {
      try {
        return sum + element.size(value);
      } catch (error) {
        throw atField(error, `[${index}]`);
      }
    }, 0);
  };
  const refusal = (count: number): string | undefined =>
    count < min || count > max ? `${count} elements, not ${min} to ${max}` : undefined;
  return {
    name: `${element.name}<V>`,
    fixedSize: undefined,
    minSize: varintSize(min * element.minSize) + min * element.minSize,
    size(values) {
      const wrong = refusal(values.length);
      if (wrong !== undefined) throw new CodecError('too-large', 0, wrong);
      const length = contents(values);
      return varintSize(length) + length;
    },
    write(writer, values) {
      writer.varint(contents(values));
      for (const value of values) element.write(writer, value);
    },
    read(reader) {
      const at = reader.position;
      reader.enter();
      const values = readElements(reader, element, max);
      reader.leave();
      const wrong = refusal(values.length);
      if (wrong !== undefined) reader.fail('too-large', wrong, at);
      return values;
    },
    sample: (pick) =>
      Array.from({ length: Math.min(max, min + pick(4)) }, () => element.sample(pick)),
  };
}

/** Reads elements until the announced bytes are used up; stops early at one more than `max`. */
function readElements<T>(reader: Reader, element: Codec<T>, max: number): T[] {
  const length = reader.varint();
  const outerEnd = reader.end;
  const start = reader.take(length);
  reader.position = start;
  reader.end = start + length;
  const values: T[] = [];
  while (reader.position < reader.end && values.length <= max) {
    reader.element();
    try {
      values.push(element.read(reader));
    } catch (error) {
      throw atField(error, `[${values.length}]`);
    }
  }
  reader.end = outerEnd;
  return values;
}

/** `opaque<V>` of at most `max` bytes that holds exactly one encoded `inner`, without a copy. */
export function nested<T>(inner: Codec<T>, max: number): Codec<T> {
  return {
    name: `${inner.name} in opaque<V>`,
    fixedSize: undefined,
    minSize: varintSize(inner.minSize) + inner.minSize,
    size(value) {
      const length = inner.size(value);
      if (length > max) throw new CodecError('too-large', 0, `${length} bytes exceed ${max}`);
      return varintSize(length) + length;
    },
    write(writer, value) {
      writer.varint(inner.size(value));
      inner.write(writer, value);
    },
    read(reader) {
      const at = reader.position;
      const length = reader.varint();
      if (length > max) reader.fail('too-large', `${length} bytes exceed ${max}`, at);
      const outerEnd = reader.end;
      reader.position = reader.take(length);
      reader.end = reader.position + length;
      const value = inner.read(reader);
      if (reader.position !== reader.end) reader.fail('trailing', 'bytes left over');
      reader.end = outerEnd;
      return value;
    },
    sample: (pick) => inner.sample(pick),
  };
}

/** `optional<T> name` of RFC 9420, section 2.1.1: a presence byte, 0 or 1, then the value. */
export function optional<T>(inner: Codec<T>): Codec<T | undefined> {
  return {
    name: `optional<${inner.name}>`,
    fixedSize: undefined,
    minSize: 1,
    size: (value) => (value === undefined ? 1 : 1 + inner.size(value)),
    write(writer, value) {
      writer.view.setUint8(writer.position, value === undefined ? 0 : 1);
      writer.position += 1;
      if (value !== undefined) inner.write(writer, value);
    },
    read(reader) {
      const at = reader.take(1);
      const presence = reader.view.getUint8(at);
      if (presence > 1) reader.fail('bad-value', `presence byte ${presence}, not 0 or 1`, at);
      return presence === 0 ? undefined : inner.read(reader);
    },
    sample: (pick) => (pick(2) === 0 ? undefined : inner.sample(pick)),
  };
}

type Variants = Readonly<Record<string, readonly [tag: number, codec: AnyCodec]>>;
type UnionValue<V extends Variants> = {
  readonly [K in keyof V & string]: { readonly kind: K } & Decoded<V[K][1]>;
}[keyof V & string];

/**
 * `select (tag)`: a numeric tag, then the structure that belongs to it. In memory the variant's
 * fields stand beside `kind`, the variant's name. Unknown tags are refused.
 */
export function union<const V extends Variants>(
  name: string,
  tagCodec: Codec<number>,
  variants: V,
): Codec<UnionValue<V>> {
  type Value = { readonly kind: string };
  const byKind = new Map(Object.entries(variants));
  const byTag = new Map(
    Object.entries(variants).map(([kind, [tag, codec]]) => [tag, { kind, codec }]),
  );
  const codecOf = (value: Value): readonly [number, Codec<Value>] => {
    const found = byKind.get(value.kind);
    if (found === undefined) {
      throw new CodecError('bad-value', 0, `${String(value.kind)} is not a kind of ${name}`);
    }
    return found as readonly [number, Codec<Value>];
  };
  const codec: Codec<Value> = {
    name,
    fixedSize: undefined,
    minSize: tagCodec.minSize,
    size(value) {
      const [tag, inner] = codecOf(value);
      return tagCodec.size(tag) + inner.size(value);
    },
    write(writer, value) {
      const [tag, inner] = codecOf(value);
      tagCodec.write(writer, tag);
      inner.write(writer, value);
    },
    read(reader) {
      const at = reader.position;
      const tag = tagCodec.read(reader);
      const variant = byTag.get(tag);
      if (variant === undefined) return reader.fail('bad-value', `unknown ${name} ${tag}`, at);
      reader.enter();
      try {
        return { kind: variant.kind, ...(variant.codec.read(reader) as object) };
      } catch (error) {
        throw atField(error, variant.kind);
      } finally {
        reader.leave();
      }
    },
    sample(pick) {
      const [kind, [, inner]] = [...byKind][pick(byKind.size)] as [string, [number, Codec<object>]];
      return { kind, ...inner.sample(pick) };
    },
  };
  return codec as unknown as Codec<UnionValue<V>>;
}

/** A structure without fields: for operations and variants that carry nothing. */
export const empty: Codec<Readonly<Record<never, never>>> = {
  name: 'empty',
  fixedSize: 0,
  minSize: 0,
  size: () => 0,
  write: () => undefined,
  read: () => ({}),
  sample: () => ({}),
};

/** A codec whose values must also satisfy `check`, which returns what is wrong, or undefined. */
export function refine<T>(inner: Codec<T>, check: (value: T) => string | undefined): Codec<T> {
  return {
    ...inner,
    size(value) {
      const wrong = check(value);
      if (wrong !== undefined) throw new CodecError('bad-value', 0, wrong);
      return inner.size(value);
    },
    read(reader) {
      const at = reader.position;
      const value = inner.read(reader);
      const wrong = check(value);
      if (wrong !== undefined) reader.fail('bad-value', wrong, at);
      return value;
    },
    sample(pick) {
      for (let tries = 0; tries < 1000; tries++) {
        const value = inner.sample(pick);
        if (check(value) === undefined) return value;
      }
      throw new RangeError(`no sample of ${inner.name} passes its check`);
    },
  };
}
