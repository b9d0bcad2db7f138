/**
 * Anonymous tokens (Privacy Pass, RFC 9576 and 9578, with the batched VOPRF): the issuer's keys,
 * which rotate, the client's two steps, and redemption with a double-spend store.
 *
 * Time is cut into epochs. An issuer signs with the key of the current epoch and redeems tokens of
 * the current and of the previous one, so a token is good for one to two epochs, and only two
 * epochs of spent tokens need to be remembered.
 */
import { hash } from 'node:crypto';
import { concat, equalBytes, plain, uint16Bytes, utf8 } from './bytes.ts';
import { CryptoError } from './error.ts';
import type { Random } from './random.ts';
import {
  blindInputs,
  deriveVoprfKeyPair,
  evaluateBlinded,
  finalizeBlinded,
  outputSize,
  verifyOutput,
  type Blinded,
  type Evaluation,
  type VoprfKeyPair,
} from './voprf.ts';

/** Token type: private use, since RFC 9578 registers no ristretto255 type. */
export const tokenType = 0xff01;
/** Most tokens of one request; bounds what a request can cost the issuer (about 1.4 ms each). */
export const maxTokensPerRequest = 128;

/** A token as RFC 9578, section 2.2 lays it out, without the type. */
export interface Token {
  /** 32 random bytes; what the double-spend store remembers. */
  readonly nonce: Uint8Array;
  /** SHA-256 of the issuer's domain: a token is good at one homeserver only. */
  readonly challengeDigest: Uint8Array;
  /** SHA-256 of the issuer's public key. */
  readonly keyId: Uint8Array;
  /** 64 bytes. */
  readonly authenticator: Uint8Array;
}

/** What an issuer publishes. */
export interface TokenKey {
  readonly epoch: number;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
}

export type SpendResult = 'fresh' | 'spent' | 'full';

/** Remembers spent tokens. Must answer `fresh` at most once per epoch and nonce, ever. */
export interface SpendStore {
  spend(epoch: number, nonce: Uint8Array): SpendResult;
  /** Forgets epochs before `epoch`; their tokens are refused by key already. */
  retire(epoch: number): void;
}

export type Redemption = 'ok' | 'unknown-key' | 'invalid' | 'spent' | 'full';

const sha256 = (bytes: Uint8Array): Uint8Array => plain(hash('sha256', bytes, 'buffer'));

/** The digest that binds tokens to the homeserver `domain`. */
export const challengeOf = (domain: string): Uint8Array => sha256(utf8(domain));

function tokenInput(token: Omit<Token, 'authenticator'>): Uint8Array {
  return concat(uint16Bytes(tokenType), token.nonce, token.challengeDigest, token.keyId);
}

export interface PendingTokens {
  readonly key: TokenKey;
  readonly challengeDigest: Uint8Array;
  readonly nonces: readonly Uint8Array[];
  readonly blinded: readonly Blinded[];
}

/** The client's first step: `count` blinded inputs under the issuer's published key. */
export function requestTokens(
  key: TokenKey,
  domain: string,
  count: number,
  random: Random,
): PendingTokens {
  if (!Number.isInteger(count) || count < 1 || count > maxTokensPerRequest) {
    throw new CryptoError('bad-token', `${count} tokens, not 1 to ${maxTokensPerRequest}`);
  }
  const challengeDigest = challengeOf(domain);
  const nonces = Array.from({ length: count }, () => random.bytes(32));
  const inputs = nonces.map((nonce) => tokenInput({ nonce, challengeDigest, keyId: key.keyId }));
  return { key, challengeDigest, nonces, blinded: blindInputs(inputs, random) };
}

/** The client's second step. Undefined when the issuer's answer is not of its published key. */
export function finishTokens(pending: PendingTokens, answer: Evaluation): Token[] | undefined {
  const outputs = finalizeBlinded(pending.blinded, answer, pending.key.publicKey);
  return outputs?.map((authenticator, index) => ({
    nonce: pending.nonces[index] as Uint8Array,
    challengeDigest: pending.challengeDigest,
    keyId: pending.key.keyId,
    authenticator,
  }));
}

