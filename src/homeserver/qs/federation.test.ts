import { describe, expect, test } from 'vitest';
import { utf8 } from '../../crypto/bytes.ts';
import { decode, encode } from '../../protocol/codec/index.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { operations } from '../../protocol/operations/index.ts';
import { errorOf } from '../../protocol/protocol-error.ts';
import { request as requestCodec, response } from '../../protocol/wire/envelope.ts';

import { now } from './test-client.ts';
import { texts, twoWorlds, type World } from './test-world.ts';
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
