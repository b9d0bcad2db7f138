import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LookaheadViolation, PlanError } from '../kernel/errors.ts';
import { GATHER_ABOVE } from '../kernel/queue/window-chains.ts';
import { WorkerCrash, WorkerFailure } from './errors.ts';
import * as chatter from './fixtures/chatter.ts';
import { FormChooser } from './form-chooser.ts';
import type { Outcome, QueueChoice } from './outcome.ts';
import * as phold from './phold.ts';
import { simulate } from './run.ts';

const chatterUrl = new URL('./fixtures/chatter.ts', import.meta.url);

const base: chatter.ChatterOptions = {
  seed: 1,
  lps: 13,
  lookaheadNs: 10_000,
  endNs: 400_000,
  heaviest: 60,
  payloadWords: 3,
};

const pholdOptions: phold.PholdOptions = {
  seed: 5,
  lps: 64,
  population: 4,
  remoteShare: 0.5,
  lookaheadNs: 1e8,
  meanNs: 9e8,
  endNs: 2e10,
};

interface How {
  readonly workers?: number;
  readonly queue?: QueueChoice;
  readonly signal?: AbortSignal;
  readonly rehearsal?: chatter.ChatterOptions;
  readonly workerHeapMib?: number;
}

function run(options: Partial<chatter.ChatterOptions>, how: How = {}) {
  return simulate({
    module: chatter,
    moduleUrl: chatterUrl,
    options: { ...base, ...options },
    ...how,
  });
}

/** What must not depend on how a run is executed. */
function essence<Result>({ digest, events, result }: Outcome<Result>): unknown {
  return { digest, events, result };
}

