/**
 * The Store port: what a homeserver keeps, as ordered bytes.
 *
 * A *record* is a head and the entries under it: the head stands at the record's key, entries at
 * that key followed by a suffix, so a head and a range of its entries are adjacent and cost one
 * read. A request costs at most one `read` and one `write`; the write is atomic and holds
 * everything that follows from the request, messages to other records and homeservers (the outbox)
 * included.
 *
 * Concurrency is optimistic: every head read has a version, and a write that expects another
 * version than the current one changes nothing and answers `conflict`. Shells that serialize the
 * requests of a record never meet one; several processes on one store do, and run the request
 * again.
 */

/** A value, or a promise of one: memory answers at once, disks later. Go on with `whenDone`. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * A byte string: every character stands for one byte (U+0000 to U+00FF), so that keys compare as
 * bytes do and serve in maps. Made by `recordKey` and `entryKey`. At most 1,500 bytes.
 */
export type Key = string;

/** Entries of a record by suffix, in ascending byte order. */
export interface Range {
  /** First suffix, inclusive; not empty (the empty suffix is the head). */
  readonly from: Key;
  /** End, exclusive. */
  readonly to: Key;
  /** Most entries to return; at least 1. */
  readonly limit: number;
}

/**
 * The key of a record, or an index entry that names it: its value is the record's key. Reading
 * through an index is part of the same read (one transaction, one round trip).
 */
export type HeadRef = Key | { readonly via: Key };

/** Everything one request reads. */
export interface Access {
  /** Heads wanted, in the order in which they are returned. */
  readonly heads: readonly HeadRef[];
  /** Entries of the first record wanted; without heads, suffixes are whole keys. */
  readonly range?: Range;
}

export interface Head {
  /** Key of the record; empty when an index has no such entry. */
  readonly key: Key;
  /** 0 when absent, otherwise the number of the write that put it: never the same twice. */
  readonly version: number;
  readonly value: Uint8Array | undefined;
}

export interface Entry {
  /** Suffix behind the record's key; the whole key where there was no head. */
  readonly suffix: Key;
  readonly value: Uint8Array;
}

export interface Loaded {
  readonly heads: readonly Head[];
  readonly entries: readonly Entry[];
}

/** A message that leaves the record: it is delivered at least once, in order per destination. */
export interface Outgoing {
  readonly destination: string;
  readonly payload: Uint8Array;
}

export interface OutboxEntry extends Outgoing {
  /** Grows along a destination; never used again, not after a restart either. */
  readonly sequence: number;
  /** How much of it is done, as the deliverer counts; 0 at first. */
  readonly progress: number;
}

/** Progress on an outbox entry; without `progress` it is delivered and removed. */
export interface OutboxUpdate {
  readonly destination: string;
  readonly sequence: number;
  readonly progress?: number;
}

/** One atomic write. Applied in this order: expectations, ranges, deletes, puts, outbox. */
export interface Batch {
  /** Versions that must be current; 0 for a key that must be absent. */
  readonly expect?: readonly { readonly key: Key; readonly version: number }[];
  /** Whole keys: `from` inclusive, `to` exclusive. */
  readonly deleteRanges?: readonly { readonly from: Key; readonly to: Key }[];
  readonly deletes?: readonly Key[];
  readonly puts?: readonly { readonly key: Key; readonly value: Uint8Array }[];
  readonly outbox?: readonly Outgoing[];
  readonly outboxUpdates?: readonly OutboxUpdate[];
}

/** `conflict`: an expectation failed, or an outbox entry of an update is gone; nothing changed. */
export type WriteResult = 'written' | 'conflict';

export interface Store {
  /** A consistent view of one moment. Values must not be changed by the caller. */
  read(access: Access): MaybePromise<Loaded>;
  /** When it answers `written`, the batch survives a crash; before that, all or nothing of it. */
  write(batch: Batch): MaybePromise<WriteResult>;
  /** Undelivered entries of one destination, oldest first, beyond `after` (0 for all). */
  outbox(destination: string, after: number, limit: number): MaybePromise<readonly OutboxEntry[]>;
  /** Destinations with undelivered entries, in byte order. */
  destinations(): MaybePromise<readonly string[]>;
  close(): MaybePromise<void>;
}

/** Goes on with a value now, or with a promised one later. Keeps synchronous stores synchronous. */
export function whenDone<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/**
 * The store failed: disk full, connection lost, crashed. Nothing is known about a pending write.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly remedy: string;
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
