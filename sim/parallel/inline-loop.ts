/** The event loop of a run in one thread, in slices. */

import type { Kernel } from '../kernel/kernel.ts';
import type { FormChooser } from './form-chooser.ts';
import type { Progress, RunFigures } from './outcome.ts';
import { wallNowMs } from './wall-clock.ts';

/** Events between two looks at the clock. */
const STEP_EVENTS = 4096;

export class InlineLoop {
  private readonly kernel: Kernel;
  private readonly chooser: FormChooser;
  private readonly lookaheadNs: number;
  private readonly endNs: number;
  private window = -1;
  private windows = 0;
  private windowEvents = 0;

  constructor(
    kernel: Kernel,
    chooser: FormChooser,
    plan: { readonly lookaheadNs: number; readonly endNs: number },
  ) {
    this.kernel = kernel;
    this.chooser = chooser;
    this.lookaheadNs = plan.lookaheadNs;
    this.endNs = plan.endNs;
  }

  /** Runs until the wall clock reads `deadlineMs`; true when no events are left before the end. */
  runSlice(deadlineMs: number): boolean {
    do {
      const done = this.kernel.form === 'window' ? this.stepWindows() : this.stepOrdered();
      if (done) return true;
      if (this.chooser.form !== this.kernel.form) this.change();
    } while (wallNowMs() < deadlineMs);
    return false;
  }

  private stepWindows(): boolean {
    const kernel = this.kernel;
    let events = 0;
    let windows = 0;
    while (events + windows < STEP_EVENTS) {
      const next = kernel.nextWindow(this.window + 1);
      if (next * this.lookaheadNs > this.endNs) return true;
      this.window = next;
      events += kernel.runWindow(next);
      windows++;
    }
    this.windows += windows;
    this.windowEvents += events;
    this.chooser.observe(events, windows);
    return false;
  }

  private stepOrdered(): boolean {
    const fromNs = this.kernel.nowNs;
    const events = this.kernel.runOrdered(this.endNs + 1, STEP_EVENTS);
    if (events < STEP_EVENTS) return true;
    this.chooser.observe(events, (this.kernel.nowNs - fromNs) / this.lookaheadNs);
    return false;
  }

  private change(): void {
    const from = Math.floor(this.kernel.nowNs / this.lookaheadNs);
    this.kernel.useForm(this.chooser.form, from);
    this.window = from - 1;
  }

  progress(): Progress {
    const { nowNs, events } = this.kernel;
    return { nowNs, endNs: this.endNs, events };
  }

  figures(): RunFigures {
    return {
      workers: 1,
      queue: this.kernel.form,
      windows: this.windows,
      eventsPerWindow: this.windowEvents / this.windows,
      barrierShare: 0,
      imbalance: 1,
      lookaheadNs: this.lookaheadNs,
      lookaheadSeenNs: this.kernel.lookaheadSeenNs,
      remoteShare: 0,
      warnings: [],
    };
  }
}
