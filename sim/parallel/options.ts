/** What a run is asked for. */
import type { ModelModule } from '../kernel/engine.ts';
import type { Progress, QueueChoice } from './outcome.ts';

export interface SimulateOptions<Options, Shared, Result> {
  readonly module: ModelModule<Options, Shared, Result>;
  /** Where worker threads import the same module from; needed for more than one worker. */
  readonly moduleUrl?: string | URL;
  /** Handed to the module; structured-cloneable when there are several workers. */
  readonly options: Options;
  /** 1..64; 1 (the default) runs in the calling thread. */
  readonly workers?: number;
  /** Default `auto`. */
  readonly queue?: QueueChoice;
  /**
   * Options of a short run that the same threads make first, untimed and without a trace in the
   * outcome, so that the figures are those of compiled code. For benchmarks. Must plan the same
   * LPs, lookahead and payload.
   */
  readonly rehearsal?: Options;
  /**
   * Limit of each worker thread's JavaScript heap, MiB; pending events lie outside of it. Default:
   * an even share of the machine's memory, at least 2,048.
   */
  readonly workerHeapMib?: number;
  /** Called some times per second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the run early with the signal's reason as the error. */
  readonly signal?: AbortSignal;
}
