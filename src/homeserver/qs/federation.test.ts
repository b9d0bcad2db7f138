import { describe, expect, test } from 'vitest';
import { utf8 } from '../../crypto/bytes.ts';
import { decode, encode } from '../../protocol/codec/index.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { operations } from '../../protocol/operations/index.ts';
import { errorOf } from '../../protocol/protocol-error.ts';
import { request as requestCodec, response } from '../../protocol/wire/envelope.ts';
import { StoreError } from '../../store/port.ts';
import { now } from './test-client.ts';
import { texts, textOf, twoWorlds, type World } from './test-world.ts';
import { queueDeletedV2 } from '../../protocol/wire/queue-messages.ts';
import { signQsToQs } from '../../protocol/auth/federation.ts';
import { plainRequest, signRequest } from '../../protocol/auth/sign.ts';
import { ed25519 } from '../../crypto/signature.ts';
import type { Request } from '../../protocol/wire/envelope.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);

/** Code of the refusal in an answer; `ok` otherwise. */
function codeOf(bytes: Uint8Array | undefined): string {
  const decoded = decode(response, bytes ?? new Uint8Array());
  if (!decoded.ok) return 'no answer';
  return decoded.value.status === 0 ? 'ok' : (errorOf(decoded.value)?.code ?? 'unknown');
}

/** Drains until nothing is due within an hour, whatever fails meanwhile. */
function settleAll(...worlds: World[]): void {
  for (let round = 0; round < 40; round++) {
    for (const world of worlds) world.drain();
    worlds[0]?.advance(400_000);
  }
}

/** The request with a good signature of `from` around its changed body. */
function resign(from: World, { auth, body, request_id, destination }: Request): Uint8Array {
  const operation = operations.federation.enqueue;
  const draft = { version: 2, operation, requestId: request_id, destination, body };
  if (auth.kind === 'none') return plainRequest(draft);
  const { privateKey } = from.server.keys.signing;
  return signRequest(draft, {
    scheme: auth.kind,
    sender: { kind: 'homeserver', domain: from.domain },
    signature: ed25519,
    privateKey,
    nowMs: from.clock.nowMs,
    offeredVersions: [2, 1],
  });
}

/** A request of `one` to `two`, caught on its way. */
function caught(one: World, two: World, text = 'x', group = 'g'): Uint8Array {
  const alice = two.member(`alice ${text}`);
  let bytes = new Uint8Array();
  const { network } = one;
  one.network = (_to, request) => ((bytes = Uint8Array.from(request)), undefined);
  one.send(text, group, [alice.sealedConfig()]);
  one.network = network;
  expect(bytes.length).toBeGreaterThan(0);
  return bytes;
}

