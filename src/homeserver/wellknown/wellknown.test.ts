import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../crypto/random.ts';
import { ed25519 } from '../../crypto/signature.ts';
import { makeTokenIssuer } from '../../crypto/tokens.ts';
import { decode, encode } from '../../protocol/codec/index.ts';
import { plainRequest } from '../../protocol/auth/sign.ts';
import { operations } from '../../protocol/operations/index.ts';
import { verifyDocument } from '../../protocol/well-known.ts';
import { response } from '../../protocol/wire/envelope.ts';
import { signedDocument } from '../../protocol/wire/well-known.ts';
import { memoryStore } from '../../store/memory.ts';
import { makeInProcess, testKeys } from '../in-process.ts';
import type { DocumentSigner } from '../../protocol/well-known.ts';
import { makePolicy } from '../policy.ts';
import { afterFetch, documentAt, isDue, type DocumentCache, type Fetched } from './cache.ts';
import { previousAt, rotateSigningKey, type SigningKeys } from './rotation.ts';
import {
  documentLifetimeMs,
  documentOf,
  signedDocumentOf,
  wellKnownService,
  type DocumentParts,
} from './document.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const nowMs = 20_000 * 24 * hourMs;
const domain = 'one.example';
const random = seededRandom('well-known');
const epochMs = 24 * hourMs;
const issuer = { ...makeTokenIssuer({ seed: random.bytes(32), domain, epochMs }), epochMs };
const parts = (change: Partial<DocumentParts> = {}): DocumentParts => ({
  domain,
  policy: makePolicy({ versions: [2, 1], auth: 'raw', spam: 'categories', identity: 'per-group' }),
  keys: testKeys(domain),
  issuer,
  issuedAtMs: nowMs,
  ...change,
});

describe('the document', () => {
  test('states the policy and the keys, and verifies', () => {
    const result = verifyDocument(signedDocumentOf(parts(), nowMs), domain, nowMs);
    if (!result.ok) throw new Error(result.fault);
    expect(result.document).toMatchObject({
      versions: [2, 1],
      suites: [1],
      suite_policy: 1,
      identity_kinds: [1, 2],
      lanes: [1, 2],
      auth_schemes: [3, 1],
      token_keys: [
        { epoch: 20_000, key_id: issuer.currentKey(nowMs).keyId },
        { epoch: 19_999, key_id: issuer.currentKey(nowMs - epochMs).keyId },
      ],
    });
    expect(result.document.config_encryption_keys.map(({ suite }) => suite)).toContain(2);
  });

  test('of the specification as it is: v1, one lane, tokens only, no issuer', () => {
    const { issuer: _, ...rest } = parts({ policy: makePolicy({}) });
    expect(documentOf(rest, nowMs)).toMatchObject({
      versions: [1],
      identity_kinds: [1],
      lanes: [1],
      auth_schemes: [1],
      token_keys: [],
    });
  });

  test('is served as an operation, the same bytes as at the well-known path', () => {
    const server = makeInProcess({
      domain,
      policy: makePolicy({ versions: [2, 1] }),
      store: memoryStore(),
      services: [wellKnownService(() => parts())],
      now: () => nowMs,
    });
    const request = plainRequest({
      version: 2,
      operation: operations.wellKnown.document,
      requestId: random.bytes(16),
      destination: domain,
      body: new Uint8Array(),
    });
    const answer = decode(response, server.request(request) as Uint8Array);
    if (!answer.ok) throw answer.error;
    expect(answer.value.body).toEqual(signedDocumentOf(parts(), nowMs));
    expect(decode(signedDocument, answer.value.body).ok).toBe(true);
  });
});

const fetched = (at: number, change: Partial<Fetched> = {}): Fetched => ({
  domain,
  nowMs: at,
  bytes: signedDocumentOf(parts(), at),
  ...change,
});
const failure = (at: number): Fetched => ({ domain, nowMs: at });
const empty: DocumentCache = new Map();
/** How long after `at` the next fetch is due, by looking. */
function dueAfterMs(cache: DocumentCache, at: number): number {
  let [low, high] = [at, at + 100 * hourMs];
  if (isDue(cache, domain, low)) return 0;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isDue(cache, domain, middle)) high = middle;
    else low = middle;
  }
  return high - at;
}

