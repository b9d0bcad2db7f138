/**
 * One station of the model tier under Poisson arrivals, with arrivals and departures as events of
 * the kernel. The number in the system is counted from those events, waits come from the station,
 * so the two sides of Little's law are measured by different code.
 *
 * Mean service is 1 ms; times are given back in mean services.
 */
import type { Engine, Model } from '../kernel/engine.ts';
import { kind } from '../kernel/engine.ts';
import { type RandomSource, Sfc32, stream } from '../kernel/random.ts';
import { ExactSum } from '../kernel/statistics/exact-sum.ts';
import { Histogram } from '../kernel/statistics/histogram.ts';
import { TimeWeighted, timeWeightedMean } from '../kernel/statistics/time-weighted.ts';
import { Sampler } from '../model/sampler.ts';
import { Station, refused } from '../model/station.ts';
import { nsPerMs } from '../model/units.ts';
import { simulate, untilQuietNs } from './simulation.ts';

const kinds = { departure: kind(0, 1), arrival: kind(1, 2), close: kind(2, 3) } as const;

export interface QueueSetting {
  /** Part of the streams' key: studies that shared their draws would err together. */
  readonly name: string;
  readonly cores: number;
  /** Jobs that may wait. */
  readonly limit: number;
  /** Offered load per core. */
  readonly rho: number;
  /** One service time, ns, of mean `nsPerMs`. */
  readonly serviceNs: (source: RandomSource) => number;
  /** Left out at the start, in mean services. */
  readonly warmUp: number;
  /** Expected number of arrivals after the warm-up. */
  readonly jobs: number;
  /** The model's station, unless a test wants another. */
  readonly createStation?: (...args: ConstructorParameters<typeof Station>) => StationLike;
}

export type StationLike = Pick<Station, 'submit' | 'imbalanceNs' | 'busyNs'>;

export interface QueueResult extends Readonly<Record<string, number>> {
  /** Mean wait of the jobs taken in, in mean services. */
  readonly wait: number;
  /** Share of the jobs taken in that had to wait. */
  readonly waited: number;
  /** Share of all jobs refused. */
  readonly blocked: number;
  /** Time average of the number in the system. */
  readonly number: number;
  /** 99th percentile of the time in the system, in mean services. */
  readonly 'sojourn-p99': number;
  /** Share of core time busy. */
  readonly utilisation: number;
  /** Little's law from the first arrival to the last departure: area less sum of sojourns, ns. */
  readonly little: number;
}

class QueueModel implements Model<QueueResult> {
  readonly #engine: Engine;
  readonly #setting: QueueSetting;
  readonly #station: StationLike;
  readonly #arrivals: Sampler;
  readonly #between: RandomSource;
  readonly #service: RandomSource;
  readonly #warmUpNs: number;
  readonly #endNs: number;
  readonly #waits = new Histogram();
  readonly #inWindow: TimeWeighted;
  readonly #inRun = new TimeWeighted();
  readonly #sojourns = new ExactSum();
  readonly #sample: Float64Array;
  #arrived = 0;
  #taken = 0;
  #waited = 0;
  #number = 0;

  constructor(engine: Engine, setting: QueueSetting, seed: number, replication: number) {
    const gapNs = nsPerMs / (setting.rho * setting.cores);
    this.#engine = engine;
    this.#setting = setting;
    this.#warmUpNs = Math.round(setting.warmUp * nsPerMs);
    this.#endNs = this.#warmUpNs + Math.round(setting.jobs * gapNs);
    this.#arrivals = new Sampler({ kind: 'exponential', mean: gapNs });
    // Millions of draws: more than a keyed stream is good for, so it seeds a heavier generator.
    this.#between = new Sfc32(stream(seed, replication, `${setting.name}.arrivals`));
    this.#service = new Sfc32(stream(seed, replication, `${setting.name}.service`));
    const window = { fromNs: this.#warmUpNs, toNs: this.#endNs };
    const create = setting.createStation ?? ((...args) => new Station(...args));
    this.#station = create(setting.cores, setting.limit, window, this.#waits);
    this.#inWindow = new TimeWeighted(this.#warmUpNs);
    this.#sample = new Float64Array(setting.jobs * 2);
  }

  start(): void {
    this.#engine.schedule(0, this.#endNs, kinds.close, 0, 0, 0);
    this.#next();
  }

  /** Arrivals end at the close; departures go on until the system is empty. */
  #next(): void {
    const at = this.#engine.nowNs + this.#arrivals.sampleInteger(this.#between);
    if (at <= this.#endNs) {
      this.#engine.schedule(0, at, kinds.arrival, 0, 0, 0);
    }
  }

  handle(_lp: number, what: number): void {
    const nowNs = this.#engine.nowNs;
    switch (what) {
      case kinds.arrival:
        this.#arrive(nowNs);
        this.#next();
        break;
      case kinds.departure:
        this.#count(nowNs, -1);
        break;
      default:
        this.#number = timeWeightedMean(this.#inWindow.snapshot(nowNs));
    }
  }

  #arrive(nowNs: number): void {
    const counts = nowNs >= this.#warmUpNs;
    this.#arrived += counts ? 1 : 0;
    const serviceNs = Math.round(this.#setting.serviceNs(this.#service));
    const endNs = this.#station.submit(nowNs, serviceNs);
    if (endNs === refused) {
      return;
    }
    this.#engine.schedule(0, endNs, kinds.departure, 0, 0, 0);
    this.#count(nowNs, 1);
    this.#sojourns.add(endNs - nowNs);
    if (counts) {
      this.#sample[this.#taken++] = endNs - nowNs;
      this.#waited += endNs - serviceNs > nowNs ? 1 : 0;
    }
  }

  #count(nowNs: number, change: number): void {
    this.#inRun.add(nowNs, change);
    if (nowNs <= this.#endNs) {
      this.#inWindow.add(nowNs, change);
    }
  }

  finish(): QueueResult {
    const nowNs = this.#engine.nowNs;
    const area = ExactSum.from(this.#inRun.snapshot(nowNs).integral).value();
    const windowNs = this.#endNs - this.#warmUpNs;
    return {
      wait: this.#waits.mean / nsPerMs,
      waited: this.#waited / this.#taken,
      blocked: 1 - this.#taken / this.#arrived,
      number: this.#number,
      'sojourn-p99': quantile(this.#sample.subarray(0, this.#taken), 0.99) / nsPerMs,
      utilisation: this.#station.busyNs / (windowNs * this.#setting.cores),
      little: area - this.#sojourns.value() + this.#station.imbalanceNs(nowNs),
    };
  }
}

/** Sorts in place. */
function quantile(values: Float64Array, p: number): number {
  values.sort();
  return values[Math.ceil(p * values.length) - 1] ?? Number.NaN;
}

/** One replication. */
export function simulateQueue(
  setting: QueueSetting,
  seed: number,
  replication: number,
): QueueResult {
  const run = { lps: 1, endNs: untilQuietNs, payloadWords: 0 } as const;
  return simulate(run, (engine) => new QueueModel(engine, setting, seed, replication));
}
