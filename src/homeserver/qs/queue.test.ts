import { describe, expect, test } from 'vitest';
import { utf8 } from '../../crypto/bytes.ts';
import { asymmetricOperations } from '../../crypto/suites.ts';
import { decode, encode } from '../../protocol/codec/index.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { openEntry } from '../../protocol/queue-ratchet.ts';
import { lanes } from '../../protocol/wire/identifiers.ts';
import { cryptoSuites } from '../../crypto/suites.ts';
import { queueDeletedV2 } from '../../protocol/wire/queue-messages.ts';
import { toQueues } from './outgoing.ts';
import type { TestClient } from './test-client.ts';
import { texts, World } from './test-world.ts';

const { dequeue } = qsOperations;
const hourMs = 3_600_000;
const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `m${from + i}`);

const asymmetric = (world: World): number =>
  asymmetricOperations.reduce((sum, operation) => sum + (world.crypto.get(operation) ?? 0), 0);

function dequeueOf(client: TestClient, start: number, max = 500, lane = lanes.ham as 1 | 2) {
  const body = { qs_cid: client.cid, lane, sequence_number_start: start, max_message_number: max };
  return client.must(dequeue, body);
}

describe('what an enqueue costs', () => {
  test.each([
    ['sealed', 1],
    ['plain', 0],
  ] as const)('%s: %i asymmetric operations per recipient', (kind, expected) => {
    const world = new World();
    const members = ['a', 'b', 'c'].map((name) => world.member(name));
    const configs = members.map((m) => (kind === 'sealed' ? m.sealedConfig() : m.plainConfig()));
    // The first message of a config also verifies the signature it carries, once.
    world.send('first', 'g', configs);
    world.reset();
    for (let i = 0; i < 5; i++) world.send('again', 'g', configs);
    expect(asymmetric(world)).toBe(expected * 15);
    expect(world.count('crypto.asymmetric')).toBe(expected * 15);
    expect(world.count('qs.config_verified')).toBe(0);
    expect(world.crypto.get('seal') ?? 0).toBe(15);
  });

  test('recipients share one read and one write up to the chunk', () => {
    const world = new World({ policy: { limits: { fanOutRecipients: 4 } } });
    const configs = Array.from({ length: 10 }, (_, i) => world.member(`m${i}`).sealedConfig());
    world.put('hello', 'g', configs);
    world.reset();
    world.drain();
    expect(world.counts).toMatchObject({ reads: 3, writes: 3, conflicts: 0 });
    expect(world.count('qs.enqueued.ham')).toBe(10);
  });

  test('a dequeue costs one read, one write, one signature check, no decryption', () => {
    const world = new World();
    const alice = world.member('alice');
    const config = alice.plainConfig();
    for (const text of numbered(600)) world.put(text, 'g', [config]);
    world.drain();
    world.reset();
    const first = alice.fetch();
    expect(world.counts).toMatchObject({ reads: 1, writes: 0 });
    world.reset();
    const second = alice.fetch();
    expect(world.counts).toMatchObject({ reads: 1, writes: 1 });
    expect(world.count('crypto.asymmetric')).toBe(1);
    expect(world.crypto.get('open') ?? 0).toBe(0);
    expect(first.length + second.length).toBe(600);
  });
});