describe('simulate', () => {
  it('gives the same digest and result for every queue, on random models', async () => {
    const options = fc.record({
      seed: fc.maxSafeNat(),
      lps: fc.integer({ min: 1, max: 20 }),
      lookaheadNs: fc.integer({ min: 1, max: 20_000 }),
      heaviest: fc.integer({ min: 1, max: 100 }),
      payloadWords: fc.constantFrom(0, 1, 2, 3),
    });
    await fc.assert(
      fc.asyncProperty(options, async (drawn) => {
        const endNs = drawn.lookaheadNs * 30;
        const reference = await run({ ...drawn, endNs }, { queue: 'heap' });
        expect(reference.events).toBeGreaterThan(drawn.lps);
        for (const queue of ['bucketed', 'window', 'auto'] as const) {
          const outcome = await run({ ...drawn, endNs }, { queue });
          expect(essence(outcome)).toEqual(essence(reference));
        }
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('changes its digest with the seed', async () => {
    const digests = await Promise.all([1, 2, 3].map(async (seed) => (await run({ seed })).digest));
    expect(new Set(digests).size).toBe(3);
  });

  it('has a frozen digest', async () => {
    expect((await run({})).digest).toBe(FROZEN);
  });

  it.each([2, 3, 4, 8])('gives the same on %i workers, for every queue', async (workers) => {
    const reference = await run({}, { queue: 'heap' });
    for (const queue of ['window', 'bucketed'] as const) {
      const outcome = await run({}, { workers, queue });
      expect(essence(outcome)).toEqual(essence(reference));
      expect(outcome.figures.workers).toBe(workers);
      expect(outcome.figures.remoteShare).toBeGreaterThan(0);
    }
  });

  it('runs without lookahead on one worker', async () => {
    const options = { lookaheadNs: 0, endNs: 20_000, heaviest: 5 };
    const bucketed = await run(options);
    expect(bucketed.figures.queue).toBe('bucketed');
    expect(essence(await run(options, { queue: 'heap' }))).toEqual(essence(bucketed));
  });

  it('refuses without lookahead several workers, and the window queue', async () => {
    await expect(run({ lookaheadNs: 0 }, { workers: 2 })).rejects.toThrow(PlanError);
    await expect(run({ lookaheadNs: 0 }, { queue: 'window' })).rejects.toThrow(PlanError);
    await expect(run({}, { workers: 0 })).rejects.toThrow(PlanError);
  });

  it('changes to the bucketed queue where windows are nearly empty', async () => {
    // 0.8 events per window.
    const options = { ...pholdOptions, lps: 8, population: 1, endNs: 2e12 };
    const chosen = await simulate({ module: phold, options });
    expect(chosen.figures.queue).toBe('bucketed');
    expect(chosen.events).toBeGreaterThan(10_000);
    const fixed = await simulate({ module: phold, options, queue: 'window' });
    expect(essence(chosen)).toEqual(essence(fixed));
    const dense = await run({ heaviest: 200, endNs: 2e6 });
    expect(dense.figures.queue).toBe('window');
  });

  it('changes form with the density, there and back, and not when the form was given', () => {
    const chooser = new FormChooser('auto', { lookaheadNs: 1 });
    const forms = [
      [1, 10_000],
      [3, 10_000],
      [100, 10_000],
      [100, 10_000],
    ].map(([density, windows]) => {
      chooser.observe(density! * windows!, windows!);
      return chooser.form;
    });
    expect(forms).toEqual(['bucketed', 'bucketed', 'window', 'window']);
    const fixed = new FormChooser('heap', { lookaheadNs: 1 });
    fixed.observe(1e6, 10);
    expect(fixed.form).toBe('heap');
  });

  it('runs windows large enough to be gathered alike', async () => {
    const options = { lps: 50, heaviest: 3000, endNs: 100_000 };
    const ordered = await run(options, { queue: 'bucketed' });
    const windowed = await run(options, { queue: 'window' });
    expect(windowed.figures.eventsPerWindow).toBeGreaterThan(2 * GATHER_ABOVE);
    expect(essence(windowed)).toEqual(essence(ordered));
  });

  it('enlarges a full mailbox and loses nothing', async () => {
    const options = { burst: 20_000, endNs: 50_000, lps: 4 };
    const inline = await run(options);
    expect(inline.events).toBeGreaterThan(20_000);
    expect(essence(await run(options, { workers: 2 }))).toEqual(essence(inline));
  });

  it('reports lookahead declared and seen, and warns of windows with few events', async () => {
    const { figures } = await run({}, { workers: 2 });
    expect(figures.lookaheadNs).toBe(10_000);
    expect(figures.lookaheadSeenNs).toBeGreaterThanOrEqual(10_000);
    expect(figures.lookaheadSeenNs).toBeLessThan(11_024);
    expect(figures.imbalance).toBeGreaterThanOrEqual(1);
    expect(figures.warnings).toEqual([]);
    const thin = await run({ heaviest: 3 }, { workers: 2 });
    expect(thin.figures.warnings.join()).toContain('events per window');
  });

  it.each([1, 2])('passes an error of the model on, on %i workers', async (workers) => {
    const broken = run({ fault: 'throw', faultNs: 200_000 }, { workers });
    await expect(broken).rejects.toThrow('the model broke at LP 1');
    if (workers > 1) await expect(broken).rejects.toBeInstanceOf(WorkerFailure);
  });

  it.each([1, 3])('names a lookahead violation, on %i workers', async (workers) => {
    const broken = run({ fault: 'too-close', faultNs: 200_000 }, { workers });
    await expect(broken).rejects.toBeInstanceOf(LookaheadViolation);
  });

  it('survives a worker that exits, and says which', async () => {
    const broken = run({ fault: 'exit', faultNs: 200_000 }, { workers: 3 });
    await expect(broken).rejects.toBeInstanceOf(WorkerCrash);
    await expect(broken).rejects.toThrow(/worker \d ended with exit code 3/);
  });

  it('tells when a worker runs out of memory', async () => {
    const broken = run({ fault: 'hoard', faultNs: 200_000 }, { workers: 2, workerHeapMib: 24 });
    await expect(broken).rejects.toBeInstanceOf(WorkerCrash);
    await expect(broken).rejects.toThrow(/worker \d crashed.*memory/);
  });

  it.each([1, 2, 3])('leaves no trace of a rehearsal, on %i workers', async (workers) => {
    // Long enough to enlarge mailboxes, which the run then takes over.
    const rehearsal = { ...base, seed: 9, burst: 5000, endNs: 100_000 };
    const plain = await run({}, { workers });
    const rehearsed = await run({}, { workers, rehearsal });
    expect(essence(rehearsed)).toEqual(essence(plain));
    expect(rehearsed.figures.remoteShare).toBe(plain.figures.remoteShare);
    const other = run({}, { workers, rehearsal: { ...base, lookaheadNs: 5000 } });
    await expect(other).rejects.toThrow('lookaheadNs 5000 but the run 10000');
  });

  it('fails for a module that cannot be loaded', async () => {
    const options = { ...base, endNs: 1000 };
    const moduleUrl = new URL('./fixtures/missing.ts', import.meta.url);
    await expect(simulate({ module: chatter, moduleUrl, options, workers: 2 })).rejects.toThrow(
      'missing',
    );
  });

  it.each([1, 2])('ends on an abort signal, on %i workers', async (workers) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 150);
    const long = run({ endNs: 1e12 }, { workers, signal: controller.signal });
    await expect(long).rejects.toThrow('enough');
  });

  it('stops a worker by force that never comes back', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 150);
    const hanging = run(
      { fault: 'spin', faultNs: 1000 },
      { workers: 2, signal: controller.signal },
    );
    await expect(hanging).rejects.toThrow('enough');
  });

  it('reports progress', async () => {
    const seen: number[] = [];
    await simulate({
      module: chatter,
      options: { ...base, endNs: 3e7 },
      onProgress: ({ nowNs }) => seen.push(nowNs),
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual(seen.toSorted((p, q) => p - q));
  });

  it('runs PHOLD alike on workers', async () => {
    const moduleUrl = new URL('./phold.ts', import.meta.url);
    const inline = await simulate({ module: phold, options: pholdOptions });
    const spread = await simulate({
      module: phold,
      moduleUrl,
      options: pholdOptions,
      workers: 2,
    });
    expect(essence(spread)).toEqual(essence(inline));
    // 256 events in flight, each with a mean delay of 1 s, over 20 s.
    expect(Math.abs(inline.events - 5120)).toBeLessThan(300);
  });
});

const FROZEN = '37dd7583ac6a7033a1e875301e5bb4a7';
