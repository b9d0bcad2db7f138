/** What the starting thread and its workers say to each other. */

import type { MessagePort } from 'node:worker_threads';

import type { DigestSums } from '../kernel/digest.ts';
import type { QueueForm } from '../kernel/kernel.ts';
import type { QueueChoice } from './outcome.ts';

/** Plan without its weights: what a worker needs. */
export interface WorkerPlan {
  readonly lps: number;
  readonly lookaheadNs: number;
  readonly endNs: number;
  readonly payloadWords: 0 | 1 | 2 | 3;
  readonly shared: unknown;
}

export interface WorkerTask {
  readonly moduleUrl: string;
  readonly options: unknown;
  readonly plan: WorkerPlan;
  readonly queue: QueueChoice;
  readonly self: number;
  readonly workers: number;
  readonly maySpin: boolean;
  /** Worker of each LP, in shared memory. */
  readonly owner: Uint8Array;
  readonly control: SharedArrayBuffer;
  readonly mail: readonly (SharedArrayBuffer | null)[];
  readonly ports: readonly (MessagePort | null)[];
  /** A run to make first, see `SimulateOptions.rehearsal`; its plan has the same LPs. */
  readonly rehearsal: { readonly options: unknown; readonly plan: WorkerPlan } | null;
}

/** How one worker fared. */
export interface WorkerFigures {
  readonly events: number;
  readonly windows: number;
  readonly sent: number;
  readonly wallMs: number;
  readonly barrierMs: number;
  readonly lookaheadSeenNs: number;
  readonly form: QueueForm;
}

export type WorkerMessage =
  | {
      readonly type: 'done';
      readonly result: unknown;
      readonly digest: DigestSums;
      readonly figures: WorkerFigures;
    }
  | {
      readonly type: 'failed';
      readonly name: string;
      readonly message: string;
      readonly stack: string;
    }
  /** Ended because the run was aborted elsewhere. */
  | { readonly type: 'aborted' };
