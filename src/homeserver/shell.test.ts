import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { utf8 } from '../crypto/bytes.ts';
import { decode } from '../protocol/codec/index.ts';
import { qsOperations } from '../protocol/operations/qs.ts';
import { errorOf } from '../protocol/protocol-error.ts';
import { response } from '../protocol/wire/envelope.ts';
import { countingStore, noCounts } from '../store/counting.ts';
import { makeDisk, memoryStore } from '../store/memory.ts';
import { StoreError, type Store } from '../store/port.ts';
import { makeInProcess, type InProcess } from './in-process.ts';
import { makePolicy } from './policy.ts';
import { fanOut, queuingService } from './qs/index.ts';
import { TestClient } from './qs/test-client.ts';
import { everyIdea, textOf, World } from './qs/test-world.ts';
import { makeSerializer } from './serialize.ts';

const nowMs = 1_700_000_000_000;

/** The same store, answering some turns of the event loop later. */
function slow(inner: Store): Store {
  const later = async <T>(run: () => T | Promise<T>): Promise<T> => {
    for (let i = 0; i < 3; i++) await Promise.resolve();
    return run();
  };
  return {
    read: (access) => later(() => inner.read(access)),
    write: (batch) => later(() => inner.write(batch)),
    outbox: (destination, after, limit) => later(() => inner.outbox(destination, after, limit)),
    destinations: () => later(() => inner.destinations()),
    close: () => inner.close(),
  };
}

function serverOn(store: Store): InProcess {
  const policy = makePolicy(everyIdea);
  const services = [queuingService];
  return makeInProcess({ domain: 'one.example', policy, store, services, now: () => nowMs });
}

function codeOf(bytes: Uint8Array): string {
  const decoded = decode(response, bytes);
  if (!decoded.ok) throw decoded.error;
  return decoded.value.status === 0 ? 'ok' : (errorOf(decoded.value)?.code ?? 'unknown');
}

/** A registered client of a synchronous server on the disk. */
function clientOn(disk: ReturnType<typeof makeDisk>): TestClient {
  const server = serverOn(memoryStore({ disk }));
  return new TestClient('alice', { server: () => server, now: () => nowMs }).register();
}

const blockOf = (alice: TestClient, group: string): Uint8Array =>
  alice.encoded(qsOperations.blockGroup, { qs_cid: alice.cid, group_id: utf8(group) });

describe('requests at the same time on one record', () => {
  test.each([1, 2])('%i processes: no update is lost', async (processes) => {
    const disk = makeDisk();
    const alice = clientOn(disk);
    const counts = noCounts();
    const servers = Array.from({ length: processes }, () =>
      serverOn(countingStore(slow(memoryStore({ disk })), counts)),
    );
    const groups = Array.from({ length: 12 }, (_, i) => `g${i}`);
    const answers = await Promise.all(
      groups.map((group, i) => servers[i % processes]!.request(blockOf(alice, group))),
    );
    expect(answers.map(codeOf)).toEqual(groups.map(() => 'ok'));
    // One process serializes; two meet, and try again.
    expect(counts.conflicts > 0).toBe(processes === 2);
    const limit = groups.length;
    const policy = makePolicy({ ...everyIdea, limits: { blocklist: limit } });
    const full = makeInProcess({
      domain: 'one.example',
      policy,
      store: memoryStore({ disk }),
      services: [queuingService],
      now: () => nowMs,
    });
    expect(codeOf(await full.request(blockOf(alice, 'one more')))).toBe('queue_full');
  });

  test('two processes that fan out to one queue lose nothing and keep each order', async () => {
    const disk = makeDisk();
    const alice = clientOn(disk);
    const servers = [0, 1].map(() => serverOn(slow(memoryStore({ disk }))));
    const expected = new Map<string, string[]>();
    for (let i = 0; i < 40; i++) {
      const group = `g${i % 5}`;
      expected.set(group, [...(expected.get(group) ?? []), `${group} ${i}`]);
      memoryStore({ disk }).write({
        outbox: fanOut(
          {
            group_id: utf8(group),
            client_queue_configs: [i % 2 === 0 ? alice.plainConfig() : alice.sealedConfig()],
            message_content: { kind: 'application', message: utf8(`${group} ${i}`) },
          },
          { domain: 'one.example' },
        ),
      });
    }
    while (disk.outbox.size > 0) await Promise.all(servers.map((server) => server.drain()));
    const read = alice.fetchAll().map(textOf);
    expect(read).toHaveLength(40);
    for (const [group, messages] of expected) {
      expect(read.filter((text) => text.startsWith(`${group} `))).toEqual(messages);
    }
  });

  test('a request that always meets others is told to come back, and is counted once', async () => {
    const disk = makeDisk();
    const alice = clientOn(disk);
    const busy: Store = { ...memoryStore({ disk }), write: () => 'conflict' };
    const bytes = blockOf(alice, 'g');
    const server = serverOn(busy);
    expect(codeOf(await server.request(bytes))).toBe('unavailable');
    expect(server.counts.get('crypto.asymmetric')).toBe(1);
    expect(codeOf(await server.request(bytes))).toBe('replayed');
  });

  test('a store that fails is an error of the shell, and the next request works', async () => {
    const disk = makeDisk();
    const alice = clientOn(disk);
    const inner = memoryStore({ disk });
    let broken = true;
    const store = slow({
      ...inner,
      read(access) {
        if (broken) throw new StoreError('the disk is away', 'wait');
        return inner.read(access);
      },
    });
    const server = serverOn(store);
    await expect(server.request(blockOf(alice, 'g'))).rejects.toThrow(StoreError);
    broken = false;
    expect(codeOf(await server.request(blockOf(alice, 'g')))).toBe('ok');
  });
});

