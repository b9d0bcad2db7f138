import { describe, expect, test } from 'vitest';
import { CryptoError } from './error.ts';
import { seededRandom } from './random.ts';
import {
  finishTokens,
  makeTokenIssuer,
  memorySpendStore,
  requestTokens,
  type Token,
} from './tokens.ts';

const random = seededRandom('tokens');
const options = { seed: new Uint8Array(32).fill(1), domain: 'one.example', epochMs: 1000 };
const issuer = makeTokenIssuer(options);

function tokensAt(nowMs: number, count = 1): Token[] {
  const pending = requestTokens(issuer.currentKey(nowMs), 'one.example', count, random);
  const answer = issuer.issue(
    nowMs,
    pending.blinded.map((item) => item.blinded),
    random,
  );
  return finishTokens(pending, answer!)!;
}

describe('tokens', () => {
  test('a batch is issued, and each token is good once', () => {
    const spent = memorySpendStore(10);
    const tokens = tokensAt(0, 3);
    expect(tokens.map((token) => issuer.redeem(1, token, spent))).toEqual(['ok', 'ok', 'ok']);
    expect(tokens.map((token) => issuer.redeem(2, token, spent))).toEqual([
      'spent',
      'spent',
      'spent',
    ]);
  });

  test('the previous epoch is still redeemed, the one before not, spent ones never again', () => {
    const spent = memorySpendStore(10);
    const [early, late] = tokensAt(500, 2);
    expect(issuer.redeem(999, early!, spent)).toBe('ok');
    expect(issuer.redeem(1999, early!, spent)).toBe('spent');
    expect(issuer.redeem(1999, late!, spent)).toBe('ok');
    expect(issuer.redeem(2000, late!, spent)).toBe('unknown-key');
    expect(issuer.currentKey(999).keyId).not.toEqual(issuer.currentKey(1000).keyId);
  });

  test('a clock that goes back does not bring spent tokens back', () => {
    const spent = memorySpendStore(10);
    const [token] = tokensAt(0);
    expect(issuer.redeem(0, token!, spent)).toBe('ok');
    expect(issuer.redeem(5000, token!, spent)).toBe('unknown-key');
    expect(issuer.redeem(0, token!, spent)).toBe('spent');
  });

  test('a full store refuses', () => {
    const spent = memorySpendStore(1);
    const [first, second] = tokensAt(0, 2);
    expect(issuer.redeem(0, first!, spent)).toBe('ok');
    expect(issuer.redeem(0, second!, spent)).toBe('full');
    expect(issuer.redeem(0, first!, spent)).toBe('spent');
  });

  test('altered tokens, and tokens of another homeserver, are refused', () => {
    const spent = memorySpendStore(10);
    const [token] = tokensAt(0);
    const flip = (bytes: Uint8Array): Uint8Array => bytes.map((b, i) => (i === 0 ? b ^ 1 : b));
    const other = makeTokenIssuer({ ...options, domain: 'two.example' });
    expect(issuer.redeem(0, { ...token!, nonce: flip(token!.nonce) }, spent)).toBe('invalid');
    const authenticator = flip(token!.authenticator);
    expect(issuer.redeem(0, { ...token!, authenticator }, spent)).toBe('invalid');
    const challengeDigest = flip(token!.challengeDigest);
    expect(issuer.redeem(0, { ...token!, challengeDigest }, spent)).toBe('invalid');
    expect(other.redeem(0, token!, spent)).toBe('unknown-key');
    expect(issuer.redeem(0, token!, spent)).toBe('ok');
  });

  test('a token that was blinded for another homeserver is refused', () => {
    const pending = requestTokens(issuer.currentKey(0), 'two.example', 1, random);
    const elements = pending.blinded.map((item) => item.blinded);
    const [token] = finishTokens(pending, issuer.issue(0, elements, random)!)!;
    expect(issuer.redeem(0, token!, memorySpendStore(10))).toBe('invalid');
  });

  test('an issuer with another key than the published one is found out', () => {
    const pending = requestTokens(issuer.currentKey(0), 'one.example', 2, random);
    const cheat = makeTokenIssuer({ ...options, seed: new Uint8Array(32).fill(2) });
    const elements = pending.blinded.map((item) => item.blinded);
    expect(finishTokens(pending, cheat.issue(0, elements, random)!)).toBeUndefined();
    const honest = issuer.issue(0, elements, random)!;
    const swapped = { ...honest, evaluated: honest.evaluated.toReversed() };
    expect(finishTokens(pending, swapped)).toBeUndefined();
    expect(finishTokens(pending, { ...honest, evaluated: [] })).toBeUndefined();
  });

  test('malformed requests are refused', () => {
    expect(issuer.issue(0, [], random)).toBeUndefined();
    expect(issuer.issue(0, [new Uint8Array(32).fill(255)], random)).toBeUndefined();
    expect(
      issuer.issue(
        0,
        Array.from({ length: 129 }, () => new Uint8Array(32)),
        random,
      ),
    ).toBeUndefined();
    const key = issuer.currentKey(0);
    expect(() => requestTokens(key, 'one.example', 0, random)).toThrow(CryptoError);
  });
});
