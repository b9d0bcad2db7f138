/** From bytes to an operation and back: the way of every request through the core. */
import { equalBytes, noBytes } from '../crypto/bytes.ts';
import { authenticate, openRequest } from '../protocol/auth/verify.ts';
import type { AuthPolicy, OpenedRequest } from '../protocol/auth/verify.ts';
import { decode, encode } from '../protocol/codec/index.ts';
import { bodiesOf } from '../protocol/operations/index.ts';
import {
  errorResponse,
  refuse,
  success,
  type Outcome,
  type ProtocolError,
} from '../protocol/protocol-error.ts';
import { spokenVersions } from '../protocol/versions.ts';
import { maxBodyBytes, request as requestCodec, response } from '../protocol/wire/envelope.ts';
import type { ProtocolVersion, VerifyingKey } from '../protocol/wire/identifiers.ts';
import type { Access, Batch, Key, Loaded } from '../store/port.ts';
import type { AnyHandler, Call, Done, Effect, Env } from './core.ts';
import { paymentOf, type Payment } from './spent-tokens.ts';

/** What the shell writes and does, and what it then answers. */
export interface Answer {
  readonly response: Uint8Array;
  /** Absent when nothing is to be written. */
  readonly batch?: Batch;
  readonly effects: readonly Effect[];
  /** The refusal, for logs and counts; absent on success. */
  readonly error?: ProtocolError;
}

export type Step =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | {
      readonly kind: 'load';
      readonly access: Access;
      /** Again, with what is loaded then, when the write met a conflict. */
      run(loaded: Loaded, env: Env): Answer;
    };

type Dispatch = (bytes: Uint8Array, env: Env) => Step;

/** Largest request: the largest body, with room for envelope and authentication. */
const maxRequestBytes = maxBodyBytes + 64 * 1024;

/** What the authentication layer needs to know of the policy. */
export function authPolicyOf(env: Env): AuthPolicy {
  const { versions, auth, limits, anonymousTokens } = env.policy;
  return {
    domain: env.domain,
    supportedVersions: versions,
    // v1 takes nothing but tokens, v2 what the policy says; the layer below drops the rest of both.
    acceptedSchemes: versions.includes(1) && auth !== 'token' ? ['token', auth] : [auth],
    tokenMaxAgeMs: limits.tokenAgeMs,
    windowMs: limits.skewMs,
    requireAnonymousTokens: anonymousTokens,
    maxRequestBytes,
  };
}

type Envelope = Pick<OpenedRequest['request'], 'protocol_version' | 'request_id'>;

const noRequestId = new Uint8Array(16);

/** Version and id to answer under, of a request that was refused before it was opened. */
function envelopeOf(bytes: Uint8Array, env: Env): Envelope {
  const decoded = bytes.length <= maxRequestBytes ? decode(requestCodec, bytes) : undefined;
  const version = env.policy.versions[0] ?? (spokenVersions[0] as number);
  if (decoded?.ok !== true) return { protocol_version: version, request_id: noRequestId };
  const { protocol_version, request_id } = decoded.value;
  const spoken = env.policy.versions.includes(protocol_version);
  return { protocol_version: spoken ? protocol_version : version, request_id };
}

function refused(error: ProtocolError, to: Envelope, env: Env): Answer {
  env.counters.add(`refused.${error.code}`);
  return { response: encode(response, errorResponse(error, to)), effects: [], error };
}

/** Refuses a scheme that the layer below lets pass: a v2 request with v1's token. */
function refuseWeakScheme(opened: OpenedRequest, env: Env): Outcome<undefined> {
  const { protocol_version, auth } = opened.request;
  const { auth: needed } = env.policy;
  if (protocol_version === 1 || auth.kind === 'none' || auth.kind === needed) {
    return success(undefined);
  }
  return refuse('auth_scheme_not_accepted', {
    accepted: [{ token: 1, reencoded: 2, raw: 3 }[needed]],
  });
}

/** The batch with the versions of all heads that were read, so that no update is lost. */
export function guarded(batch: Omit<Batch, 'expect'>, loaded: Loaded): Batch {
  const named = loaded.heads.filter((head) => head.key !== '');
  return { ...batch, expect: named.map(({ key, version }) => ({ key, version })) };
}

const sameKey = (a: VerifyingKey | undefined, b: VerifyingKey | undefined): boolean =>
  a === b ||
  (a !== undefined && b !== undefined && a.scheme === b.scheme && equalBytes(a.key, b.key));

