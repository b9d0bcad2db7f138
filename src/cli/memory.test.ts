import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { cells } from '../workload/cells.ts';
import { parseWorkload } from '../workload/load.ts';
import { jobsThatFit, memoryNeeded, readMemory } from './memory.ts';

const workload = (clients: number, groups: string) =>
  parseWorkload(
    'w.yaml',
    `name: w
scenario: fan-out
question: Does it fit?
duration: 10 min
population: { homeservers: 2, clients: ${clients} }
groups: ${groups}
`,
  ).workload;

const gib = 2 ** 30;

describe('memory', () => {
  test('grows with clients and with memberships, however they are given', () => {
    const base = memoryNeeded(workload(100_000, '{ perClient: 10, size: 4 }'));
    const more = memoryNeeded(workload(1_100_000, '{ perClient: 10, size: 4 }'));
    // Measured: 147 B per client; the estimate is a lower bound that is not far below.
    expect((more - base) / 1e6).toBeGreaterThan(100);
    expect((more - base) / 1e6).toBeLessThan(180);
    const counted = memoryNeeded(workload(100_000, '{ count: 250000, size: 4 }'));
    expect(counted).toBe(base);
  });

  test('a workload larger than the machine is refused with both numbers and a remedy', () => {
    const all = cells(workload(20_000_000, '{ perClient: 1000, size: 4 }'));
    const run = (): number => jobsThatFit(all, 2, { total: 16 * gib, available: 8 * gib });
    expect(run).toThrow(UsageError);
    expect(run).toThrow(/needs at least 1\d\d GB of memory, and there are 17.2 GB/);
  });

  test('as many tasks at a time as fit, one at least', () => {
    const all = cells(workload(1_000_000, '{ perClient: 10, size: 4 }'));
    const needed = memoryNeeded(all[0]!.workload);
    const fit = (available: number): number => jobsThatFit(all, 8, { total: gib, available });
    expect(fit(needed * 3.5)).toBe(3);
    expect(fit(needed / 2)).toBe(1);
    expect(fit(needed * 100)).toBe(8);
  });

  test('the machine has some', () => {
    const { total, available } = readMemory(64 * gib);
    expect(total).toBeLessThanOrEqual(64 * gib);
    expect(available).toBeGreaterThan(0);
    expect(available).toBeLessThanOrEqual(total);
  });
});
