import { beforeEach, describe, expect, test } from 'vitest';
import type { Token } from '../../crypto/tokens.ts';
import { operations } from '../../protocol/operations/index.ts';
import { AsWorld, dayMs, takeTokens } from './test-world.ts';

const { as, qs } = operations;

let world: AsWorld;
beforeEach(() => {
  world = new AsWorld();
});

describe('anonymous tokens', () => {
  test('are issued within the allowance of the day, and more the next day', () => {
    world = new AsWorld({ allowance: { perUser: 3 } });
    const alice = world.register();
    const first = takeTokens(world, alice, 2);
    expect(first.tokens).toHaveLength(2);
    expect(first.reply.remaining).toBe(1);
    const untilTomorrow = dayMs - (world.clock.nowMs % dayMs);
    expect(takeTokens(world, alice, 2)).toMatchObject({
      code: 'allowance_used',
      fields: { retry_after_ms: untilTomorrow },
    });
    expect(takeTokens(world, world.register(), 2).code).toBe('ok');
    expect(takeTokens(world, alice, 1).reply.remaining).toBe(0);
    world.clock.nowMs += untilTomorrow;
    expect(takeTokens(world, alice, 3).tokens).toHaveLength(3);
  });

  test('are redeemed once, anywhere on the homeserver, for two epochs', () => {
    world = new AsWorld({ policy: { anonymousTokens: true } });
    const alice = world.register();
    const [one, two, three] = takeTokens(world, alice, 3).tokens as [Token, Token, Token];
    const client = world.newKey();
    const record = () => ({
      user_record_auth_key: { scheme: 0x0807, key: client.publicKey } as const,
      friendship_token: world.random.bytes(32),
      client_record_auth_key: { scheme: 0x0807, key: client.publicKey } as const,
      queue_encryption_key: world.newQueueKey().wire,
      encrypted_push_token: undefined,
    });
    const create = (token?: Token) =>
      world.ask(qs.createUserRecord, record(), undefined, token).code;
    expect(create()).toBe('token_required');
    expect(create(one)).toBe('ok');
    expect(create(one)).toBe('token_spent');
    const { user_id } = alice.clientId;
    const profile = (token: Token) => world.ask(as.userProfile, { user_id }, undefined, token).code;
    expect(profile(one)).toBe('token_spent');
    world.clock.nowMs += dayMs;
    expect(profile(two)).toBe('ok');
    world.clock.nowMs += dayMs;
    expect(profile(three)).toBe('token_invalid');
  });

  test('clients of another homeserver take them with their chain, within shared limits', () => {
    const two = new AsWorld({ domain: 'two.example', clock: world.clock });
    const allowance = { perRemoteUser: 2, perRemoteDomain: 3 };
    const here = new AsWorld({ clock: world.clock, peers: [two], allowance });
    const [carol, dave] = [two.register(), two.register()];
    expect(takeTokens(here, carol, 2).tokens).toHaveLength(2);
    expect(takeTokens(here, carol, 1).code).toBe('allowance_used');
    expect(takeTokens(here, dave, 1).code).toBe('ok');
    expect(takeTokens(here, dave, 1).code).toBe('allowance_used');
  });

  test('chains that do not hold get none', () => {
    const two = new AsWorld({ domain: 'two.example', clock: world.clock });
    const here = new AsWorld({ clock: world.clock, peers: [two] });
    const carol = two.register();
    expect(takeTokens(world, carol, 1).fields).toMatchObject({ domain: 'two.example' });
    const forged = { ...carol, key: here.newKey() };
    const csr = two.csr(carol.clientId, forged.key);
    const unsigned = {
      ...forged,
      credential: { signed_payload: csr, signature: new Uint8Array(64) },
    };
    expect(takeTokens(here, unsigned, 1).fields).toEqual({ reason: 'bad signature' });
    expect(takeTokens(here, forged, 1).code).toBe('bad_signature');
    const stolen = { ...here.register(), credential: carol.credential };
    expect(takeTokens(here, stolen, 1).code).toBe('sender_not_allowed');
    const unknown = new AsWorld({ domain: 'three.example', clock: world.clock });
    expect(takeTokens(here, unknown.register(), 1).code).toBe('remote_unreachable');
  });

  test('malformed elements cost no allowance', () => {
    world = new AsWorld({ allowance: { perUser: 1 } });
    const alice = world.register();
    const body = { client_credential: alice.credential, blinded: [new Uint8Array(32).fill(255)] };
    expect(world.ask(as.issueTokens, body, alice).code).toBe('malformed_request');
    expect(takeTokens(world, alice, 1).code).toBe('ok');
  });
});
