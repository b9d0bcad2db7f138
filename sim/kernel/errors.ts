/**
 * Errors of the simulation kernel. Each message names the place in simulated time and the remedy.
 */

/** What all errors of the kernel have in common; catch this one. */
export class SimulationError extends Error {
  override readonly name: string = 'SimulationError';
}

/** An event for another LP closer than the lookahead that the plan declares. */
export class LookaheadViolation extends SimulationError {
  override readonly name = 'LookaheadViolation';
}

/** An event scheduled before the current time, or at a time that is no integer. */
export class TimeInPast extends SimulationError {
  override readonly name = 'TimeInPast';
}

/** A time beyond 2^53 - 1 ns, where nanoseconds are no longer exact. */
export class HorizonError extends SimulationError {
  override readonly name = 'HorizonError';
}

/** An LP number outside the plan. */
export class UnknownLp extends SimulationError {
  override readonly name = 'UnknownLp';
}

/** Very many events scheduled without delay while the simulated time stands still. */
export class ZeroDelayLoop extends SimulationError {
  override readonly name = 'ZeroDelayLoop';
}

/** A plan that cannot be run as asked, such as no lookahead with several workers. */
export class PlanError extends SimulationError {
  override readonly name = 'PlanError';
}

/** An invariant of the kernel is broken (equal keys, time going back): please report it. */
export class KernelBugError extends SimulationError {
  override readonly name = 'KernelBugError';
}
