/** Messages between homeservers when networks and processes fail. */
import { describe, expect, test } from 'vitest';
import { StoreError } from '../../store/port.ts';
import { now } from './test-client.ts';
import { textOf, texts, twoWorlds, type World } from './test-world.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);

/** Drains until nothing is due within an hour, whatever fails meanwhile. */
function settleAll(...worlds: World[]): void {
  for (let round = 0; round < 40; round++) {
    for (const world of worlds) world.drain();
    worlds[0]?.advance(400_000);
  }
}

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

  test('a message refused for good is given up, counted, and lets the next through', () => {
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
