/**
 * Order across lanes (idea 3). When the label of a group changes, its messages go to the other lane
 * behind a marker that names the last entry of the old lane to be read first. Reading does not stop
 * at a marker: only that group's entries behind it are held, so that one group never blocks a lane.
 *
 * **Invariant:** entries of a group come out in the order in which they were enqueued. An entry is
 * held only by a marker before it in its own lane, and a marker is satisfied once its old lane is
 * read up to the named sequence and no entry of the group up to there is held.
 */
import { lanes, type Lane } from '../protocol/wire/identifiers.ts';
import type { QueuePayload } from '../protocol/wire/queue-messages.ts';

/** A decrypted entry that waits behind a marker, the marker itself first. */
export interface HeldEntry {
  readonly lane: Lane;
  readonly sequence: number;
  readonly payload: QueuePayload;
}

/** Sequence numbers of the next entries to read, by lane. */
export type LanePositions = Readonly<Record<Lane, number>>;

const groupOf = (payload: QueuePayload): string => Buffer.from(payload.group_id).toString('latin1');

/** Takes one decrypted entry in: what can be delivered now, in order, and what is held. */
export function arrange(
  held: readonly HeldEntry[],
  entry: HeldEntry,
  positions: LanePositions,
): { readonly ready: readonly HeldEntry[]; readonly held: readonly HeldEntry[] } {
  return release([...held, entry], positions);
}

/** Delivers whatever is no longer held; `held` is in the order of arrival. */
export function release(
  held: readonly HeldEntry[],
  positions: LanePositions,
): { readonly ready: readonly HeldEntry[]; readonly held: readonly HeldEntry[] } {
  const ready: HeldEntry[] = [];
  let waiting = held;
  for (;;) {
    const next = waiting.find(
      (entry) => isFirst(entry, waiting) && isFree(entry, waiting, positions),
    );
    if (next === undefined) return { ready, held: waiting };
    if (next.payload.kind === 'message') ready.push(next);
    waiting = waiting.filter((entry) => entry !== next);
  }
}

/** Whether nothing of the same group stands before it in its lane. */
function isFirst(entry: HeldEntry, waiting: readonly HeldEntry[]): boolean {
  const group = groupOf(entry.payload);
  return !waiting.some(
    (other) =>
      other.lane === entry.lane &&
      other.sequence < entry.sequence &&
      groupOf(other.payload) === group,
  );
}

function isFree(
  { payload }: HeldEntry,
  waiting: readonly HeldEntry[],
  positions: LanePositions,
): boolean {
  if (payload.kind === 'message') return true;
  const { old_lane, up_to_sequence } = payload;
  const group = groupOf(payload);
  const isHeld = waiting.some(
    (other) =>
      other.lane === old_lane &&
      other.sequence <= up_to_sequence &&
      groupOf(other.payload) === group,
  );
  return positions[old_lane] > up_to_sequence && !isHeld;
}

/** Lanes that must be read on for held entries to come out. */
export function wantedLanes(held: readonly HeldEntry[], positions: LanePositions): Lane[] {
  return [lanes.ham, lanes.spam].filter((lane) =>
    held.some(
      ({ payload }) =>
        payload.kind === 'laneMarker' &&
        payload.old_lane === lane &&
        positions[lane] <= payload.up_to_sequence,
    ),
  );
}
