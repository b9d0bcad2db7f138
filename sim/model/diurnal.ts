/**
 * The rate over a day relative to its mean: `trough + (peak - trough) r^k` with the raised cosine
 * r = (1 + cos(2 pi (t - 20 h) / 24 h)) / 2, busiest at 20:00 local time. A plain raised cosine (k
 * = 1) has peak + trough = 2; the exponent k makes the mean 1 for any other pair. Simulated time
 * starts at 00:00 UTC.
 */
import type { Traffic } from '../../src/workload/types.ts';
import { cos, pow } from '../kernel/math.ts';

const minutesPerDay = 1440;
const nsPerMinute = 60e9;
const busiestMinute = 20 * 60;

/** Relative rate by minute of the day. */
export class DiurnalTable {
  readonly flat: boolean;
  /** Largest relative rate. */
  readonly peak: number;
  private readonly byMinute: Float64Array;

  constructor(byMinute: Float64Array) {
    this.byMinute = byMinute;
    this.flat = byMinute.length === 1;
    this.peak = byMinute.reduce((a, b) => Math.max(a, b), 0);
  }

  /** Relative rate at a simulated time where clocks are `offsetHours` ahead of UTC. */
  at(timeNs: number, offsetHours: number): number {
    if (this.flat) return this.byMinute[0]!;
    const minute = Math.floor(timeNs / nsPerMinute) + offsetHours * 60 + minutesPerDay;
    return this.byMinute[minute % minutesPerDay]!;
  }
}

function shape(k: number): Float64Array {
  return Float64Array.from({ length: minutesPerDay }, (_, minute) => {
    const angle = (2 * Math.PI * (minute - busiestMinute)) / minutesPerDay;
    return pow(Math.max(0, (1 + cos(angle)) / 2), k);
  });
}

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** The table of a traffic section; mean 1. */
export function diurnalRate(diurnal: Traffic['diurnal']): DiurnalTable {
  if (diurnal === 'flat') return new DiurnalTable(Float64Array.of(1));
  const { peakToMean, troughToMean } = diurnal;
  const wanted = (1 - troughToMean) / (peakToMean - troughToMean);
  // The mean of r^k falls from 1 (k = 0) towards 0: bisection on k.
  let low = 0;
  let high = 64;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (mean(shape(middle)) > wanted) low = middle;
    else high = middle;
  }
  const values = shape(low).map((r) => troughToMean + (peakToMean - troughToMean) * r);
  const correction = 1 / mean(values);
  return new DiurnalTable(values.map((value) => value * correction));
}
