/**
 * The store in memory, for tests and for virtual time. The disk outlives the store: a crash loses
 * the store, and another one opens the same disk.
 */
import { bytesKey, maxKeyBytes } from './keys.ts';
import { SortedMap } from './sorted-map.ts';
import {
  StoreError,
  type Access,
  type Batch,
  type Entry,
  type Head,
  type HeadRef,
  type Key,
  type Loaded,
  type OutboxEntry,
  type Store,
  type WriteResult,
} from './port.ts';

interface Cell {
  readonly value: Uint8Array;
  readonly version: number;
}

/** What survives a crash. */
export interface MemoryDisk {
  readonly cells: SortedMap<Cell>;
  readonly outbox: Map<string, OutboxEntry[]>;
  /** Number of the last write. */
  writes: number;
  /** Sequence of the last outbox entry. */
  lastSequence: number;
}

export const makeDisk = (): MemoryDisk => ({
  cells: new SortedMap(),
  outbox: new Map(),
  writes: 0,
  lastSequence: 0,
});

/** Where a store may crash: a write that nobody will hear of is on the disk, or it is not. */
export interface CrashPoint {
  /** 1 for the first write of this store. */
  readonly write: number;
  readonly when: 'before' | 'after';
  readonly batch: Batch;
}

export interface MemoryOptions {
  readonly disk?: MemoryDisk;
  /** Asked before and after each write is on the disk; true crashes the store. */
  readonly crashAt?: (point: CrashPoint) => boolean;
}

/** A store that answers at once. After a crash or `close`, every call throws `StoreError`. */
export function memoryStore(options: MemoryOptions = {}): Store & { readonly disk: MemoryDisk } {
  const { disk = makeDisk(), crashAt } = options;
  let writes = 0;
  let dead: string | undefined;
  const alive = (): void => {
    if (dead !== undefined) throw new StoreError(dead, 'open the disk again with a new store');
  };
  const crashing = (when: CrashPoint['when'], batch: Batch): void => {
    if (crashAt?.({ write: writes, when, batch }) !== true) return;
    dead = `the store crashed ${when} write ${writes}`;
    alive();
  };
  return {
    disk,
    read(access) {
      alive();
      return readFrom(disk, access);
    },
    write(batch) {
      alive();
      checkKeys(batch);
      writes++;
      crashing('before', batch);
      const result = apply(disk, batch);
      crashing('after', batch);
      return result;
    },
    outbox(destination, after, limit) {
      alive();
      const waiting = disk.outbox.get(destination) ?? [];
      return waiting.filter(({ sequence }) => sequence > after).slice(0, limit);
    },
    destinations() {
      alive();
      return [...disk.outbox.keys()].sort();
    },
    close() {
      dead ??= 'the store is closed';
    },
  };
}

function headOf(disk: MemoryDisk, ref: HeadRef): Head {
  const key = typeof ref === 'string' ? ref : namedBy(disk, ref.via);
  const cell = key === '' ? undefined : disk.cells.get(key);
  return { key, version: cell?.version ?? 0, value: cell?.value };
}

function namedBy(disk: MemoryDisk, index: Key): Key {
  const cell = disk.cells.get(index);
  return cell === undefined ? '' : bytesKey(cell.value);
}

function readFrom(disk: MemoryDisk, { heads: refs, range }: Access): Loaded {
  const heads = refs.map((ref) => headOf(disk, ref));
  const base = heads.length === 0 ? '' : heads[0]?.key;
  const entries: Entry[] = [];
  if (range === undefined || base === undefined || (heads.length > 0 && base === '')) {
    return { heads, entries };
  }
  for (const [key, { value }] of disk.cells.range(base + range.from, base + range.to)) {
    if (entries.length >= range.limit) break;
    entries.push({ suffix: key.slice(base.length), value });
  }
  return { heads, entries };
}

/** One character per byte. */
const bytesOnly = /^[\0-\xff]*$/;

function checkKeys({ puts = [] }: Batch): void {
  for (const { key } of puts) {
    if (key.length === 0 || key.length > maxKeyBytes) {
      throw new RangeError(`a key of ${key.length} bytes, not 1 to ${maxKeyBytes}`);
    }
    // What is not a byte would be cut off by the stores that keep bytes.
    if (!bytesOnly.test(key)) throw new RangeError('a key holds characters over U+00FF');
  }
}

const positionOf = (disk: MemoryDisk, destination: string, sequence: number): number =>
  (disk.outbox.get(destination) ?? []).findIndex((entry) => entry.sequence === sequence);

function holds(disk: MemoryDisk, { expect = [], outboxUpdates = [] }: Batch): boolean {
  return (
    expect.every(({ key, version }) => (disk.cells.get(key)?.version ?? 0) === version) &&
    outboxUpdates.every((update) => positionOf(disk, update.destination, update.sequence) >= 0)
  );
}

function apply(disk: MemoryDisk, batch: Batch): WriteResult {
  if (!holds(disk, batch)) return 'conflict';
  const version = ++disk.writes;
  for (const { from, to } of batch.deleteRanges ?? []) disk.cells.deleteRange(from, to);
  for (const key of batch.deletes ?? []) disk.cells.delete(key);
  for (const { key, value } of batch.puts ?? []) disk.cells.set(key, { value, version });
  for (const { destination, sequence, progress } of batch.outboxUpdates ?? []) {
    const waiting = disk.outbox.get(destination) ?? [];
    const at = positionOf(disk, destination, sequence);
    if (progress === undefined) waiting.splice(at, 1);
    else waiting[at] = { ...(waiting[at] as OutboxEntry), progress };
    if (waiting.length === 0) disk.outbox.delete(destination);
  }
  for (const { destination, payload } of batch.outbox ?? []) {
    const waiting = disk.outbox.get(destination) ?? [];
    disk.outbox.set(destination, waiting);
    waiting.push({ destination, payload, sequence: ++disk.lastSequence, progress: 0 });
  }
  return 'written';
}
