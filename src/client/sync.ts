/**
 * Reading the lanes of the fan-out queue: entries are opened in order, each exactly once, and the
 * next dequeue, which starts behind them, is their acknowledgement. A lane that brought something
 * is asked again until it is empty, so that nothing read stays undeleted.
 */
import { decode } from '../protocol/codec/index.ts';
import { operations } from '../protocol/operations/index.ts';
import { openEntry, type LaneReader } from '../protocol/queue-ratchet.ts';
import { lanes, type Lane } from '../protocol/wire/identifiers.ts';
import { queuePayload, type QueueEntry } from '../protocol/wire/queue-messages.ts';
import { arrange, release, type HeldEntry, type LanePositions } from './lane-order.ts';
import type { DeviceEffect, DeviceEnv } from './ports.ts';
import {
  groupKey,
  withDurable,
  withGroup,
  withSession,
  type Device,
  type Exchange,
  type LaneWatch,
} from './state.ts';

interface Progress {
  readonly device: Device;
  readonly effects: readonly DeviceEffect[];
}

/** Takes in an answer to a dequeue; undefined when it does not decode. */
export function readAnswer(
  device: Device,
  lane: Lane,
  exchange: Exchange,
  body: Uint8Array,
  env: DeviceEnv,
): Progress | undefined {
  const { bodies } = operations.qs.dequeue;
  const codec = exchange.version === 1 ? bodies[1].response : bodies[2].response;
  const decoded = decode(codec, body);
  if (!decoded.ok) return undefined;
  const { entries, remaining } = decoded.value;
  if (entries.length === 0 && remaining === 0) return atEnd(device, lane, exchange, env);
  const effects: DeviceEffect[] = [];
  let current = device;
  let isReadable = true;
  for (const entry of entries) {
    const step = readEntry(current, lane, entry, env);
    current = step.device;
    effects.push(...step.effects);
    isReadable = !step.effects.some(({ kind }) => kind === 'queue-fault');
    if (!isReadable) break;
  }
  return { device: watch(current, lane, { dirty: isReadable, lookedAtMs: env.nowMs }), effects };
}

const positionsOf = ({ durable }: Device): LanePositions => ({
  [lanes.ham]: durable.readers[lanes.ham].sequence,
  [lanes.spam]: durable.readers[lanes.spam].sequence,
});

function watch(device: Device, lane: Lane, changes: Partial<LaneWatch>): Device {
  const { session } = device;
  if (session === undefined) return device;
  const changed = { ...session.lanes[lane], ...changes };
  return withSession(device, { lanes: { ...session.lanes, [lane]: changed } });
}

/** Nothing is left: look again only if somebody was enqueued since the question left. */
function atEnd(device: Device, lane: Lane, exchange: Exchange, env: DeviceEnv): Progress {
  const seen = device.session?.lanes[lane].wakesSeen ?? 0;
  const dirty = seen > exchange.wakesSeen;
  const watched = watch(device, lane, { dirty, lookedAtMs: env.nowMs });
  // What a marker names and the lane does not hold was dropped by the homeserver: wait no longer.
  const positions = dirty ? positionsOf(device) : { ...positionsOf(device), [lane]: Infinity };
  const { ready, held } = release(device.durable.held, positions);
  const kept = withDurable(watched, { held });
  const delivered = deliverAll(kept, ready, env);
  const drained: DeviceEffect[] = dirty ? [] : [{ kind: 'drained', lane }];
  return { device: delivered.device, effects: [...delivered.effects, ...drained] };
}

function readEntry(device: Device, lane: Lane, entry: QueueEntry, env: DeviceEnv): Progress {
  const { readers, keys } = device.durable;
  const own = [{ suite: keys.suite, privateKey: keys.queue.privateKey }];
  const opened = openEntry(readers[lane], entry, own, env.suite);
  if (!opened.ok) {
    const isKnown = opened.fault === 'already-read';
    const fault: DeviceEffect = { kind: 'queue-fault', lane, fault: opened.fault };
    return { device, effects: isKnown ? [] : [fault] };
  }
  const read = withReader(device, lane, opened.reader);
  if (opened.plaintext === undefined) return { device: read, effects: [] };
  const payload = decode(queuePayload, opened.plaintext);
  if (!payload.ok) return { device: read, effects: [] };
  const held: HeldEntry = { lane, sequence: entry.sequence, payload: payload.value };
  const arranged = arrange(read.durable.held, held, positionsOf(read));
  return deliverAll(withDurable(read, { held: arranged.held }), arranged.ready, env);
}

const withReader = (device: Device, lane: Lane, reader: LaneReader): Device =>
  withDurable(device, { readers: { ...device.durable.readers, [lane]: reader } });

function deliverAll(device: Device, ready: readonly HeldEntry[], env: DeviceEnv): Progress {
  const effects: DeviceEffect[] = [];
  let current = device;
  for (const entry of ready) {
    const step = deliver(current, entry, env);
    current = step.device;
    effects.push(...step.effects);
  }
  return { device: current, effects };
}

/** Hands one message to its group's cryptography. */
function deliver(device: Device, { lane, sequence, payload }: HeldEntry, env: DeviceEnv): Progress {
  if (payload.kind !== 'message') return { device, effects: [] };
  const groupId = payload.group_id;
  const group = device.durable.groups.get(groupKey(groupId));
  if (group === undefined) return { device, effects: [{ kind: 'unreadable', groupId }] };
  const { state, opened } = env.groups.open(group.cipher, payload.message_content);
  const kept = withGroup(device, { ...group, cipher: state });
  if (opened.kind !== 'fresh') return { device: kept, effects: [{ kind: opened.kind, groupId }] };
  const { content } = opened;
  return { device: kept, effects: [{ kind: 'received', groupId, lane, sequence, content }] };
}
