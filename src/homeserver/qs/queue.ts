/**
 * One fan-out queue: two lanes, each with ratchet, quota and retention. A `Queue` is a working copy of
 * a client record inside one step of the core; what it collects becomes part of the step's batch.
 */
import { concat } from '../../crypto/bytes.ts';
import { encode } from '../../protocol/codec/index.ts';
import { sealEntry, updateEntry, type RatchetState } from '../../protocol/queue-ratchet.ts';
import { lanes, type HpkePublicKey, type Lane } from '../../protocol/wire/identifiers.ts';
import { queueEntry, type QueueEntry } from '../../protocol/wire/queue-messages.ts';
import { entryKey, keyBytes, numberAt, numberKey, bytesKey } from '../../store/keys.ts';
import type { Batch, Key } from '../../store/port.ts';
import type { Env } from '../core.ts';
import {
  clientHead,
  clientRecord,
  laneState,
  messageSuffix,
  stored,
  type ClientRecord,
  type LaneState,
} from './records.ts';

export interface Queue {
  readonly key: Key;
  lane(of: Lane): LaneState;
  record(): ClientRecord;
  setLane(of: Lane, state: LaneState): void;
  setRecord(record: ClientRecord): void;
  readonly puts: { key: Key; value: Uint8Array }[];
  readonly deleteRanges: { from: Key; to: Key }[];
}

const laneFields = { [lanes.ham]: 'ham', [lanes.spam]: 'spam' } as const;

/** The queue of a stored head; parts are decoded when they are first asked for. */
export function openQueue(key: Key, head: Uint8Array): Queue {
  const raw = stored(clientHead, head);
  const opened: { ham?: LaneState; spam?: LaneState; record?: ClientRecord } = {};
  const changed = { ...raw };
  const puts: Queue['puts'] = [];
  const headPut = { key, value: head };
  const change = (field: 'ham' | 'spam' | 'record', bytes: Uint8Array): void => {
    changed[field] = bytes;
    if (!puts.includes(headPut)) puts.push(headPut);
    headPut.value = encode(clientHead, changed);
  };
  return {
    key,
    puts,
    deleteRanges: [],
    lane: (of) => (opened[laneFields[of]] ??= stored(laneState, raw[laneFields[of]])),
    record: () => (opened.record ??= stored(clientRecord, raw.record)),
    setLane(of, state) {
      opened[laneFields[of]] = state;
      change(laneFields[of], encode(laneState, state));
    },
    setRecord(record) {
      opened.record = record;
      change('record', encode(clientRecord, record));
    },
  };
}

const noLane: LaneState = {
  suite: 0,
  ratchet_key: new Uint8Array(),
  first: 0,
  next: 0,
  bytes: 0,
  bytes_before_first: 0,
  since_update: 0,
  segments: [],
  dropped: 0,
  refused: 0,
};

/** A queue for a new client record: both lanes begin with the start of their ratchet. */
export function createQueue(key: Key, record: ClientRecord, env: Env): Queue {
  const lane = encode(laneState, noLane);
  const empty = { ham: lane, spam: lane, record: encode(clientRecord, record) };
  const queue = openQueue(key, encode(clientHead, empty));
  for (const each of [lanes.ham, lanes.spam]) startChain(queue, each, env);
  return queue;
}

/** What the queue adds to a batch. */
export function changesOf(queue: Queue): Required<Pick<Batch, 'puts' | 'deleteRanges'>> {
  return { puts: queue.puts, deleteRanges: queue.deleteRanges };
}

/** Entries a lane holds, ratchet updates included. */
export const heldBy = (lane: LaneState): number => lane.next - lane.first;
export const heldBytes = (lane: LaneState): number => lane.bytes - lane.bytes_before_first;

/** A stored entry: the bytes enqueued before it, eight bytes, then the entry as it travels. */
export function storedEntry(value: Uint8Array): { bytesBefore: number; entry: Uint8Array } {
  const bytesBefore = numberAt(bytesKey(value.subarray(0, 8)));
  return { bytesBefore, entry: value.subarray(8) };
}

function putEntry(queue: Queue, of: Lane, entry: QueueEntry, state: RatchetState): void {
  const lane = queue.lane(of);
  const encoded = encode(queueEntry, entry);
  const key = entryKey(queue.key, messageSuffix(of, entry.sequence));
  queue.puts.push({ key, value: concat(keyBytes(numberKey(lane.bytes)), encoded) });
  queue.setLane(of, {
    ...lane,
    suite: state.suite,
    ratchet_key: state.key,
    next: state.sequence,
    bytes: lane.bytes + encoded.length,
    since_update: entry.kind === 'sealed' ? lane.since_update + 1 : 0,
  });
}

