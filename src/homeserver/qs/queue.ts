/**
 * One fan-out queue: two lanes, each with ratchet, quota and retention. A `Queue` is a working copy
 * of a client record inside one step of the core; what it collects becomes part of the step's
 * batch.
 */
import { concat } from '../../crypto/bytes.ts';
import { Writer } from '../../protocol/codec/bytes.ts';
import { encode, type Decoded } from '../../protocol/codec/index.ts';
import { sealEntry, updateEntry, type RatchetState } from '../../protocol/queue-ratchet.ts';
import { lanes, type HpkePublicKey, type Lane } from '../../protocol/wire/identifiers.ts';
import { queueEntry, type QueueEntry } from '../../protocol/wire/queue-messages.ts';
import { entryKey } from '../../store/keys.ts';
import type { Batch, Key } from '../../store/port.ts';
import type { Env } from '../core.ts';
import {
  hotBytes,
  laneBytes,
  readLane,
  readRules,
  writeLane,
  writeRules,
  type LaneState,
  type QueueRules,
} from './head.ts';
import {
  clientParts,
  clientRecord,
  laneSegments,
  messageSuffix,
  stored,
  type ClientRecord,
  type LaneSegments,
} from './records.ts';

type Parts = Decoded<typeof clientParts>;

export interface Queue {
  readonly key: Key;
  lane(of: Lane): LaneState;
  rules(): QueueRules;
  segments(of: Lane): LaneSegments;
  record(): ClientRecord;
  setLane(of: Lane, state: LaneState): void;
  setRules(rules: QueueRules): void;
  setSegments(of: Lane, segments: LaneSegments): void;
  setRecord(record: ClientRecord): void;
  /** The changed head and new entries; no head when nothing changed. */
  puts(): { key: Key; value: Uint8Array }[];
  readonly entries: { key: Key; value: Uint8Array }[];
  readonly deleteRanges: { from: Key; to: Key }[];
}

const partNames = { [lanes.ham]: 'ham_segments', [lanes.spam]: 'spam_segments' } as const;
const offsets = { [lanes.ham]: 0, [lanes.spam]: laneBytes } as const;

/** The queue of a stored head; parts are decoded when they are first asked for. */
export function openQueue(key: Key, head: Uint8Array): Queue {
  let hot: Uint8Array | undefined;
  let parts: Parts | undefined;
  let changedParts: Parts | undefined;
  let record: ClientRecord | undefined;
  const laneStates: Partial<Record<Lane, LaneState>> = {};
  const partsOf = (): Parts => (parts ??= stored(clientParts, head.subarray(hotBytes)));
  const change = (part: Partial<Parts>): void => {
    changedParts = { ...(changedParts ?? partsOf()), ...part };
  };
  const writable = (): Uint8Array => (hot ??= head.slice(0, hotBytes));
  const entries: Queue['entries'] = [];
  return {
    key,
    entries,
    deleteRanges: [],
    lane: (of) => (laneStates[of] ??= readLane(hot ?? head, offsets[of])),
    segments: (of) => stored(laneSegments, (changedParts ?? partsOf())[partNames[of]]),
    record: () => (record ??= stored(clientRecord, partsOf().record)),
    setLane(of, state) {
      laneStates[of] = state;
      writeLane(writable(), offsets[of], state);
    },
    rules: () => readRules(hot ?? head),
    setRules: (rules) => writeRules(writable(), rules),
    setSegments: (of, segments) => change({ [partNames[of]]: encode(laneSegments, segments) }),
    setRecord(next) {
      record = next;
      change({ record: encode(clientRecord, next) });
    },
    puts() {
      if (hot === undefined && changedParts === undefined) return entries;
      const cold = changedParts ? encode(clientParts, changedParts) : head.subarray(hotBytes);
      return [{ key, value: concat(hot ?? head.subarray(0, hotBytes), cold) }, ...entries];
    },
  };
}

/** A queue for a new client record: both lanes begin with the start of their ratchet. */
export function createQueue(key: Key, record: ClientRecord, env: Env, twoLanes: 0 | 1 = 0): Queue {
  const segments = encode(laneSegments, []);
  const parts = {
    ham_segments: segments,
    spam_segments: segments,
    record: encode(clientRecord, record),
  };
  const queue = openQueue(key, concat(new Uint8Array(hotBytes), encode(clientParts, parts)));
  queue.setRules({
    two_lanes: twoLanes,
    default_label: 1,
    unknown_source_is_spam: 0,
    max_messages_per_hour: undefined,
    max_group_size: undefined,
    tracked_from: 0,
    groups: 0,
  });
  for (const each of [lanes.ham, lanes.spam]) startChain(queue, each, env);
  return queue;
}

