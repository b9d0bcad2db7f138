/** A store that counts what passes through it; tests assert the budget of a request with it. */
import { whenDone, type Store } from './port.ts';

export interface StoreCounts {
  reads: number;
  /** Entries of ranges that were returned. */
  entriesRead: number;
  writes: number;
  conflicts: number;
  puts: number;
  /** Bytes of values put and of outbox payloads. */
  bytesWritten: number;
  outboxReads: number;
}

export const noCounts = (): StoreCounts => ({
  reads: 0,
  entriesRead: 0,
  writes: 0,
  conflicts: 0,
  puts: 0,
  bytesWritten: 0,
  outboxReads: 0,
});

/** The same store; `counts` grows with every call, and may be reset by assigning zeros. */
export function countingStore(
  store: Store,
  counts: StoreCounts = noCounts(),
): Store & { readonly counts: StoreCounts } {
  const bytes = (values: readonly { readonly length: number }[]): number =>
    values.reduce((sum, value) => sum + value.length, 0);
  return {
    counts,
    read(access) {
      counts.reads++;
      return whenDone(store.read(access), (loaded) => {
        counts.entriesRead += loaded.entries.length;
        return loaded;
      });
    },
    write(batch) {
      counts.writes++;
      return whenDone(store.write(batch), (result) => {
        if (result === 'conflict') counts.conflicts++;
        else {
          const { puts = [], outbox = [] } = batch;
          counts.puts += puts.length;
          counts.bytesWritten += bytes(puts.map((put) => put.value));
          counts.bytesWritten += bytes(outbox.map((entry) => entry.payload));
        }
        return result;
      });
    },
    outbox(destination, after, limit) {
      counts.outboxReads++;
      return store.outbox(destination, after, limit);
    },
    destinations: () => store.destinations(),
    close: () => store.close(),
  };
}
