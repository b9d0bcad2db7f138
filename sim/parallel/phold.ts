/**
 * PHOLD (R. Fujimoto 1990), the usual benchmark of simulation engines: every event schedules one,
 * with probability `remoteShare` for a random LP, else for its own, after the lookahead plus an
 * exponential time.
 */

import type { Engine, Model, ModelContext, Plan } from '../kernel/engine.ts';
import { StreamTable } from '../kernel/random.ts';
import { exponential } from '../kernel/samplers.ts';

export interface PholdOptions {
  readonly seed: number;
  readonly lps: number;
  /** Events in flight per LP. */
  readonly population: number;
  /** Probability that an event goes to a random LP, 0..1. */
  readonly remoteShare: number;
  /** Smallest delay, ns. */
  readonly lookaheadNs: number;
  /** Mean of the exponential part of the delay, ns. */
  readonly meanNs: number;
  readonly endNs: number;
}

export function plan(options: PholdOptions): Plan<null> {
  return {
    lps: options.lps,
    weights: new Float64Array(options.lps).fill(1),
    lookaheadNs: options.lookaheadNs,
    endNs: options.endNs,
    payloadWords: 0,
    shared: null,
  };
}

class Phold implements Model<null> {
  private readonly engine: Engine;
  private readonly draws: StreamTable;
  private readonly lps: number;
  private readonly population: number;
  private readonly lookaheadNs: number;
  private readonly meanNs: number;
  /** A draw below it means remote; 2^32 for always. */
  private readonly remoteBelow: number;

  constructor(context: ModelContext<PholdOptions, null>) {
    const { options } = context;
    this.engine = context.engine;
    this.draws = new StreamTable(options.seed, 'phold', new Int32Array(options.lps));
    this.lps = options.lps;
    this.population = options.population;
    this.lookaheadNs = options.lookaheadNs;
    this.meanNs = options.meanNs;
    this.remoteBelow = Math.round(options.remoteShare * 4294967296);
  }

  start(lp: number): void {
    const draws = this.draws.select(lp);
    for (let i = 0; i < this.population; i++) {
      const delayNs = this.lookaheadNs + Math.floor(exponential(draws) * this.meanNs);
      this.engine.schedule(lp, delayNs, 0, 0, 0, 0);
    }
  }

  handle(lp: number): void {
    const draws = this.draws.select(lp);
    let target = lp;
    if (draws.u32() < this.remoteBelow) {
      // Biased by less than lps / 2^32, which a benchmark does not see.
      target = (draws.u32() * 2.3283064365386963e-10 * this.lps) | 0;
    }
    const delayNs = this.lookaheadNs + Math.floor(exponential(draws) * this.meanNs);
    this.engine.schedule(target, this.engine.nowNs + delayNs, 0, 0, 0, 0);
  }

  finish(): null {
    return null;
  }
}

export function create(context: ModelContext<PholdOptions, null>): Model<null> {
  return new Phold(context);
}

export function merge(): null {
  return null;
}
