import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../crypto/random.ts';
import { ecdsaP256, ed25519 } from '../../crypto/signature.ts';
import { decode, encode } from '../codec/index.ts';
import { operations, type Operation } from '../operations/index.ts';
import { request, type Request } from '../wire/envelope.ts';
import { signatureSchemes, type VerifyingKey } from '../wire/identifiers.ts';
import type { Sender } from '../wire/authentication.ts';
import { makeReplayCache } from './replay-cache.ts';
import { plainRequest, signRequest, type RequestDraft, type RequestSigner } from './sign.ts';
import { defaultAuthPolicy, verifyRequest, type AuthPolicy } from './verify.ts';

const random = seededRandom('auth');
const keys = ed25519.generateKeyPair(random);
const verifyingKey: VerifyingKey = { scheme: signatureSchemes.ed25519, key: keys.publicKey };
const nowMs = 1_700_000_000_000;
const group = Uint8Array.of(1, 2, 3);
const leaf: Sender = { kind: 'leaf', group_id: group, leaf_index: 4 };
const policy: AuthPolicy = { ...defaultAuthPolicy, domain: 'one.example' };
const { sendMessage, updateQueueInfo } = operations.ds;

function draftOf(change: Partial<RequestDraft> = {}): RequestDraft {
  const body = { group_id: group, group_state_ear_key: random.bytes(32) };
  return {
    version: 2,
    operation: sendMessage,
    requestId: random.bytes(16),
    destination: 'one.example',
    body: encode(sendMessage.bodies[2].request, { ...body, application_message: random.bytes(50) }),
    ...change,
  };
}

function signerOf(
  scheme: RequestSigner['scheme'],
  change: Partial<RequestSigner> = {},
): RequestSigner {
  const { privateKey } = keys;
  const base = { scheme, sender: leaf, signature: ed25519, privateKey, nowMs };
  return { ...base, offeredVersions: [2, 1], ...change };
}

interface Verifying {
  readonly at?: number;
  readonly policy?: Partial<AuthPolicy>;
  readonly key?: VerifyingKey | undefined;
  readonly cache?: ReturnType<typeof makeReplayCache>;
}

/** `ok`, or the code of the refusal. */
function verdict(bytes: Uint8Array, how: Verifying = {}): string {
  const cache = how.cache ?? makeReplayCache({ windowMs: policy.windowMs, capacity: 100 });
  const key = 'key' in how ? how.key : verifyingKey;
  const result = verifyRequest(
    bytes,
    () => key,
    { ...policy, ...how.policy },
    cache,
    how.at ?? nowMs,
  );
  return result.ok ? 'ok' : result.error.code;
}

/** The request with some fields changed and the authentication kept: what an attacker can make. */
function lifted(bytes: Uint8Array, change: Partial<Request>): Uint8Array {
  const decoded = decode(request, bytes);
  if (!decoded.ok) throw decoded.error;
  return encode(request, { ...decoded.value, ...change });
}

const otherBody = encode(sendMessage.bodies[2].request, {
  group_id: group,
  group_state_ear_key: new Uint8Array(32),
  application_message: Uint8Array.of(9),
});
const queueInfo = updateQueueInfo.bodies[2].request;
const queueInfoBody = encode(queueInfo, { ...queueInfo.sample(() => 0), group_id: group });

