/**
 * Messages between homeservers: sending from the per-remote queues of the outbox, and receiving.
 *
 * A stream (one of 16 per destination) is sent in order, one message at a time, and names itself and its
 * position in the request id:
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
import { hash } from 'node:crypto';
import { concat, equalBytes, noBytes } from '../../crypto/bytes.ts';
import { admitQsToQs, signQsToQs } from '../../protocol/auth/federation.ts';
import { signRequest, type RequestDraft } from '../../protocol/auth/sign.ts';
import { decode, encode, type Decoded } from '../../protocol/codec/index.ts';
import { errorCodes } from '../../protocol/error-codes.ts';
import { operations } from '../../protocol/operations/index.ts';
import { errorOf, refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import { highestCommonVersion } from '../../protocol/versions.ts';
import { response as responseCodec } from '../../protocol/wire/envelope.ts';
import { authSchemes } from '../../protocol/wire/identifiers.ts';
import { fromV1, toV1, type ClientQueueConfig } from '../../protocol/wire/queue-config.ts';
import {
  fanOutMessageV2,
  qsToQsMessageV1,
  qsToQsMessageV2,
  type FanOutMessage,
  type QsToQsMessage,
  type QueueDeleted,
} from '../../protocol/wire/queue-messages.ts';
import type { HomeserverDocument } from '../../protocol/wire/well-known.ts';
import { keyBytes, numberAt, numberKey } from '../../store/keys.ts';
import type { Batch, OutboxEntry, Outgoing } from '../../store/port.ts';
import {
  handler,
  type AnyHandler,
  type Call,
  type Delivery,
  type DeliveryStep,
  type Env,
  type RemoteOutcome,
} from '../core.ts';
import { streamOf, remotePrefix, reportsDestination, toQueues } from './fan-out.ts';
import {
  pendingReports,
  queueDeletedReport,
  receivedStream,
  reportsKey,
  stored,
  streamKey,
} from './records.ts';

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

function requestIdOf(stream: number, sequence: number, env: Env): Uint8Array {
  const position = keyBytes(numberKey(sequence)).subarray(2);
  const life = env.keys.outboxStream.subarray(0, 3);
  return concat(life, Uint8Array.of(stream), position, env.random.bytes(6));
}

// ---- sending

/** `remote/<domain>/<stream>` */
function destinationOf(destination: string): { readonly domain: string; readonly stream: number } {
  const end = destination.lastIndexOf('/');
  return {
    domain: destination.slice(remotePrefix.length, end),
    stream: Number(destination.slice(end + 1)),
  };
}

const settle = ({ destination, sequence }: OutboxEntry): Pick<Batch, 'outboxUpdates'> => ({
  outboxUpdates: [{ destination, sequence }],
});

/** The body in the common version, or undefined when that cannot carry any of its configs. */
function bodyFor(message: FanOutMessage, domain: string, version: number, env: Env) {
  const { scheme, privateKey } = env.keys.signing;
  const ends = { source: env.domain, destination: domain };
  const sealed = message.client_queue_configs.filter((config) => config.kind === 'sealed');
  if (sealed.length < message.client_queue_configs.length) env.counters.add('qs.plain_to_remote');
  if (sealed.length === 0) return undefined;
  env.counters.add('crypto.asymmetric');
  if (version === 1) {
    const client_queue_configs = sealed.map(toV1).filter((config) => config !== undefined);
    const payload = { ...message, client_queue_configs };
    const content = { version: 1, message: { ...ends, payload } } as const;
    const signature = signQsToQs(content, scheme, privateKey);
    return encode(qsToQsMessageV1, { ...ends, payload, signature });
  }
  const payload = { ...message, client_queue_configs: sealed };
  const content = { version: 2, message: { ...ends, payload } } as const;
  const signature = signQsToQs(content, scheme, privateKey);
  return encode(qsToQsMessageV2, { ...ends, payload, signature });
}

const isScheme = (number: number | undefined) => (name: keyof typeof authSchemes) =>
  name !== 'none' && authSchemes[name] === number;
const schemeNames = ['token', 'reencoded', 'raw'] as const;

function signed(draft: RequestDraft, document: HomeserverDocument, env: Env): Uint8Array {
  const best = draft.version === 1 ? authSchemes.token : document.auth_schemes[0];
  const scheme = schemeNames.find(isScheme(best)) ?? 'token';
  env.counters.add('crypto.asymmetric');
  return signRequest(draft, {
    scheme,
    sender: { kind: 'homeserver', domain: env.domain },
    signature: env.keys.signing.scheme,
    privateKey: env.keys.signing.privateKey,
    nowMs: env.nowMs,
    offeredVersions: env.policy.versions,
  });
}

