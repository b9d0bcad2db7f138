/** What an engine is made of. */

/** The forms that pending events can take. */
export type QueueForm = 'window' | 'bucketed' | 'heap';

/** Where events for LPs of other workers go. */
export interface Outbox {
  // eslint-disable-next-line max-params -- one event by value, without an object
  send(
    worker: number,
    timeNs: number,
    target: number,
    source: number,
    sequence: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void;
}

export interface KernelOptions {
  readonly lps: number;
  readonly lookaheadNs: number;
  readonly endNs: number;
  readonly payloadWords: 0 | 1 | 2 | 3;
  readonly form: QueueForm;
  /** Worker of each LP, and which one this is; absent when all LPs are here. */
  readonly partition?: {
    readonly owner: Uint8Array;
    readonly self: number;
    readonly outbox: Outbox;
  };
  /** Events without delay at one instant after which a loop is assumed. Default 10 million. */
  readonly zeroDelayMax?: number;
}
