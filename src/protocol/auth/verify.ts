/**
 * Admitting requests: the homeserver's side of the authentication schemes. Two pure steps, because
 * between them the shell loads the record that holds the sender's key:
 *
 *   openRequest(bytes) -> who signs, for which operation     (no key needed, cheap refusals)
 *   authenticate(opened, key) -> admitted                    (one signature verification)
 *
 * `token`      signature over sender and time; parses the body after it.
 * `reencoded`  parses everything, encodes it again, and verifies over the result.
 * `raw`        verifies over the received bytes; the body stays unparsed until then, unless the
 *              lookup of the key needs it (the DS finds a member's key in a state that only the
 *              key in the body opens).
 */
import { equalBytes } from '../../crypto/bytes.ts';
import { verifyWithLabel } from '../../crypto/signature.ts';
import { decode, defaultLimits, encode, varintSize, type Codec } from '../codec/index.ts';
import { bodiesOf, operationById, type Operation } from '../operations/index.ts';
import { refuse, refuseMalformed, success, type Outcome } from '../protocol-error.ts';
import { isDowngraded, spokenVersions } from '../versions.ts';
import {
  authTokenTbs,
  sender as senderCodec,
  type Authentication,
  type Sender,
} from '../wire/authentication.ts';
import { request as requestCodec, requestWithBody, type Request } from '../wire/envelope.ts';
import { authSchemes, type AuthSchemeName, type VerifyingKey } from '../wire/identifiers.ts';
import { requestLabels, schemeOf, tokenLabels } from './schemes.ts';
import type { ReplayCache } from './replay-cache.ts';
import { signedPart } from './sign.ts';

export interface AuthPolicy {
  /** The homeserver's own domain. */
  readonly domain: string;
  readonly supportedVersions: readonly number[];
  /** Schemes besides `none`; v1 requests can only use `token`. */
  readonly acceptedSchemes: readonly Exclude<AuthSchemeName, 'none'>[];
  /** Greatest age of a `token`, in milliseconds. Specification: 1 h. */
  readonly tokenMaxAgeMs: number;
  /** Allowed skew either way, in milliseconds; for `reencoded` and `raw` also the greatest age. */
  readonly windowMs: number;
  /** Whether operations that state so need an anonymous token. */
  readonly requireAnonymousTokens: boolean;
  /** Largest request in bytes. */
  readonly maxRequestBytes: number;
}

export const defaultAuthPolicy: Omit<AuthPolicy, 'domain'> = {
  supportedVersions: spokenVersions,
  acceptedSchemes: ['token', 'reencoded', 'raw'],
  tokenMaxAgeMs: 3_600_000,
  windowMs: 300_000,
  requireAnonymousTokens: false,
  maxRequestBytes: defaultLimits.maxBytes,
};

/** A request that may be admitted, once its signature is checked. */
export interface OpenedRequest {
  readonly bytes: Uint8Array;
  readonly request: Request;
  readonly operation: Operation;
  /** Undefined for operations that take no signature. */
  readonly sender: Sender | undefined;
  /** The decoded body; decoded at the first call. */
  readonly body: () => Outcome<unknown>;
}

export interface AdmittedRequest extends OpenedRequest {
  readonly decodedBody: unknown;
}

/** Everything that can be refused without a key. */
export function openRequest(
  bytes: Uint8Array,
  policy: AuthPolicy,
  nowMs: number,
): Outcome<OpenedRequest> {
  if (bytes.length > policy.maxRequestBytes) {
    return refuse('request_too_large', { limit_bytes: policy.maxRequestBytes });
  }
  const decoded = decode(requestCodec, bytes);
  if (!decoded.ok) return refuseMalformed(decoded.error);
  const request = decoded.value;
  if (!policy.supportedVersions.includes(request.protocol_version)) {
    return refuse('version_unsupported', { supported: policy.supportedVersions });
  }
  const operation = operationById(request.operation);
  const bodies = operation && bodiesOf(operation, request.protocol_version);
  if (operation === undefined || bodies === undefined) return refuse('unknown_operation', {});
  if (request.destination !== policy.domain) {
    return refuse('wrong_destination', { domain: policy.domain });
  }
  const refusal =
    refuseSender(request, operation, policy) ?? refuseTime(request.auth, policy, nowMs);
  if (refusal !== undefined) return refusal;
  let body: Outcome<unknown> | undefined;
  const decodeBody = (): Outcome<unknown> => {
    const result = decode(bodies.request, request.body);
    return result.ok ? success<unknown>(result.value) : refuseMalformed(result.error);
  };
  return success({
    bytes,
    request,
    operation,
    sender: request.auth.kind === 'none' ? undefined : request.auth.sender,
    body: () => (body ??= decodeBody()),
  });
}

