/**
 * Which lane a group's messages go to (idea 3), and the markers that keep order when that changes.
 *
 * The label is the group's, never a message's: a parked commit would block every later message of
 * the group. It comes from the owner (`accept-group`, `block-group`), or else from rules.
 */
import { utf8 } from '../../crypto/bytes.ts';
import { encode } from '../../protocol/codec/index.ts';
import { defaultLabels } from '../../protocol/operations/qs.ts';
import { lanes, type Lane } from '../../protocol/wire/identifiers.ts';
import { queuePayload } from '../../protocol/wire/queue-messages.ts';
import type { Env } from '../core.ts';
import { append, type Queue } from './queue.ts';
import { groupLabels, type GroupRecord, type QueueRules } from './head.ts';

export interface Arrival {
  readonly groupId: Uint8Array;
  /** Homeserver of the group. */
  readonly source: string;
  /** Recipients of the message on this homeserver. */
  readonly recipients: number;
}

/** A group that the queue has not seen. */
export const newGroup = (source: string): GroupRecord => ({
  label: 0,
  lane: 0,
  ham_end: 0,
  spam_end: 0,
  source: utf8(source),
  config_digest: new Uint8Array(),
});

/** Whether the operator and the owner both have lanes. */
export const lanesInUse = (rules: QueueRules, env: Env): boolean =>
  env.policy.spam !== 'off' && rules.two_lanes === 1;

const otherLane = (lane: Lane): Lane => (lane === lanes.ham ? lanes.spam : lanes.ham);
const endOf = (group: GroupRecord, lane: Lane): number =>
  lane === lanes.ham ? group.ham_end : group.spam_end;

/** The lane of a message, and the group with the label that a rule gave it. */
export function sortGroup(
  queue: Queue,
  group: GroupRecord,
  arrival: Arrival,
  groupId: string,
  env: Env,
): { readonly lane: Lane; readonly group: GroupRecord } {
  const rules = queue.rules();
  if (!lanesInUse(rules, env)) return { lane: lanes.ham, group };
  if (group.label === groupLabels.accepted) return { lane: lanes.ham, group };
  if (group.label === groupLabels.pending) return { lane: lanes.spam, group };
  if (env.policy.spam === 'accept-first' || looksStrange(queue, rules, arrival, env)) {
    return { lane: lanes.spam, group };
  }
  const perHour = rules.max_messages_per_hour;
  if (
    perHour !== undefined &&
    env.limiter.take(`lane ${groupId}`, perHour || 1e-9, env.nowMs) > 0
  ) {
    // It stays there: falling back to HAM every hour would cost a marker each way.
    env.counters.add('qs.demoted');
    return { lane: lanes.spam, group: { ...group, label: groupLabels.pending } };
  }
  return { lane: lanes.ham, group };
}

function looksStrange(queue: Queue, rules: QueueRules, arrival: Arrival, env: Env): boolean {
  const { source, recipients } = arrival;
  if (rules.default_label === defaultLabels.pending) return true;
  if (rules.max_group_size !== undefined && recipients > rules.max_group_size) return true;
  if (rules.unknown_source_is_spam === 0 || source === env.domain) return false;
  return !queue.record().known_sources.includes(source);
}

/** One above the last entry of `lane` that the group may have there. */
function lastSeen(queue: Queue, group: GroupRecord, lane: Lane): number {
  const { tracked_from } = queue.rules();
  return Math.max(endOf(group, lane), lane === lanes.ham ? tracked_from : 0);
}

/**
 * The marker for a group that goes to `lane` now, when unread entries of it may be in the other
 * one.
 */
export function markerFor(
  queue: Queue,
  group: GroupRecord,
  lane: Lane,
  groupId: Uint8Array,
): Uint8Array | undefined {
  const old_lane = otherLane(lane);
  const end = lastSeen(queue, group, old_lane);
  if (group.lane === lane || end <= queue.lane(old_lane).first) return undefined;
  const marker = {
    kind: 'laneMarker',
    group_id: groupId,
    old_lane,
    up_to_sequence: end - 1,
  } as const;
  return encode(queuePayload, marker);
}

/** Appends a message of a group, behind a marker where its lane changed. */
export function appendSorted(
  queue: Queue,
  group: GroupRecord,
  lane: Lane,
  groupId: Uint8Array,
  message: readonly Uint8Array[],
  env: Env,
): { readonly outcome: 'appended' | 'full'; readonly group: GroupRecord } {
  const tracked = lanesInUse(queue.rules(), env) || group.lane !== 0;
  if (!tracked) return { outcome: append(queue, lane, message, env), group };
  const marker = markerFor(queue, group, lane, groupId);
  const messages = marker === undefined ? message : [marker, ...message];
  if (messages.length > 0 && append(queue, lane, messages, env) === 'full') {
    return { outcome: 'full', group };
  }
  if (marker !== undefined) env.counters.add('qs.markers');
  const end = messages.length > 0 ? queue.lane(lane).next : endOf(group, lane);
  const ends = lane === lanes.ham ? { ham_end: end } : { spam_end: end };
  return { outcome: 'appended', group: { ...group, lane, ...ends } };
}
