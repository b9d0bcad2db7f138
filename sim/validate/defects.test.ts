/**
 * Test of the tester: each known defect must be found by the case that is there for it, at the run
 * lengths that a user's `stormglass validate` has, or shorter.
 */
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../model/retry.ts';
import { exponential } from '../kernel/samplers.ts';
import { type RandomSource, double, stream } from '../kernel/random.ts';
import { Station } from '../model/station.ts';
import { backoffStudy, backoffTable } from './backoff.ts';
import { contention, poissonRace, selfUpdates, slottedRace } from './commit-race.ts';
import { fanOutStudy } from './fan-out.ts';
import type { StationLike } from './queue-model.ts';
import { modelRace } from './model-race.ts';
import { md1, mm1, mm1k, mmc, mmcc } from './queues.ts';
import { registryComparisons } from './registry.ts';
import { inThread, runStudies } from './run.ts';
import { exponentialLaw, samplerStudy } from './samplers.ts';
import type { Study } from './study.ts';
import { type MakeTree, bulkUpdate, healedUpdate, modelTree, removal, unmerged } from './trees.ts';

/** Verdicts by measure. */
async function verdicts(study: Study, replications?: number): Promise<Record<string, string>> {
  const cases = await runStudies([study], {
    seed: 1,
    ...(replications === undefined ? {} : { replications }),
    comparisons: registryComparisons,
    execute: inThread([study]),
  });
  return Object.fromEntries(cases.map((one) => [one.name.split('/').at(-1) ?? '', one.verdict]));
}

const slow = (source: RandomSource): number => 1.03e6 * exponential(source);

describe('defects of queues', () => {
  it('finds 3 % too much service time', async () => {
    expect(await verdicts(mm1(0.5, 8000, { serviceNs: slow }))).toMatchObject({
      wait: 'violated',
      number: 'violated',
      utilisation: 'violated',
    });
    expect(await verdicts(md1(0.8, 10_000, { serviceNs: () => 1.03e6 }))).toMatchObject({
      wait: 'violated',
    });
    const loss = { cores: 10, erlangs: 8, jobs: 10_000 };
    expect(await verdicts(mmcc(loss, { serviceNs: slow }))).toMatchObject({ blocked: 'violated' });
  });

  it('passes the same queues without the defect', async () => {
    expect(await verdicts(mm1(0.5, 8000))).not.toContain('violated');
    expect(await verdicts(mmcc({ cores: 10, erlangs: 8, jobs: 10_000 }))).not.toContain('violated');
  });

  it('finds service times of the right mean and the wrong spread', async () => {
    const erlangTwo = (source: RandomSource): number =>
      5e5 * (exponential(source) + exponential(source));
    expect(await verdicts(mm1(0.5, 8000, { serviceNs: erlangTwo }))).toMatchObject({
      wait: 'violated',
      utilisation: 'ok',
    });
  });

  it('finds last-come-first-served, which has the same mean wait, by the tail', async () => {
    const fair = mm1(0.5, 8000);
    const unfair: Study = { ...fair, replicate: lifo };
    expect(await verdicts(unfair)).toMatchObject({ wait: 'ok', 'sojourn-p99': 'violated' });
  });

  it('finds a core too few, a place too many, and a core chosen blindly', async () => {
    expect(await verdicts(mmc(8, 0.8, 6000, { cores: 7, rho: 6.4 / 7 }))).toMatchObject({
      waited: 'violated',
    });
    expect(await verdicts(mm1k(10, 0.9, 20_000, { limit: 10 }))).toMatchObject({
      blocked: 'violated',
    });
    const createStation = (...args: ConstructorParameters<typeof Station>): StationLike =>
      new BlindStation(args[0], args[2], args[3]);
    expect(await verdicts(mmc(2, 0.5, 6000, { createStation }))).toMatchObject({
      waited: 'violated',
    });
  });

  it('finds a wait that the station lost sight of, be it a nanosecond, by Little', async () => {
    const createStation = (...args: ConstructorParameters<typeof Station>): StationLike =>
      new ForgetfulStation(...args);
    expect(await verdicts(mm1(0.5, 2000, { createStation }))).toMatchObject({
      little: 'violated',
    });
  });
});

/** A single exponential server that takes the newest job; mean service 1, load 0.5. */
function lifo(seed: number, replication: number): Record<string, number> {
  const source = stream(seed, replication, 'test.lifo');
  const stack: number[] = [];
  const sojourns: number[] = [];
  let [now, arrival, done, serving, waits] = [0, 2 * exponential(source), Infinity, 0, 0];
  while (sojourns.length < 20_000) {
    now = Math.min(arrival, done);
    if (now === arrival) {
      stack.push(now);
      arrival = now + 2 * exponential(source);
    } else {
      sojourns.push(now - serving);
      done = Infinity;
    }
    if (done === Infinity && stack.length > 0) {
      serving = stack.pop()!;
      waits += now - serving;
      done = now + exponential(source);
    }
  }
  sojourns.sort((a, b) => a - b);
  const p99 = sojourns[Math.floor(0.99 * sojourns.length)]!;
  return { wait: waits / 20_000, number: 1, 'sojourn-p99': p99, utilisation: 0.5, little: 0 };
}

/** Sends jobs to cores in turn instead of to the one that is free first. */
class BlindStation implements StationLike {
  private readonly queues: Station[];
  private turn = 0;

