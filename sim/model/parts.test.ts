import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Distribution } from '../../src/workload/types.ts';
import { Sfc32, stream } from '../kernel/random.ts';
import { exponential } from '../kernel/samplers.ts';
import { Histogram } from '../kernel/statistics/histogram.ts';
import { diurnalRate } from './diurnal.ts';
import { allocateMailboxes, Mailboxes } from './mailbox.ts';
import { Links, lookaheadNs, regionRttMs, requireLookahead } from './network.ts';
import { Sampler } from './sampler.ts';
import { allocateSessions, Sessions } from './sessions.ts';
import { refused, Station } from './station.ts';
import { testWorkload } from './testing/workload.ts';

const random = (purpose: string): Sfc32 => new Sfc32(stream(7, 0, purpose));

const kinds: Distribution[] = [
  { kind: 'constant', value: 4 },
  { kind: 'uniform', min: 1, max: 9 },
  { kind: 'exponential', mean: 4 },
  { kind: 'normal', mean: 20, sd: 2 },
  { kind: 'lognormal', median: 3, sigma: 0.7 },
  { kind: 'zipf', exponent: 1.1 },
  { kind: 'empirical', values: [1, 5, 9], weights: [1, 2, 1] },
];

test.each(kinds)('$kind: draws have the mean that is stated', (distribution) => {
  const sampler = new Sampler(distribution, 1, 30);
  const source = random('mean');
  let sum = 0;
  for (let i = 0; i < 100_000; i++) sum += sampler.sample(source);
  expect(sum / 100_000 / sampler.mean).toBeCloseTo(1, 1.5);
});

test.each(kinds)('$kind: the residual has mean E[X^2] / 2 E[X]', (distribution) => {
  const sampler = new Sampler(distribution, 1, 30);
  const source = random('residual');
  let square = 0;
  let residual = 0;
  for (let i = 0; i < 200_000; i++) {
    const x = sampler.sample(source);
    square += x * x;
    residual += sampler.residual(source);
  }
  expect(residual / (square / 2 / sampler.mean)).toBeCloseTo(1, 1);
});

test('station: M/M/1 at 80 % load waits 4 services, M/M/2 as Erlang C says', () => {
  for (const [cores, wait] of [
    [1, 4],
    [2, 1.77778],
  ] as const) {
    const source = random(`station ${cores}`);
    const window = { fromNs: 0, toNs: 1e15 };
    const waits = new Histogram();
    const station = new Station(cores, Infinity, window, waits);
    let now = 0;
    for (let i = 0; i < 400_000; i++) {
      now += Math.round((exponential(source) * 1e6) / (0.8 * cores));
      station.submit(now, Math.round(exponential(source) * 1e6));
    }
    expect(waits.mean / 1e6 / wait).toBeCloseTo(1, 1);
    expect(station.busyNs / (cores * now)).toBeCloseTo(0.8, 2);
    expect(station.imbalanceNs(now)).toBe(0);
  }
});

test('station: the queue limit refuses, M/M/1/K blocks as the closed form says', () => {
  const source = random('limit');
  // One in service and 9 waiting: K = 10; rho = 1.2 blocks 0.192586.
  const station = new Station(1, 9, { fromNs: 0, toNs: 1e15 }, new Histogram());
  let now = 0;
  const jobs = 300_000;
  let blocked = 0;
  for (let i = 0; i < jobs; i++) {
    now += Math.round((exponential(source) * 1e6) / 1.2);
    if (station.submit(now, Math.round(exponential(source) * 1e6)) === refused) blocked++;
  }
  expect(blocked / jobs).toBeCloseTo(0.1926, 2);
  expect(station.refusals).toBe(blocked);
});

test('sessions: the share of time offline is the one asked for, from the start on', () => {
  const clients = 20_000;
  const sessions = new Sessions(
    { length: { kind: 'lognormal', median: 30_000, sigma: 1.3 }, offline: 0.8 },
    allocateSessions(clients),
    5,
  );
  sessions.start(0, clients);
  for (const second of [0.001, 100, 5000]) {
    let online = 0;
    for (let c = 0; c < clients; c++) if (sessions.isOnline(c, second * 1e9)) online++;
    expect(online / clients).toBeCloseTo(0.2, 1.8);
  }
});

