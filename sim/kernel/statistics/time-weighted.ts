/**
 * Time-weighted mean of an integer level, such as a queue length: the exact integral of the level
 * over time. Merging adds integrals, so the merged mean is that of the summed levels.
 */

import { ExactSum, type ExactSumData } from './exact-sum.ts';

/** Structured-cloneable form of a time-weighted level. */
export interface TimeWeightedSnapshot {
  readonly integral: ExactSumData;
  readonly observedNs: number;
  readonly max: number;
}

export class TimeWeighted {
  private level = 0;
  private sinceNs: number;
  private readonly startNs: number;
  private integral = new ExactSum();
  private largest = 0;

  /**
   * @param startNs - observation starts here; `set` before it only keeps the level (warm-up cut)
   */
  constructor(startNs = 0) {
    this.startNs = startNs;
    this.sinceNs = startNs;
  }

  /** The level is `level` (integer, 0..2^31-1) from `nowNs` on. Times must not go back. */
  set(nowNs: number, level: number): void {
    if (nowNs > this.sinceNs) {
      this.integral.addProduct(this.level, nowNs - this.sinceNs);
      if (this.level > this.largest) this.largest = this.level;
      this.sinceNs = nowNs;
    }
    this.level = level;
    if (nowNs >= this.startNs && level > this.largest) this.largest = level;
  }

  /** Changes the level by an integer. */
  add(nowNs: number, change: number): void {
    this.set(nowNs, this.level + change);
  }

  get current(): number {
    return this.level;
  }

  /** Closes the observation at `endNs`. */
  snapshot(endNs: number): TimeWeightedSnapshot {
    this.set(endNs, this.level);
    return {
      integral: this.integral.data(),
      observedNs: Math.max(0, this.sinceNs - this.startNs),
      max: this.largest,
    };
  }
}

/** Integrals of several levels over the same time, added up. */
export function mergeTimeWeighted(parts: readonly TimeWeightedSnapshot[]): TimeWeightedSnapshot {
  const integral = new ExactSum();
  let observedNs = 0;
  let max = 0;
  for (const part of parts) {
    integral.merge(ExactSum.from(part.integral));
    observedNs = Math.max(observedNs, part.observedNs);
    max = Math.max(max, part.max);
  }
  return { integral: integral.data(), observedNs, max };
}

/** Mean level over the observed time; NaN when nothing was observed. */
export function timeWeightedMean(snapshot: TimeWeightedSnapshot): number {
  if (snapshot.observedNs === 0) return NaN;
  return ExactSum.from(snapshot.integral).value() / snapshot.observedNs;
}
