/** The device against a real homeserver in the same process. */
import { expect, test } from 'vitest';
import { decode, encode } from '../protocol/codec/index.ts';
import { operations } from '../protocol/operations/index.ts';
import { errorResponse } from '../protocol/protocol-error.ts';
import { request as requestCodec, response } from '../protocol/wire/envelope.ts';
import { lanes } from '../protocol/wire/identifiers.ts';
import { isSetUp } from './state.ts';
import { makeGroup, makeServer, newClock, TestDevice } from './testdata/harness.ts';
import { wakeBudgets } from './wake-budget.ts';
import type { Settings } from './ports.ts';
import type { PolicyChanges } from '../homeserver/policy.ts';

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

/** A homeserver and two devices of one group, set up. */
function pair(changes: PolicyChanges = {}, settings: Partial<Settings> = {}) {
  const clock = newClock();
  const server = makeServer(clock, changes);
  const devices = makeGroup(server, 'friends', 2).map((membership, i) => {
    const device = new TestDevice(`member ${i}`, clock, settings);
    device.input({ kind: 'join', membership });
    return device.input({ kind: 'online', mode: 'foreground' }).settle(server);
  });
  const [alice, bob] = devices as [TestDevice, TestDevice];
  const { groupId } = [...alice.device.durable.groups.values()][0]!;
  const say = (words: string) => alice.input({ kind: 'send', groupId, content: text(words) });
  return { clock, server, alice, bob, groupId, say };
}

/** The operations of what was sent, and the version and scheme of each. */
const described = (device: TestDevice) =>
  device.sent.map(({ bytes }) => {
    const decoded = decode(requestCodec, bytes);
    if (!decoded.ok) throw decoded.error;
    const { operation, protocol_version, auth } = decoded.value;
    return { operation, version: protocol_version, scheme: auth.kind };
  });

test('registers, configures its group, and reads what the other one writes', () => {
  const { server, alice, bob, say } = pair();
  expect(isSetUp(alice.device)).toBe(true);
  expect(alice.device.durable.credential).toBeDefined();
  say('hello').settle(server);
  server.drain();
  bob.input({ kind: 'wake', lane: lanes.ham }).settle(server);
  expect(bob.received().map((words) => words.slice(0, 5))).toEqual(['hello']);
  expect(alice.received()).toEqual([]);
});

test.each([
  [{ versions: [1] }, { version: 1, scheme: 'token' }],
  [
    { versions: [2, 1], auth: 'raw' },
    { version: 2, scheme: 'raw' },
  ],
  [
    { versions: [2], auth: 'reencoded' },
    { version: 2, scheme: 'reencoded' },
  ],
] as const)('speaks the best that both know: %o', (policy, expected) => {
  const { server, bob, say, alice } = pair(policy);
  say('hi');
  expect(described(alice)).toEqual([{ operation: operations.ds.sendMessage.id, ...expected }]);
  alice.settle(server);
  server.drain();
  bob.input({ kind: 'wake', lane: lanes.ham }).settle(server);
  expect(bob.received()).toHaveLength(1);
});

test.each([
  ['sealed', false, 1],
  ['plain', true, 0],
] as const)('%s queue configs: asymmetric operations per recipient', (_kind, plain, expected) => {
  const policy = plain ? ({ queueConfig: 'plain-when-local' } as const) : {};
  const { server, alice, say } = pair(policy, { plainWhenLocal: plain });
  // The first message pays for the signature of a new config.
  say('first').settle(server);
  server.drain();
  say('second').settle(server);
  const before = server.counts.get('crypto.asymmetric') ?? 0;
  server.drain();
  expect((server.counts.get('crypto.asymmetric') ?? 0) - before).toBe(expected);
  expect(alice.kinds()).not.toContain('gave-up');
});

test('killed after every single answer it still reads each message once, in order', () => {
  for (let lives = 1; lives <= 12; lives++) {
    const { server, alice, bob, groupId } = pair({}, { dequeueBatch: 2 });
    for (const words of ['one', 'two', 'three', 'four', 'five']) {
      alice.input({ kind: 'send', groupId, content: text(words) }).settle(server);
    }
    server.drain();
    bob.input({ kind: 'wake', lane: lanes.ham });
    for (let i = 0; i < lives; i++) bob.answer(server).kill();
    bob.settle(server);
    expect(bob.received(), `${lives} lives`).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(bob.kinds()).not.toContain('queue-fault');
  }
});

test('killed during setup it finds its way, whichever answers are lost', () => {
  for (let lost = 0; lost < 8; lost++) {
    const clock = newClock();
    const server = makeServer(clock);
    const device = new TestDevice('unlucky', clock).input({ kind: 'online', mode: 'foreground' });
    for (let i = 0; i < lost; i++) device.answer(server);
    const [request] = device.sent;
    if (request !== undefined) void server.request(request.bytes);
    device.kill().settle(server);
    for (let i = 0; i < 20 && !isSetUp(device.device); i++) device.wait().settle(server);
    expect(isSetUp(device.device), `answer ${lost} lost`).toBe(true);
    expect(device.device.durable.credential).toBeDefined();
  }
});