test('sessions: how often one looks does not change what one sees', () => {
  const make = (): Sessions => {
    const sessions = new Sessions(
      { length: { kind: 'exponential', mean: 1000 }, offline: 0.5 },
      allocateSessions(3),
      9,
    );
    sessions.start(0, 3);
    return sessions;
  };
  const often = make();
  for (let t = 0; t < 1e11; t += 1e8) often.isOnline(1, t);
  const once = make();
  expect(once.isOnline(1, 1e11)).toBe(often.isOnline(1, 1e11));
  expect(once.intervalEnd(1)).toBe(often.intervalEnd(1));
});

test('mailboxes behave as one list per client', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 3000 }), (steps) => {
      const boxes = new Mailboxes(allocateMailboxes(5), 100);
      const lists: number[][] = [[], [], [], [], []];
      steps.forEach(([client, push], i) => {
        const list = lists[client]!;
        if (push) {
          const slot = boxes.push(client);
          expect(slot < 0).toBe(list.length === 100);
          if (slot >= 0) {
            boxes.sentNs[slot] = i;
            list.push(i);
          }
        } else if (list.length > 0) {
          expect(boxes.sentNs[boxes.oldest(client)]).toBe(list.shift());
          boxes.shift(client);
        }
        expect(boxes.count(client)).toBe(list.length);
      });
    }),
    { numRuns: 30 },
  );
});

test('the slab grows past its first thousand entries', () => {
  const boxes = new Mailboxes(allocateMailboxes(1), Infinity);
  for (let i = 0; i < 5000; i++) {
    const slot = boxes.push(0);
    boxes.sentNs[slot] = i;
  }
  for (let i = 0; i < 5000; i++) {
    expect(boxes.sentNs[boxes.oldest(0)]).toBe(i);
    boxes.shift(0);
  }
});

test('the table of round trips is symmetric', () => {
  regionRttMs.forEach((row, i) => row.forEach((rtt, j) => expect(rtt).toBe(regionRttMs[j]![i])));
});

test('no federation delay is below the lookahead, for every kind of distribution', () => {
  const source = random('links');
  const federations = ['regions', ...kinds] as const;
  for (const federation of federations) {
    const { network } = testWorkload({ network: { federation } });
    const links = new Links(network);
    const lookahead = lookaheadNs(network, [0, 1, 2, 3, 4, 5]);
    let least = Infinity;
    for (let i = 0; i < 20_000; i++)
      least = Math.min(least, links.between(source, i % 6, (i >> 3) % 6));
    expect(least).toBeGreaterThanOrEqual(lookahead);
    expect(Number.isInteger(least)).toBe(true);
  }
});

test('one-way delays have half the round trip as median', () => {
  const links = new Links(testWorkload().network);
  const source = random('median');
  const draws = Array.from({ length: 20_001 }, () => links.between(source, 0, 1)).sort(
    (a, b) => a - b,
  );
  expect(draws[10_000]! / 62e6).toBeCloseTo(1, 1.7);
});

test('a lookahead of zero is refused with several workers only', () => {
  expect(() => requireLookahead(0, 1)).not.toThrow();
  expect(() => requireLookahead(0, 2)).toThrow(/2 workers need a smallest delay/);
});

test('a request is lost as often as the link says', () => {
  const links = new Links(testWorkload({ network: { loss: 0.2 } }).network);
  const source = random('loss');
  let lost = 0;
  for (let i = 0; i < 100_000; i++) lost += links.losses(source);
  expect(lost / 100_000).toBeCloseTo(0.2 / 0.8, 1.9);
});

test('the diurnal rate has mean 1, the peak and the trough asked for, and its hour', () => {
  const table = diurnalRate({ peakToMean: 2, troughToMean: 0.15 });
  let sum = 0;
  let least = Infinity;
  for (let minute = 0; minute < 1440; minute++) {
    const rate = table.at(minute * 60e9, 0);
    sum += rate;
    least = Math.min(least, rate);
  }
  expect(sum / 1440).toBeCloseTo(1, 9);
  expect(table.peak).toBeCloseTo(2, 3);
  expect(least).toBeCloseTo(0.15, 3);
  // 20:00 local time in Japan is 11:00 UTC.
  expect(table.at(11 * 3600e9, 9)).toBe(table.peak);
});