/** Refusals of one message, such as "malformed", until it is given up: a network may damage some. */
const refusalsAtMost = 8;

/** A refusal that waiting does not cure: counted in the entry, which is dropped after the last one. */
function refusedFor(entry: OutboxEntry, env: Env): RemoteOutcome {
  const progress = entry.progress + 1;
  if (progress >= refusalsAtMost) {
    env.counters.add('qs.forward_refused');
    return { kind: 'settled', batch: settle(entry) };
  }
  const { destination, sequence } = entry;
  const batch = { outboxUpdates: [{ destination, sequence, progress }] };
  return { kind: 'retry', afterMs: 0, batch };
}

interface Sent {
  readonly version: number;
  readonly requestId: Uint8Array;
}

/** What an answer means for an entry. */
function answered(entry: OutboxEntry, sent: Sent, bytes: Uint8Array, env: Env): RemoteOutcome {
  const { version, requestId } = sent;
  const decoded = decode(responseCodec, bytes);
  if (!decoded.ok) return { kind: 'retry', afterMs: 0 };
  const { request_id, status } = decoded.value;
  // An answer to a request that was damaged on its way: it may be about another message.
  if (status === 0 && !equalBytes(request_id, requestId)) return { kind: 'retry', afterMs: 0 };
  if (decoded.value.status === 0) {
    const deleted = deletedIn(decoded.value.body, version);
    if (deleted === undefined) return { kind: 'retry', afterMs: 0 };
    env.counters.add('qs.forwarded');
    const outbox: Outgoing[] = deleted.map((report) => ({
      destination: reportsDestination,
      payload: encode(queueDeletedReport, report),
    }));
    return { kind: 'settled', batch: { ...settle(entry), outbox } };
  }
  const error = errorOf(decoded.value);
  if (error === undefined || curable.has(error.code) || errorCodes[error.code].actor !== 'client') {
    const fields = (error?.fields ?? {}) as { readonly retry_after_ms?: number };
    return { kind: 'retry', afterMs: fields.retry_after_ms ?? 0 };
  }
  return refusedFor(entry, env);
}

/** Errors of the client's making that a fresh document, clock or attempt cures. */
const curable: ReadonlySet<string> = new Set([
  'bad_signature',
  'unknown_sender',
  'request_expired',
  'request_from_future',
  'replayed',
  'version_unsupported',
  'downgrade_detected',
  'auth_scheme_not_accepted',
  'authentication_required',
]);

function deletedIn(body: Uint8Array, version: number): readonly QueueDeleted[] | undefined {
  if (version === 1) {
    const decoded = decode(enqueue.bodies[1].response, body);
    return decoded.ok
      ? decoded.value.deleted.map(({ client_queue_config, group_id }) => ({
          client_queue_config: fromV1(client_queue_config),
          group_id,
        }))
      : undefined;
  }
  const decoded = decode(enqueue.bodies[2].response, body);
  return decoded.ok ? decoded.value.deleted : undefined;
}

function remoteStep(entry: OutboxEntry, env: Env): DeliveryStep {
  const { domain, stream } = destinationOf(entry.destination);
  const document = env.remote(domain);
  const version = document && highestCommonVersion(env.policy.versions, document.versions);
  if (document === undefined || version === undefined) return { kind: 'wait' };
  const body = bodyFor(stored(fanOutMessageV2, entry.payload), domain, version, env);
  if (body === undefined) {
    const run = () => ({ batch: settle(entry), effects: [] });
    return { kind: 'local', access: { heads: [] }, run };
  }
  const requestId = requestIdOf(stream, entry.sequence, env);
  const draft = { version, operation: enqueue, requestId, destination: domain, body };
  return {
    kind: 'remote',
    domain,
    request: signed(draft, document, env),
    answered: (bytes, now) => answered(entry, { version, requestId }, bytes, now),
  };
}

export const remoteDelivery: Delivery = { prefix: remotePrefix, step: remoteStep };

// ---- receiving

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
  const digest = hash('sha256', encode(fanOutMessageV2, payload), 'buffer').subarray(
    0,
    digestBytes,
  );
  const digests = known?.digests ?? noBytes;
  for (let at = 0; at < digests.length; at += digestBytes) {
    if (digest.equals(digests.subarray(at, at + digestBytes))) return undefined;
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
    // Wherever its configs say they belong: they are opened with this homeserver's keys or not at all.
    const outbox = toQueues(source, payload);
    return success({ reply, batch: { ...told, puts: [{ key: stream.key, value }], outbox } });
  },
});

export const federationHandlers: readonly AnyHandler[] = [receive];