describe('serializer', () => {
  test('runs tasks of one key in order, others at once, and forgets what is done', async () => {
    const serializer = makeSerializer();
    const log: string[] = [];
    const task = (name: string, keys: string[]) =>
      serializer.run(keys, async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        log.push(`${name} ends`);
      });
    await Promise.all([task('a', ['x', 'y']), task('b', ['y', 'z']), task('c', ['w'])]);
    expect(log.filter((line) => !line.startsWith('c'))).toEqual([
      'a begins',
      'a ends',
      'b begins',
      'b ends',
    ]);
    expect(log.indexOf('c begins')).toBeLessThan(log.indexOf('a ends'));
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(serializer.size).toBe(0);
  });

  test('a task that fails lets the next one run', async () => {
    const serializer = makeSerializer();
    const failing = serializer.run(['x'], () => Promise.reject(new Error('no')));
    const next = serializer.run(['x'], () => 7);
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe(7);
    expect(serializer.run(['y'], () => 8)).toBe(8);
  });
});

describe('whatever bytes come', () => {
  const world = new World();
  const alice = world.member('alice');
  const { encoded } = { encoded: alice.encoded.bind(alice) };
  const requests = [
    () => encoded(qsOperations.getUserRecord, { qs_uid: alice.uid }),
    () => encoded(qsOperations.getAddPackage, { friendship_token: alice.friendshipToken }),
    () => encoded(qsOperations.configEncryptionKey, {}),
    () => blockOf(alice, 'g'),
    () =>
      encoded(qsOperations.createUserRecord, { ...alice.userParams(), ...alice.clientParams() }),
  ];

  test('the answer is a response with a row of the table, and nothing throws', () => {
    const change = fc.record({ at: fc.nat(), to: fc.nat(255) });
    const codes = new Set<string>();
    fc.assert(
      fc.property(
        fc.nat(requests.length - 1),
        fc.array(change, { maxLength: 3 }),
        fc.option(fc.nat(400)),
        (which, changes, cut) => {
          const bytes = Uint8Array.from(requests[which]!());
          for (const { at, to } of changes) bytes[at % bytes.length] = to;
          const sent = cut === null ? bytes : bytes.subarray(0, cut);
          codes.add(codeOf(world.server.request(sent) as Uint8Array));
        },
      ),
      { numRuns: 1500 },
    );
    expect([...codes]).not.toContain('unknown');
    expect([...codes]).not.toContain('internal_error');
    expect(codes.size).toBeGreaterThan(6);
  });

  test('random bytes are malformed or of an unknown version', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(codeOf(world.server.request(bytes) as Uint8Array)).toMatch(
          /^(malformed_request|version_unsupported)$/,
        );
      }),
    );
  });
});
