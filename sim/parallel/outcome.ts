/** What a run yields, and how it went. */

import type { QueueForm } from '../kernel/kernel.ts';

/** How pending events are kept: a fixed form, or what measures best as the run goes. */
export type QueueChoice = 'auto' | QueueForm;

/** Wall-clock side of a run: tells whether splitting it over workers was worth it. */
export interface RunFigures {
  readonly workers: number;
  /** Form of pending events at the end; with several workers that of the first. */
  readonly queue: QueueForm;
  /** Windows run (parallel or windowed), 0 otherwise. */
  readonly windows: number;
  /** Events per window; NaN without windows. */
  readonly eventsPerWindow: number;
  /** Share of the workers' time spent at the barrier, 0..1. */
  readonly barrierShare: number;
  /** Busiest worker's events against the mean over workers; 1 = even. */
  readonly imbalance: number;
  /** As the plan declares. */
  readonly lookaheadNs: number;
  /** Smallest delay seen between different LPs; Infinity when there was none. */
  readonly lookaheadSeenNs: number;
  /** Share of events that another worker sent, 0..1. */
  readonly remoteShare: number;
  /** What to know before trusting the speed, in sentences. */
  readonly warnings: readonly string[];
}

export interface Outcome<Result> {
  readonly result: Result;
  /** 32 hexadecimal digits; equal for equal plan, whatever the workers and the queue. */
  readonly digest: string;
  /** Events executed. */
  readonly events: number;
  /** Time of the event loop alone: without plan, construction and merge. */
  readonly wallSeconds: number;
  readonly figures: RunFigures;
}

export interface Progress {
  /** Simulated time reached. */
  readonly nowNs: number;
  readonly endNs: number;
  readonly events: number;
}