describe.each(['token', 'reencoded', 'raw'] as const)('scheme %s', (scheme) => {
  const sign = (draft = draftOf(), change: Partial<RequestSigner> = {}): Uint8Array =>
    signRequest(draft, signerOf(scheme, change));

  test('a signed request is admitted, and signing is deterministic', () => {
    const draft = draftOf();
    expect(verdict(sign(draft))).toBe('ok');
    expect(sign(draft)).toEqual(sign(draft));
  });

  test('with ECDSA keys too', () => {
    const pair = ecdsaP256.generateKeyPair(random);
    const bytes = sign(draftOf(), { signature: ecdsaP256, privateKey: pair.privateKey });
    const key = { scheme: signatureSchemes.ecdsaP256, key: pair.publicKey };
    expect(verdict(bytes, { key })).toBe('ok');
    expect(verdict(bytes)).toBe('bad_signature');
  });

  // Idea 4, in small: the token admits a lifted authentication, the others do not.
  test.each([
    ['body', { body: otherBody }],
    ['operation', { operation: updateQueueInfo.id, body: queueInfoBody }],
    ['request id', { request_id: new Uint8Array(16) }],
  ])('an authentication lifted to another %s', (_, change) => {
    const bytes = lifted(sign(), change);
    expect(verdict(bytes)).toBe(scheme === 'token' ? 'ok' : 'bad_signature');
  });

  test('lifted to another homeserver or another version', () => {
    const destination = { policy: { domain: 'two.example' } };
    const elsewhere = verdict(lifted(sign(), { destination: 'two.example' }), destination);
    expect(elsewhere).toBe(scheme === 'token' ? 'ok' : 'bad_signature');
    const v1 = verdict(lifted(sign(), { protocol_version: 1 }));
    expect(v1).toBe(scheme === 'token' ? 'ok' : 'auth_scheme_not_accepted');
  });

  test('lifted to another group', () => {
    const other = encode(sendMessage.bodies[2].request, {
      group_id: Uint8Array.of(7),
      group_state_ear_key: new Uint8Array(32),
      application_message: Uint8Array.of(9),
    });
    const expected = scheme === 'token' ? 'group_mismatch' : 'bad_signature';
    expect(verdict(lifted(sign(), { body: other }))).toBe(expected);
  });

  test('replayed', () => {
    const cache = makeReplayCache({ windowMs: policy.windowMs, capacity: 100 });
    const bytes = sign();
    expect(verdict(bytes, { cache })).toBe('ok');
    expect(verdict(bytes, { cache })).toBe(scheme === 'token' ? 'ok' : 'replayed');
    const later = { cache, at: nowMs + 3_600_000 };
    expect(verdict(bytes, later)).toBe(scheme === 'token' ? 'ok' : 'request_expired');
  });

  test('clock skew has typed answers at its exact limits', () => {
    const maxAge = scheme === 'token' ? policy.tokenMaxAgeMs : policy.windowMs;
    expect(verdict(sign(), { at: nowMs + maxAge })).toBe('ok');
    expect(verdict(sign(), { at: nowMs + maxAge + 1 })).toBe('request_expired');
    expect(verdict(sign(), { at: nowMs - policy.windowMs })).toBe('ok');
    expect(verdict(sign(), { at: nowMs - policy.windowMs - 1 })).toBe('request_from_future');
  });

  test('a changed byte anywhere is refused, or is outside what a token covers', () => {
    const bytes = sign();
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const result = verdict(changed);
      if (scheme !== 'token') expect(result, `byte ${at}`).not.toBe('ok');
    }
  });

  test('the wrong key, an unknown sender, the wrong kind of sender', () => {
    const other = ed25519.generateKeyPair(random).publicKey;
    expect(verdict(sign(), { key: { ...verifyingKey, key: other } })).toBe('bad_signature');
    expect(verdict(sign(), { key: undefined })).toBe('unknown_sender');
    const alias: Sender = { kind: 'alias', alias: Uint8Array.of(1) };
    expect(verdict(sign(draftOf(), { sender: alias }))).toBe('sender_not_allowed');
    const policyWithout = { acceptedSchemes: policy.acceptedSchemes.filter((s) => s !== scheme) };
    expect(verdict(sign(), { policy: policyWithout })).toBe('auth_scheme_not_accepted');
  });

  test('the owner of one queue cannot act on another', () => {
    const operation: Operation = operations.qs.deleteClientRecord;
    const mine = { qs_uid: { user_id: random.bytes(16) }, client_id: random.bytes(16) };
    const theirs = { ...mine, client_id: random.bytes(16) };
    const body = (qs_cid: typeof mine): Uint8Array =>
      encode(operations.qs.deleteClientRecord.bodies[2].request, { qs_cid });
    const sender: Sender = { kind: 'qsClient', qs_cid: mine };
    expect(verdict(sign(draftOf({ operation, body: body(mine) }), { sender }))).toBe('ok');
    const foreign = sign(draftOf({ operation, body: body(theirs) }), { sender });
    expect(verdict(foreign)).toBe('sender_not_allowed');
  });
});