describe('messages between homeservers', () => {
  test('arrive in order, sealed, with one signature each way per homeserver', () => {
    const [one, two] = twoWorlds();
    const members = ['a', 'b'].map((name) => two.member(name));
    for (const text of numbered(5)) {
      one.put(
        text,
        'g',
        members.map((member) => member.sealedConfig()),
      );
    }
    one.drain();
    two.drain();
    for (const member of members) expect(texts(member)).toEqual(numbered(5));
    expect(one.count('qs.forwarded')).toBe(5);
    expect(two.count('qs.received')).toBe(5);
    expect(one.disk.outbox.size).toBe(0);
  });

  test.each([
    [[1], [2, 1]],
    [[2, 1], [1]],
    [[2], [2, 1]],
  ])('versions %j and %j find a common one', (mine, theirs) => {
    const policy = (versions: readonly number[]) => ({
      policy: versions.includes(2)
        ? { versions }
        : ({ versions, auth: 'token', spam: 'off', queueConfig: 'sealed' } as const),
    });
    const [one, two] = twoWorlds(policy(mine), policy(theirs));
    const alice = two.member('alice', theirs.includes(2) ? {} : { version: 1 });
    one.send('hello', 'g', [alice.sealedConfig()]);
    two.drain();
    expect(texts(alice)).toEqual(['hello']);
  });

  test('without a common version a message waits', () => {
    const [one, two] = twoWorlds(
      { policy: { versions: [1], auth: 'token', spam: 'off', queueConfig: 'sealed' } },
      { policy: { versions: [2] } },
    );
    one.send('hello', 'g', [two.member('alice').sealedConfig()]);
    settleAll(one, two);
    expect(one.disk.outbox.size).toBe(1);
  });

  test('a plain config never leaves, and never comes in', () => {
    const [one, two] = twoWorlds();
    const [alice, bob] = [two.member('alice'), two.member('bob')];
    one.send('x', 'g', [alice.plainConfig(), bob.sealedConfig()]);
    two.drain();
    expect(one.count('qs.plain_to_remote')).toBe(1);
    expect(texts(alice)).toEqual([]);
    expect(texts(bob)).toEqual(['x']);
    // A homeserver that sends one all the same: its request is rebuilt around a plain config.
    const enqueue = operations.federation.enqueue;
    const bytes = caught(one, two);
    const decoded = decode(requestCodec, bytes);
    if (!decoded.ok) throw decoded.error;
    const body = decode(enqueue.bodies[2].request, decoded.value.body);
    if (!body.ok) throw body.error;
    const { source, destination, payload } = body.value;
    const plain = { ...payload, client_queue_configs: [alice.plainConfig()] };
    const content = { version: 2, message: { source, destination, payload: plain } } as const;
    const { scheme, privateKey } = one.server.keys.signing;
    const signature = signQsToQs(content, scheme, privateKey);
    const lifted = encode(enqueue.bodies[2].request, { ...content.message, signature });
    const request = { ...decoded.value, body: lifted };
    const answer = codeOf(now(two.server.request(resign(one, request))));
    expect(answer).toBe('plain_config_from_remote');
    two.drain();
    expect(texts(alice)).toEqual([]);
  });

  test('a signature of another homeserver, or over another message, is refused', () => {
    const [one, two] = twoWorlds();
    const bytes = caught(one, two);
    for (const at of [60, 200, bytes.length - 80, bytes.length - 5]) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1;
      expect(codeOf(now(two.server.request(changed)))).not.toBe('ok');
    }
    expect(two.count('qs.received')).toBe(0);
    expect(codeOf(now(two.server.request(bytes)))).toBe('ok');
  });

  test('an unknown source is asked to wait until its document is known', () => {
    const [one, two] = twoWorlds();
    const bytes = caught(one, two);
    two.peers.length = 0;
    expect(codeOf(now(two.server.request(bytes)))).toBe('unavailable');
    expect(two.disk.outbox.size).toBe(0);
  });

  test('queues that are gone are reported with a later answer, and reach the DS', () => {
    const [one, two] = twoWorlds();
    const [alice, bob] = [two.member('alice'), two.member('bob')];
    const configs = [alice.sealedConfig(), bob.sealedConfig()];
    alice.must(qsOperations.deleteClientRecord, { qs_cid: alice.cid });
    for (const text of ['x', 'y']) {
      one.send(text, 'g', configs);
      two.drain();
    }
    const reports = one.disk.outbox.get('ds/queue-deleted') ?? [];
    expect(reports).toHaveLength(1);
    const report = decode(queueDeletedV2, reports[0]?.payload ?? new Uint8Array());
    expect(report).toEqual({
      ok: true,
      value: { client_queue_config: configs[0], group_id: utf8('g') },
    });
    expect(texts(bob)).toEqual(['x', 'y']);
  });

  test('a domain is limited, told how long to wait, and nothing is lost', () => {
    const limits = { remoteMessagesPerHour: 3 };
    const [one, two] = twoWorlds({}, { policy: { limits } });
    const alice = two.member('alice');
    for (const text of numbered(6)) one.put(text, 'g', [alice.sealedConfig()]);
    const nextMs = one.drain();
    two.drain();
    expect(texts(alice)).toEqual(['m0', 'm1', 'm2']);
    expect(two.count('refused.rate_limited')).toBe(1);
    expect(nextMs - one.clock.nowMs).toBeGreaterThanOrEqual(1_200_000);
    settleAll(one, two);
    expect(texts(alice)).toEqual(['m3', 'm4', 'm5']);
  });
});