type Refusal = ReturnType<typeof refuse>;

function refuseSender(
  request: Request,
  operation: Operation,
  policy: AuthPolicy,
): Refusal | undefined {
  const { auth } = request;
  const missing = operation.anonymousToken && auth.anonymous_token === undefined;
  if (missing && policy.requireAnonymousTokens) return refuse('token_required', {});
  if (auth.kind === 'none') {
    return operation.senders.length === 0 ? undefined : refuse('authentication_required', {});
  }
  const accepted = request.protocol_version === 1 ? (['token'] as const) : policy.acceptedSchemes;
  if (!accepted.includes(auth.kind as never) || !policy.acceptedSchemes.includes(auth.kind)) {
    const usable = accepted.filter((scheme) => policy.acceptedSchemes.includes(scheme));
    return refuse('auth_scheme_not_accepted', {
      accepted: usable.map((name) => authSchemes[name]),
    });
  }
  if (!operation.senders.includes(auth.sender.kind)) return refuse('sender_not_allowed', {});
  return undefined;
}

function refuseTime(auth: Authentication, policy: AuthPolicy, nowMs: number): Refusal | undefined {
  if (auth.kind === 'none') return undefined;
  const maxAgeMs = auth.kind === 'token' ? policy.tokenMaxAgeMs : policy.windowMs;
  const ageMs = nowMs - auth.timestamp;
  if (ageMs > maxAgeMs) return refuse('request_expired', { now_ms: nowMs, max_age_ms: maxAgeMs });
  if (ageMs < -policy.windowMs) {
    return refuse('request_from_future', { now_ms: nowMs, max_skew_ms: policy.windowMs });
  }
  return undefined;
}

/**
 * Checks the signature of an opened request under the sender's key, and that it was not admitted
 * before. The cache learns a request only when everything else has passed, so only holders of keys
 * can fill it. Requests without a signature pass to their operation, which checks what is in the
 * body (a friendship token, a group key, an anonymous token).
 */
export function authenticate(
  opened: OpenedRequest,
  key: VerifyingKey | undefined,
  policy: AuthPolicy,
  replay: ReplayCache,
  nowMs: number,
): Outcome<AdmittedRequest> {
  const { request, sender } = opened;
  const { auth } = request;
  if (sender === undefined || auth.kind === 'none') return finish(opened);
  if (key === undefined) return refuse('unknown_sender', {});
  if (auth.kind === 'token') {
    return verifyToken(opened, auth, key) ? finish(opened) : refuse('bad_signature', {});
  }
  const replayKey = replayKeyOf(sender, request.request_id);
  const early = refuseReplay(replay, replay.check(replayKey, auth.timestamp, nowMs), policy, nowMs);
  if (early !== undefined) return early;
  const content = auth.kind === 'raw' ? receivedPart(opened.bytes, auth) : reencodedPart(opened);
  if (content instanceof Uint8Array === false) return content;
  const label = requestLabels[opened.operation.service];
  if (!verifyWithLabel(schemeOf(key.scheme), key.key, label, content, auth.signature)) {
    return refuse('bad_signature', {});
  }
  if (isDowngraded(request.protocol_version, auth.offered_versions, policy.supportedVersions)) {
    const supported = policy.supportedVersions;
    return refuse('downgrade_detected', { offered: auth.offered_versions, supported });
  }
  const finished = finish(opened);
  if (!finished.ok) return finished;
  const verdict = replay.admit(replayKey, auth.timestamp, nowMs);
  return refuseReplay(replay, verdict, policy, nowMs) ?? finished;
}

/** Both steps at once, where the key can be looked up directly. */
export function verifyRequest(
  bytes: Uint8Array,
  keyOf: (opened: OpenedRequest) => VerifyingKey | undefined,
  policy: AuthPolicy,
  replay: ReplayCache,
  nowMs: number,
): Outcome<AdmittedRequest> {
  const opened = openRequest(bytes, policy, nowMs);
  if (!opened.ok) return opened;
  const key = opened.value.sender === undefined ? undefined : keyOf(opened.value);
  return authenticate(opened.value, key, policy, replay, nowMs);
}

