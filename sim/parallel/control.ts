/**
 * The words that all workers of a run share: barrier, proposals for the next window, mail counts,
 * progress.
 */

/** Positions of the barrier's words, a cache line apart. */
export const ARRIVED = 0;
export const GENERATION = 16;
export const SLEEPERS = 32;
export const ABORT = 48;
const INTS_FIRST = 64;

/** A view of the shared control block; every worker makes its own over the same buffer. */
export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly ints: Int32Array;
  private readonly doubles: Float64Array;
  private readonly workers: number;
  private readonly doublesFirst: number;

  constructor(workers: number, buffer?: SharedArrayBuffer) {
    this.workers = workers;
    const ints = INTS_FIRST + 4 * workers * workers;
    this.doublesFirst = Math.ceil(ints / 2);
    // Per worker 8 doubles: a cache line of its own.
    this.buffer = buffer ?? new SharedArrayBuffer((this.doublesFirst + workers * 8) * 8);
    this.ints = new Int32Array(this.buffer);
    this.doubles = new Float64Array(this.buffer);
  }

  /** Records in the mailbox from a worker to another, in the half of the given parity. */
  mailCountIndex(from: number, to: number, parity: number): number {
    return INTS_FIRST + ((from * this.workers + to) * 2 + parity) * 2;
  }

  /** How often that half was replaced by a larger one. */
  mailGenerationIndex(from: number, to: number, parity: number): number {
    return this.mailCountIndex(from, to, parity) + 1;
  }

  /** Proposes the next window of one worker. Visible to the others after the barrier. */
  propose(worker: number, parity: number, window: number): void {
    this.doubles[this.doublesFirst + worker * 8 + parity] = window;
  }

  /** The earliest window that any worker proposed. */
  agreed(parity: number): number {
    let least = Infinity;
    for (let worker = 0; worker < this.workers; worker++) {
      const window = this.doubles[this.doublesFirst + worker * 8 + parity]!;
      if (window < least) least = window;
    }
    return least;
  }

  /** For displays: simulated time and events of one worker. */
  report(worker: number, nowNs: number, events: number): void {
    this.doubles[this.doublesFirst + worker * 8 + 2] = nowNs;
    this.doubles[this.doublesFirst + worker * 8 + 3] = events;
  }

  reported(): { readonly nowNs: number; readonly events: number } {
    let nowNs = Infinity;
    let events = 0;
    for (let worker = 0; worker < this.workers; worker++) {
      nowNs = Math.min(nowNs, this.doubles[this.doublesFirst + worker * 8 + 2]!);
      events += this.doubles[this.doublesFirst + worker * 8 + 3]!;
    }
    return { nowNs, events };
  }

  /** Ends the run on all workers: those at the barrier wake up and stop. */
  abort(): void {
    Atomics.store(this.ints, ABORT, 1);
    Atomics.notify(this.ints, GENERATION);
  }
}
