import { describe, expect, test } from 'vitest';
import { seededRandom } from '../crypto/random.ts';
import type { Token } from '../crypto/tokens.ts';
import { plainRequest } from '../protocol/auth/sign.ts';
import { encode } from '../protocol/codec/index.ts';
import { operations } from '../protocol/operations/index.ts';
import { noCounts } from '../store/counting.ts';
import { memoryStore } from '../store/memory.ts';
import type { Loaded } from '../store/port.ts';
import { AsWorld, dayMs, takeTokens, type AsWorldOptions } from './as/test-world.ts';
import type { Env } from './core.ts';
import { makeDispatch } from './dispatch.ts';
import { makePolicy } from './policy.ts';
import { queuingService } from './qs/index.ts';

const { as, qs } = operations;
const policy = { anonymousTokens: true };
const open = (options: AsWorldOptions = {}) => new AsWorld({ policy, ...options });

/** A world with a registered user and some tokens. */
function setting(count: number) {
  const world = open();
  const alice = world.register();
  const { tokens } = takeTokens(world, alice, count);
  const { user_id } = alice.clientId;
  const pay = (token: Token, at: AsWorld = world): string =>
    at.ask(as.userProfile, { user_id }, undefined, token).code;
  return { world, alice, tokens: tokens as [Token, Token, Token], pay };
}

describe('spent tokens', () => {
  test('are known after a restart: they stand in the store', () => {
    const { world, tokens, pay } = setting(2);
    expect(pay(tokens[0])).toBe('ok');
    const restarted = open({ disk: world.disk, clock: world.clock });
    expect(pay(tokens[0], restarted)).toBe('token_spent');
    expect(pay(tokens[1], restarted)).toBe('ok');
  });

  test('are written in the one write of the request they pay for', () => {
    const { world, tokens, pay } = setting(1);
    Object.assign(world.counts, noCounts());
    expect(pay(tokens[0])).toBe('ok');
    expect(world.counts).toMatchObject({ reads: 1, writes: 1, puts: 1 });
  });

  test('are spent by a refused operation too, but not by one that was never authenticated', () => {
    const { world, alice, tokens, pay } = setting(3);
    const body = { user_id: { ...alice.clientId.user_id, user_id: new Uint8Array(16) } };
    expect(world.ask(as.userProfile, body, undefined, tokens[0]).code).toBe('record_unknown');
    expect(pay(tokens[0])).toBe('token_spent');
    const forged = { ...alice, key: world.newKey() };
    const profile = { new_user_profile: new Uint8Array(3) };
    expect(world.ask(as.updateUserProfile, profile, forged, tokens[1]).code).toBe('bad_signature');
    expect(pay(tokens[1])).toBe('ok');
  });

  test('of two requests at the same time one wins', () => {
    const { world, tokens } = setting(1);
    const [anonymousToken] = tokens;
    const random = seededRandom('two requests');
    const dispatch = makeDispatch(queuingService.handlers);
    const operation = qs.getAddPackage;
    const body = encode(operation.bodies[2].request, { friendship_token: new Uint8Array(32) });
    const env = {
      ...({ nowMs: world.clock.nowMs, random, domain: world.domain } as Env),
      policy: makePolicy({ ...policy, versions: [2, 1] }),
      counters: { add: () => undefined },
      tokens: { issuer: world.issuer },
    };
    const store = memoryStore({ disk: world.disk });
    const steps = [1, 2].map(() => {
      const draft = { version: 2, operation, requestId: random.bytes(16), body, anonymousToken };
      const step = dispatch(plainRequest({ ...draft, destination: world.domain }), env);
      if (step.kind === 'answer') throw new Error(step.answer.error?.code);
      return step;
    });
    const loaded = steps.map((step) => store.read(step.access) as Loaded);
    const answers = steps.map((step, i) => step.run(loaded[i] as Loaded, env));
    expect(answers.map(({ error }) => error?.code)).not.toContain('token_spent');
    expect(answers.map(({ batch }) => batch && store.write(batch))).toEqual([
      'written',
      'conflict',
    ]);
    const again = steps[1]!.run(store.read(steps[1]!.access) as Loaded, env);
    expect(again.error?.code).toBe('token_spent');
    expect(again.batch).toBeUndefined();
  });

  test('of epochs that are over are forgotten', () => {
    const { world, alice, tokens, pay } = setting(3);
    const held = (): number => [...world.disk.cells.range('token-spent:', 'token-spent;')].length;
    for (const token of tokens) pay(token);
    expect(held()).toBe(3);
    world.clock.nowMs += dayMs;
    const next = takeTokens(world, alice, 2).tokens as [Token, Token];
    pay(next[0]);
    // Tokens of the day before are still good, so what was spent of them is still known.
    expect(held()).toBe(4);
    expect(pay(tokens[0])).toBe('token_spent');
    world.clock.nowMs += dayMs;
    pay(next[1]);
    expect(held()).toBe(2);
  });

  test('a token of another issuer, and a homeserver without one, admit nobody', () => {
    const { world, alice, tokens, pay } = setting(1);
    const changed = { ...tokens[0], authenticator: new Uint8Array(64) };
    expect(pay(changed)).toBe('token_invalid');
    expect(pay({ ...tokens[0], keyId: new Uint8Array(32) })).toBe('token_invalid');
    const blind = open({ disk: world.disk, clock: world.clock, issuer: false });
    expect(pay(tokens[0], blind)).toBe('unavailable');
    expect(pay(tokens[0])).toBe('ok');
    expect(alice.credential).toBeDefined();
  });
});