type Signed = Exclude<Authentication, { kind: 'none' }>;

function verifyToken({ operation }: OpenedRequest, auth: Signed, key: VerifyingKey): boolean {
  const tbs = encode(authTokenTbs, { sender: auth.sender, timestamp: auth.timestamp });
  const label = tokenLabels[operation.service];
  return verifyWithLabel(schemeOf(key.scheme), key.key, label, tbs, auth.signature);
}

/** The signature is the last field, so what it covers is everything before its length prefix. */
function receivedPart(bytes: Uint8Array, auth: Signed): Uint8Array {
  const { length } = auth.signature;
  return bytes.subarray(0, bytes.length - length - varintSize(length));
}

const noSignature = new Uint8Array();
const reencoders = new WeakMap<object, ReturnType<typeof requestWithBody<unknown>>>();

/** The codec of a request with this body; there is one per operation and version. */
function reencoderOf(body: Codec<unknown>) {
  const known = reencoders.get(body);
  if (known !== undefined) return known;
  const made = requestWithBody(body);
  reencoders.set(body, made);
  return made;
}

/** The same part, built again from the parsed request and body. */
function reencodedPart({ request, operation, body }: OpenedRequest): Uint8Array | Refusal {
  const parsed = body();
  if (!parsed.ok) return parsed;
  const bodies = bodiesOf(operation, request.protocol_version);
  if (bodies === undefined || request.auth.kind !== 'reencoded') {
    return refuse('unknown_operation', {});
  }
  return signedPart(reencoderOf(bodies.request), {
    ...request,
    body: parsed.value,
    auth: { ...request.auth, signature: noSignature },
  });
}

function replayKeyOf(sender: Sender, requestId: Uint8Array): string {
  const named = encode(senderCodec, sender);
  return Buffer.concat([requestId, named]).toString('latin1');
}

function refuseReplay(
  replay: ReplayCache,
  verdict: ReturnType<ReplayCache['check']>,
  policy: AuthPolicy,
  nowMs: number,
): Refusal | undefined {
  if (verdict === 'fresh') return undefined;
  if (verdict === 'replayed') return refuse('replayed', {});
  if (verdict === 'full') {
    return refuse('replay_cache_full', { retry_after_ms: replay.retryAfterMs(nowMs) });
  }
  return refuse('request_expired', { now_ms: nowMs, max_age_ms: policy.windowMs });
}

/** Decodes the body and checks that the signer may speak for what it is about. */
function finish(opened: OpenedRequest): Outcome<AdmittedRequest> {
  const body = opened.body();
  if (!body.ok) return body;
  const refusal = refuseSubject(opened, body.value as Subject);
  return refusal ?? success({ ...opened, decodedBody: body.value });
}

/** Fields of bodies that name whom or what a request is about. */
interface Subject {
  readonly group_id?: Uint8Array;
  readonly source?: string;
  readonly qs_uid?: { readonly user_id: Uint8Array };
  readonly qs_cid?: {
    readonly qs_uid: { readonly user_id: Uint8Array };
    readonly client_id: Uint8Array;
  };
}

function refuseSubject({ operation, sender }: OpenedRequest, body: Subject): Refusal | undefined {
  if (sender === undefined) return undefined;
  if (operation.inGroup && (sender.kind === 'leaf' || sender.kind === 'keyPackage')) {
    const same = body.group_id !== undefined && equalBytes(body.group_id, sender.group_id);
    return same ? undefined : refuse('group_mismatch', {});
  }
  if (sender.kind === 'homeserver' && body.source !== sender.domain) {
    return refuse('sender_not_allowed', {});
  }
  if (sender.kind === 'qsUser' && body.qs_uid !== undefined) {
    const same = equalBytes(body.qs_uid.user_id, sender.qs_uid.user_id);
    return same ? undefined : refuse('sender_not_allowed', {});
  }
  if (sender.kind === 'qsClient' && body.qs_cid !== undefined) {
    const same =
      equalBytes(body.qs_cid.client_id, sender.qs_cid.client_id) &&
      equalBytes(body.qs_cid.qs_uid.user_id, sender.qs_cid.qs_uid.user_id);
    return same ? undefined : refuse('sender_not_allowed', {});
  }
  return undefined;
}
