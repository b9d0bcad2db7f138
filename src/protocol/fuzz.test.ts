import { describe, expect, test } from 'vitest';
import { allCodecs } from './all-codecs.ts';
import { decode, encode, opaqueV, type Codec } from './codec/index.ts';
import { fuzzDecoders, pickFrom } from './fuzz.ts';

test('every structure and body round-trips, in exactly its announced size', () => {
  const pick = pickFrom(7);
  expect(allCodecs.size).toBeGreaterThan(150);
  for (const [name, codec] of allCodecs) {
    for (let i = 0; i < 20; i++) {
      const value = codec.sample(pick);
      const bytes = encode(codec, value);
      expect(bytes.length, name).toBe(codec.size(value));
      expect(bytes.length, name).toBeGreaterThanOrEqual(codec.minSize);
      expect(decode(codec, bytes), name).toEqual({ ok: true, value });
    }
  }
});

describe('the fuzzer', () => {
  test('finds nothing in any decoder, and is bounded in memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    const report = fuzzDecoders(200, 42);
    expect(report.failures).toEqual([]);
    expect(report.accepted).toBeGreaterThan(report.inputs / 10);
    expect(report.refused).toBeGreaterThan(report.inputs / 2);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(256 << 20);
  });

  test('replays from its seed', () => {
    const some = new Map([...allCodecs].slice(0, 5));
    expect(fuzzDecoders(50, 3, some)).toEqual(fuzzDecoders(50, 3, some));
    expect(fuzzDecoders(50, 3, some)).not.toEqual(fuzzDecoders(50, 4, some));
  });

  // The tester is tested: decoders with known defects must be caught.
  const broken = (change: Partial<Codec<Uint8Array>>): ReadonlyMap<string, Codec<unknown>> =>
    new Map([['broken', { ...opaqueV(), ...change } as Codec<unknown>]]);

  test('catches a decoder that throws another error', () => {
    const read = (): never => {
      throw new TypeError('oops');
    };
    expect(fuzzDecoders(5, 1, broken({ read })).failures[0]?.what).toContain('oops');
  });

  test('catches a decoder that is not canonical', () => {
    const read: Codec<Uint8Array>['read'] = (reader) => {
      reader.position = reader.end;
      return new Uint8Array(3);
    };
    const [failure] = fuzzDecoders(20, 1, broken({ read })).failures;
    expect(failure?.what).toBe('decodes, but encodes to other bytes');
  });
});
