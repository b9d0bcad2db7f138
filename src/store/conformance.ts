/**
 * What every store must do, as one suite. `memory` passes it in memory.test.ts; the others pass it
 * in theirs.
 */
import { keyBytes, numberKey, recordKey, suffixesOf, wholeRecord } from './keys.ts';
import type { Batch, Key, Store } from './port.ts';

interface Expectation {
  toBe(value: unknown): void;
  toEqual(value: unknown): void;
  toMatchObject(value: object): void;
  toBeGreaterThan(value: number): void;
}

/** What the suite needs of a test runner; vitest has all of it. */
export interface TestRunner {
  describe(name: string, define: () => void): unknown;
  test(name: string, run: () => Promise<void>): unknown;
  beforeEach(run: () => Promise<void>): unknown;
  afterEach(run: () => Promise<void>): unknown;
  expect(value: unknown): Expectation;
}

/** A place where stores can be opened again and again. */
export interface StorePlace {
  open(): Promise<Store>;
  /** Ends the life of a store without closing it in order, as far as one process can. */
  crash(store: Store): Promise<void>;
  /** Removes what is left. */
  remove(): Promise<void>;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const record = (id: number): Key => recordKey('r', bytes(id));
const put = (key: Key, ...value: number[]): Batch => ({ puts: [{ key, value: bytes(...value) }] });

/** Contents of a store around record 1 as plain numbers. */
async function shown(store: Store, limit = 1000) {
  const range = { from: '\0', to: '\xff', limit };
  const { heads, entries } = await store.read({ heads: [record(1)], range });
  return {
    head: heads[0]?.value && [...heads[0].value],
    entries: entries.map(({ suffix, value }) => [suffix, [...value]]),
  };
}

async function versionOf(store: Store, key: Key): Promise<number> {
  const { heads } = await store.read({ heads: [key] });
  return heads[0]?.version ?? -1;
}

/** Registers the suite for the stores of `makePlace`. */
export function storeConformance(
  runner: TestRunner,
  name: string,
  makePlace: () => Promise<StorePlace>,
): void {
  const { describe, beforeEach, afterEach } = runner;
  describe(`store conformance: ${name}`, () => {
    let place: StorePlace;
    let store: Store;
    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });
    /** Crashes and opens again. */
    const restart = async (): Promise<void> => {
      await place.crash(store);
      store = await place.open();
    };
    readsAndRanges(runner, () => store);
    writesAndVersions(runner, () => store);
    outboxRules(runner, () => store, restart);
    durability(runner, () => store, restart);
    concurrency(runner, () => store);
  });
}

function readsAndRanges({ test, expect }: TestRunner, at: () => Store): void {
  test('an empty store has absent heads of version 0 and no entries', async () => {
    const { heads, entries } = await at().read({
      heads: [record(1), { via: record(2) }],
      range: suffixesOf('m', 5),
    });
    expect(heads).toEqual([
      { key: record(1), version: 0, value: undefined },
      { key: '', version: 0, value: undefined },
    ]);
    expect(entries).toEqual([]);
  });

  test('a head and a range of its entries come in byte order and within the limit', async () => {
    const keys = [0, 1, 255, 256, 65_535, 2 ** 32, 2 ** 40].map((n) => `m${numberKey(n)}`);
    const shuffled = [3, 0, 6, 2, 5, 1, 4].map((i) => keys[i] as Key);
    const puts = shuffled.map((key) => ({ key: record(1) + key, value: keyBytes(key) }));
    await at().write({ puts: [...puts, { key: record(1), value: bytes(7) }] });
    await at().write({ puts: [{ key: `${record(1)}n`, value: bytes(9) }] });
    await at().write({ puts: [{ key: record(2), value: bytes(8) }] });
    const all = await at().read({ heads: [record(1)], range: suffixesOf('m', 100) });
    expect(all.heads[0]?.value).toEqual(bytes(7));
    expect(all.entries.map((entry) => entry.suffix)).toEqual(keys);
    const some = await at().read({
      heads: [record(1)],
      range: { from: keys[1] as Key, to: keys[6] as Key, limit: 3 },
    });
    expect(some.entries.map((entry) => entry.suffix)).toEqual(keys.slice(1, 4));
    expect(some.entries[0]?.value).toEqual(keyBytes(keys[1] as Key));
  });

  test('keys order as bytes, not as text', async () => {
    const suffixes = ['\x01', 'A', 'a', '\x7f', '\x80', '\xc3\xa9', '\xfe\xff'];
    const puts = suffixes.map((suffix) => ({ key: record(1) + suffix, value: bytes(1) }));
    await at().write({ puts: [...puts].reverse() });
    const { entries } = await shown(at());
    expect(entries.map(([suffix]) => suffix)).toEqual(suffixes);
  });

  test('an index names the record, and its entries come with it in the same read', async () => {
    const index = recordKey('i', bytes(5));
    await at().write({
      puts: [
        { key: index, value: keyBytes(record(1)) },
        { key: record(1), value: bytes(1) },
        { key: `${record(1)}ma`, value: bytes(2) },
      ],
    });
    const loaded = await at().read({ heads: [{ via: index }, index], range: suffixesOf('m', 9) });
    expect(loaded.heads.map((head) => head.key)).toEqual([record(1), index]);
    expect(loaded.heads[0]?.value).toEqual(bytes(1));
    expect(loaded.entries).toEqual([{ suffix: 'ma', value: bytes(2) }]);
    const missing = await at().read({ heads: [{ via: record(9) }], range: suffixesOf('m', 9) });
    expect(missing.entries).toEqual([]);
  });

  test('without heads a range walks over whole keys', async () => {
    await at().write({ puts: [1, 2, 3].map((id) => ({ key: record(id), value: bytes(id) })) });
    const range = { from: record(2), to: recordKey('s'), limit: 10 };
    const { entries } = await at().read({ heads: [], range });
    expect(entries.map((entry) => entry.suffix)).toEqual([record(2), record(3)]);
  });
}

