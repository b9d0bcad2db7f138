/** Checks of plans and events, apart from the hot path: they run once, or end the run. */

import {
  HorizonError,
  LookaheadViolation,
  PlanError,
  TimeInPast,
  UnknownLp,
  ZeroDelayLoop,
} from './errors.ts';

/** An event as the errors describe it. */
export interface EventPlace {
  readonly lp: number;
  readonly timeNs: number;
  readonly kind: number;
  readonly sourceLp: number;
  readonly nowNs: number;
}

function describe(event: EventPlace): string {
  const { lp, timeNs, kind, sourceLp, nowNs } = event;
  return `event of kind ${kind} from LP ${sourceLp} at ${nowNs} ns for LP ${lp} at ${timeNs} ns`;
}

/**
 * Refuses times that no event may have; those after the end of the run are fine.
 *
 * @throws {TimeInPast} for times before now and fractions of nanoseconds
 * @throws {HorizonError} for times beyond 2^53-1 ns
 */
export function checkTime(event: EventPlace): void {
  const { timeNs, nowNs } = event;
  if (timeNs < nowNs) throw new TimeInPast(`${describe(event)}: in the past`);
  if (timeNs > Number.MAX_SAFE_INTEGER) {
    throw new HorizonError(
      `${describe(event)}: beyond 2^53-1 ns (104 days); cap the delay at the end of the run`,
    );
  }
  if (!Number.isInteger(timeNs)) {
    throw new TimeInPast(
      `${describe(event)}: times are integer nanoseconds, round before scheduling`,
    );
  }
}

export function unknownLp(event: EventPlace, lps: number): UnknownLp {
  return new UnknownLp(`${describe(event)}: the plan has LPs 0..${lps - 1}`);
}

export function tooClose(event: EventPlace, lookaheadNs: number): LookaheadViolation {
  return new LookaheadViolation(
    `${describe(event)}: the delay of ${event.timeNs - event.nowNs} ns is below the lookahead of ` +
      `${lookaheadNs} ns; lower lookaheadNs in the plan or lengthen the delay`,
  );
}

export function zeroDelayLoop(count: number, event: EventPlace): ZeroDelayLoop {
  return new ZeroDelayLoop(
    `${count} events without delay at one instant, the last: ${describe(event)}. ` +
      'Time does not advance; give one event of the cycle a delay of at least 1 ns',
  );
}

/**
 * Refuses plans that cannot run.
 *
 * @throws {PlanError} for numbers out of range, or the window queue without a lookahead
 * @throws {HorizonError} for an end beyond exact time
 */
export function checkPlan(options: {
  readonly lps: number;
  readonly lookaheadNs: number;
  readonly endNs: number;
  readonly form: string;
}): void {
  const { lps, lookaheadNs, endNs, form } = options;
  if (!(Number.isInteger(lps) && lps >= 1 && lps <= 2 ** 30)) {
    throw new PlanError(`plan.lps is ${lps}: a plan has 1 to 2^30 LPs`);
  }
  if (!(Number.isInteger(lookaheadNs) && lookaheadNs >= 0)) {
    throw new PlanError(`plan.lookaheadNs is ${lookaheadNs}: give integer nanoseconds, 0 or more`);
  }
  if (!(endNs >= 0 && endNs <= Number.MAX_SAFE_INTEGER)) {
    throw new HorizonError(
      `plan.endNs is ${endNs}: simulated time is exact up to 2^53-1 ns (104 days); shorten the run`,
    );
  }
  if (form === 'window' && lookaheadNs === 0) {
    throw new PlanError(
      'the window queue needs a lookahead between LPs; ' +
        'declare plan.lookaheadNs > 0 or use the bucketed queue',
    );
  }
}
