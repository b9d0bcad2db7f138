import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ascii,
  CodecError,
  decode,
  encode,
  nested,
  oneOf,
  opaque,
  opaqueV,
  optional,
  refine,
  struct,
  text,
  uint16,
  uint32,
  uint53,
  uint64,
  uint8,
  union,
  vector,
  type Codec,
} from './index.ts';
import { Reader, Writer } from './bytes.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function errorOf<T>(codec: Codec<T>, bytes: Uint8Array): CodecError {
  const result = decode(codec, bytes);
  if (result.ok) throw new Error('decoded');
  return result.error;
}

describe('variable-length prefix', () => {
  // RFC 9000, appendix A.1, without the eight-byte form that RFC 9420, section 2.1.2 removes.
  test.each([
    ['9d7f3e7d', 494_878_333],
    ['7bbd', 15_293],
    ['25', 37],
  ])('RFC 9000 A.1: %s is %i', (bytes, value) => {
    expect(new Reader(hex(bytes)).varint()).toBe(value);
    const writer = new Writer(bytes.length / 2);
    writer.varint(value);
    expect(hexOf(writer.bytes)).toBe(bytes);
  });

  // The deserialization vectors of the MLS working group's test suite.
  test.each([
    ['00', 0],
    ['0d', 13],
    ['36', 54],
    ['3f', 63],
    ['4040', 64],
    ['40ff', 255],
    ['4185', 389],
    ['4aaa', 2730],
    ['4fff', 4095],
    ['7fff', 16_383],
    ['80004000', 16_384],
    ['8000beef', 48_879],
    ['8000dead', 57_005],
    ['bfffffff', 1_073_741_823],
  ])('MLS deserialization vector %s is %i', (bytes, value) => {
    expect(new Reader(hex(bytes)).varint()).toBe(value);
    const writer = new Writer(bytes.length / 2);
    writer.varint(value);
    expect(hexOf(writer.bytes)).toBe(bytes);
  });

  test.each([
    ['4025', 'bad-length'],
    ['80000025', 'bad-length'],
    ['80003fff', 'bad-length'],
    ['c2197c5eff14e88c', 'bad-length'],
    ['40', 'truncated'],
    ['800040', 'truncated'],
    ['', 'truncated'],
  ])('%s is refused as %s', (bytes, kind) => {
    expect(errorOf(opaqueV(), hex(bytes)).kind).toBe(kind);
  });
});

const point = struct('Point', { x: uint16, y: uint16 });
const shape = union('Shape', uint8, {
  dot: [1, point],
  line: [2, struct('Line', { ends: vector(point, { min: 2, max: 3 }) })],
});
const everything = struct('Everything', {
  small: uint8,
  middle: uint32,
  time: uint53,
  large: uint64,
  id: opaque(3),
  bytes: opaqueV(),
  name: text(40),
  domain: ascii('domain', 20, /^[a-z.]*$/, ['a.b']),
  maybe: optional(point),
  shapes: vector(shape),
  colour: oneOf('Colour', uint8, { red: 1, green: 2 }),
});

const arbitraryPoint = fc.record({ x: fc.nat(65_535), y: fc.nat(65_535) });
const arbitraryEverything = fc.record({
  small: fc.nat(255),
  middle: fc.nat(0xffffffff),
  time: fc.maxSafeNat(),
  large: fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
  id: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  bytes: fc.uint8Array({ maxLength: 200 }),
  name: fc.string({ maxLength: 8, unit: 'grapheme-ascii' }),
  domain: fc.stringMatching(/^[a-z.]{0,20}$/),
  maybe: fc.option(arbitraryPoint, { nil: undefined }),
  shapes: fc.array(
    fc.oneof(
      arbitraryPoint.map((p) => ({ kind: 'dot' as const, ...p })),
      fc
        .array(arbitraryPoint, { minLength: 2, maxLength: 3 })
        .map((ends) => ({ kind: 'line' as const, ends })),
    ),
  ),
  colour: fc.constantFrom(1 as const, 2 as const),
});

