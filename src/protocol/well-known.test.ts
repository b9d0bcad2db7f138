import { describe, expect, test } from 'vitest';
import { seededRandom } from '../crypto/random.ts';
import { ed25519 } from '../crypto/signature.ts';
import { decode, encode } from './codec/index.ts';
import { cachedUntilMs, cacheRules, signDocument, verifyDocument } from './well-known.ts';
import { signatureSchemes } from './wire/identifiers.ts';
import { signedDocument, type HomeserverDocument } from './wire/well-known.ts';

const random = seededRandom('well-known');
const old = ed25519.generateKeyPair(random);
const fresh = ed25519.generateKeyPair(random);
const signerOf = ({ privateKey }: typeof old) => ({ scheme: ed25519, privateKey });
const hour = 3_600_000;

function documentOf(key: Uint8Array, change: Partial<HomeserverDocument> = {}): HomeserverDocument {
  return {
    domain: 'one.example',
    issued_at: 1000,
    expires_at: 1000 + 200 * hour,
    versions: [2, 1],
    suites: [1, 0xf00d],
    suite_policy: 1,
    identity_kinds: [1, 2],
    lanes: [1, 2],
    auth_schemes: [3, 2, 1],
    verifying_key: { scheme: signatureSchemes.ed25519, key },
    config_encryption_keys: [{ suite: 1, key: random.bytes(32) }],
    token_keys: [{ epoch: 1, key_id: random.bytes(32), public_key: random.bytes(32) }],
    ...change,
  };
}

describe('the signed document', () => {
  const document = documentOf(old.publicKey);
  const bytes = signDocument(document, signerOf(old));
  const check = (
    input: Uint8Array,
    known?: HomeserverDocument,
    nowMs = 2000,
    domain = 'one.example',
  ) => verifyDocument(input, domain, nowMs, known);

  test('verifies, and equal documents are equal bytes', () => {
    expect(check(bytes)).toEqual({ ok: true, document });
    expect(signDocument(document, signerOf(old))).toEqual(bytes);
  });

  test('any changed byte is refused', () => {
    for (let at = 0; at < bytes.length; at += 3) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 4;
      expect(check(changed).ok).toBe(false);
    }
  });

  test('another domain, an expired or an older document', () => {
    expect(check(bytes, undefined, 2000, 'two.example')).toEqual({
      ok: false,
      fault: 'wrong-domain',
    });
    expect(check(bytes, undefined, document.expires_at)).toEqual({ ok: false, fault: 'expired' });
    const known = { ...document, issued_at: 1001 };
    expect(check(bytes, known)).toEqual({ ok: false, fault: 'rollback' });
  });

  test('a stripped version list is found out by the signature', () => {
    const signed = decode(signedDocument, bytes);
    const stripped = documentOf(old.publicKey, { ...document, versions: [1] });
    const forged = signDocument(stripped, signerOf(fresh));
    expect(check(forged)).toEqual({ ok: false, fault: 'bad-signature' });
    expect(signed.ok && encode(signedDocument, signed.value)).toEqual(bytes);
  });

  test('a changed key needs the signature of the known one', () => {
    const next = documentOf(fresh.publicKey, { issued_at: 5000 });
    const stolen = signDocument(next, signerOf(fresh));
    const announced = signDocument(next, signerOf(fresh), signerOf(old));
    expect(check(stolen, document)).toEqual({ ok: false, fault: 'key-changed' });
    expect(check(announced, document)).toEqual({ ok: true, document: next });
  });
});

describe('the cache rules', () => {
  const document = documentOf(old.publicKey);
  const until = (outcome: Partial<Parameters<typeof cachedUntilMs>[0]>): number =>
    (cachedUntilMs({ nowMs: 5000, document, failures: 0, ...outcome }) - 5000) / hour;

  test.each([
    ['no header: 24 h', {}, 24],
    ['max-age', { cacheControl: 'public, max-age=7200' }, 2],
    ['max-age less the age', { cacheControl: 'max-age=7200', ageSeconds: 3600 }, 1],
    ['at most 48 h', { cacheControl: 'max-age=999999999' }, 48],
    ['no-store', { cacheControl: 'No-Store, max-age=7200' }, 0],
    ['Expires', { expiresMs: 5000 + 3 * hour }, 3],
    ['max-age wins over Expires', { cacheControl: 'max-age=60', expiresMs: 5000 + hour }, 1 / 60],
    ['an Expires in the past', { expiresMs: 1 }, 0],
    ['nonsense is ignored', { cacheControl: 'max-age=-5, foo' }, 24],
  ])('%s', (_, outcome, hours) => {
    expect(until(outcome)).toBeCloseTo(hours, 9);
  });

  test('never beyond the expiry of the document', () => {
    expect(until({ document: { ...document, expires_at: 5000 + hour } })).toBe(1);
  });

  test('failures: 1 min, doubled, at most 1 h', () => {
    const minutes = (failures: number): number =>
      (cachedUntilMs({ nowMs: 0, failures }) * 60) / hour;
    expect([1, 2, 3, 4, 5, 6, 7, 8, 1000].map(minutes)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(cachedUntilMs({ nowMs: 0, failures: 9 })).toBe(cacheRules.errorMaxMs);
  });
});