/** Runs an opened call once per load; it is authenticated once, at the first. */
function runner(
  opened: OpenedRequest,
  call: Call<unknown>,
  served: AnyHandler,
  carry: unknown,
  payment: Payment | undefined,
) {
  let admittedKey: { readonly key: VerifyingKey | undefined } | undefined;

  const admit = (loaded: Loaded, env: Env): Outcome<undefined> => {
    const key = served.senderKey?.(loaded, call, carry, env);
    if (admittedKey !== undefined) {
      // The request is known to the replay cache now. The record changed under it: if the key did
      // too, the signature is no longer good. Nor is a token that somebody else spent meanwhile.
      if (payment?.isSpent(loaded) === true) return refuse('token_spent', {});
      return sameKey(admittedKey.key, key) ? success(undefined) : refuse('bad_signature', {});
    }
    if (call.sender !== undefined && key !== undefined) env.counters.add('crypto.asymmetric');
    const admitted = authenticate(opened, key, authPolicyOf(env), env.replay, env.nowMs);
    if (!admitted.ok) return admitted;
    const redeemed = payment?.redeem(loaded, env) ?? success(undefined);
    if (redeemed.ok) admittedKey = { key };
    return redeemed;
  };

  const respond = (done: Done<unknown>, loaded: Loaded): Answer => {
    const bodies = bodiesOf(opened.operation, call.version);
    const { protocol_version, request_id } = opened.request;
    const body =
      done.encoded ?? (bodies === undefined ? noBytes : encode(bodies.response, done.reply));
    const bytes = encode(response, { protocol_version, request_id, status: 0, body });
    const answer = { response: bytes, effects: done.effects ?? [] };
    const batch = paid(done.batch);
    return batch === undefined ? answer : { ...answer, batch: guarded(batch, loaded) };
  };

  /** A refused operation costs its token as well: otherwise refusals would be free. */
  const refuseRun = (error: ProtocolError, loaded: Loaded, env: Env): Answer => {
    const answer = refused(error, opened.request, env);
    const batch = paid(undefined);
    return batch === undefined ? answer : { ...answer, batch: guarded(batch, loaded) };
  };

  const paid = (batch: Done<unknown>['batch']): Done<unknown>['batch'] =>
    payment === undefined
      ? batch
      : {
          ...batch,
          puts: [...(batch?.puts ?? []), ...payment.batch.puts],
          deleteRanges: [...(batch?.deleteRanges ?? []), ...payment.batch.deleteRanges],
        };

  return (loaded: Loaded, env: Env): Answer => {
    const admitted = admit(loaded, env);
    if (!admitted.ok) return refused(admitted.error, opened.request, env);
    const outcome = served.run(loaded, call, carry, env) as Outcome<Done<unknown>>;
    if (!outcome.ok) return refuseRun(outcome.error, loaded, env);
    env.counters.add(`served.${opened.operation.service}.${opened.operation.name}`);
    return respond(outcome.value, loaded);
  };
}

/** One head more, behind those of the operation. */
function withHead(access: Access, head: Key | undefined): Access {
  if (head === undefined) return access;
  if (access.heads.length === 0 && access.range !== undefined) {
    throw new RangeError('a range without a head of its own cannot be paid for');
  }
  return { ...access, heads: [...access.heads, head] };
}

/** A dispatcher over all operations that are served; others answer `unknown_operation`. */
export function makeDispatch(handlers: readonly AnyHandler[]): Dispatch {
  const byOperation = new Map(handlers.map((served) => [served.operation.id, served]));
  if (byOperation.size < handlers.length) throw new RangeError('two handlers of one operation');
  return (bytes, env) => {
    const opened = openRequest(bytes, authPolicyOf(env), env.nowMs);
    const refuseWith = (error: ProtocolError): Step => {
      const to = opened.ok ? opened.value.request : envelopeOf(bytes, env);
      return { kind: 'answer', answer: refused(error, to, env) };
    };
    if (!opened.ok) return refuseWith(opened.error);
    const { request, operation, sender } = opened.value;
    const weak = refuseWeakScheme(opened.value, env);
    if (!weak.ok) return refuseWith(weak.error);
    const served = byOperation.get(operation.id);
    if (served === undefined) return refuseWith({ code: 'unknown_operation', fields: {} });
    const body = opened.value.body();
    if (!body.ok) return refuseWith(body.error);
    const call: Call<unknown> = {
      version: request.protocol_version as ProtocolVersion,
      operation,
      requestId: request.request_id,
      sender,
      covered: request.auth.kind === 'reencoded' || request.auth.kind === 'raw',
      body: body.value,
    };
    const plan = served.plan(call, env);
    if (!plan.ok) return refuseWith(plan.error);
    const payment = paymentOf(opened.value, env);
    if (!payment.ok) return refuseWith(payment.error);
    const { carry } = plan.value;
    const access = withHead(plan.value.access, payment.value?.head);
    const run = runner(opened.value, call, served, carry, payment.value);
    return { kind: 'load', access, run };
  };
}
