/**
 * Dequeue, and listening for wake-ups. A dequeue is also the acknowledgement: it deletes what
 * is below the number it starts from, and nothing else ever does before retention.
 */
import { noBytes } from '../../crypto/bytes.ts';
import { Writer, varintSize } from '../../protocol/codec/bytes.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { refuse, success } from '../../protocol/protocol-error.ts';
import { lanes, type Lane } from '../../protocol/wire/identifiers.ts';
import type { Entry, Range } from '../../store/port.ts';
import { handler, type AnyHandler, type Call, type RequestOf } from '../core.ts';
import { byClient, clientAuthKey, loadedQueue, merge, touch } from './checks.ts';
import { changesOf, dropBelow, heldBy, storedEntry, type Queue } from './queue.ts';
import { clientKey, messageSuffix } from './records.ts';

type Dequeue = RequestOf<typeof qsOperations.dequeue>;

const laneOf = (body: Dequeue): Lane => ('lane' in body ? body.lane : lanes.ham);

/** Deletes what is below `start`; entries behind it were loaded, so the byte count is known. */
export function acknowledge(
  queue: Queue,
  lane: Lane,
  start: number,
  entries: readonly Entry[],
): void {
  const { first, next, bytes } = queue.lane(lane);
  // Nobody can have read what was not enqueued: such a number acknowledges all there is.
  const boundary = Math.min(start, next);
  if (boundary <= first) return;
  const [oldest] = entries;
  const before =
    boundary === next || oldest === undefined ? bytes : storedEntry(oldest.value).bytesBefore;
  dropBelow(queue, lane, boundary, before);
}

/**
 * `[uint8 lane;] QueueEntry entries<V>; uint32 remaining`, with the entries as they are stored:
 * decoding and encoding 500 entries would cost more than the request's signature.
 */
export function encodeReply(
  lane: Lane | undefined,
  entries: readonly Uint8Array[],
  remaining: number,
) {
  const length = entries.reduce((sum, entry) => sum + entry.length, 0);
  const laneSize = lane === undefined ? 0 : 1;
  const writer = new Writer(laneSize + varintSize(length) + length + 4);
  if (lane !== undefined) {
    writer.view.setUint8(0, lane);
    writer.position = 1;
  }
  writer.varint(length);
  for (const entry of entries) writer.put(entry);
  writer.view.setUint32(writer.position, remaining);
  return writer.bytes;
}

/** Bytes of entries in one answer at most: it has to fit a response. */
const replyBytes = 7 * 1024 * 1024;

export function fitting(entries: readonly Entry[]): Uint8Array[] {
  const taken: Uint8Array[] = [];
  let size = 0;
  for (const { value } of entries) {
    const { entry } = storedEntry(value);
    size += entry.length;
    if (size > replyBytes && taken.length > 0) break;
    taken.push(entry);
  }
  return taken;
}

function rangeOf({ body }: Call<Dequeue>, most: number): Range {
  const lane = laneOf(body);
  const from = messageSuffix(lane, body.sequence_number_start);
  // One is loaded even when none is wanted: it tells how many bytes were before it.
  const limit = Math.max(1, Math.min(body.max_message_number, most));
  return { from, to: messageSuffix(lane, Number.MAX_SAFE_INTEGER), limit };
}

const dequeue = handler(qsOperations.dequeue, {
  plan: (call, env) =>
    success({
      access: {
        heads: [clientKey(call.body.qs_cid)],
        range: rangeOf(call, env.policy.limits.dequeueMessages),
      },
      carry: undefined,
    }),
  senderKey: clientAuthKey,
  run(loaded, { body, version }, _carry, env) {
    const queue = loadedQueue(loaded);
    if (queue === undefined) return refuse('record_unknown', {});
    const lane = laneOf(body);
    acknowledge(queue, lane, body.sequence_number_start, loaded.entries);
    const wanted = loaded.entries.slice(0, body.max_message_number);
    const taken = fitting(wanted);
    env.counters.add('qs.dequeued', taken.length);
    const remaining = Math.max(0, heldBy(queue.lane(lane)) - taken.length);
    const encoded = encodeReply(version >= 2 ? lane : undefined, taken, remaining);
    const activity = touch(queue, env);
    const changes = changesOf(queue);
    const done = { reply: undefined as never, encoded };
    if (changes.puts.length === 0) return success(done);
    return success({ ...done, batch: merge(changes, activity) });
  },
});

const listen = handler(qsOperations.listen, {
  plan: byClient,
  senderKey: clientAuthKey,
  run(loaded, { body }) {
    if (loaded.heads[0]?.value === undefined) return refuse('record_unknown', {});
    const effect = { kind: 'listen', client: body.qs_cid } as const;
    return success({ reply: {}, encoded: noBytes, effects: [effect] });
  },
});

export const dequeueHandlers: readonly AnyHandler[] = [dequeue, listen];
