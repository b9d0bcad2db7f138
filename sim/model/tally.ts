/**
 * What a model counts: one set per worker, merged exactly. Everything is an integer (counts, bytes,
 * nanoseconds), so that results do not depend on how homeservers were spread over workers.
 */
import type { HeatData, HistogramData, SeriesData } from '../../src/results/types.ts';
import { Counters } from '../kernel/statistics/counters.ts';
import { ExactSum, type ExactSumData } from '../kernel/statistics/exact-sum.ts';
import { Histogram, type HistogramSnapshot } from '../kernel/statistics/histogram.ts';
import { Series, type SeriesSnapshot } from '../kernel/statistics/series.ts';
import { nsPerMs } from './units.ts';

/** Names of what a model counts. */
export interface TallyNames {
  readonly counters: readonly string[];
  /** Sums that may pass 2^53. */
  readonly sums: readonly string[];
  readonly maxima: readonly string[];
  readonly histograms: readonly string[];
  readonly series: readonly string[];
  readonly heats: readonly string[];
}

/** The measured part of a run and the bins of its series, ns. */
export interface Span {
  readonly warmUpNs: number;
  readonly endNs: number;
  readonly binNs: number;
}

/** Structured-cloneable form. */
export interface TallyData {
  readonly counters: Float64Array;
  readonly sums: Readonly<Record<string, ExactSumData>>;
  readonly maxima: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, HistogramSnapshot>>;
  readonly series: Readonly<Record<string, SeriesSnapshot>>;
  readonly heats: Readonly<Record<string, Float64Array>>;
}

/**
 * Rows of a heat map: 6.6 per decade, with edges at half powers of two from 1 ms to 9 hours; the
 * first row starts at 0.
 */
const heatRows = 51;

/** Lower edge of a row, ms. Rounded, so that it is the same number on every machine. */
function heatEdge(row: number): number {
  if (row === 0) return 0;
  const octave = 2 ** Math.floor((row - 1) / 2);
  return row % 2 === 1 ? octave : octave * Math.SQRT2;
}

function record<Name extends string, T>(
  names: readonly Name[],
  make: (name: Name) => T,
): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, T>;
}

export class Tally<N extends TallyNames> {
  readonly span: Span;
  readonly counters: Counters<N['counters'][number]>;
  readonly sums: Record<N['sums'][number], ExactSum>;
  readonly maxima: Record<N['maxima'][number], number>;
  readonly histograms: Record<N['histograms'][number], Histogram>;
  readonly series: Record<N['series'][number], Series>;
  readonly heats: Record<N['heats'][number], Heat>;

  constructor(names: N, span: Span) {
    this.span = span;
    this.counters = new Counters<N['counters'][number]>(names.counters);
    this.sums = record<N['sums'][number], ExactSum>(names.sums, () => new ExactSum());
    this.maxima = record<N['maxima'][number], number>(names.maxima, () => 0);
    this.histograms = record<N['histograms'][number], Histogram>(
      names.histograms,
      () => new Histogram(6),
    );
    this.series = record<N['series'][number], Series>(
      names.series,
      () => new Series(0, span.endNs, span.binNs),
    );
    this.heats = record<N['heats'][number], Heat>(names.heats, () => new Heat(span));
  }

  snapshot(): TallyData {
    const map = <T, U>(from: Record<string, T>, to: (value: T) => U): Record<string, U> =>
      Object.fromEntries(Object.entries(from).map(([name, value]) => [name, to(value)]));
    return {
      counters: this.counters.values,
      sums: map(this.sums as Record<string, ExactSum>, (sum) => sum.data()),
      maxima: { ...this.maxima },
      histograms: map(this.histograms as Record<string, Histogram>, (h) => h.snapshot()),
      series: map(this.series as Record<string, Series>, (s) => s.snapshot()),
      heats: map(this.heats as Record<string, Heat>, (heat) => heat.counts),
    };
  }

  merge(data: TallyData): void {
    this.counters.merge(data.counters);
    for (const [name, sum] of Object.entries<ExactSum>(this.sums)) {
      sum.merge(ExactSum.from(data.sums[name]!));
    }
    for (const name of Object.keys(this.maxima) as N['maxima'][number][]) {
      this.maxima[name] = Math.max(this.maxima[name], data.maxima[name]!);
    }
    for (const [name, histogram] of Object.entries<Histogram>(this.histograms)) {
      histogram.merge(Histogram.from(data.histograms[name]!));
    }
    for (const [name, series] of Object.entries<Series>(this.series)) {
      series.merge(data.series[name]!);
    }
    for (const [name, heat] of Object.entries<Heat>(this.heats)) heat.merge(data.heats[name]!);
  }

  /** Value of a counter. */
  count(name: N['counters'][number]): number {
    return this.counters.get(name);
  }
}

/** Counts by time bin and value bucket. */
export class Heat {
  readonly counts: Float64Array;
  private readonly binNs: number;
  private readonly endNs: number;

  constructor(span: Span) {
    this.binNs = span.binNs;
    this.endNs = span.endNs;
    this.counts = new Float64Array((Math.floor(span.endNs / span.binNs) + 1) * heatRows);
  }

  add(timeNs: number, valueNs: number): void {
    const ms = valueNs / nsPerMs;
    const octave = 32 - Math.clz32(Math.min(ms, 2147483647) | 0);
    const upper = octave > 0 && ms >= 2 ** (octave - 1) * Math.SQRT2 ? 1 : 0;
    const row = octave === 0 ? 0 : Math.min(heatRows - 1, 2 * octave - 1 + upper);
    const index = Math.floor(timeNs / this.binNs) * heatRows + row;
    if (index < this.counts.length) this.counts[index]! += 1;
  }

  merge(counts: Float64Array): void {
    for (let i = 0; i < counts.length; i++) this.counts[i]! += counts[i]!;
  }

  data(): HeatData {
    const bins = wholeBins({ endNs: this.endNs, binNs: this.binNs });
    return {
      unit: 'ms',
      startMs: 0,
      binMs: this.binNs / nsPerMs,
      edges: Array.from({ length: heatRows + 1 }, (_, i) => heatEdge(i)),
      counts: Array.from({ length: bins }, (_, b) => [
        ...this.counts.subarray(b * heatRows, (b + 1) * heatRows),
      ]),
    };
  }
}

/**
 * A histogram in the unit of its metric.
 *
 * @param scale - recorded units per unit of the result (ns in ms: 1e6)
 */
export function histogramData(histogram: Histogram, unit: string, scale: number): HistogramData {
  return {
    unit,
    count: histogram.count,
    sum: histogram.sum / scale,
    min: histogram.count === 0 ? 0 : histogram.min / scale,
    max: histogram.count === 0 ? 0 : histogram.max / scale,
    buckets: histogram
      .buckets()
      .map(({ low, high, count }) => [low / scale, (high + 1) / scale, count]),
  };
}

/** A series of values per bin. */
export function seriesData(
  span: Span,
  unit: string,
  values: readonly (number | null)[],
): SeriesData {
  return {
    unit,
    startMs: 0,
    binMs: span.binNs / nsPerMs,
    values: values.slice(0, wholeBins(span)),
  };
}

/**
 * Bins that the run fills; at least one. A bin that it ends in would look like a drop at the end of
 * a figure, and the one that starts at the end holds what falls on the last nanosecond only.
 */
function wholeBins({ endNs, binNs }: Pick<Span, 'endNs' | 'binNs'>): number {
  return Math.max(1, Math.floor(endNs / binNs));
}
