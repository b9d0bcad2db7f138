/**
 * The meeting of all workers between windows. Spins first, then sleeps: being woken takes many
 * times as long as seeing a word change. When more than one meeting in twenty sleeps although it
 * spun, the machine is busy: a spinning worker then holds the very core that the worker it waits
 * for needs, for a time slice of the operating system at worst, so spinning stops for a while.
 */

import { ABORT, ARRIVED, type Control, GENERATION, SLEEPERS } from './control.ts';

/** Loads per spin, about 10 us. */
const SPINS = 3000;
const SAMPLE = 64;
const SLOW_MAX = 3;
/** Meetings without spinning before it is tried again. */
const REST = 2000;
/** A sleeper looks around this often even if nobody wakes it, ms. */
const SLEEP_MS = 500;

/** Thrown at the barrier when the run was ended elsewhere; carries no news of its own. */
export class RunAborted extends Error {
  override readonly name = 'RunAborted';
}

export class Barrier {
  private readonly ints: Int32Array;
  private readonly workers: number;
  private readonly maySpin: boolean;
  private rest = 0;
  private met = 0;
  private slow = 0;

  /** @param maySpin - false when there are fewer cores than workers */
  constructor(control: Control, workers: number, maySpin: boolean) {
    this.ints = control.ints;
    this.workers = workers;
    this.maySpin = maySpin;
  }

  /**
   * Returns when all workers have called it. What each wrote before is visible to all after.
   *
   * @throws {RunAborted} when the run was ended
   */
  meet(): void {
    const ints = this.ints;
    const generation = Atomics.load(ints, GENERATION);
    if (Atomics.add(ints, ARRIVED, 1) === this.workers - 1) {
      Atomics.store(ints, ARRIVED, 0);
      Atomics.add(ints, GENERATION, 1);
      // A sleeper counts itself before it looks at the generation, so none is missed.
      if (Atomics.load(ints, SLEEPERS) > 0) Atomics.notify(ints, GENERATION);
    } else if (!this.spin(generation)) {
      this.sleep(generation);
    }
    if (Atomics.load(ints, ABORT) !== 0) throw new RunAborted('the run was ended');
  }

  private spin(generation: number): boolean {
    if (!this.maySpin) return false;
    if (this.rest > 0) {
      this.rest--;
      return false;
    }
    const ints = this.ints;
    let left = SPINS;
    while (left > 0 && Atomics.load(ints, GENERATION) === generation) left--;
    this.judge(left === 0);
    return left > 0;
  }

  private judge(slow: boolean): void {
    this.met++;
    if (slow) this.slow++;
    if (this.slow > SLOW_MAX) this.rest = REST;
    if (this.slow > SLOW_MAX || this.met === SAMPLE) {
      this.met = 0;
      this.slow = 0;
    }
  }

  private sleep(generation: number): void {
    const ints = this.ints;
    Atomics.add(ints, SLEEPERS, 1);
    while (Atomics.load(ints, GENERATION) === generation && Atomics.load(ints, ABORT) === 0) {
      Atomics.wait(ints, GENERATION, generation, SLEEP_MS);
    }
    Atomics.sub(ints, SLEEPERS, 1);
  }
}