describe('dequeue', () => {
  test('deletes below the start, returns from it on, and says what remains', () => {
    const world = new World();
    const alice = world.member('alice');
    for (const text of numbered(5)) world.send(text, 'g', [alice.sealedConfig()]);
    // 0 is the start of the ratchet.
    const some = dequeueOf(alice, 0, 3);
    expect(some.entries.map((entry) => entry.sequence)).toEqual([0, 1, 2]);
    expect(some.remaining).toBe(3);
    expect(dequeueOf(alice, 0, 3).entries).toHaveLength(3);
    const rest = dequeueOf(alice, 4);
    expect(rest.entries.map((entry) => entry.sequence)).toEqual([4, 5]);
    expect(dequeueOf(alice, 0).entries.map((entry) => entry.sequence)).toEqual([4, 5]);
    expect(dequeueOf(alice, 6)).toMatchObject({ entries: [], remaining: 0 });
    expect(dequeueOf(alice, 0).entries).toEqual([]);
    world.send('later', 'g', [alice.sealedConfig()]);
    expect(dequeueOf(alice, 0).entries.map((entry) => entry.sequence)).toEqual([6]);
  });

  test('a number that was never given out acknowledges what there is, no more', () => {
    const world = new World();
    const alice = world.member('alice');
    expect(dequeueOf(alice, 2 ** 52)).toMatchObject({ entries: [], remaining: 0 });
    world.send('one', 'g', [alice.sealedConfig()]);
    const { entries, remaining } = dequeueOf(alice, 0, 1);
    expect(entries.map((entry) => entry.sequence)).toEqual([1]);
    expect(remaining).toBe(0);
    expect(dequeueOf(alice, 0, 0).remaining).toBe(1);
  });

  test('returns no more than asked, than the policy, than 500, and counts the rest', () => {
    const world = new World({ policy: { limits: { dequeueMessages: 32 } } });
    const alice = world.member('alice');
    for (const text of numbered(50)) world.put(text, 'g', [alice.plainConfig()]);
    world.drain();
    expect(dequeueOf(alice, 0, 0)).toMatchObject({ entries: [], remaining: 51 });
    expect(dequeueOf(alice, 0, 10).entries).toHaveLength(10);
    const most = dequeueOf(alice, 0, 0xffffffff);
    expect(most.entries).toHaveLength(32);
    expect(most.remaining).toBe(19);
  });

  test.each([1, 2] as const)('the fast answer of v%i is what the codec would encode', (version) => {
    const world = new World();
    const alice = world.member('alice', { version });
    for (const text of numbered(3)) world.send(text, 'g', [alice.sealedConfig()]);
    const reply = dequeueOf(alice, 1, 2);
    expect(reply.entries).toHaveLength(2);
    const codec = dequeue.bodies[version].response as (typeof dequeue.bodies)[2]['response'];
    const again = decode(codec, encode(codec, reply as never));
    expect(again).toEqual({ ok: true, value: reply });
  });
});

describe('the ratchet of a queue', () => {
  test('is refreshed every so many messages', () => {
    const world = new World({ policy: { limits: { ratchetUpdateMessages: 10 } } });
    const alice = world.member('alice');
    for (const text of numbered(35)) world.send(text, 'g', [alice.plainConfig()]);
    const { entries } = dequeueOf(alice, 0);
    const updates = entries.filter((entry) => entry.kind === 'ratchetUpdate');
    expect(updates.map((entry) => entry.sequence)).toEqual([0, 11, 22, 33]);
    expect(texts(alice)).toEqual(numbered(35));
  });

  test('what is stored does not open without the owner', () => {
    const world = new World();
    const alice = world.member('alice');
    world.send('a secret text', 'g', [alice.sealedConfig()]);
    const needle = Buffer.from('a secret text');
    for (const [, { value }] of world.disk.cells.range('', '\xff')) {
      expect(Buffer.from(value).includes(needle)).toBe(false);
    }
    const { entries } = dequeueOf(alice, 0);
    const reader = { lane: 1, sequence: 0, lost: 0 };
    const mallory = world.client('mallory');
    const opened = openEntry(reader, entries[0]!, mallory.queueKeys, (n) => cryptoSuites.get(n));
    expect(opened).toEqual({ ok: false, fault: 'not-authentic' });
  });
});

describe('quota and retention', () => {
  test('a full lane refuses, counts and shows it, and takes messages again after a dequeue', () => {
    const world = new World({ policy: { limits: { laneMessages: 4 } } });
    const alice = world.member('alice');
    for (const text of numbered(6)) world.send(text, 'g', [alice.plainConfig()]);
    expect(world.count('qs.queue_full')).toBe(3);
    const full = { kind: 'queue-full', client: alice.cid, lane: 1 };
    expect(world.server.effects.filter((effect) => effect.kind === 'queue-full')).toEqual([
      full,
      full,
      full,
    ]);
    expect(texts(alice)).toEqual(numbered(3));
    world.send('again', 'g', [alice.plainConfig()]);
    expect(texts(alice)).toEqual(['again']);
  });

  test('bytes count as messages do, and come back with a dequeue', () => {
    const world = new World({ policy: { limits: { laneBytes: 3000 } } });
    const alice = world.member('alice');
    const large = 'x'.repeat(1000);
    for (let i = 0; i < 4; i++) world.send(large, 'g', [alice.plainConfig()]);
    expect(world.count('qs.queue_full')).toBe(2);
    for (let round = 0; round < 3; round++) {
      expect(texts(alice)).toHaveLength(2);
      for (let i = 0; i < 2; i++) world.send(large, 'g', [alice.plainConfig()]);
    }
    expect(world.count('qs.queue_full')).toBe(2);
  });

  test('what is older than the retention is dropped and counted; one reads on behind it', () => {
    const world = new World({ policy: { limits: { retentionMs: 8 * hourMs } } });
    const alice = world.member('alice');
    const send = (text: string): void => world.send(text, 'g', [alice.plainConfig()]);
    for (let hour = 0; hour < 30; hour++) {
      send(`h${hour}`);
      world.advance(hourMs);
    }
    const kept = texts(alice);
    // Exact to one part in eight: nothing younger than the retention goes.
    expect(kept).toEqual(Array.from({ length: 10 }, (_, i) => `h${20 + i}`));
    const { lost } = alice.readers[lanes.ham];
    expect(world.count('qs.dropped')).toBe(lost);
    send('later');
    expect(texts(alice)).toEqual(['later']);
  });
});

