/** Order within a group across two lanes, for random labels and random interleavings of reading. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lanes, type Lane } from '../protocol/wire/identifiers.ts';
import type { QueuePayload } from '../protocol/wire/queue-messages.ts';
import { arrange, wantedLanes, type HeldEntry, type LanePositions } from './lane-order.ts';

const groupId = (group: number) => Uint8Array.of(group);
const other = (lane: Lane): Lane => (lane === lanes.ham ? lanes.spam : lanes.ham);

function messageOf(group: number, number: number): QueuePayload {
  const message_content = { kind: 'application', message: Uint8Array.of(number) } as const;
  return { kind: 'message', group_id: groupId(group), message_content };
}

/** What a homeserver does: messages to the group's lane, a marker wherever the lane changes. */
class Sorter {
  readonly entries: Record<Lane, HeldEntry[]> = { [lanes.ham]: [], [lanes.spam]: [] };
  private readonly last = new Map<number, Lane>();
  private readonly ends = new Map<string, number>();
  private sent = 0;

  private push(lane: Lane, payload: QueuePayload): void {
    this.entries[lane].push({ lane, sequence: this.entries[lane].length, payload });
  }

  enqueue(group: number, lane: Lane): void {
    const before = this.last.get(group);
    const end = this.ends.get(`${group} ${other(lane)}`) ?? 0;
    if (before !== undefined && before !== lane && end > 0) {
      const old_lane = other(lane);
      const marker = { group_id: groupId(group), old_lane, up_to_sequence: end - 1 };
      this.push(lane, { kind: 'laneMarker', ...marker });
    }
    this.push(lane, messageOf(group, this.sent++ % 256));
    this.last.set(group, lane);
    this.ends.set(`${group} ${lane}`, this.entries[lane].length);
  }
}

const history = fc.array(fc.record({ group: fc.integer({ min: 0, max: 2 }), spam: fc.boolean() }), {
  maxLength: 40,
});

/** Reads both lanes to their ends, the next entry of the lane that `picks` says. */
function readAll(entries: Record<Lane, HeldEntry[]>, picks: readonly boolean[]) {
  const read: HeldEntry[] = [];
  let held: readonly HeldEntry[] = [];
  const positions: Record<Lane, number> = { [lanes.ham]: 0, [lanes.spam]: 0 };
  for (let i = 0; ; i++) {
    const wanted = picks[i % Math.max(1, picks.length)] === true ? lanes.spam : lanes.ham;
    const lane = positions[wanted] < entries[wanted].length ? wanted : other(wanted);
    const entry = entries[lane][positions[lane]];
    if (entry === undefined) return { read, held };
    positions[lane]++;
    const result = arrange(held, entry, positions as LanePositions);
    read.push(...result.ready);
    ({ held } = result);
  }
}

test('messages of a group come out in the order in which they were enqueued', () => {
  fc.assert(
    fc.property(history, fc.array(fc.boolean(), { minLength: 1 }), (messages, picks) => {
      const sorter = new Sorter();
      for (const { group, spam } of messages) {
        sorter.enqueue(group, spam ? lanes.spam : lanes.ham);
      }
      const { read, held } = readAll(sorter.entries, picks);
      expect(held).toEqual([]);
      expect(read).toHaveLength(messages.length);
      for (const group of [0, 1, 2]) {
        const numbers = read
          .filter(({ payload }) => payload.group_id[0] === group)
          .map(({ payload }) => numberOf(payload));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 300 },
  );
});

function numberOf(payload: QueuePayload): number {
  if (payload.kind !== 'message' || payload.message_content.kind !== 'application') return -1;
  return payload.message_content.message[0] ?? -1;
}

test('a held group does not block the others, and the lane it waits for is wanted', () => {
  const sorter = new Sorter();
  sorter.enqueue(0, lanes.spam);
  sorter.enqueue(0, lanes.ham);
  sorter.enqueue(1, lanes.ham);
  let held: readonly HeldEntry[] = [];
  const read: HeldEntry[] = [];
  const positions = { [lanes.ham]: 0, [lanes.spam]: 0 };
  for (const entry of sorter.entries[lanes.ham]) {
    positions[lanes.ham]++;
    const result = arrange(held, entry, positions);
    read.push(...result.ready);
    ({ held } = result);
  }
  expect(read.map(({ payload }) => payload.group_id[0])).toEqual([1]);
  expect(wantedLanes(held, positions)).toEqual([lanes.spam]);
});
