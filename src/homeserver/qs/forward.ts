/**
 * Sending to other homeservers, from the per-remote queues of the outbox: in order along each
 * stream, one message at a time, until the other side has taken it. `federation.ts` says how a
 * request names its place in the stream.
 */
import { concat, equalBytes } from '../../crypto/bytes.ts';
import { signQsToQs } from '../../protocol/auth/federation.ts';
import { signRequest, type RequestDraft } from '../../protocol/auth/sign.ts';
import { decode, encode } from '../../protocol/codec/index.ts';
import { errorCodes } from '../../protocol/error-codes.ts';
import { operations } from '../../protocol/operations/index.ts';
import { errorOf } from '../../protocol/protocol-error.ts';
import { highestCommonVersion } from '../../protocol/versions.ts';
import { response as responseCodec } from '../../protocol/wire/envelope.ts';
import { authSchemes } from '../../protocol/wire/identifiers.ts';
import { fromV1, toV1 } from '../../protocol/wire/queue-config.ts';
import {
  fanOutMessageV2,
  qsToQsMessageV1,
  qsToQsMessageV2,
  type FanOutMessage,
  type QueueDeleted,
} from '../../protocol/wire/queue-messages.ts';
import type { HomeserverDocument } from '../../protocol/wire/well-known.ts';
import { keyBytes, numberKey } from '../../store/keys.ts';
import type { Batch, OutboxEntry, Outgoing } from '../../store/port.ts';
import type { Delivery, DeliveryStep, Env, RemoteOutcome } from '../core.ts';
import { remotePrefix, reportsDestination } from './outgoing.ts';
import { queueDeletedReport, stored } from './records.ts';

const { enqueue } = operations.federation;

function requestIdOf(stream: number, sequence: number, env: Env): Uint8Array {
  const position = keyBytes(numberKey(sequence)).subarray(2);
  const life = env.keys.outboxStream.subarray(0, 3);
  return concat(life, Uint8Array.of(stream), position, env.random.bytes(6));
}

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

/**
 * Refusals of one message, such as "malformed", until it is given up: a network may damage some.
 */
const refusalsAtMost = 8;

/**
 * A refusal that waiting does not cure: counted in the entry, which is dropped after the last one.
 */
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