describe('queue configs', () => {
  test('one that its client did not sign is refused, whoever sealed it', () => {
    const world = new World();
    const [alice, mallory] = [world.member('alice'), world.member('mallory')];
    const { cid } = mallory;
    mallory.cid = alice.cid;
    const forged = mallory.sealedConfig();
    mallory.cid = cid;
    world.send('forged', 'g', [forged]);
    expect(world.count('qs.config_forged')).toBe(1);
    expect(texts(alice)).toEqual([]);
  });

  test('one that does not open is counted and skipped, the others are served', () => {
    const world = new World();
    const [alice, bob] = [world.member('alice'), world.member('bob')];
    const broken = bob.sealedConfig();
    if (broken.kind === 'sealed') broken.sealed_config.sealed.ciphertext[0]! ^= 1;
    world.send('x', 'g', [broken, alice.sealedConfig()]);
    expect(world.count('qs.config_unreadable')).toBe(1);
    expect(texts(alice)).toEqual(['x']);
  });

  test('a plain one of another homeserver is dropped, even behind the door', () => {
    const world = new World();
    const alice = world.member('alice');
    const message = {
      group_id: utf8('g'),
      client_queue_configs: [alice.plainConfig()],
      message_content: { kind: 'application', message: utf8('x') },
    } as const;
    world.openStore().write({ outbox: toQueues('two.example', message) });
    world.drain();
    expect(world.count('qs.plain_from_remote')).toBe(1);
    expect(texts(alice)).toEqual([]);
  });

  test('two configs of one client in one message are two messages in order', () => {
    const world = new World();
    const alice = world.member('alice');
    world.send('x', 'g', [alice.sealedConfig(), alice.plainConfig()]);
    expect(texts(alice)).toEqual(['x', 'x']);
  });

  test('a queue that is gone is reported to the DS with group and config', () => {
    const world = new World();
    const [alice, bob] = [world.member('alice'), world.member('bob')];
    const configs = [alice.sealedConfig(), alice.plainConfig(), bob.sealedConfig()];
    alice.must(qsOperations.deleteClientRecord, { qs_cid: alice.cid });
    world.send('x', 'g', configs);
    const reports = world.disk.outbox.get('ds/queue-deleted') ?? [];
    const decoded = reports.map(({ payload }) => {
      const report = decode(queueDeletedV2, payload);
      return report.ok ? report.value : undefined;
    });
    const group_id = utf8('g');
    expect(decoded).toEqual([
      { client_queue_config: configs[0], group_id },
      { client_queue_config: configs[1], group_id },
    ]);
    expect(texts(bob)).toEqual(['x']);
  });
});

describe('limits', () => {
  test('per config and per queue: refused beyond the allowance, admitted an hour later', () => {
    const limits = { configMessagesPerHour: 3, queueMessagesPerHour: 5 };
    const world = new World({ policy: { limits } });
    const alice = world.member('alice');
    for (const text of numbered(4)) world.send(text, 'g', [alice.plainConfig()]);
    expect(world.count('qs.rate_limited')).toBe(1);
    for (const text of numbered(4, 10)) world.send(text, 'h', [alice.plainConfig()]);
    expect(texts(alice)).toEqual(['m0', 'm1', 'm2', 'm10', 'm11']);
    world.advance(hourMs);
    world.send('later', 'g', [alice.plainConfig()]);
    expect(texts(alice)).toEqual(['later']);
  });
});
