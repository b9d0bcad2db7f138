import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { ValidationError } from '../../src/errors.ts';
import { regions } from '../../src/workload/types.ts';
import { buildPopulation, homeserverSizes, meanRecipients } from './population.ts';
import { testWorkload } from './testing/workload.ts';

const population = (homeservers: number, clients: number, locality = 0.5, size = 8) =>
  testWorkload({
    population: { homeservers, clients },
    groups: { perClient: 5, size: { kind: 'constant', value: size }, locality },
  });

test('sizes of homeservers follow the Zipf law, sum up, and leave nobody empty', () => {
  const sizes = homeserverSizes(population(1000, 100_000));
  expect(sizes.reduce((a, b) => a + b, 0)).toBe(100_000);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
  // zipf(1.2) over 1000: sum of k^-1.2 = 4.3358, so the largest has 23.1 % of 99,000 + 1.
  expect(sizes[0]).toBeCloseTo(99_000 / 4.3358, -2);
  expect(sizes[1]! / sizes[0]!).toBeCloseTo(2 ** -1.2, 2);
});

test('both adjacencies say the same, members are distinct and sorted', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 20, max: 300 }),
      fc.integer({ min: 2, max: 40 }),
      fc.nat(1000),
      (homeservers, clients, size, seed) => {
        const p = buildPopulation(population(homeservers, clients, 0.7, size), seed);
        const pairs = new Set<string>();
        for (let g = 0; g < p.groups; g++) {
          for (let i = p.groupStart[g]!; i < p.groupStart[g + 1]!; i++) {
            if (i > p.groupStart[g]!) expect(p.memberOf[i]).toBeGreaterThan(p.memberOf[i - 1]!);
            pairs.add(`${g} ${p.memberOf[i]}`);
          }
        }
        let memberships = 0;
        for (let c = 0; c < clients; c++) {
          for (let i = p.membershipStart[c]!; i < p.membershipStart[c + 1]!; i++) {
            expect(pairs.has(`${p.groupOf[i]} ${c}`)).toBe(true);
            memberships++;
          }
        }
        expect(memberships).toBe(pairs.size);
      },
    ),
    { numRuns: 25 },
  );
});

test('clients of a homeserver are contiguous and regions get their shares', () => {
  const workload = population(200, 20_000);
  const p = buildPopulation(workload, 3);
  const byRegion = new Float64Array(regions.length);
  for (let c = 0; c < p.clients; c++) {
    const home = p.homeserverOf[c]!;
    expect(c >= p.clientStart[home]! && c < p.clientStart[home + 1]!).toBe(true);
    byRegion[p.regionOf[home]!]! += 1 / p.clients;
  }
  expect(byRegion[0]).toBeCloseTo(0.4, 2);
  expect(byRegion[1]).toBeCloseTo(0.6, 2);
});

test('locality: the share of members at the host is 1/n + (1 - 1/n)(l + (1 - l) sum p^2)', () => {
  const p = buildPopulation(population(20, 20_000, 0.5, 10), 1);
  let local = 0;
  for (let g = 0; g < p.groups; g++) {
    for (let i = p.groupStart[g]!; i < p.groupStart[g + 1]!; i++) {
      if (p.homeserverOf[p.memberOf[i]!] === p.hostOf[g]) local++;
    }
  }
  let squares = 0;
  for (let h = 0; h < 20; h++)
    squares += ((p.clientStart[h + 1]! - p.clientStart[h]!) / 20_000) ** 2;
  expect(local / p.memberOf.length).toBeCloseTo(0.1 + 0.9 * (0.5 + 0.5 * squares), 2);
});

test('equal seeds build equal worlds, other seeds others', () => {
  const members = (seed: number): string =>
    Buffer.from(buildPopulation(population(20, 500), seed).memberOf.slice().buffer).toString('hex');
  expect(members(1)).toBe(members(1));
  expect(members(1)).not.toBe(members(2));
});

test('recipients of a message: groups of 8 have 7', () => {
  expect(meanRecipients(buildPopulation(population(20, 500), 1)).perSend).toBeCloseTo(7, 10);
});

test('impossible populations are refused with their remedies', () => {
  expect(() => buildPopulation(population(100, 50), 1)).toThrow(/at least one client/);
  expect(() => buildPopulation(population(70_000, 80_000), 1)).toThrow(ValidationError);
  const never = testWorkload({
    population: { sessions: { length: { kind: 'constant', value: 1 }, offline: 1 } },
  });
  expect(() => buildPopulation(never, 1)).toThrow(/never online/);
});
