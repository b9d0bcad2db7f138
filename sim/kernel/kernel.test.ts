import { describe, expect, it } from 'vitest';

import type { Model } from './engine.ts';
import {
  HorizonError,
  LookaheadViolation,
  PlanError,
  TimeInPast,
  UnknownLp,
  ZeroDelayLoop,
} from './errors.ts';
import { Kernel, type KernelOptions, type QueueForm } from './kernel.ts';

const forms: readonly QueueForm[] = ['window', 'bucketed', 'heap'];

const defaults = { lps: 4, lookaheadNs: 100, endNs: 10_000, payloadWords: 3 } as const;

type Handle = (kernel: Kernel, lp: number, kind: number, a: number, b: number, c: number) => void;

/** Runs a model that starts with one event of kind 0 for LP 0 at `firstNs`. */
function run(
  options: Partial<KernelOptions> & { form: QueueForm },
  handle: Handle,
  firstNs = 0,
): Kernel {
  const kernel = new Kernel({ ...defaults, ...options });
  const model: Model<null> = {
    start: (lp) => {
      if (lp === 0) kernel.schedule(0, firstNs, 0, 0, 0, 0);
    },
    handle: (lp, kind, a, b, c) => handle(kernel, lp, kind, a, b, c),
    finish: () => null,
  };
  kernel.start(model, Int32Array.of(0, 1, 2, 3));
  if (kernel.form !== 'window') {
    kernel.runOrdered(Infinity, Infinity);
    return kernel;
  }
  for (
    let window = kernel.nextWindow(0);
    window < Infinity;
    window = kernel.nextWindow(window + 1)
  ) {
    kernel.runWindow(window);
  }
  return kernel;
}