describe('a network and homeservers that fail', () => {
  test('lost requests and lost answers: every message once and in order', () => {
    const [one, two] = twoWorlds();
    const alice = two.member('alice');
    let turn = 0;
    one.network = (to, bytes) => {
      const answer = turn % 3 === 0 ? undefined : to.server.request(bytes);
      return turn++ % 3 === 2 ? answer : undefined;
    };
    for (const text of numbered(10)) one.put(text, 'g', [alice.sealedConfig()]);
    settleAll(one, two);
    expect(texts(alice)).toEqual(numbered(10));
    expect(two.count('qs.remote_duplicates')).toBe(10);
  });

  test.each(['token', 'reencoded', 'raw'] as const)(
    'under %s requests damaged on their way do no harm to the message or to later ones',
    (auth) => {
      const [one, two] = twoWorlds({ policy: { auth } }, { policy: { auth } });
      const alice = two.member('alice', { scheme: auth });
      let turn = 0;
      one.network = (to, bytes) => {
        const copy = Uint8Array.from(bytes);
        // Two of three requests are changed somewhere: header, request id, body, signature.
        if (turn % 3 !== 2) copy[(turn * 7) % copy.length]! ^= 0x80;
        turn++;
        return to.server.request(copy);
      };
      for (const text of numbered(12)) one.put(text, 'g', [alice.sealedConfig()]);
      settleAll(one, two);
      settleAll(one, two);
      expect(texts(alice)).toEqual(numbered(12));
      expect(one.disk.outbox.size).toBe(0);
    },
  );

  test('a message that is refused for good is given up, counted, and lets the next one through', () => {
    const [one, two] = twoWorlds();
    const alice = two.member('alice');
    let refusing = true;
    one.network = (to, bytes) => to.server.request(refusing ? bytes.subarray(0, 30) : bytes);
    one.put('doomed', 'g', [alice.sealedConfig()]);
    settleAll(one, two);
    refusing = false;
    one.put('next', 'g', [alice.sealedConfig()]);
    settleAll(one, two);
    expect(texts(alice)).toEqual(['next']);
    expect(one.count('qs.forward_refused')).toBe(1);
    expect(two.count('refused.malformed_request')).toBe(8);
  });

  test('an old request that comes again late is known, under every scheme', () => {
    for (const auth of ['token', 'raw'] as const) {
      const [one, two] = twoWorlds({ policy: { auth } }, { policy: { auth } });
      const alice = two.member('alice', { scheme: auth });
      const sent: Uint8Array[] = [];
      one.network = (to, bytes) => (sent.push(Uint8Array.from(bytes)), to.server.request(bytes));
      for (const text of numbered(5)) one.send(text, 'g', [alice.sealedConfig()]);
      for (const bytes of sent) two.server.request(bytes);
      two.drain();
      expect(texts(alice)).toEqual(numbered(5));
    }
  });

  test('a homeserver that was away is tried less and less often', () => {
    const [one, two] = twoWorlds();
    const alice = two.member('alice');
    const tried: number[] = [];
    one.network = () => (tried.push(one.clock.nowMs), undefined);
    one.put('x', 'g', [alice.sealedConfig()]);
    for (let second = 0; second < 3600; second++, one.advance(1000)) one.drain();
    const gaps = tried.slice(1).map((at, i) => at - (tried[i] ?? 0));
    expect(tried.length).toBeLessThan(35);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(301_000);
    expect(gaps.at(-1)).toBeGreaterThan(140_000);
  });

  test('groups do not wait for each other: a stream that fails leaves the others alone', () => {
    const [one, two] = twoWorlds();
    const alice = two.member('alice');
    const config = alice.sealedConfig();
    one.put('stuck', 'g0', [config]);
    one.network = () => undefined;
    one.drain();
    one.network = (to, bytes) => to.server.request(bytes);
    for (let i = 1; i < 9; i++) one.put(`m${i}`, `g${i}`, [config]);
    one.drain();
    two.drain();
    expect(texts(alice).length).toBeGreaterThanOrEqual(6);
  });

  test('a crash at every write of either side loses nothing and repeats nothing', () => {
    let points = 0;
    for (const side of [0, 1] as const) {
      for (const when of ['before', 'after'] as const) {
        for (let write = 1; ; write++) {
          const crashed = runWithCrash(side, when, write);
          if (!crashed) break;
          points++;
        }
      }
    }
    expect(points).toBeGreaterThan(30);
  });
});

/** Five messages through two homeservers, one of which crashes once; whether it did. */
function runWithCrash(side: 0 | 1, when: 'before' | 'after', write: number): boolean {
  const worlds = twoWorlds();
  const [one, two] = worlds;
  const [alice, bob] = [two.member('alice'), two.member('bob')];
  let crashed = false;
  worlds[side].start((point) => {
    const now = !crashed && point.write === write && point.when === when;
    crashed ||= now;
    return now;
  });
  /** Runs something that may meet the crash; whether it was heard of. */
  const survive = (run: () => void): boolean => {
    try {
      run();
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      worlds[side].start();
      return false;
    }
  };
  one.network = (to, bytes) => {
    let answer: Uint8Array | undefined;
    survive(() => (answer = now(to.server.request(bytes))));
    return answer;
  };
  const configs = [alice.sealedConfig(), bob.sealedConfig()];
  const acknowledged: string[] = [];
  for (const text of numbered(5)) {
    if (survive(() => one.put(text, 'g', configs))) acknowledged.push(text);
    survive(() => void one.drain());
  }
  for (let round = 0; round < 8; round++) {
    survive(() => void one.drain());
    survive(() => void two.drain());
    one.advance(10_000);
  }
  for (const member of [alice, bob]) {
    const read: string[] = [];
    for (let i = 0; i < 3; i++) survive(() => read.push(...texts(member)));
    const seen = member.log.flatMap(({ payload }) => (payload ? [textOf(payload)] : []));
    expect(seen.filter((text) => acknowledged.includes(text))).toEqual(acknowledged);
    expect(seen).toEqual([...new Set(seen)].sort());
  }
  return crashed;
}
