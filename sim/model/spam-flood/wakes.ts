/**
 * How the system lets an app run in the background. A budget is a token bucket: `burst` wakes at
 * once, one more every `everyNs`, each up to `wakeNs` long. Kept as a theoretical arrival time (the
 * virtual scheduling form of the generic cell rate algorithm, ITU-T I.371), in integers.
 *
 * iOS: 30 s per wake, throttled above 2 to 3 pushes an hour, only the newest push kept. Android:
 * the frequent bucket has 10 high-priority pushes a day and 10 min per 8 h, which is 180 s each;
 * the rare bucket 5 a day and 10 min per day, which is 120 s each. (facts of the vendors' pages)
 */
import type { WakePreset } from '../../../src/workload/types-ideas.ts';

export interface WakeBudget {
  readonly burst: number;
  readonly everyNs: number;
  readonly wakeNs: number;
}

const secondNs = 1_000_000_000;
const dayNs = 86_400 * secondNs;

export const wakeBudgets: Readonly<Record<WakePreset, WakeBudget>> = {
  ios: { burst: 3, everyNs: 1440 * secondNs, wakeNs: 30 * secondNs },
  'android-frequent': { burst: 10, everyNs: dayNs / 10, wakeNs: 180 * secondNs },
  'android-rare': { burst: 5, everyNs: dayNs / 5, wakeNs: 120 * secondNs },
};

/** Budgets of clients by row. */
export class Wakes {
  readonly budget: WakeBudget;
  /** Theoretical arrival time of the next wake. */
  private readonly due: Float64Array;
  private readonly slack: number;

  constructor(budget: WakeBudget, clients: number) {
    this.budget = budget;
    this.due = new Float64Array(clients);
    this.slack = (budget.burst - 1) * budget.everyNs;
  }

  /** When the client's next wake is within its budget; not before `nowNs`. */
  earliest(client: number, nowNs: number): number {
    return Math.max(nowNs, this.due[client]! - this.slack);
  }

  /** Spends one wake. */
  spend(client: number, nowNs: number): void {
    this.due[client] = Math.max(nowNs, this.due[client]!) + this.budget.everyNs;
  }
}
