/**
 * Chooses the form of pending events by measured density. Opening a window costs the same whatever
 * it holds; a queue in total order costs more per event. With PHOLD they break even at 2.5 events
 * per window (24 LPs); from 5 on windows are ahead, below 2 they are behind, by a fifth each way.
 */

import type { QueueForm } from '../kernel/kernel.ts';
import type { QueueChoice } from './outcome.ts';

const SPARSE = 2;
const DENSE = 5;
const FIRST_OBSERVATION = 4096;

export class FormChooser {
  form: QueueForm;
  private readonly fixed: boolean;
  private windows = 0;
  private events = 0;
  /**
   * Events plus windows until the next decision; doubles with each change, which costs a move of
   * all events.
   */
  private patience = FIRST_OBSERVATION;

  constructor(choice: QueueChoice, plan: { readonly lookaheadNs: number }) {
    this.fixed = choice !== 'auto' || plan.lookaheadNs === 0;
    if (choice !== 'auto') this.form = choice;
    else this.form = plan.lookaheadNs > 0 ? 'window' : 'bucketed';
  }

  /** Takes note of events run over a number of windows (may be a fraction); updates `form`. */
  observe(events: number, windows: number): void {
    if (this.fixed) return;
    this.events += events;
    this.windows += windows;
    if (this.events + this.windows < this.patience) return;
    const density = this.events / this.windows;
    const better = density < SPARSE ? 'bucketed' : density > DENSE ? 'window' : this.form;
    if (better !== this.form) {
      this.form = better;
      this.patience *= 2;
    }
    this.events = 0;
    this.windows = 0;
  }
}