const ratchetOf = (lane: LaneState): RatchetState => ({
  suite: lane.suite,
  key: lane.ratchet_key,
  sequence: lane.next,
});

function refreshChain(queue: Queue, of: Lane, env: Env, fresh: boolean): void {
  const owner: HpkePublicKey = queue.record().queue_encryption_key;
  const suite = env.suite(owner.suite);
  if (suite === undefined) throw new RangeError(`suite ${owner.suite} of a queue is gone`);
  const lane = queue.lane(of);
  const from = fresh ? { sequence: lane.next } : { sequence: lane.next, previous: ratchetOf(lane) };
  env.counters.add('crypto.asymmetric');
  env.counters.add('qs.ratchet_updates');
  const { entry, state } = updateEntry(suite, owner.key, of, from, env.random);
  putEntry(queue, of, entry, state);
}

/** Begins a chain and a segment: at creation, with a new key, and once per segment length. */
export function startChain(queue: Queue, of: Lane, env: Env): void {
  const { next, bytes, segments } = queue.lane(of);
  const segment = { started_at: env.nowMs, first: next, bytes_before: bytes };
  // A segment that holds nothing gives way.
  const held = segments.filter(({ first }) => first < next).slice(-(maxSegments - 1));
  refreshChain(queue, of, env, true);
  queue.setLane(of, { ...queue.lane(of), segments: [...held, segment] });
}

/** Segments of a lane at most. Frequent changes of keys merge the oldest ones: kept longer, not lost. */
const maxSegments = 64;
/** Retention is exact to one part in so many. */
const segmentsPerRetention = 8;

/** Drops segments whose last message is older than the retention; counted, and seen by the owner as lost. */
function dropOld(queue: Queue, of: Lane, env: Env): void {
  const lane = queue.lane(of);
  const { segments } = lane;
  const oldest = env.nowMs - env.policy.limits.retentionMs;
  let expired = 0;
  // Segment i ended when segment i + 1 began; the last one is still open.
  while ((segments[expired + 1]?.started_at ?? Infinity) < oldest) expired++;
  if (expired === 0) return;
  const kept = segments.slice(expired);
  const { first: boundary = lane.first, bytes_before = lane.bytes_before_first } = kept[0] ?? {};
  if (boundary <= lane.first) {
    queue.setLane(of, { ...lane, segments: kept });
    return;
  }
  const lost = boundary - lane.first;
  env.counters.add('qs.dropped', lost);
  dropBelow(queue, of, boundary, bytes_before);
  queue.setLane(of, { ...queue.lane(of), segments: kept, dropped: lane.dropped + lost });
}

/** Deletes the entries below `boundary`; `bytesBefore` is the byte count at the boundary. */
export function dropBelow(queue: Queue, of: Lane, boundary: number, bytesBefore: number): void {
  const lane = queue.lane(of);
  queue.deleteRanges.push({
    from: entryKey(queue.key, messageSuffix(of, lane.first)),
    to: entryKey(queue.key, messageSuffix(of, boundary)),
  });
  queue.setLane(of, { ...lane, first: boundary, bytes_before_first: bytesBefore });
}

/** Whether the lane takes `messages` more of `bytes` bytes in all. */
function hasRoom(lane: LaneState, messages: number, bytes: number, env: Env): boolean {
  const { laneMessages, laneBytes } = env.policy.limits;
  return heldBy(lane) + messages <= laneMessages && heldBytes(lane) + bytes <= laneBytes;
}

/**
 * Appends messages to a lane, all or none: `full` is counted in the lane, where the owner's operator
 * sees it. One encryption each; one encapsulation at every ratchet update.
 */
export function append(
  queue: Queue,
  of: Lane,
  messages: readonly Uint8Array[],
  env: Env,
): 'appended' | 'full' {
  dropOld(queue, of, env);
  const bytes = messages.reduce((sum, message) => sum + message.length, 0);
  const lane = queue.lane(of);
  if (!hasRoom(lane, messages.length, bytes, env)) {
    queue.setLane(of, { ...lane, refused: lane.refused + messages.length });
    return 'full';
  }
  const segmentMs = env.policy.limits.retentionMs / segmentsPerRetention;
  if (env.nowMs - (lane.segments.at(-1)?.started_at ?? -Infinity) >= segmentMs) {
    startChain(queue, of, env);
  }
  for (const message of messages) {
    if (queue.lane(of).since_update >= env.policy.limits.ratchetUpdateMessages) {
      refreshChain(queue, of, env, false);
    }
    const current = queue.lane(of);
    const suite = env.suite(current.suite);
    if (suite === undefined) throw new RangeError(`suite ${current.suite} of a queue is gone`);
    const { entry, state } = sealEntry(suite, ratchetOf(current), of, message);
    putEntry(queue, of, entry, state);
  }
  return 'appended';
}
