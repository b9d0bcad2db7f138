import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../crypto/random.ts';
import { sealPushToken } from '../../protocol/seal-config.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { expiredClients, removals } from './expiry.ts';
import { now, type TestClient } from './test-client.ts';
import { everyIdea, texts, World } from './test-world.ts';

const ops = qsOperations;
const dayMs = 86_400_000;

/** Keys in the store. */
const keysLeft = (world: World): string[] =>
  [...world.disk.cells.range('', '\xff')].map(([key]) => key);

const secondClient = (world: World, owner: TestClient, name: string): TestClient => {
  const other = world.client(name);
  const reply = owner.must(ops.createClientRecord, { qs_uid: owner.uid, ...other.clientParams() });
  other.uid = owner.uid;
  other.cid = structuredClone(reply.qs_cid);
  return other;
};

describe('user records', () => {
  test('are created, read, updated and deleted by their owner', () => {
    const world = new World();
    const alice = world.member('alice');
    const { qs_uid } = { qs_uid: alice.uid };
    const [record] = alice.must(ops.getUserRecord, { qs_uid }).client_records;
    expect(record?.qs_cid).toEqual(alice.cid);
    expect(record).toMatchObject(alice.clientParams());
    const before = alice.friendshipToken;
    alice.friendshipToken = alice.random.bytes(32);
    alice.must(ops.updateUserRecord, { qs_uid, ...alice.userParams() });
    expect(alice.must(ops.getUserRecord, { qs_uid }).friendship_token).toEqual(
      alice.friendshipToken,
    );
    const asked = alice.call(ops.getAddPackage, { friendship_token: before });
    expect(asked).toMatchObject({ ok: false, code: 'friendship_token_unknown' });
    alice.must(ops.deleteUserRecord, { qs_uid });
    expect(alice.call(ops.getUserRecord, { qs_uid })).toMatchObject({ code: 'unknown_sender' });
    expect(keysLeft(world).filter((key) => !key.startsWith('qa:'))).toEqual([]);
  });

  test("nobody can take another user's friendship token", () => {
    const world = new World();
    const alice = world.member('alice');
    const mallory = world.client('mallory');
    mallory.friendshipToken = alice.friendshipToken;
    const body = { ...mallory.userParams(), ...mallory.clientParams() };
    const refused = { ok: false, code: 'bad_key', fields: { field: 'friendship_token' } };
    expect(mallory.call(ops.createUserRecord, body)).toEqual(refused);
    mallory.friendshipToken = mallory.random.bytes(32);
    mallory.register();
    mallory.friendshipToken = alice.friendshipToken;
    const update = { qs_uid: mallory.uid, ...mallory.userParams() };
    expect(mallory.call(ops.updateUserRecord, update)).toEqual(refused);
  });

  test.each([
    ['user_record_auth_key', { user_record_auth_key: { scheme: 0x0807, key: new Uint8Array(32) } }],
    [
      'client_record_auth_key',
      { client_record_auth_key: { scheme: 0x0403, key: new Uint8Array(65) } },
    ],
    ['queue_encryption_key', { queue_encryption_key: { suite: 1, key: new Uint8Array(5) } }],
    ['queue_encryption_key', { queue_encryption_key: { suite: 99, key: new Uint8Array(32) } }],
  ] as const)('a bad %s is refused', (field, change) => {
    const world = new World();
    const alice = world.client('alice');
    const body = { ...alice.userParams(), ...alice.clientParams(), ...change };
    const answer = alice.call(ops.createUserRecord, body as never);
    expect(answer).toEqual({ ok: false, code: 'bad_key', fields: { field } });
  });
});

