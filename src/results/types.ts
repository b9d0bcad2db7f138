/**
 * What one replication of one cell yields, on any tier, and what a run folder holds. Reports read
 * these and nothing else.
 *
 * Run folder:
 * ```
 * manifest.json        what ran and what is needed to run it again
 * workload.yaml        the file as it was read
 * summary.json         cells x metrics with intervals, expectations, verdict (stormglass.summary/1)
 * cells/<id>.json      one file per cell and replication (stormglass.cell/1), written atomically
 * measurements.csv     cell, replication, metric, value, unit, then one column per swept parameter
 * report.html report.md charts/*.png     rebuilt by `stormglass report DIR`
 * ```
 *
 * Suite folder: `suite.json` (stormglass.suite/1) and one run folder per workload.
 */
import type { ParameterValue, Tier } from '../workload/types.ts';

/** A histogram over non-negative values; ascending, empty buckets left out. */
export interface HistogramData {
  /** Unit of the values, as in the metric table. */
  readonly unit: string;
  readonly count: number;
  /** Exact sum of the recorded values, in `unit`. */
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** [lower edge, upper edge, count]. */
  readonly buckets: readonly (readonly [number, number, number])[];
}

export interface SeriesData {
  readonly unit: string;
  /** Simulated (or wall) time of the first bin's start, ms. */
  readonly startMs: number;
  readonly binMs: number;
  /** One value per bin; null where nothing was observed. */
  readonly values: readonly (number | null)[];
}

/** Counts of values by time bin and value bucket, for heat maps. */
export interface HeatData {
  readonly unit: string;
  readonly startMs: number;
  readonly binMs: number;
  /** Ascending bucket edges, length = rows + 1. */
  readonly edges: readonly number[];
  /** counts[time bin][bucket]. */
  readonly counts: readonly (readonly number[])[];
}

/** An online assertion: conservation, Little's law. A failed check makes the run's verdict `violated`. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** The two sides with their numbers. */
  readonly detail: string;
}

/** Deterministic part: equal for equal workload, seed and code, on any number of workers. */
export interface ReplicationResult {
  /** Scalar metrics by the names of `metrics.ts`; NaN-free: a metric without observations is left out. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, HistogramData>>;
  readonly series: Readonly<Record<string, SeriesData>>;
  readonly heat: Readonly<Record<string, HeatData>>;
  readonly checks: readonly CheckResult[];
  /** Fingerprint of the events, hexadecimal. */
  readonly digest: string;
  readonly events: number;
}

/** Wall-clock side of a replication; never part of a digest or of a comparison. */
export interface Performance {
  readonly wallSeconds: number;
  readonly eventsPerSecond: number;
  readonly workers: number;
  readonly queue: string;
  /** Parallel runs: windows, events per window, share of time at the barrier, imbalance. */
  readonly windows?: number;
  readonly eventsPerWindow?: number;
  readonly barrierShare?: number;
  readonly imbalance?: number;
  readonly lookaheadNs?: number;
  readonly peakMemoryBytes?: number;
}

export interface CellRecord {
  readonly schema: 'stormglass.cell/1';
  readonly cell: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly replication: number;
  readonly seed: number;
  readonly result: ReplicationResult;
  readonly performance: Performance;
}

export type Verdict = 'ok' | 'violated' | 'unknown';

export interface MetricValue {
  /** Mean over replications. */
  readonly value: number;
  readonly unit: string;
  /** Student-t interval over replications; null when there is only one. */
  readonly ci95: readonly [number, number] | null;
  /** Replications that observed the metric. */
  readonly n: number;
}

export interface SummaryCell {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly metrics: Readonly<Record<string, MetricValue>>;
}

export interface ExpectationResult {
  readonly metric: string;
  readonly where: Readonly<Record<string, ParameterValue>>;
  readonly min?: number;
  readonly max?: number;
  readonly because: string;
  readonly verdict: Verdict;
  /** The cell that decides it, its value and interval. */
  readonly detail: string;
}

export interface FindingResult {
  /** The sentence with its number and interval filled in. */
  readonly text: string;
  readonly metric: string;
  readonly value: number | null;
  readonly ci95: readonly [number, number] | null;
  readonly unit: string;
}

export interface Summary {
  readonly schema: 'stormglass.summary/1';
  readonly workload: string;
  readonly tier: Tier;
  readonly seed: number;
  /** Fingerprint over all cells and replications. */
  readonly digest: string;
  readonly verdict: Verdict;
  readonly question: string;
  readonly hypothesis: string;
  readonly findings: readonly FindingResult[];
  readonly cells: readonly SummaryCell[];
  readonly expectations: readonly ExpectationResult[];
  readonly checks: readonly (CheckResult & {
    readonly cell: string;
    readonly replication: number;
  })[];
  readonly environment: Environment;
}

export interface Environment {
  readonly stormglass: string;
  /** Commit of the code, `+dirty` appended when the tree had changes, null outside a checkout. */
  readonly commit: string | null;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly calibration: { readonly name: string; readonly sha256: string };
}

export interface Manifest {
  readonly schema: 'stormglass.manifest/1';
  readonly workload: string;
  readonly workloadFile: string;
  /** SHA-256 of workload, overrides, tier, seed, replications: a resumed run must have the same. */
  readonly configuration: string;
  /** SHA-256 of the sources that decide results: cells of different code are never mixed. */
  readonly code: string;
  readonly overrides: readonly string[];
  readonly tier: Tier;
  readonly seed: number;
  readonly replications: number;
  /** What to type to run it again. */
  readonly command: string;
  readonly environment: Environment;
  readonly status: 'running' | 'interrupted' | 'complete' | 'failed';
  readonly startedAt: string;
  readonly wallSeconds: number;
  readonly cells: readonly {
    readonly id: string;
    readonly parameters: Readonly<Record<string, ParameterValue>>;
  }[];
}

/** `suite.json`: the runs of a suite folder, in the order in which the report shows them. */
export interface Suite {
  readonly schema: 'stormglass.suite/1';
  readonly verdict: Verdict;
  readonly environment: Environment;
  /** What to type to run it again. */
  readonly command: string;
  readonly runs: readonly {
    readonly workload: string;
    /** Run folder, relative to the suite folder. */
    readonly folder: string;
    readonly verdict: Verdict;
    readonly digest: string;
  }[];
}