describe.each(forms)('kernel, %s', (form) => {
  it('hands over time, kind and payload as scheduled', () => {
    const seen: unknown[] = [];
    run({ form }, (kernel, ...event) => {
      seen.push([kernel.nowNs, ...event]);
      if (event[1] === 0) kernel.schedule(3, kernel.nowNs + 100, 258, -0.5, 2 ** 40, NaN);
    });
    expect(seen).toEqual([
      [0, 0, 0, 0, 0, 0],
      [100, 3, 258, -0.5, 2 ** 40, NaN],
    ]);
  });

  it('runs an LP in the order of time, class, source and sequence', () => {
    const seen: number[] = [];
    run({ form, payloadWords: 1 }, (kernel, lp, kind, a) => {
      if (kind === 0 && lp === 0) {
        // Same time for all: class 1 before, class 0 behind, two sources.
        kernel.schedule(1, 150, 0, 0, 0, 0);
        kernel.schedule(2, 300, 256 + 1, 3, 0, 0);
        kernel.schedule(2, 300, 1, 1, 0, 0);
        kernel.schedule(2, 300, 1, 2, 0, 0);
        kernel.schedule(2, 299, 256 + 1, 0, 0, 0);
      } else if (lp === 1) {
        kernel.schedule(2, 300, 256 + 1, 4, 0, 0);
        kernel.schedule(2, 300, 1, 2.5, 0, 0);
      } else {
        seen.push(a);
      }
    });
    expect(seen).toEqual([0, 1, 2, 2.5, 3, 4]);
  });

  it('merges events within the window, also without delay, into the order', () => {
    const seen: [number, number][] = [];
    run({ form }, (kernel, _lp, kind) => {
      seen.push([kernel.nowNs, kind]);
      if (kind !== 0) return;
      for (const [time, code] of [
        [250, 3],
        [30, 2],
        [0, 1],
        [99, 5],
        [30, 4],
        [30, 256],
      ] as const) {
        kernel.schedule(0, time, code, 0, 0, 0);
      }
    });
    expect(seen).toEqual([
      [0, 0],
      [0, 1],
      [30, 2],
      [30, 4],
      [30, 256],
      [99, 5],
      [250, 3],
    ]);
  });

  it('runs the event at the end, and none after', () => {
    const times: number[] = [];
    run({ form }, (kernel) => {
      times.push(kernel.nowNs);
      if (times.length > 1) return;
      kernel.schedule(0, 10_000, 1, 0, 0, 0);
      kernel.schedule(0, 10_001, 1, 0, 0, 0);
    });
    expect(times).toEqual([0, 10_000]);
  });

  it('keeps far events in order over many scales', () => {
    const endNs = 2 ** 52;
    const delays = Array.from({ length: 52 }, (_, k) => 2 ** k).flatMap((d) => [d, d + 1, 3 * d]);
    const times: number[] = [];
    run({ form, endNs, lookaheadNs: 1000 }, (kernel, _lp, kind) => {
      times.push(kernel.nowNs);
      if (kind === 0) for (const delay of delays) kernel.schedule(0, delay, 1, 0, 0, 0);
    });
    const expected = [0, ...delays.filter((d) => d <= endNs).sort((p, q) => p - q)];
    expect(times).toEqual(expected);
  });

  it.each([
    ['in the past', TimeInPast, (k: Kernel) => k.schedule(0, 499, 1, 0, 0, 0)],
    ['between nanoseconds', TimeInPast, (k: Kernel) => k.schedule(0, 500.5, 1, 0, 0, 0)],
    ['at no time', TimeInPast, (k: Kernel) => k.schedule(0, NaN, 1, 0, 0, 0)],
    ['beyond exact time', HorizonError, (k: Kernel) => k.schedule(0, 2 ** 53, 1, 0, 0, 0)],
    ['for nobody', UnknownLp, (k: Kernel) => k.schedule(4, 600, 1, 0, 0, 0)],
    ['for a fraction', UnknownLp, (k: Kernel) => k.schedule(1.5, 600, 1, 0, 0, 0)],
    [
      'closer than the lookahead',
      LookaheadViolation,
      (k: Kernel) => k.schedule(1, 599, 1, 0, 0, 0),
    ],
  ])('refuses an event %s', (_what, error, schedule) => {
    expect(() => run({ form }, schedule, 500)).toThrow(error);
  });

  it('ends a loop without delay', () => {
    const loop: Handle = (kernel) => kernel.schedule(0, kernel.nowNs, 7, 0, 0, 0);
    const attempt = (): Kernel => run({ form, zeroDelayMax: 1000 }, loop, 5);
    expect(attempt).toThrow(ZeroDelayLoop);
    expect(attempt).toThrow('kind 7 from LP 0 at 5 ns for LP 0 at 5 ns');
  });

  it('does not take many events at one instant for a loop', () => {
    const spread: Handle = (kernel, _lp, kind) => {
      if (kind > 50) return;
      for (let i = 0; i < 90; i++) kernel.schedule(0, kernel.nowNs, 100, 0, 0, 0);
      kernel.schedule(0, kernel.nowNs + 1, kind + 1, 0, 0, 0);
    };
    expect(run({ form, zeroDelayMax: 100 }, spread).events).toBe(52 + 51 * 90);
  });

  it('changes its digest with every field of an event', () => {
    const digestOf = (time: number, kind: number, a: number, b: number, c: number): string =>
      run({ form }, (kernel, _lp, k) => {
        if (k === 0) kernel.schedule(2, time, kind, a, b, c);
      })
        .digest()
        .join();
    const digests = [
      digestOf(200, 1, 0, 0, 0),
      digestOf(201, 1, 0, 0, 0),
      digestOf(200, 2, 0, 0, 0),
      digestOf(200, 1, 1, 0, 0),
      digestOf(200, 1, 0, 1, 0),
      digestOf(200, 1, 0, 0, 1),
      digestOf(200, 1, -0, 0, 0),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('kernel', () => {
  it('refuses plans that cannot run', () => {
    const plans: Partial<KernelOptions>[] = [{ lps: 0 }, { lps: 1.5 }, { lookaheadNs: -1 }];
    for (const plan of plans) {
      expect(() => new Kernel({ ...defaults, form: 'heap', ...plan })).toThrow(PlanError);
    }
    expect(() => new Kernel({ ...defaults, form: 'window', lookaheadNs: 0 })).toThrow(PlanError);
    expect(() => new Kernel({ ...defaults, form: 'heap', endNs: 2 ** 53 })).toThrow(HorizonError);
  });
});