/** From now on the owner reads two lanes. */
export function tellLanesApart(queue: Queue): void {
  const rules = queue.rules();
  if (rules.two_lanes === 1) return;
  queue.setRules({ ...rules, two_lanes: 1, tracked_from: queue.lane(lanes.ham).next });
}

/** What the queue adds to a batch. */
export function changesOf(queue: Queue): Required<Pick<Batch, 'puts' | 'deleteRanges'>> {
  return { puts: queue.puts(), deleteRanges: queue.deleteRanges };
}

/** Entries a lane holds, ratchet updates included. */
export const heldBy = (lane: LaneState): number => lane.next - lane.first;
export const heldBytes = (lane: LaneState): number => lane.bytes - lane.bytes_before_first;

/** A stored entry: the bytes enqueued before it, a float64, then the entry as it travels. */
export function storedEntry(value: Uint8Array): { bytesBefore: number; entry: Uint8Array } {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return { bytesBefore: view.getFloat64(0), entry: value.subarray(8) };
}

function putEntry(queue: Queue, of: Lane, entry: QueueEntry, state: RatchetState): void {
  const lane = queue.lane(of);
  const size = queueEntry.size(entry);
  const writer = new Writer(8 + size);
  writer.view.setFloat64(0, lane.bytes);
  writer.position = 8;
  queueEntry.write(writer, entry);
  const key = entryKey(queue.key, messageSuffix(of, entry.sequence));
  queue.entries.push({ key, value: writer.bytes });
  queue.setLane(of, {
    ...lane,
    suite: state.suite,
    ratchet_key: state.key,
    next: state.sequence,
    bytes: lane.bytes + size,
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
  const { next, bytes } = queue.lane(of);
  const segment = { started_at: env.nowMs, first: next, bytes_before: bytes };
  // A segment that holds nothing gives way.
  const held = queue.segments(of).filter(({ first }) => first < next);
  refreshChain(queue, of, env, true);
  setSegments(queue, of, [...held.slice(-(maxSegments - 1)), segment], env);
}

/**
 * Segments of a lane at most. Frequent changes of keys merge the oldest ones: kept longer, not
 * lost.
 */
const maxSegments = 64;
/** Retention is exact to one part in so many. */
const segmentsPerRetention = 8;

/** Keeps the segments, and when to look at them next: to begin one, or to drop one. */
function setSegments(queue: Queue, of: Lane, segments: LaneSegments, env: Env): void {
  const { retentionMs } = env.policy.limits;
  const beginAt = (segments.at(-1)?.started_at ?? -Infinity) + retentionMs / segmentsPerRetention;
  // Segment i ended when segment i + 1 began; the last one is still open.
  const dropAt = (segments[1]?.started_at ?? Infinity) + retentionMs;
  queue.setSegments(of, segments);
  queue.setLane(of, { ...queue.lane(of), due_at: Math.min(beginAt, dropAt) });
}

/** Drops what is too old, and begins a segment when it is time: seldom, by `due_at`. */
function turnSegments(queue: Queue, of: Lane, env: Env): void {
  const { retentionMs } = env.policy.limits;
  const segments = queue.segments(of);
  let expired = 0;
  while ((segments[expired + 1]?.started_at ?? Infinity) < env.nowMs - retentionMs) expired++;
  const kept = segments.slice(expired);
  const lane = queue.lane(of);
  const { first: boundary = 0, bytes_before = 0 } = kept[0] ?? {};
  if (expired > 0 && boundary > lane.first) {
    const lost = boundary - lane.first;
    env.counters.add('qs.dropped', lost);
    dropBelow(queue, of, boundary, bytes_before);
    queue.setLane(of, { ...queue.lane(of), dropped: lane.dropped + lost });
  }
  setSegments(queue, of, kept, env);
  const openedAt = kept.at(-1)?.started_at ?? -Infinity;
  if (env.nowMs - openedAt >= retentionMs / segmentsPerRetention) startChain(queue, of, env);
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
 * Appends messages to a lane, all or none: `full` is counted in the lane, where the owner's
 * operator sees it. One encryption each; one encapsulation at every ratchet update.
 */
export function append(
  queue: Queue,
  of: Lane,
  messages: readonly Uint8Array[],
  env: Env,
): 'appended' | 'full' {
  if (env.nowMs >= queue.lane(of).due_at) turnSegments(queue, of, env);
  const bytes = messages.reduce((sum, message) => sum + message.length, 0);
  const lane = queue.lane(of);
  if (!hasRoom(lane, messages.length, bytes, env)) {
    queue.setLane(of, { ...lane, refused: lane.refused + messages.length });
    return 'full';
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