test('a lost answer: the message is sent again under a fresh id and read once', () => {
  const { server, alice, bob, say } = pair();
  say('once');
  const [first] = alice.sent;
  void server.request(first!.bytes);
  alice.sent = [];
  alice.wait();
  expect(alice.sent).toEqual([]);
  alice.wait().settle(server);
  server.drain();
  bob.input({ kind: 'wake', lane: lanes.ham }).settle(server);
  expect(bob.received()).toEqual(['once']);
  expect(bob.kinds()).toContain('duplicate');
});

test('a message between the last look and the opened connection is not overlooked', () => {
  const { server, alice, bob, say } = pair();
  bob.input({ kind: 'offline' }).input({ kind: 'online', mode: 'foreground' });
  const { dequeue, listen } = operations.qs;
  expect(described(bob).map(({ operation }) => operation)).toEqual([dequeue.id, listen.id]);
  bob.answer(server);
  say('overlooked?');
  alice.settle(server);
  server.drain();
  bob.settle(server);
  expect(bob.received()).toEqual(['overlooked?']);
});

test('three attempts a second apart, then the message is given up, and said', () => {
  const { alice, clock, say } = pair();
  const startedMs = clock.nowMs;
  say('lost');
  let attempts = alice.sent.length;
  for (let i = 0; i < 10 && !alice.kinds().includes('gave-up'); i++) {
    alice.sent = [];
    alice.wait();
    attempts += alice.sent.length;
  }
  expect(attempts).toBe(3);
  expect(alice.kinds()).toContain('gave-up');
  expect(clock.nowMs - startedMs).toBe(3 * 10_000 + 2 * 1000);
});

test('answers that come twice or too late change nothing', () => {
  const { server, alice, say, bob } = pair();
  say('hello');
  const [request] = alice.sent;
  const bytes = server.request(request!.bytes) as Uint8Array;
  alice.input({ kind: 'response', bytes });
  const settled = alice.device;
  alice.input({ kind: 'response', bytes });
  expect(alice.device.durable).toEqual(settled.durable);
  bob.input({ kind: 'response', bytes: new Uint8Array([1, 2, 3]) });
  expect(bob.kinds()).not.toContain('queue-fault');
});

test('a homeserver that hides a version it documents is found out', () => {
  const { alice, say } = pair({ auth: 'raw' });
  say('secret');
  const [request] = alice.sent;
  const stripped = { code: 'version_unsupported', fields: { supported: [1] } } as const;
  const to = { protocol_version: 1, request_id: request!.requestId };
  alice.sent = [];
  alice.input({ kind: 'response', bytes: encode(response, errorResponse(stripped, to)) });
  expect(alice.kinds()).toContain('downgrade');
  expect(described(alice).every(({ version }) => version === 2)).toBe(true);
});

test('in the background the SPAM lane stays where it is, until somebody looks', () => {
  const { server, alice, bob, groupId } = pair({ spam: 'accept-first', auth: 'raw' });
  alice.input({ kind: 'send', groupId, content: text('who?') }).settle(server);
  server.drain();
  bob.input({ kind: 'offline' });
  bob.input({ kind: 'online', mode: 'background' }).settle(server);
  expect(bob.received()).toEqual([]);
  bob.input({ kind: 'online', mode: 'foreground' }).settle(server);
  expect(bob.received()).toEqual(['who?']);
});

test('after accepting a group, old and new messages come in order', () => {
  const { server, alice, bob, groupId } = pair({ spam: 'accept-first', auth: 'raw' });
  const say = (words: string): void => {
    alice.input({ kind: 'send', groupId, content: text(words) }).settle(server);
    server.drain();
  };
  say('one');
  say('two');
  bob.input({ kind: 'offline' });
  bob.input({ kind: 'label', groupId, label: 'accepted' });
  bob.input({ kind: 'online', mode: 'background' }).settle(server);
  say('three');
  bob.input({ kind: 'wake', lane: lanes.ham }).settle(server);
  expect(bob.received()).toEqual(['one', 'two', 'three']);
});

test('the time in the background ends, and so does what the hour grants', () => {
  const { bob, clock } = pair({}, { wakeBudget: wakeBudgets.ios });
  for (let wake = 0; wake < 3; wake++) {
    bob.input({ kind: 'offline' }).input({ kind: 'online', mode: 'background' });
    const startedMs = clock.nowMs;
    while (bob.device.session !== undefined) bob.wait();
    expect(clock.nowMs - startedMs).toBe(30_000);
  }
  bob.input({ kind: 'online', mode: 'background' });
  expect(bob.device.session).toBeUndefined();
  clock.nowMs += 3_600_000;
  bob.input({ kind: 'online', mode: 'background' });
  expect(bob.device.session).toBeDefined();
});