describe('client records', () => {
  test('a user has at most ten', () => {
    const world = new World();
    const alice = world.member('alice');
    for (let i = 1; i < 10; i++) secondClient(world, alice, `device ${i}`);
    const body = { qs_uid: alice.uid, ...alice.clientParams() };
    const answer = alice.call(ops.createClientRecord, body);
    expect(answer).toEqual({ ok: false, code: 'too_many_clients', fields: { limit: 10 } });
    expect(alice.must(ops.getUserRecord, { qs_uid: alice.uid }).client_records).toHaveLength(10);
  });

  test('a client goes with queue and packages; the user goes with the last client', () => {
    const world = new World();
    const alice = world.member('alice');
    const tablet = secondClient(world, alice, 'tablet');
    world.send('hello', 'g', [tablet.sealedConfig(), alice.sealedConfig()]);
    tablet.must(ops.deleteClientRecord, { qs_cid: tablet.cid });
    expect(tablet.call(ops.deleteClientRecord, { qs_cid: tablet.cid })).toMatchObject({
      code: 'unknown_sender',
    });
    expect(alice.must(ops.getUserRecord, { qs_uid: alice.uid }).client_records).toHaveLength(1);
    expect(texts(alice)).toEqual(['hello']);
    alice.must(ops.deleteClientRecord, { qs_cid: alice.cid });
    expect(keysLeft(world)).toEqual([]);
  });

  test('a new queue key opens what comes after it, the old one what came before', () => {
    const world = new World();
    const alice = world.member('alice');
    world.send('one', 'g', [alice.sealedConfig()]);
    alice.newQueueKey(0xf00d);
    alice.must(ops.updateClientRecord, { qs_cid: alice.cid, ...alice.clientParams() });
    world.send('two', 'g', [alice.sealedConfig()]);
    const [newest, oldest] = alice.queueKeys;
    expect(texts(alice)).toEqual(['one', 'two']);
    world.send('three', 'g', [alice.sealedConfig()]);
    alice.queueKeys = newest === undefined ? [] : [newest];
    expect(texts(alice)).toEqual(['three']);
    expect(oldest?.suite).toBe(1);
    const [record] = alice.must(ops.getUserRecord, { qs_uid: alice.uid }).client_records;
    expect(record?.queue_encryption_key.suite).toBe(0xf00d);
  });

  test('the push token travels with the wake-up, opened by the key in the config', () => {
    const world = new World();
    const random = seededRandom('push');
    const key = random.bytes(32);
    const token = random.bytes(50);
    const alice = world.client('alice').register(sealPushToken(token, key, random));
    world.send('one', 'g', [alice.sealedConfig(key)]);
    expect(world.server.effects).toEqual([
      { kind: 'wake', client: alice.cid, lane: 1, pushToken: token },
    ]);
    world.reset();
    world.send('two', 'g', [alice.sealedConfig()]);
    world.send('three', 'g', [alice.sealedConfig(random.bytes(32))]);
    const bare = { kind: 'wake', client: alice.cid, lane: 1 };
    expect(world.server.effects).toEqual([bare, bare]);
  });

  test('listening is an effect for its owner', () => {
    const world = new World();
    const alice = world.member('alice');
    const bob = world.member('bob');
    alice.must(ops.listen, { qs_cid: alice.cid });
    expect(world.server.effects).toEqual([{ kind: 'listen', client: alice.cid }]);
    expect(bob.call(ops.listen, { qs_cid: alice.cid })).toMatchObject({ ok: false });
    expect(world.server.effects).toHaveLength(1);
  });
});

describe('expiry', () => {
  const expire = (world: World): number => {
    const store = world.openStore();
    const env = {
      nowMs: world.clock.nowMs,
      policy: { limits: { recordAgeMs: 90 * dayMs } },
      counters: { add: () => undefined },
    } as never;
    const found = removals(now(store.read(expiredClients(env, 100))));
    for (const removal of found) {
      expect(now(store.write(removal.run(now(store.read(removal.access)), env)))).toBe('written');
    }
    return found.length;
  };

  test('a client that nobody uses for 90 days goes, an active one stays', () => {
    const world = new World();
    const alice = world.member('alice');
    const bob = world.member('bob');
    for (let day = 0; day < 90; day++) {
      world.advance(dayMs);
      if (day % 10 === 0) {
        world.send('x', 'g', [bob.sealedConfig()]);
        bob.fetch();
      }
    }
    expect(expire(world)).toBe(0);
    world.advance(dayMs);
    expect(expire(world)).toBe(1);
    expect(alice.call(ops.getUserRecord, { qs_uid: alice.uid })).toMatchObject({ ok: false });
    expect(bob.call(ops.getUserRecord, { qs_uid: bob.uid })).toMatchObject({ ok: true });
    world.advance(90 * dayMs);
    expect(expire(world)).toBe(1);
    expect(keysLeft(world)).toEqual([]);
  });

  test('a client that became active between the two reads stays', () => {
    const world = new World();
    const alice = world.member('alice');
    world.advance(91 * dayMs);
    const store = world.openStore();
    const env = {
      nowMs: world.clock.nowMs,
      policy: { limits: { recordAgeMs: 90 * dayMs } },
    } as never;
    const [removal] = removals(now(store.read(expiredClients(env, 1))));
    world.send('x', 'g', [alice.sealedConfig()]);
    alice.fetch();
    const batch = removal?.run(now(store.read(removal.access)), env);
    expect(now(store.write(batch ?? {}))).toBe('written');
    expect(alice.call(ops.getUserRecord, { qs_uid: alice.uid })).toMatchObject({ ok: true });
  });
});