  constructor(
    cores: number,
    window: ConstructorParameters<typeof Station>[2],
    waits: ConstructorParameters<typeof Station>[3],
  ) {
    this.queues = Array.from({ length: cores }, () => new Station(1, Infinity, window, waits));
  }

  get busyNs(): number {
    return this.queues.reduce((sum, queue) => sum + queue.busyNs, 0);
  }

  submit(nowNs: number, serviceNs: number): number {
    this.turn = (this.turn + 1) % this.queues.length;
    return this.queues[this.turn]!.submit(nowNs, serviceNs);
  }

  imbalanceNs(endNs: number): number {
    return this.queues.reduce((sum, queue) => sum + queue.imbalanceNs(endNs), 0);
  }
}

/** Loses sight of a nanosecond of waiting. */
class ForgetfulStation extends Station {
  override imbalanceNs(endNs: number): number {
    return super.imbalanceNs(endNs) + 1;
  }
}

describe('defects of distributions', () => {
  it('finds a biased exponential, a cut tail, and a wrong shape', async () => {
    const biased = samplerStudy(exponentialLaw, (source) => 1.03 * exponential(source));
    expect(await verdicts(biased, 8)).toMatchObject({ mean: 'violated', 'ks-p-value': 'violated' });
    const cut = samplerStudy(exponentialLaw, (source) => Math.min(4, exponential(source)));
    expect(await verdicts(cut, 8)).toMatchObject({ deviation: 'violated' });
    const triangle = samplerStudy(exponentialLaw, (source) => double(source) + double(source));
    expect(await verdicts(triangle, 8)).toMatchObject({ mean: 'ok', 'ks-p-value': 'violated' });
    expect(await verdicts(fanOutStudy(100, 100, (source) => 1000 * slow(source)))).toMatchObject({
      completion: 'violated',
    });
  });
});

describe('defects of the commit race', () => {
  /** Off by one: a commit for the epoch before still passes. */
  const lenient = (commit: number, group: number): boolean => commit >= group - 1;

  it('finds a service that takes a stale epoch', async () => {
    expect(await verdicts(poissonRace(0.5, lenient), 5)).toMatchObject({ rejected: 'violated' });
    expect(await verdicts(slottedRace(20, 1, lenient), 5)).toMatchObject({ rejected: 'violated' });
    expect(await verdicts(contention(10, lenient), 5)).toMatchObject({ attempts: 'violated' });
    expect(await verdicts(selfUpdates('hour', 3600, lenient), 5)).toMatchObject({
      rejected: 'violated',
    });
  });
});

describe('defects of the whole scenario', () => {
  it('finds a staleness that is half of what the workload says', async () => {
    const study = modelRace(2, { staleness: { kind: 'constant', value: 30_000 } });
    expect(await verdicts(study, 3)).toEqual({ rejected: 'violated', 'failed-checks': 'ok' });
  });
});

describe('defects of backoff', () => {
  const line = (name: string) => backoffTable.find((row) => row[0] === name && row[1] === 50)!;

  it('finds an exponent that is off by one', async () => {
    const late: typeof backoffMs = (policy, failures, previous, source) =>
      backoffMs(policy, failures - 1, previous, source);
    expect(await verdicts(backoffStudy(line('full-jitter'), late), 30)).toMatchObject({
      calls: 'violated',
    });
  });

  it('finds jitter that is missing, and decorrelated jitter that forgets', async () => {
    const stiff: typeof backoffMs = (policy, failures, previous, source) =>
      policy.kind === 'full-jitter'
        ? backoffMs({ ...policy, kind: 'exponential' }, failures, previous, source)
        : backoffMs(policy, failures, previous, source);
    expect(await verdicts(backoffStudy(line('full-jitter'), stiff), 30)).toMatchObject({
      completion: 'violated',
    });
    const forgetful: typeof backoffMs = (policy, failures, _previous, source) =>
      backoffMs(policy, failures, 0, source);
    expect(await verdicts(backoffStudy(line('decorrelated-jitter'), forgetful), 30)).toMatchObject({
      calls: 'violated',
    });
  });
});

describe('defects of trees', () => {
  const swapped: MakeTree = (shape, members) =>
    modelTree(shape === 'bulk' ? 'healed' : 'bulk', members);
  /** A tree whose removals only pretend. */
  const keeping: MakeTree = (shape, members) => {
    const tree = modelTree(shape, members);
    tree.remove = (actor) => tree.update(actor);
    return tree;
  };
  /** A tree that merges added leaves at once. */
  const merging: MakeTree = (shape, members) => {
    const tree = modelTree(shape, members);
    const add = tree.add.bind(tree);
    tree.add = (actor) => {
      const cost = add(actor);
      tree.update(cost.leaf);
      return cost;
    };
    return tree;
  };

  it('finds blank nodes that are not blank, and the other way round', async () => {
    expect(await verdicts(bulkUpdate(10, swapped))).toEqual({ 'path-secrets': 'violated' });
    expect(await verdicts(healedUpdate(4, swapped))).toMatchObject({ 'path-secrets': 'violated' });
    expect(await verdicts(removal(3, keeping))).toMatchObject({ blanked: 'violated' });
    expect(await verdicts(unmerged(3, 1, merging))).toMatchObject({ 'path-secrets': 'violated' });
  });
});
