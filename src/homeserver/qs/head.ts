/**
 * What every message needs of a client record, at fixed places of its head: two lanes, the rules by
 * which groups are sorted, and what the queue knows of a group. House rule broken: offsets by hand
 * instead of codecs, which took as long per message as its cryptography.
 */

export interface LaneState {
  readonly suite: number;
  readonly ratchet_key: Uint8Array;
  /** Sequence number of the oldest entry; those below were dequeued or dropped. */
  readonly first: number;
  readonly next: number;
  /** Bytes ever enqueued; the difference is what the lane holds. */
  readonly bytes: number;
  readonly bytes_before_first: number;
  /** Messages since the last update of the ratchet. */
  readonly since_update: number;
  /** Entries dropped because of their age, and messages refused because the lane was full. */
  readonly dropped: number;
  readonly refused: number;
  /** When the segments are to be looked at next, in milliseconds since 1970. */
  readonly due_at: number;
}

/** Eight float64 (exact for integers below 2^53), suite, key length, key of at most 64 bytes. */
export const laneBytes = 64 + 2 + 1 + 64;

/** The lane at `offset`; its key is a view. */
export function readLane(bytes: Uint8Array, offset: number): LaneState {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, laneBytes);
  return {
    suite: view.getUint16(64),
    ratchet_key: bytes.subarray(offset + 67, offset + 67 + view.getUint8(66)),
    first: view.getFloat64(0),
    next: view.getFloat64(8),
    bytes: view.getFloat64(16),
    bytes_before_first: view.getFloat64(24),
    since_update: view.getFloat64(32),
    dropped: view.getFloat64(40),
    refused: view.getFloat64(48),
    due_at: view.getFloat64(56),
  };
}

/** Writes the lane over what is at `offset`. */
export function writeLane(bytes: Uint8Array, offset: number, lane: LaneState): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, laneBytes);
  view.setFloat64(0, lane.first);
  view.setFloat64(8, lane.next);
  view.setFloat64(16, lane.bytes);
  view.setFloat64(24, lane.bytes_before_first);
  view.setFloat64(32, lane.since_update);
  view.setFloat64(40, lane.dropped);
  view.setFloat64(48, lane.refused);
  view.setFloat64(56, lane.due_at);
  view.setUint16(64, lane.suite);
  view.setUint8(66, lane.ratchet_key.length);
  bytes.set(lane.ratchet_key, offset + 67);
}

/** The owner's rules, and counts that bound the queue. */
export interface QueueRules {
  /** Whether the owner reads two lanes: it speaks v2. */
  readonly two_lanes: 0 | 1;
  readonly default_label: 1 | 2;
  readonly unknown_source_is_spam: 0 | 1;
  readonly max_messages_per_hour: number | undefined;
  readonly max_group_size: number | undefined;
  /** HAM entries below this number may be of any group: they came before lanes were told apart. */
  readonly tracked_from: number;
  /** Groups remembered. */
  readonly groups: number;
}

/** Four float64, three flags. */
export const rulesBytes = 35;
const rulesAt = 2 * laneBytes;
/** Where what is decoded on demand begins. */
export const hotBytes = rulesAt + rulesBytes;

const none = -1;
const orNone = (value: number): number | undefined => (value === none ? undefined : value);

export function readRules(head: Uint8Array): QueueRules {
  const view = new DataView(head.buffer, head.byteOffset + rulesAt, rulesBytes);
  return {
    two_lanes: view.getUint8(32) === 1 ? 1 : 0,
    default_label: view.getUint8(33) === 2 ? 2 : 1,
    unknown_source_is_spam: view.getUint8(34) === 1 ? 1 : 0,
    max_messages_per_hour: orNone(view.getFloat64(0)),
    max_group_size: orNone(view.getFloat64(8)),
    tracked_from: view.getFloat64(16),
    groups: view.getFloat64(24),
  };
}

export function writeRules(head: Uint8Array, rules: QueueRules): void {
  const view = new DataView(head.buffer, head.byteOffset + rulesAt, rulesBytes);
  view.setFloat64(0, rules.max_messages_per_hour ?? none);
  view.setFloat64(8, rules.max_group_size ?? none);
  view.setFloat64(16, rules.tracked_from);
  view.setFloat64(24, rules.groups);
  view.setUint8(32, rules.two_lanes);
  view.setUint8(33, rules.default_label);
  view.setUint8(34, rules.unknown_source_is_spam);
}

/** What an owner can say of a group. */
export const groupLabels = { accepted: 1, pending: 2, blocked: 3 } as const;

export interface GroupRecord {
  /** Given by the owner, or by a rule that sticks; 0: the rules decide. */
  readonly label: 0 | (typeof groupLabels)[keyof typeof groupLabels];
  /** The lane of the last message; 0: not known. */
  readonly lane: 0 | 1 | 2;
  /** One above the sequence number of the group's last entry in each lane; 0: never any. */
  readonly ham_end: number;
  readonly spam_end: number;
  /** Digest of the queue config whose signature was verified; empty for plain ones. */
  readonly config_digest: Uint8Array;
  /** Domain of the group's homeserver, in ASCII. */
  readonly source: Uint8Array;
}

/** Two float64, label, lane, length of the digest; digest; source. */
const groupBytes = 19;

export function encodeGroup(group: GroupRecord): Uint8Array {
  const { config_digest, source } = group;
  const bytes = new Uint8Array(groupBytes + config_digest.length + source.length);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, group.ham_end);
  view.setFloat64(8, group.spam_end);
  bytes[16] = group.label;
  bytes[17] = group.lane;
  bytes[18] = config_digest.length;
  bytes.set(config_digest, groupBytes);
  bytes.set(source, groupBytes + config_digest.length);
  return bytes;
}

export function decodeGroup(bytes: Uint8Array): GroupRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const digestEnd = groupBytes + view.getUint8(18);
  return {
    label: view.getUint8(16) as GroupRecord['label'],
    lane: view.getUint8(17) as GroupRecord['lane'],
    ham_end: view.getFloat64(0),
    spam_end: view.getFloat64(8),
    config_digest: bytes.subarray(groupBytes, digestEnd),
    source: bytes.subarray(digestEnd),
  };
}
