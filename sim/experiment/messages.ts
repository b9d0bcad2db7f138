/** What main thread and cell worker say to each other. */
import type { Performance, ReplicationResult } from '../../src/results/types.ts';
import type { Workload } from '../../src/workload/types.ts';
import type { PortableError } from './failure.ts';

/** How far a run is; told a few times per second at most. */
export interface RunProgress {
  /** Simulated time so far, ms. */
  readonly simulatedMs: number;
  /** Events so far. */
  readonly events: number;
}

export interface RunOptions {
  readonly seed: number;
  /** Threads of this run. */
  readonly workers: number;
  readonly queue?: string;
  /** Command that runs this task alone, for what a tier has to say about a broken rule. */
  readonly reproduce?: string;
  readonly onProgress?: (progress: RunProgress) => void;
  readonly signal?: AbortSignal;
}

export interface RunOutput {
  readonly result: ReplicationResult;
  readonly performance: Performance;
}

/** A tier's door: `runModel` of sim/model/run.ts, or a stand-in of a test. */
export type RunModel = (workload: Workload, options: RunOptions) => Promise<RunOutput>;

export interface CellWorkerData {
  /** Module that exports `runModel`. */
  readonly moduleUrl: string;
}

export interface Job {
  readonly workload: Workload;
  readonly seed: number;
  readonly workers: number;
  readonly reproduce: string;
}

export type Reply =
  | { readonly kind: 'progress'; readonly progress: RunProgress }
  | { readonly kind: 'done'; readonly output: RunOutput }
  | { readonly kind: 'failed'; readonly error: PortableError };
