import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storeConformance } from './conformance.ts';
import { countingStore } from './counting.ts';
import { numberAt, numberKey, prefixEnd, recordKey } from './keys.ts';
import { makeDisk, memoryStore } from './memory.ts';
import { StoreError, whenDone, type MaybePromise, type Store } from './port.ts';
import { SortedMap } from './sorted-map.ts';

const runner = { afterEach, beforeEach, describe, expect, test };

storeConformance(runner, 'memory', () => {
  const disk = makeDisk();
  return Promise.resolve({
    open: () => Promise.resolve(memoryStore({ disk })),
    crash: (store) => Promise.resolve(store.close()),
    remove: () => Promise.resolve(),
  });
});

storeConformance(runner, 'counting over an asynchronous memory', () => {
  const disk = makeDisk();
  const later = <T>(value: MaybePromise<T>): Promise<T> => Promise.resolve(value);
  const open = (): Store => {
    const inner = memoryStore({ disk });
    return countingStore({
      read: (access) => later(inner.read(access)),
      write: (batch) => later(inner.write(batch)),
      outbox: (destination, after, limit) => later(inner.outbox(destination, after, limit)),
      destinations: () => later(inner.destinations()),
      close: () => inner.close(),
    });
  };
  return Promise.resolve({
    open: () => Promise.resolve(open()),
    crash: (store) => Promise.resolve(store.close()),
    remove: () => Promise.resolve(),
  });
});

const key = recordKey('r', Uint8Array.of(1));
const put = (value: number) => ({ puts: [{ key, value: Uint8Array.of(value) }] });
const valueOf = (store: Store): MaybePromise<number | undefined> =>
  whenDone(store.read({ heads: [key] }), ({ heads }) => heads[0]?.value?.[0]);

describe('crash points', () => {
  test.each([
    ['before', 1],
    ['after', 2],
  ] as const)('a crash %s the write leaves value %i, and the store dead', (when, expected) => {
    const disk = makeDisk();
    memoryStore({ disk }).write(put(1));
    const store = memoryStore({ disk, crashAt: (point) => point.when === when });
    expect(() => store.write(put(2))).toThrow(StoreError);
    expect(() => store.read({ heads: [key] })).toThrow(/crashed (before|after) write 1/);
    expect(valueOf(memoryStore({ disk }))).toBe(expected);
  });

  test('the hook sees every write with its number and batch', () => {
    const seen: string[] = [];
    const store = memoryStore({
      crashAt: ({ write, when, batch }) => {
        seen.push(`${when} ${write}: ${batch.puts?.[0]?.value[0]}`);
        return false;
      },
    });
    store.write(put(5));
    store.write(put(6));
    expect(seen).toEqual(['before 1: 5', 'after 1: 5', 'before 2: 6', 'after 2: 6']);
  });
});

test('counts reads, entries, writes, puts, bytes and conflicts', () => {
  const store = countingStore(memoryStore());
  store.write({
    puts: [
      { key, value: new Uint8Array(10) },
      { key: `${key}a`, value: new Uint8Array(5) },
    ],
    outbox: [{ destination: 'd', payload: new Uint8Array(7) }],
  });
  store.write({ ...put(1), expect: [{ key, version: 9 }] });
  store.read({ heads: [key], range: { from: 'a', to: 'b', limit: 5 } });
  store.outbox('d', 0, 1);
  expect(store.counts).toEqual({
    reads: 1,
    entriesRead: 1,
    writes: 2,
    conflicts: 1,
    puts: 2,
    bytesWritten: 22,
    outboxReads: 1,
  });
});

describe('keys', () => {
  test('numbers order as bytes do and come back', () => {
    const number = fc.maxSafeNat();
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(numberAt(`xx${numberKey(a)}`, 2)).toBe(a);
        expect(Math.sign(a - b)).toBe(numberKey(a) < numberKey(b) ? -1 : a === b ? 0 : 1);
      }),
    );
  });

  test('no record key begins another one', () => {
    const part = fc.uint8Array({ maxLength: 4 });
    const parts = fc.array(part, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const [one, two] = [recordKey('r', ...a), recordKey('r', ...b)];
        expect(one === two || (!one.startsWith(two) && !two.startsWith(one))).toBe(true);
      }),
    );
    expect(() => recordKey('r', new Uint8Array(256))).toThrow(RangeError);
  });

  test('a prefix ends behind all keys that begin with it', () => {
    expect(prefixEnd('ab')).toBe('ac');
    expect(prefixEnd('a\xff')).toBe('b');
    expect(() => prefixEnd('\xff')).toThrow(RangeError);
  });

  test('keys that are not bytes, empty or too long are refused', () => {
    const refused = (bad: string) => () =>
      memoryStore().write({ puts: [{ key: bad, value: new Uint8Array() }] });
    expect(refused('\u0100')).toThrow(RangeError);
    expect(refused('')).toThrow(RangeError);
    expect(refused('x'.repeat(1501))).toThrow(RangeError);
  });
});

test('the sorted map equals a sorted array over many random changes', () => {
  const map = new SortedMap<number>();
  const model = new Map<string, number>();
  let state = 1;
  const next = (n: number): number => (state = (state * 48_271) % 2_147_483_647) % n;
  for (let step = 0; step < 20_000; step++) {
    const key = numberKey(next(3000));
    const action = next(10);
    if (action < 6) {
      map.set(key, step);
      model.set(key, step);
    } else if (action < 9) {
      expect(map.delete(key)).toBe(model.delete(key));
    } else if (next(50) === 0) {
      const to = numberKey(numberAt(key) + next(1200));
      const doomed = [...model.keys()].filter((k) => k >= key && k < to);
      for (const k of doomed) model.delete(k);
      expect(map.deleteRange(key, to)).toBe(doomed.length);
    }
  }
  const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  expect([...map.range('', '\xff')]).toEqual(sorted);
  expect(map.size).toBe(model.size);
  const [from, to] = [numberKey(700), numberKey(1900)];
  expect([...map.range(from, to)]).toEqual(sorted.filter(([k]) => k >= from && k < to));
});
