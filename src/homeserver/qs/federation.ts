/**
 * Receiving from other homeservers; `forward.ts` is the other side.
 *
 * A stream (one of 16 per destination) is sent in order, one message at a time, and names itself
 * and its position in the request id:
 *
 *   opaque life[3]; uint8 stream; uint48 sequence; opaque attempt[6]
 *
 * The receiver keeps the last position per stream, in the write that takes the message, so that a
 * message whose answer was lost is taken once although it is sent twice. `attempt` is fresh, since
 * request ids may not repeat.
 *
 * Under `token` nobody vouches for the request id: whoever changed it on the way could make the
 * receiver take all later messages for known ones. There the last 64 messages of the stream
 * are recognised by what the message's own signature covers.
 */
import { concat, equalBytes, noBytes } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/hash.ts';
import { admitQsToQs } from '../../protocol/auth/federation.ts';
import { encode, type Decoded } from '../../protocol/codec/index.ts';
import { operations } from '../../protocol/operations/index.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import { toV1, type ClientQueueConfig } from '../../protocol/wire/queue-config.ts';
import {
  fanOutMessageV2,
  type FanOutMessage,
  type qsToQsMessageV1,
  type qsToQsMessageV2,
  type QsToQsMessage,
  type QueueDeleted,
} from '../../protocol/wire/queue-messages.ts';
import { numberAt } from '../../store/keys.ts';
import { handler, type AnyHandler, type Call, type Env } from '../core.ts';
import { streamOf, toQueues } from './outgoing.ts';
import { pendingReports, receivedStream, reportsKey, stored, streamKey } from './records.ts';

const { enqueue } = operations.federation;

/** Stream and position of a request. */
function positionOf(requestId: Uint8Array) {
  const high = Uint8Array.of(0, 0, ...requestId.subarray(4, 10));
  return {
    life: requestId.subarray(0, 3),
    stream: requestId[3] ?? 0,
    sequence: numberAt(Buffer.from(high).toString('latin1')),
  };
}

type Incoming = Decoded<typeof qsToQsMessageV1> | Decoded<typeof qsToQsMessageV2>;

/** The message in v2's form, once its signature was verified. */
function admit(call: Call<Incoming>, env: Env): Outcome<Omit<QsToQsMessage, 'signature'>> {
  const { signature, ...message } = call.body;
  const content = { version: call.version, message } as Parameters<typeof admitQsToQs>[0];
  env.counters.add('crypto.asymmetric');
  return admitQsToQs(content, signature, env.domain, (source) => env.remote(source)?.verifying_key);
}

function replyWith(reports: readonly QueueDeleted[], version: number): never {
  if (version >= 2) return { deleted: reports } as never;
  const asV1 = (config: ClientQueueConfig) => toV1(config);
  const deleted = reports
    .map(({ client_queue_config, group_id }) => ({
      client_queue_config: asV1(client_queue_config),
      group_id,
    }))
    .filter((report) => report.client_queue_config !== undefined);
  return { deleted } as never;
}

type Stream = Decoded<typeof receivedStream>;
const digestBytes = 8;

/** The stream with one message more, or undefined when it had the message already. */
function following(
  known: Stream | undefined,
  { requestId, covered }: Call<unknown>,
  payload: FanOutMessage,
): Stream | undefined {
  const digest = sha256.digest(encode(fanOutMessageV2, payload)).subarray(0, digestBytes);
  const digests = known?.digests ?? noBytes;
  for (let at = 0; at < digests.length; at += digestBytes) {
    if (equalBytes(digest, digests.subarray(at, at + digestBytes))) return undefined;
  }
  const remembered = concat(digest, digests.subarray(0, 63 * digestBytes));
  const before = { life: known?.life ?? new Uint8Array(3), last: known?.last ?? 0 };
  if (!covered) return { ...before, digests: remembered };
  const { life, sequence } = positionOf(requestId);
  if (known !== undefined && equalBytes(known.life, life) && sequence <= known.last)
    return undefined;
  return { life, last: sequence, digests: remembered };
}

const receive = handler(enqueue, {
  plan({ body, requestId, covered }, env) {
    if (env.remote(body.source) === undefined) {
      return refuse('unavailable', { retry_after_ms: 1000 });
    }
    // What nobody vouches for does not choose the record: the group does, as at the sender.
    const number = covered ? positionOf(requestId).stream : streamOf(body.payload.group_id);
    const stream = streamKey(body.source, number);
    return success({ access: { heads: [stream, reportsKey(body.source)] }, carry: undefined });
  },
  senderKey: (_loaded, { sender }, _carry, env) =>
    sender?.kind === 'homeserver' ? env.remote(sender.domain)?.verifying_key : undefined,
  run(loaded, call, _carry, env) {
    const admitted = admit(call, env);
    if (!admitted.ok) return admitted;
    const { source, payload } = admitted.value;
    const [stream, waiting] = loaded.heads;
    if (stream === undefined || waiting === undefined) return refuse('internal_error', {});
    const reports = waiting.value ? stored(pendingReports, waiting.value).reports : [];
    const reply = replyWith(reports, call.version);
    const told = reports.length > 0 ? { deletes: [waiting.key] } : {};
    const known = stream.value && stored(receivedStream, stream.value);
    const next = following(known, call, payload);
    if (next === undefined) {
      env.counters.add('qs.remote_duplicates');
      return success({ reply, batch: told });
    }
    const { remoteMessagesPerHour } = env.policy.limits;
    const waitMs = env.limiter.take(`remote ${source}`, remoteMessagesPerHour, env.nowMs);
    if (waitMs > 0) return refuse('rate_limited', { retry_after_ms: waitMs, scope: 'domain' });
    env.counters.add('qs.received');
    const value = encode(receivedStream, next);
    // Wherever its configs say they belong: they are opened with this homeserver's keys or not at
    // all.
    const outbox = toQueues(source, payload);
    return success({ reply, batch: { ...told, puts: [{ key: stream.key, value }], outbox } });
  },
});

export const federationHandlers: readonly AnyHandler[] = [receive];