function writesAndVersions({ test, expect }: TestRunner, at: () => Store): void {
  test('versions grow with every put and never come back', async () => {
    await at().write(put(record(1), 1));
    const first = await versionOf(at(), record(1));
    await at().write(put(record(1), 2));
    const second = await versionOf(at(), record(1));
    await at().write({ deletes: [record(1)] });
    expect(await versionOf(at(), record(1))).toBe(0);
    await at().write(put(record(1), 1));
    const third = await versionOf(at(), record(1));
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
  });

  test('a failed expectation changes nothing at all', async () => {
    await at().write({
      ...put(record(1), 1),
      outbox: [{ destination: 'd', payload: bytes(1) }],
    });
    const [entry] = await at().outbox('d', 0, 1);
    const result = await at().write({
      expect: [
        { key: record(1), version: await versionOf(at(), record(1)) },
        { key: record(2), version: 77 },
      ],
      deleteRanges: [wholeRecord(record(1))],
      puts: [{ key: record(2), value: bytes(2) }],
      outbox: [{ destination: 'e', payload: bytes(2) }],
      outboxUpdates: [{ destination: 'd', sequence: entry?.sequence ?? 0 }],
    });
    expect(result).toBe('conflict');
    expect((await shown(at())).head).toEqual([1]);
    expect(await versionOf(at(), record(2))).toBe(0);
    expect(await at().destinations()).toEqual(['d']);
  });

  test('expecting version 0 makes a put a creation', async () => {
    const create = { ...put(record(1), 1), expect: [{ key: record(1), version: 0 }] };
    expect(await at().write(create)).toBe('written');
    expect(await at().write(create)).toBe('conflict');
  });

  test('ranges go first, then deletes, then puts', async () => {
    const puts = ['ma', 'mb', 'mc', 'n'].map((s) => ({ key: record(1) + s, value: bytes(1) }));
    await at().write({ puts: [...puts, { key: record(1), value: bytes(0) }] });
    await at().write({
      deleteRanges: [{ from: `${record(1)}ma`, to: `${record(1)}mc` }],
      deletes: [record(1)],
      puts: [
        { key: record(1), value: bytes(5) },
        { key: `${record(1)}mb`, value: bytes(6) },
      ],
    });
    expect(await shown(at())).toEqual({
      head: [5],
      entries: [
        ['mb', [6]],
        ['mc', [1]],
        ['n', [1]],
      ],
    });
    await at().write({ deleteRanges: [wholeRecord(record(1))] });
    expect(await shown(at())).toEqual({ head: undefined, entries: [] });
  });
}