describe('the cache', () => {
  test.each([
    ['no header', {}, 24 * hourMs],
    ['max-age', { cacheControl: 'public, max-age=7200' }, 2 * hourMs],
    ['max-age less the age', { cacheControl: 'max-age=7200', ageSeconds: 3600 }, hourMs],
    ['max-age beyond the cap', { cacheControl: 'max-age=31536000' }, 48 * hourMs],
    ['expires', { expiresMs: nowMs + 3 * hourMs }, 3 * hourMs],
    ['no-store', { cacheControl: 'no-store' }, 0],
  ])('with %s', (_, headers, expectedMs) => {
    expect(dueAfterMs(afterFetch(empty, fetched(nowMs, headers)), nowMs)).toBe(expectedMs);
  });

  test('failures are remembered 1 min, doubling to 1 h, and do not lose the document', () => {
    let cache = afterFetch(empty, fetched(nowMs));
    const due: number[] = [];
    let at = nowMs + 24 * hourMs;
    for (let i = 0; i < 8; i++) {
      cache = afterFetch(cache, failure(at));
      const waitMs = dueAfterMs(cache, at);
      due.push(waitMs / minuteMs);
      at += waitMs;
    }
    expect(due).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(documentAt(cache, domain, at)?.domain).toBe(domain);
    expect(documentAt(cache, domain, nowMs + documentLifetimeMs)).toBeUndefined();
    cache = afterFetch(cache, fetched(at));
    expect(dueAfterMs(cache, at)).toBe(24 * hourMs);
    expect(dueAfterMs(afterFetch(cache, failure(at)), at)).toBe(minuteMs);
  });

  test('an unknown homeserver is due, a failed one has no document', () => {
    expect(isDue(empty, domain, nowMs)).toBe(true);
    const cache = afterFetch(empty, failure(nowMs));
    expect(documentAt(cache, domain, nowMs)).toBeUndefined();
    expect(cache.get(domain)).toMatchObject({ failures: 1, fault: 'unreachable' });
  });

  test('what does not verify is a failure: other domain, changed byte, older document', () => {
    const bytes = signedDocumentOf(parts(), nowMs);
    // Ten bytes before the end is inside the signature.
    const changed = Uint8Array.from(bytes, (b, i) => (i === bytes.length - 10 ? b ^ 1 : b));
    const older = signedDocumentOf(parts({ issuedAtMs: nowMs - 1 }), nowMs);
    const known = afterFetch(empty, fetched(nowMs));
    const faults = [
      afterFetch(empty, { ...fetched(nowMs), domain: 'two.example' }).get('two.example'),
      afterFetch(empty, fetched(nowMs, { bytes: changed })).get(domain),
      afterFetch(known, fetched(nowMs, { bytes: older })).get(domain),
    ].map((each) => each?.fault);
    expect(faults).toEqual(['wrong-domain', 'bad-signature', 'rollback']);
  });

  test('a change of the signing key is followed when the old key signs it, else refused', () => {
    const known = afterFetch(empty, fetched(nowMs));
    const old = testKeys(domain).signing;
    const fresh = { scheme: ed25519, ...ed25519.generateKeyPair(random) };
    const keys = { ...testKeys(domain), signing: fresh };
    const rotated = parts({ keys, issuedAtMs: nowMs + hourMs });
    const announced = signedDocumentOf({ ...rotated, previous: old }, nowMs + hourMs);
    const silent = signedDocumentOf(rotated, nowMs + hourMs);
    const follow = (bytes: Uint8Array) =>
      afterFetch(known, { domain, nowMs: nowMs + hourMs, bytes }).get(domain);
    expect(follow(announced)?.document?.verifying_key.key).toEqual(fresh.publicKey);
    expect(follow(silent)).toMatchObject({ fault: 'key-changed' });
    expect(follow(silent)?.document?.verifying_key.key).not.toEqual(fresh.publicKey);
    // Whoever knew nothing takes either: TLS vouches for the first one.
    const first = afterFetch(empty, { domain, nowMs: nowMs + hourMs, bytes: silent });
    expect(documentAt(first, domain, nowMs + hourMs)).toBeDefined();
    // After the change, the old key signs nothing any more.
    const followed = afterFetch(known, { domain, nowMs: nowMs + hourMs, bytes: announced });
    const back = signedDocumentOf(parts({ issuedAtMs: nowMs + 2 * hourMs }), nowMs + 2 * hourMs);
    const after = afterFetch(followed, { domain, nowMs: nowMs + 2 * hourMs, bytes: back });
    expect(after.get(domain)?.fault).toBe('key-changed');
  });

  test('rotations: followed daily by a consumer, and found by one that was away for weeks', () => {
    const dayMs = 24 * hourMs;
    const keysOf = (signing: DocumentSigner) => ({ ...testKeys(domain), signing });
    const fresh = () => ({ scheme: ed25519, ...ed25519.generateKeyPair(random) });
    let keys: SigningKeys = { current: testKeys(domain).signing, sinceMs: nowMs };
    const documentAtTime = (at: number): Uint8Array => {
      const previous = previousAt(keys, at);
      const base = parts({ keys: keysOf(keys.current), issuedAtMs: keys.sinceMs });
      return signedDocumentOf({ ...base, ...(previous && { previous }) }, at);
    };
    const fetchAt = (cache: DocumentCache, at: number) =>
      afterFetch(cache, { domain, nowMs: at, bytes: documentAtTime(at) });
    const first = fetchAt(empty, nowMs);
    let daily = first;
    let changes = 0;
    for (let day = 1; day <= 40; day++) {
      const at = nowMs + day * dayMs;
      // Tried every other day; refused while the change before is announced.
      const rotated = day % 2 === 0 ? rotateSigningKey(keys, fresh(), at) : undefined;
      if (rotated !== undefined) changes++;
      keys = rotated ?? keys;
      daily = fetchAt(daily, at);
      expect(daily.get(domain)?.fault, `day ${day}`).toBeUndefined();
      const slow = fetchAt(first, at).get(domain);
      expect(slow?.fault, `away for ${day} days`).toBeUndefined();
    }
    expect(changes).toBe(5);
  });

  test('garbage of any kind is a failure, never an exception', () => {
    for (let length = 0; length < 200; length++) {
      const cache = afterFetch(empty, fetched(nowMs, { bytes: random.bytes(length) }));
      expect(cache.get(domain)?.fault).toBe('malformed');
    }
    const inner = encode(signedDocument, {
      document: random.bytes(50),
      signature: random.bytes(64),
      continuity_signature: new Uint8Array(),
    });
    expect(afterFetch(empty, fetched(nowMs, { bytes: inner })).get(domain)?.fault).toBe(
      'malformed',
    );
  });
});