describe('schemes reencoded and raw', () => {
  test.each(['reencoded', 'raw'] as const)('%s: a stripped offer is a downgrade', (scheme) => {
    // The client speaks 3; this homeserver too, yet somebody between told it to use 2.
    const bytes = signRequest(draftOf(), signerOf(scheme, { offeredVersions: [3, 2, 1] }));
    expect(verdict(bytes, { policy: { supportedVersions: [3, 2, 1] } })).toBe('downgrade_detected');
    expect(verdict(bytes)).toBe('ok');
  });

  test('a full cache admits nothing and says when to retry', () => {
    const cache = makeReplayCache({ windowMs: policy.windowMs, capacity: 1 });
    expect(verdict(signRequest(draftOf(), signerOf('raw')), { cache })).toBe('ok');
    const bytes = signRequest(draftOf(), signerOf('raw'));
    const result = verifyRequest(bytes, () => verifyingKey, policy, cache, nowMs);
    expect(result).toEqual({
      ok: false,
      error: { code: 'replay_cache_full', fields: { retry_after_ms: 600_000 } },
    });
  });

  test('forged requests do not enter the cache', () => {
    const cache = makeReplayCache({ windowMs: policy.windowMs, capacity: 100 });
    const bytes = signRequest(draftOf(), signerOf('raw'));
    verdict(lifted(bytes, { body: otherBody }), { cache });
    expect(cache.size).toBe(0);
    expect(verdict(bytes, { cache })).toBe('ok');
  });

  test('one scheme cannot pass for the other', () => {
    const bytes = signRequest(draftOf(), signerOf('raw'));
    const decoded = decode(request, bytes);
    if (!decoded.ok || decoded.value.auth.kind !== 'raw') throw new Error('not raw');
    const auth = { ...decoded.value.auth, kind: 'reencoded' as const };
    expect(verdict(encode(request, { ...decoded.value, auth }))).toBe('bad_signature');
  });
});

describe('without a key', () => {
  test('refusals name what is wrong', () => {
    const bytes = signRequest(draftOf(), signerOf('raw'));
    expect(verdict(bytes.subarray(1))).toMatch(/malformed_request|version_unsupported/);
    expect(verdict(Uint8Array.from([...bytes, 0]))).toBe('malformed_request');
    expect(verdict(lifted(bytes, { protocol_version: 9 }))).toBe('version_unsupported');
    expect(verdict(lifted(bytes, { operation: 0x7777 }))).toBe('unknown_operation');
    expect(verdict(lifted(bytes, { destination: 'two.example' }))).toBe('wrong_destination');
    expect(verdict(bytes, { policy: { maxRequestBytes: 10 } })).toBe('request_too_large');
    const unsigned = plainRequest(draftOf());
    expect(verdict(unsigned)).toBe('authentication_required');
    const v2only = plainRequest(draftOf({ version: 1, operation: operations.qs.setPolicy }));
    expect(verdict(v2only)).toBe('unknown_operation');
  });

  test('operations without a sender pass unsigned; a token is asked for where it is due', () => {
    const draft = draftOf({ operation: operations.ds.requestGroupId, body: new Uint8Array() });
    expect(verdict(plainRequest(draft))).toBe('ok');
    const strict = { policy: { requireAnonymousTokens: true } };
    expect(verdict(plainRequest(draft), strict)).toBe('token_required');
    const [nonce, challengeDigest, keyId] = [1, 2, 3].map(() => random.bytes(32));
    const anonymousToken = {
      nonce: nonce!,
      challengeDigest: challengeDigest!,
      keyId: keyId!,
      authenticator: random.bytes(64),
    };
    expect(verdict(plainRequest({ ...draft, anonymousToken }), strict)).toBe('ok');
  });

  test('a malformed body of a signed request names its field', () => {
    const bytes = signRequest(draftOf({ body: Uint8Array.of(1) }), signerOf('raw'));
    const cache = makeReplayCache({ windowMs: policy.windowMs, capacity: 100 });
    const result = verifyRequest(bytes, () => verifyingKey, policy, cache, nowMs);
    expect(result.ok ? undefined : result.error).toEqual({
      code: 'malformed_request',
      fields: { path: 'SendMessageParams.group_id', offset: 1 },
    });
    expect(cache.size).toBe(0);
  });
});
