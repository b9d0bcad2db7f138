import { expect, test } from 'vitest';
import { DependencyError } from '../errors.ts';
import { lanes } from '../protocol/wire/identifiers.ts';
import { addTask, withDurable } from './state.ts';
import { decodeDurable, encodeDurable } from './storage.ts';
import { makeGroup, makeServer, newClock, TestDevice } from './testdata/harness.ts';

/** A device with something of everything in its storage. */
function full() {
  const clock = newClock();
  const server = makeServer(clock);
  const [membership] = makeGroup(server, 'all', 3);
  const test = new TestDevice('full', clock).input({ kind: 'join', membership: membership! });
  test.input({ kind: 'online', mode: 'foreground' }).settle(server);
  const groupId = membership!.groupId;
  const labelled = addTask(test.device, { kind: 'label-group', groupId, label: 'blocked' });
  const sending = addTask(labelled, { kind: 'send', groupId, message: Uint8Array.of(1, 2) });
  const payload = {
    kind: 'laneMarker',
    group_id: groupId,
    old_lane: lanes.spam,
    up_to_sequence: 9,
  } as const;
  return withDurable(sending, {
    held: [{ lane: lanes.ham, sequence: 4, payload }],
    wakes: [{ startMs: 1, usedMs: 2 }],
  }).durable;
}

test('what is stored is read back', () => {
  const durable = full();
  const bytes = encodeDurable(durable);
  const again = decodeDurable(bytes);
  expect(again.tasks).toEqual(durable.tasks);
  expect([...again.groups.keys()]).toEqual([...durable.groups.keys()]);
  expect(again.readers).toEqual(durable.readers);
  expect(again.qsCid).toEqual(durable.qsCid);
  expect(Buffer.compare(encodeDurable(again), bytes)).toBe(0);
});

test('a damaged or foreign file is refused with a remedy', () => {
  const bytes = encodeDurable(full());
  for (const wrong of [bytes.subarray(0, -1), Uint8Array.of(0, 9, ...bytes.subarray(2))]) {
    expect(() => decodeDurable(wrong)).toThrow(DependencyError);
  }
});
