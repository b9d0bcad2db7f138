import { beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../crypto/bytes.ts';
import { cryptoSuites } from '../../crypto/suites.ts';
import { decode } from '../../protocol/codec/index.ts';
import { operations } from '../../protocol/operations/index.ts';
import { newReader, openEntry } from '../../protocol/queue-ratchet.ts';
import { directQueuePayload } from '../../protocol/wire/direct-queue.ts';
import { noCounts } from '../../store/counting.ts';
import { chainFault } from './chain.ts';
import { connectionPackageHolds, signConnectionPackage } from './connection-packages.ts';
import { lifetimes, publishedCredentials } from './keyring.ts';
import { AsWorld, dayMs, takeTokens, type Registered, type SignAs } from './test-world.ts';

const { as } = operations;

let world: AsWorld;
beforeEach(() => {
  world = new AsWorld();
});

const ownerOf = ({ clientId }: Registered) => ({ kind: 'client', client_id: clientId }) as const;

describe('registration', () => {
  test('by key: the answer is a credential that the published chain vouches for', () => {
    const alice = world.register();
    const asked = world.ask(as.credentials, {});
    expect(chainFault(alice.credential, asked.reply, world.clock.nowMs)).toBeUndefined();
    expect(alice.credential.signed_payload.payload.client_id).toEqual(alice.clientId);
  });

  test('refuses taken ids, foreign domains, bad requests and bad keys', () => {
    const alice = world.register();
    const key = world.newKey();
    const queue_encryption_key = world.newQueueKey().wire;
    const attempt = (client_csr: ReturnType<typeof world.csr>, hpke = queue_encryption_key) =>
      world.ask(as.register, {
        client_csr,
        queue_encryption_key: hpke,
        connection_packages: [],
      });
    expect(attempt(world.csr(alice.clientId, key)).code).toBe('user_exists');
    const id = world.newClientId();
    const foreign = { ...id, user_id: { ...id.user_id, as_domain: 'two.example' } };
    expect(attempt(world.csr(foreign, key)).fields).toEqual({ reason: 'another domain' });
    const long = world.csr(id, key, lifetimes.clientMs + 1);
    expect(attempt(long).fields).toEqual({ reason: 'validity exceeds that of the signer' });
    const csr = world.csr(id, key);
    const stolen = { ...csr, payload: { ...csr.payload, public_key: world.newKey().publicKey } };
    expect(attempt(stolen).fields).toEqual({ reason: 'bad signature' });
    const badKey = { suite: 1, key: new Uint8Array(7) };
    expect(attempt(csr, badKey).fields).toEqual({ field: 'queue_encryption_key' });
    // A connection package holds the credential that only the answer brings.
    const { connection_package } = packageOf(alice, dayMs);
    const early = { queue_encryption_key, connection_packages: [connection_package] };
    expect(world.ask(as.register, { ...early, client_csr: csr }).fields).toEqual({
      reason: 'publish packages once registered',
    });
    world.clock.nowMs += lifetimes.clientMs;
    expect(attempt(csr).fields).toEqual({ reason: 'expired or not yet valid' });
  });

  test('a credential is renewed by its owner, and the old key is good for nothing after', () => {
    const alice = world.register();
    const key = world.newKey();
    const csr = () => world.csr(alice.clientId, key);
    const bob = world.register();
    expect(world.ask(as.issueClientCredential, { client_csr: csr() }, bob).code).toBe(
      'sender_not_allowed',
    );
    // Renewing is possible after expiry, nothing else is.
    world.clock.nowMs += lifetimes.clientMs + dayMs;
    const profile = { new_user_profile: utf8('profile') };
    expect(world.ask(as.updateUserProfile, profile, alice).fields).toEqual({
      reason: 'expired or not yet valid',
    });
    const renewed = world.ask(as.issueClientCredential, { client_csr: csr() }, alice);
    expect(renewed.code).toBe('ok');
    const published = publishedCredentials(world.keyring, world.clock.nowMs);
    const { client_credential } = renewed.reply;
    expect(chainFault(client_credential, published, world.clock.nowMs)).toBeUndefined();
    expect(world.ask(as.updateUserProfile, profile, alice).code).toBe('bad_signature');
    expect(world.ask(as.updateUserProfile, profile, { ...alice, key }).code).toBe('ok');
    const user_id = alice.clientId.user_id;
    expect(world.ask(as.userProfile, { user_id }).reply.user_profile).toEqual(utf8('profile'));
  });

  test('a deleted user is gone with everything, and its name stays taken', () => {
    const alice = world.register();
    const { user_id } = alice.clientId;
    expect(world.ask(as.deleteUser, { user_id }, world.register()).code).toBe('sender_not_allowed');
    publish(alice, [5 * dayMs]);
    expect(world.ask(as.deleteUser, { user_id }, alice).code).toBe('ok');
    expect(world.ask(as.userProfile, { user_id }).code).toBe('record_unknown');
    expect(world.ask(as.getConnectionPackage, { target: { kind: 'user', user_id } }).code).toBe(
      'record_unknown',
    );
    expect(offer(ownerOf(alice), 'hello').code).toBe('record_unknown');
    expect(world.ask(as.deleteUser, { user_id }, alice).code).toBe('unknown_sender');
    expect(() => world.register(alice.clientId)).toThrow('user_exists');
  });
});

function packageOf(alice: Registered, lifetimeMs: number, signer = alice) {
  const { nowMs } = world.clock;
  const payload = {
    encryption_key: utf8(`connection key for ${lifetimeMs}`),
    lifetime: { not_before: nowMs, not_after: nowMs + lifetimeMs },
  };
  const connection_package = signConnectionPackage(payload, signer.credential, signer.key);
  return { kind: 'user', connection_package } as const;
}

const publish = (alice: Registered, lifetimesMs: readonly number[]) =>
  world.ask(
    as.publishConnectionPackages,
    { owner: ownerOf(alice), packages: lifetimesMs.map((ms) => packageOf(alice, ms)) },
    alice,
  );

/** Which package was handed out, by its lifetime in days; or the refusal. */
function fetched(alice: Registered): string {
  const target = { kind: 'user', user_id: alice.clientId.user_id } as const;
  const asked = world.ask(as.getConnectionPackage, { target });
  if (asked.code !== 'ok') return asked.code;
  const { package: got } = asked.reply;
  if (got.kind !== 'user') throw new Error('a payload under a user id');
  expect(connectionPackageHolds(got.connection_package)).toBe(true);
  const text = Buffer.from(got.connection_package.payload.encryption_key).toString();
  return String(Number(text.slice('connection key for '.length)) / dayMs);
}

describe('connection packages', () => {
  test('each is handed out once; the last one again and again, until it expires', () => {
    const alice = world.register();
    expect(fetched(alice)).toBe('no_connection_package');
    expect(publish(alice, [7 * dayMs, 2 * dayMs, 9 * dayMs]).code).toBe('ok');
    expect(Array.from({ length: 5 }, () => fetched(alice))).toEqual(['2', '7', '9', '9', '9']);
    world.clock.nowMs += 9 * dayMs;
    expect(fetched(alice)).toBe('no_connection_package');
  });

  test('expired ones are skipped, and publishing replaces all', () => {
    const alice = world.register();
    publish(alice, [dayMs, 3 * dayMs, 4 * dayMs]);
    world.clock.nowMs += 2 * dayMs;
    expect(fetched(alice)).toBe('3');
    publish(alice, [5 * dayMs, 5 * dayMs]);
    expect([fetched(alice), fetched(alice), fetched(alice)]).toEqual(['5', '5', '5']);
  });

  test('two fetches at the same time never get the same single-use package', () => {
    // The head changes with every package, so that the second write meets a conflict.
    const alice = world.register();
    publish(alice, [dayMs, 2 * dayMs, 3 * dayMs]);
    Object.assign(world.counts, noCounts());
    fetched(alice);
    expect(world.counts.puts).toBe(1);
  });

  test('only with the own credential, its signature, and within its validity', () => {
    const alice = world.register();
    const bob = world.register();
    const owner = ownerOf(alice);
    const attempt = (pack: ReturnType<typeof packageOf>, by: SignAs = alice) =>
      world.ask(as.publishConnectionPackages, { owner, packages: [pack] }, by);
    expect(attempt(packageOf(alice, dayMs), bob).code).toBe('sender_not_allowed');
    expect(attempt(packageOf(alice, dayMs, bob)).fields).toEqual({
      reason: 'not the credential of this client',
    });
    expect(attempt(packageOf(alice, dayMs, { ...alice, key: bob.key })).fields).toEqual({
      reason: 'bad signature',
    });
    expect(attempt(packageOf(alice, lifetimes.clientMs + 1)).fields).toEqual({
      reason: 'validity exceeds that of the signer',
    });
    expect(fetched(alice)).toBe('no_connection_package');
  });
});

const offer = (
  owner: ReturnType<typeof ownerOf> | { readonly kind: 'alias'; readonly alias: Uint8Array },
  text: string,
) => world.ask(as.enqueue, { owner, suite: 1, connection_establishment_ctxt: utf8(text) });

/** Dequeues everything from `from` on, and opens it with the queue's key. */
function read(
  owner: Parameters<typeof offer>[0],
  by: SignAs,
  privateKey: Uint8Array,
): readonly string[] {
  const body = { owner, sequence_number_start: 0, max_message_number: 500 };
  const asked = world.ask(as.dequeue, body, by);
  expect(asked.code).toBe('ok');
  let reader = newReader(1);
  const texts: string[] = [];
  for (const entry of asked.reply.entries) {
    const opened = openEntry(reader, entry, [{ suite: 1, privateKey }], (n) => cryptoSuites.get(n));
    if (!opened.ok) throw new Error(opened.fault);
    reader = opened.reader;
    if (opened.plaintext === undefined) continue;
    const payload = decode(directQueuePayload, opened.plaintext);
    if (!payload.ok) throw payload.error;
    texts.push(Buffer.from(payload.value.connection_establishment_ctxt).toString());
  }
  return texts;
}

describe('direct queues', () => {
  test('offers arrive sealed, in order, and are deleted by what is dequeued after them', () => {
    const alice = world.register();
    const owner = ownerOf(alice);
    for (const text of ['one', 'two', 'three']) expect(offer(owner, text).code).toBe('ok');
    expect(read(owner, alice, alice.queueKey.privateKey)).toEqual(['one', 'two', 'three']);
    const from = (sequence_number_start: number) => ({
      owner,
      sequence_number_start,
      max_message_number: 1,
    });
    const second = world.ask(as.dequeue, from(2), alice);
    expect(second.reply.entries.map(({ sequence }) => sequence)).toEqual([2]);
    expect(second.reply.remaining).toBe(1);
    const first = world.ask(as.dequeue, from(0), alice);
    expect(first.reply.entries.map(({ sequence }) => sequence)).toEqual([2]);
  });

  test('nobody else reads them, and unknown owners have none', () => {
    const alice = world.register();
    const bob = world.register();
    const body = { owner: ownerOf(alice), sequence_number_start: 0, max_message_number: 1 };
    expect(world.ask(as.dequeue, body, bob).code).toBe('sender_not_allowed');
    expect(world.ask(as.dequeue, body, { ...alice, key: bob.key }).code).toBe('bad_signature');
    const { client_id } = ownerOf(alice);
    const foreign = { ...client_id.user_id, as_domain: 'two.example' };
    for (const other of [world.newClientId(), { ...client_id, user_id: foreign }]) {
      expect(offer({ kind: 'client', client_id: other }, 'hello').code).toBe('record_unknown');
    }
  });

  test('a key speaks for the client it was registered for, not for others of the user', () => {
    const alice = world.register();
    const client_id = { ...alice.clientId, client_uuid: world.random.bytes(16) };
    const sibling: SignAs = { sender: { kind: 'client', client_id }, key: alice.key };
    const profile = { new_user_profile: utf8('x') };
    expect(world.ask(as.updateUserProfile, profile, sibling).code).toBe('unknown_sender');
    expect(world.ask(as.updateUserProfile, profile, alice).code).toBe('ok');
  });

  test('a full queue refuses, visibly', () => {
    world = new AsWorld({ policy: { limits: { laneMessages: 2 } } });
    const owner = ownerOf(world.register());
    expect(offer(owner, 'one').code).toBe('ok');
    expect(offer(owner, 'two')).toMatchObject({ code: 'queue_full', fields: { limit: 2 } });
  });

  test('an alias has a queue and packages of its own, and may be given up', () => {
    const alias = utf8('night owl');
    const key = world.newKey();
    const queueKey = world.newQueueKey();
    const alias_auth_key = { scheme: 0x0807, key: key.publicKey } as const;
    const register = () =>
      world.ask(as.registerAlias, { alias, alias_auth_key, queue_encryption_key: queueKey.wire });
    expect(register().code).toBe('ok');
    expect(register().code).toBe('user_exists');
    const by: SignAs = { sender: { kind: 'alias', alias }, key };
    const owner = { kind: 'alias', alias } as const;
    offer(owner, 'psst');
    expect(read(owner, by, queueKey.privateKey)).toEqual(['psst']);
    const { nowMs } = world.clock;
    const lifetime = { not_before: nowMs, not_after: nowMs + dayMs };
    const payload = { encryption_key: utf8('key'), lifetime };
    const alice = world.register();
    const linkable = world.ask(
      as.publishConnectionPackages,
      { owner, packages: [packageOf(alice, dayMs)] },
      by,
    );
    expect(linkable.fields).toEqual({ reason: 'an alias publishes payloads only' });
    const packages = [{ kind: 'alias', payload } as const];
    expect(world.ask(as.publishConnectionPackages, { owner, packages }, by).code).toBe('ok');
    expect(world.ask(as.getConnectionPackage, { target: owner }).reply.package).toEqual(
      packages[0],
    );
    const other = utf8('another');
    expect(world.ask(as.deleteAlias, { alias: other }, by).code).toBe('sender_not_allowed');
    expect(world.ask(as.deleteAlias, { alias }, by).code).toBe('ok');
    expect(offer(owner, 'psst').code).toBe('record_unknown');
    expect(register().code).toBe('ok');
  });
});

test('every operation costs at most one read and one write', () => {
  const alice = world.register();
  const { user_id } = alice.clientId;
  const alias = utf8('budget');
  const key = world.newKey();
  const by: SignAs = { sender: { kind: 'alias', alias }, key };
  const alias_auth_key = { scheme: 0x0807, key: key.publicKey } as const;
  const owner = ownerOf(alice);
  const steps: Record<string, () => unknown> = {
    register: () => world.register(),
    credentials: () => world.ask(as.credentials, {}),
    publish: () => publish(alice, [dayMs, 2 * dayMs, 3 * dayMs]),
    get: () => world.ask(as.getConnectionPackage, { target: { kind: 'user', user_id } }),
    enqueue: () => offer(owner, 'hello'),
    dequeue: () =>
      world.ask(as.dequeue, { owner, sequence_number_start: 1, max_message_number: 9 }, alice),
    tokens: () => takeTokens(world, alice, 1),
    updateProfile: () => world.ask(as.updateUserProfile, { new_user_profile: utf8('x') }, alice),
    profile: () => world.ask(as.userProfile, { user_id }),
    registerAlias: () => {
      const queue_encryption_key = world.newQueueKey().wire;
      return world.ask(as.registerAlias, { alias, alias_auth_key, queue_encryption_key });
    },
    deleteAlias: () => world.ask(as.deleteAlias, { alias }, by),
    renew: () =>
      world.ask(
        as.issueClientCredential,
        { client_csr: world.csr(alice.clientId, alice.key) },
        alice,
      ),
    deleteUser: () => world.ask(as.deleteUser, { user_id }, alice),
  };
  for (const [name, step] of Object.entries(steps)) {
    Object.assign(world.counts, noCounts());
    const asked = step() as { readonly code?: string };
    expect(asked.code ?? 'ok', name).toBe('ok');
    expect(world.counts.reads, `reads of ${name}`).toBeLessThanOrEqual(1);
    expect(world.counts.writes, `writes of ${name}`).toBeLessThanOrEqual(1);
  }
});