describe('requests', () => {
  test('each costs at most one read and one write', () => {
    const world = new World();
    const alice = world.member('alice');
    const budget = (run: () => void): void => {
      Object.assign(world.counts, { reads: 0, writes: 0 });
      run();
      expect(world.counts.reads).toBeLessThanOrEqual(1);
      expect(world.counts.writes).toBeLessThanOrEqual(1);
    };
    const { qs_uid, qs_cid } = { qs_uid: alice.uid, qs_cid: alice.cid };
    const group_id = Uint8Array.of(1);
    const key_package = Uint8Array.of(1);
    const single = { kind: 'identified', key_package } as const;
    const batch = { add_packages: [single], last_resort: single };
    const policy = {
      default_label: 2,
      max_messages_per_hour: undefined,
      max_group_size: undefined,
      unknown_source_is_spam: 0,
    } as const;
    world.send('x', 'g', [alice.sealedConfig()]);
    budget(() => alice.must(ops.getUserRecord, { qs_uid }));
    budget(() => alice.must(ops.updateUserRecord, { qs_uid, ...alice.userParams() }));
    budget(() => alice.must(ops.updateClientRecord, { qs_cid, ...alice.clientParams() }));
    budget(() => alice.must(ops.publishKeyPackages, { qs_cid, batch }));
    budget(() => alice.must(ops.getAddPackage, { friendship_token: alice.friendshipToken }));
    budget(() => alice.must(ops.setPolicy, { qs_cid, policy }));
    budget(() => alice.must(ops.acceptGroup, { qs_cid, group_id }));
    budget(() => alice.must(ops.blockGroup, { qs_cid, group_id }));
    budget(() => alice.fetch());
    budget(() => alice.must(ops.verifyingKey, {}));
    budget(() => alice.must(ops.configEncryptionKey, {}));
    budget(() => secondClient(world, alice, 'tablet'));
    budget(() => alice.must(ops.deleteClientRecord, { qs_cid }));
    budget(() => alice.must(ops.deleteUserRecord, { qs_uid }));
    budget(() => alice.call(ops.getUserRecord, { qs_uid }));
  });

  test('of another sender, another scheme, another version or twice are refused', () => {
    const world = new World();
    const [alice, bob] = [world.member('alice'), world.member('bob')];
    const code = (bytes: Uint8Array): string | undefined => {
      const answer = alice.answer(ops.getUserRecord, now(world.server.request(bytes)));
      return answer.ok ? 'ok' : answer.code;
    };
    const bytes = alice.encoded(ops.getUserRecord, { qs_uid: alice.uid });
    expect(code(bytes)).toBe('ok');
    expect(code(bytes)).toBe('replayed');
    bob.uid = alice.uid;
    expect(code(bob.encoded(ops.getUserRecord, { qs_uid: alice.uid }))).toBe('bad_signature');
    const weak = world.client('weak', { scheme: 'token' });
    expect(code(weak.encoded(ops.getUserRecord, { qs_uid: alice.uid }))).toBe(
      'auth_scheme_not_accepted',
    );
    const other = Uint8Array.from(alice.encoded(ops.getUserRecord, { qs_uid: alice.uid }));
    other[1] = 7;
    expect(code(other)).toBe('version_unsupported');
    expect(code(other.subarray(0, 20))).toBe('malformed_request');
    expect(world.count('refused.version_unsupported')).toBe(1);
  });

  test('v1 clients keep their tokens beside v2 clients with signatures', () => {
    const world = new World();
    const old = world.member('old', { version: 1 });
    expect(old.must(ops.getUserRecord, { qs_uid: old.uid }).client_records).toHaveLength(1);
    const strict = new World({ policy: { ...everyIdea, versions: [2] } });
    expect(() => strict.member('old', { version: 1 })).toThrow('version_unsupported');
  });
});