function outboxRules(
  { test, expect }: TestRunner,
  at: () => Store,
  restart: () => Promise<void>,
): void {
  const send = (destination: string, ...values: number[]): Batch => ({
    outbox: values.map((value) => ({ destination, payload: bytes(value) })),
  });
  const waiting = async (destination: string, after = 0, limit = 100): Promise<number[]> =>
    (await at().outbox(destination, after, limit)).map((entry) => entry.payload[0] as number);

  test('entries wait in order, per destination, until they are done', async () => {
    await at().write(send('a', 1, 2));
    await at().write(send('b', 3));
    await at().write(send('a', 4));
    expect(await at().destinations()).toEqual(['a', 'b']);
    expect(await waiting('a')).toEqual([1, 2, 4]);
    expect(await waiting('a', 0, 2)).toEqual([1, 2]);
    const [first, second] = await at().outbox('a', 0, 2);
    expect(await waiting('a', first?.sequence)).toEqual([2, 4]);
    await at().write({
      outboxUpdates: [
        { destination: 'a', sequence: first?.sequence ?? 0 },
        { destination: 'a', sequence: second?.sequence ?? 0, progress: 3 },
      ],
    });
    expect(await waiting('a')).toEqual([2, 4]);
    expect((await at().outbox('a', 0, 1))[0]).toMatchObject({ progress: 3 });
  });

  test('an entry is done once: the second update is a conflict and changes nothing', async () => {
    await at().write(send('a', 1));
    const [entry] = await at().outbox('a', 0, 1);
    const done = { outboxUpdates: [{ destination: 'a', sequence: entry?.sequence ?? 0 }] };
    expect(await at().write({ ...done, ...put(record(1), 1) })).toBe('written');
    expect(await at().write({ ...done, ...put(record(1), 2) })).toBe('conflict');
    expect((await shown(at())).head).toEqual([1]);
    expect(await at().destinations()).toEqual([]);
  });

  test('sequences grow over a restart, even when the outbox was empty', async () => {
    await at().write(send('a', 1));
    const sequence = (await at().outbox('a', 0, 1))[0]?.sequence ?? 0;
    await at().write({ outboxUpdates: [{ destination: 'a', sequence }] });
    await restart();
    await at().write(send('a', 2));
    expect((await at().outbox('a', 0, 1))[0]?.sequence).toBeGreaterThan(sequence);
  });
}

function durability(
  { test, expect }: TestRunner,
  at: () => Store,
  restart: () => Promise<void>,
): void {
  test('what was acknowledged survives a crash, with versions and outbox', async () => {
    await at().write({
      puts: [
        { key: record(1), value: bytes(1) },
        { key: `${record(1)}ma`, value: bytes(2) },
      ],
      outbox: [{ destination: 'a', payload: bytes(3) }],
    });
    const version = await versionOf(at(), record(1));
    const before = [await shown(at()), await at().outbox('a', 0, 9)];
    await restart();
    expect([await shown(at()), await at().outbox('a', 0, 9)]).toEqual(before);
    expect(await versionOf(at(), record(1))).toBe(version);
    await at().write(put(record(2), 2));
    expect(await versionOf(at(), record(2))).toBeGreaterThan(version);
  });

  test('large values survive whole', async () => {
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);
    await at().write({ puts: [{ key: record(1), value: large }] });
    await restart();
    expect((await at().read({ heads: [record(1)] })).heads[0]?.value).toEqual(large);
  });
}

function concurrency({ test, expect }: TestRunner, at: () => Store): void {
  test('of writers that expect one version one wins; with retries nothing is lost', async () => {
    const increment = async (): Promise<number> => {
      for (let attempts = 1; ; attempts++) {
        const [head] = (await at().read({ heads: [record(1)] })).heads;
        const next = (head?.value?.[0] ?? 0) + 1;
        const expected = [{ key: record(1), version: head?.version ?? 0 }];
        // Others may come in between, whatever the store.
        await Promise.resolve();
        const result = await at().write({ ...put(record(1), next), expect: expected });
        if (result === 'written') return attempts;
      }
    };
    const attempts = await Promise.all(Array.from({ length: 20 }, increment));
    expect((await shown(at())).head).toEqual([20]);
    expect(Math.max(...attempts)).toBeGreaterThan(1);
  });

  test('writes that are issued together are all applied, in the order of issue', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => at().write(put(record(1), i))),
    );
    expect(new Set(results)).toEqual(new Set(['written']));
    expect((await shown(at())).head).toEqual([49]);
  });
}
