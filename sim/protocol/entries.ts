/**
 * Entries of queues as the observer sees them: when each was enqueued, and whether its owner was
 * online then. Found in the batches that reach the disk, so that a crash cannot part the books from
 * the queues.
 */
import { storedEntry } from '../../src/homeserver/qs/queue.ts';
import type { Batch, Key } from '../../src/store/port.ts';

/** An entry of a queue in a batch. */
export interface PutEntry {
  /** Key of the client record. */
  readonly record: Key;
  readonly lane: 1 | 2;
  readonly sequence: number;
  readonly bytes: number;
}

const recordLength = 3 + 17 + 17;
const suffixLength = 1 + 8;
const sealedTag = 1;

/** Messages (not ratchet updates) that a batch puts into queues. */
export function entriesOf({ puts = [] }: Batch): PutEntry[] {
  const found: PutEntry[] = [];
  for (const { key, value } of puts) {
    if (!key.startsWith('qc:') || key.length !== recordLength + suffixLength) continue;
    const letter = key[recordLength];
    if (letter !== 'm' && letter !== 'n') continue;
    const { entry } = storedEntry(value);
    if (entry[0] !== sealedTag) continue;
    const sequence = numberOf(key.slice(recordLength + 1));
    const lane = letter === 'm' ? 1 : 2;
    found.push({ record: key.slice(0, recordLength), lane, sequence, bytes: entry.length });
  }
  return found;
}

function numberOf(key: Key): number {
  let value = 0;
  for (let i = 0; i < key.length; i++) value = value * 256 + key.charCodeAt(i);
  return value;
}
