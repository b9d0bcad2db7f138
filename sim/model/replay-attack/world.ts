/** What the parts of one worker's replay model share. */
import { typicalLargest } from '../../../src/workload/distribution.ts';
import type { Workload } from '../../../src/workload/types.ts';
import type { Engine, ModelContext } from '../../kernel/engine.ts';
import { float, Sfc32, stream } from '../../kernel/random.ts';
import type { Calibration } from '../costs.ts';
import { Links } from '../network.ts';
import { Sampler } from '../sampler.ts';
import { Tally, type Span } from '../tally.ts';
import { nsPerMs, toNs } from '../units.ts';
import { ReplayCache } from './cache.ts';
import { counterIndex, replayNames } from './counts.ts';
import { Gate } from './gate.ts';

export interface ReplayOptions {
  readonly workload: Workload;
  readonly seed: number;
  readonly calibration: Calibration;
}

export interface ReplayShared {
  /** First client of homeserver h. */
  readonly clientStart: Int32Array;
}

/** A request in the hands of the attacker. */
export interface Capture {
  readonly operation: number;
  readonly stampNs: number;
  /** When the homeserver received it. */
  readonly receivedNs: number;
  /** When it was admitted last; -1 for never. */
  admittedNs: number;
  /** Replays still to come. */
  left: number;
  admitted: number;
  replayed: boolean;
  readonly measured: boolean;
}

export interface Site {
  readonly lp: number;
  readonly clients: number;
  readonly cache: ReplayCache;
  /** Clock errors of its clients, ns. */
  readonly skewNs: Float64Array;
  /** Who asks for what when: the same under every scheme. */
  readonly requests: Sfc32;
  readonly attacker: Sfc32;
  readonly network: Sfc32;
  readonly restarts: Sfc32;
  readonly captures: Map<number, Capture>;
  nextCapture: number;
  requestCount: number;
  /** Entries that the series has been told of. */
  shownEntries: number;
}

export function spanOf(workload: Workload): Span {
  return {
    warmUpNs: toNs(workload.warmUp),
    endNs: toNs(workload.duration),
    binNs: toNs(workload.measure.bin),
  };
}

/** End of the run less the longest delay of a replay (the typical one, if unbounded), ns. */
export function captureEndNs({ duration, replay }: Workload): number {
  return toNs(duration - typicalLargest(replay.delay));
}

export class ReplayWorld {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly span: Span;
  readonly links: Links;
  readonly gate: Gate;
  readonly tally: Tally<typeof replayNames>;
  readonly counts: Float64Array;
  readonly sites: (Site | undefined)[];
  /** Later captures are not measured: their replays would be cut off by the end. */
  readonly captureEndNs: number;

  constructor({ engine, options, shared, ownedLps }: ModelContext<ReplayOptions, ReplayShared>) {
    const { workload, seed } = options;
    this.engine = engine;
    this.workload = workload;
    this.span = spanOf(workload);
    this.links = new Links(workload.network);
    this.gate = new Gate(workload, options.calibration);
    this.captureEndNs = captureEndNs(workload);
    this.tally = new Tally(replayNames, this.span);
    this.counts = this.tally.counters.values;
    this.sites = Array.from({ length: workload.population.homeservers });
    for (const lp of ownedLps) {
      const clients = shared.clientStart[lp + 1]! - shared.clientStart[lp]!;
      this.sites[lp] = makeSite(lp, clients, workload, seed);
    }
  }

  /** Adds to a counter of the measured part of the run. */
  measured(index: number, by: number): void {
    if (this.engine.nowNs >= this.span.warmUpNs) this.counts[index]! += by;
  }
}

function makeSite(lp: number, clients: number, workload: Workload, seed: number): Site {
  const { replay } = workload;
  const clocks = new Sfc32(stream(seed, lp, 'replay-attack.clocks'));
  const skew = new Sampler(replay.skew, nsPerMs);
  return {
    lp,
    clients,
    cache: new ReplayCache(toNs(replay.window), replay.cacheEntries, toNs(workload.warmUp)),
    skewNs: Float64Array.from({ length: clients }, () => {
      // Beyond a month either way nothing changes any more, and integers stay exact.
      const size = Math.min(skew.sampleInteger(clocks), 2_592_000e9);
      return float(clocks) < 0.5 ? -size : size;
    }),
    requests: new Sfc32(stream(seed, lp, 'replay-attack.requests')),
    attacker: new Sfc32(stream(seed, lp, 'replay-attack.attacker')),
    network: new Sfc32(stream(seed, lp, 'replay-attack.network')),
    restarts: new Sfc32(stream(seed, lp, 'replay-attack.restarts')),
    captures: new Map(),
    nextCapture: 0,
    requestCount: 0,
    shownEntries: 0,
  };
}

export { counterIndex };