export interface TokenIssuerOptions {
  /** 32 secret bytes from which the keys of all epochs derive. */
  readonly seed: Uint8Array;
  readonly domain: string;
  /** Length of an epoch in milliseconds. */
  readonly epochMs: number;
}

export interface TokenIssuer {
  /** Key to publish and to issue with. */
  currentKey(nowMs: number): TokenKey;
  /** Undefined when the request holds no, too many or malformed elements. */
  issue(
    nowMs: number,
    blinded: readonly Uint8Array[],
    random: Random,
  ): (Evaluation & { readonly keyId: Uint8Array }) | undefined;
  /** Checks the token, then spends it; only `ok` admits. */
  redeem(nowMs: number, token: Token, spent: SpendStore): Redemption;
}

export function makeTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { seed, domain, epochMs } = options;
  if (!(epochMs > 0)) throw new CryptoError('bad-length', `an epoch of ${epochMs} ms`);
  const challengeDigest = challengeOf(domain);
  const keys = new Map<number, VoprfKeyPair & TokenKey>();
  const keyOf = (epoch: number): VoprfKeyPair & TokenKey => {
    const known = keys.get(epoch);
    if (known !== undefined) return known;
    const pair = deriveVoprfKeyPair(seed, utf8(`stormglass tokens ${domain} ${epoch}`));
    const made = { epoch, keyId: sha256(pair.publicKey), ...pair };
    for (const old of keys.keys()) if (old < epoch - 1) keys.delete(old);
    keys.set(epoch, made);
    return made;
  };
  const epochAt = (nowMs: number): number => Math.floor(nowMs / epochMs);
  return {
    currentKey(nowMs) {
      const { epoch, keyId, publicKey } = keyOf(epochAt(nowMs));
      return { epoch, keyId, publicKey };
    },
    issue(nowMs, blinded, random) {
      if (blinded.length < 1 || blinded.length > maxTokensPerRequest) return undefined;
      const key = keyOf(epochAt(nowMs));
      const answer = evaluateBlinded(key, blinded, random);
      return answer && { keyId: key.keyId, ...answer };
    },
    redeem(nowMs, token, spent) {
      const epoch = epochAt(nowMs);
      spent.retire(epoch - 1);
      const key = [keyOf(epoch), keyOf(epoch - 1)].find((k) => equalBytes(k.keyId, token.keyId));
      if (key === undefined) return 'unknown-key';
      const bound = equalBytes(token.challengeDigest, challengeDigest);
      if (!bound || token.nonce.length !== 32 || token.authenticator.length !== outputSize) {
        return 'invalid';
      }
      const input = tokenInput(token);
      if (!verifyOutput(key.secretKey, input, token.authenticator)) return 'invalid';
      const result = spent.spend(key.epoch, token.nonce);
      return result === 'fresh' ? 'ok' : result;
    },
  };
}

/**
 * Spent nonces in memory, at most `capacity` per epoch (about 100 bytes each). A full store
 * refuses; it never forgets a nonce whose key is still accepted.
 */
export function memorySpendStore(capacity: number): SpendStore {
  const epochs = new Map<number, Set<string>>();
  let retiredBefore = Number.NEGATIVE_INFINITY;
  return {
    spend(epoch, nonce) {
      if (epoch < retiredBefore) return 'spent';
      const spent = epochs.get(epoch) ?? new Set<string>();
      epochs.set(epoch, spent);
      const id = Buffer.from(nonce).toString('latin1');
      if (spent.has(id)) return 'spent';
      if (spent.size >= capacity) return 'full';
      spent.add(id);
      return 'fresh';
    },
    retire(epoch) {
      retiredBefore = Math.max(retiredBefore, epoch);
      for (const old of epochs.keys()) if (old < retiredBefore) epochs.delete(old);
    },
  };
}