describe('structures', () => {
  test('every value survives the trip, in exactly its announced size', () => {
    fc.assert(
      fc.property(arbitraryEverything, (value) => {
        const bytes = encode(everything, value);
        expect(bytes.length).toBe(everything.size(value));
        expect(decode(everything, bytes)).toEqual({ ok: true, value });
      }),
    );
  });

  test('bytes that decode encode to the same bytes; no other error than CodecError', () => {
    const valid = arbitraryEverything.map((value) => encode(everything, value));
    const mutated = fc
      .tuple(valid, fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'add'))
      .map(([bytes, at, byte, how]) => {
        const copy = Uint8Array.from(bytes);
        copy[at % copy.length] = byte;
        if (how === 'cut') return copy.subarray(0, at % copy.length);
        return how === 'add' ? Uint8Array.from([...copy, byte]) : copy;
      });
    let accepted = 0;
    fc.assert(
      fc.property(mutated, (bytes) => {
        const result = decode(everything, bytes);
        if (result.ok) {
          accepted++;
          expect(hexOf(encode(everything, result.value))).toBe(hexOf(bytes));
        } else expect(result.error).toBeInstanceOf(CodecError);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  test('a nested structure is its bytes in an opaque<V>, filled exactly', () => {
    const inner = nested(point, 8);
    fc.assert(
      fc.property(arbitraryPoint, (value) => {
        const bytes = encode(opaqueV(), encode(point, value));
        expect(encode(inner, value)).toEqual(bytes);
        expect(decode(inner, bytes)).toEqual({ ok: true, value });
      }),
    );
    const kinds = ['0500010002ff', '03000100', '0901020304050607080900'].map(
      (input) => errorOf(inner, hex(input)).kind,
    );
    expect(kinds).toEqual(['trailing', 'truncated', 'too-large']);
  });

  test('the presentation is that of RFC 9420', () => {
    const value = { kind: 'line', ends: [point, point].map((_, i) => ({ x: i, y: 258 })) } as const;
    expect(hexOf(encode(shape, value))).toBe('02080000010200010102');
    expect(hexOf(encode(optional(uint8), undefined))).toBe('00');
    expect(hexOf(encode(optional(uint8), 7))).toBe('0107');
  });
});

describe('refusals name the field', () => {
  const bytes = encode(everything, {
    small: 1,
    middle: 2,
    time: 3,
    large: 4n,
    id: hex('010203'),
    bytes: hex('aa'),
    name: 'n',
    domain: 'a.b',
    maybe: { x: 1, y: 2 },
    shapes: [{ kind: 'line', ends: [0, 1].map((x) => ({ x, y: 0 })) }],
    colour: 1,
  });

  test('a truncated input', () => {
    const error = errorOf(everything, bytes.subarray(0, bytes.length - 3));
    expect(error.kind).toBe('truncated');
    expect(error.path).toBe('Everything.shapes');
    expect(error.message).toMatch(/^Everything\.shapes at byte \d+: needs 10 bytes, 8 are left$/);
  });

  test('a bad tag deep inside, with its offset', () => {
    const copy = Uint8Array.from(bytes);
    const at = bytes.length - 11;
    copy[at] = 9;
    const error = errorOf(everything, copy);
    expect(error).toMatchObject({ kind: 'bad-value', path: 'Everything.shapes[0]', offset: at });
    expect(error.remedy).not.toBe('');
  });

  test.each([
    ['trailing bytes', uint16, '000102', 'trailing'],
    ['a presence byte of 2', optional(uint8), '0207', 'bad-value'],
    ['too many elements', vector(uint8, { max: 2 }), '03010203', 'too-large'],
    ['too few elements', vector(uint8, { min: 2 }), '0101', 'too-large'],
    ['an element that overruns its vector', vector(uint16), '03000102', 'truncated'],
    ['an overlong byte string', opaqueV(2), '03010203', 'too-large'],
    ['malformed UTF-8', text(9), '02c328', 'bad-value'],
    ['an upper-case domain', ascii('domain', 9, /^[a-z.]*$/, []), '0141', 'bad-value'],
    ['an unsafe integer', uint53, '0020000000000000', 'bad-value'],
    ['an unknown constant', oneOf('Colour', uint8, { red: 1 }), '02', 'bad-value'],
    ['a refined value', refine(uint8, (n) => (n > 3 ? 'too big' : undefined)), '04', 'bad-value'],
  ])('%s', (_, codec, input, kind) => {
    expect(errorOf(codec as Codec<unknown>, hex(input)).kind).toBe(kind);
  });

  test('a length prefix of 1 GiB allocates nothing', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i++) errorOf(opaqueV(), hex('bfffffff00'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });

  test('limits of bytes, elements and depth', () => {
    const limits = { maxBytes: 8, maxDepth: 2, maxElements: 3 };
    const kindOf = (codec: Codec<never>, input: string): string => {
      const result = decode(codec, hex(input), limits);
      return result.ok ? 'ok' : result.error.kind;
    };
    expect(kindOf(vector(uint8) as never, '03010203')).toBe('ok');
    expect(kindOf(vector(uint8) as never, '0401020304')).toBe('too-large');
    expect(kindOf(opaqueV() as never, '08' + '00'.repeat(8))).toBe('too-large');
    const nested = struct('A', { a: struct('B', { b: struct('C', { c: uint8 }) }) });
    expect(kindOf(nested as never, '01')).toBe('too-large');
  });
});

describe('values that cannot be encoded', () => {
  test.each([
    ['a fraction', uint8, 1.5],
    ['a number out of range', uint16, 65_536],
    ['a negative bigint', uint64, -1n],
    ['a byte string of the wrong length', opaque(2), hex('01')],
    ['a lone surrogate', text(9), '\ud800'],
    ['an unknown kind', shape, { kind: 'circle' }],
  ])('%s', (_, codec, value) => {
    expect(() => encode(codec as Codec<unknown>, value)).toThrow(CodecError);
  });

  test('the error names the field', () => {
    const line = { kind: 'line', ends: [{ x: 1, y: 70_000 }] } as const;
    expect(() => encode(struct('Outer', { shape: vector(point) }), { shape: line.ends })).toThrow(
      'Outer.shape[0].y at byte 0: 70000 is not an integer from 0 to 65535',
    );
  });

  test('a vector of possibly empty elements is a fault of the program', () => {
    expect(() => vector(struct('Nothing', {}))).toThrow(RangeError);
  });
});
