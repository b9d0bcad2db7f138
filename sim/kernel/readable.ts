/**
 * Named events with handlers as functions, for small models: a queue of a textbook, a test. Names
 * become small integers once, so only the call through a table of handlers is slower than in a
 * model with a `switch`.
 *
 * ```ts
 * const script = new Script(context.engine);
 * const depart = script.on('depart', () => { queue--; });
 * const arrive = script.every('arrive', 5e6, (lp) => { queue++; depart.after(lp, 3e6); });
 * script.onStart((lp) => arrive.at(lp, 0));
 * return script.model(() => queue);
 * ```
 */

import { type Engine, kind, type Model, type SimTimeNs } from './engine.ts';
import { PlanError } from './errors.ts';

/** What an event does; `a`, `b`, `c` as scheduled, as far as the plan's payload words go. */
export type Handler = (lp: number, a: number, b: number, c: number) => void;

/** Codes are the lower 8 bits of a kind. */
const NAMES_MAX = 256;

/** An event that a script has named. */
export class NamedEvent {
  readonly name: string;
  readonly kind: number;
  private readonly engine: Engine;

  constructor(name: string, kindOf: number, engine: Engine) {
    this.name = name;
    this.kind = kindOf;
    this.engine = engine;
  }

  /** Schedules the event for an LP at a time. Errors as of `Engine.schedule`. */
  at(lp: number, timeNs: SimTimeNs, a = 0, b = 0, c = 0): void {
    this.engine.schedule(lp, timeNs, this.kind, a, b, c);
  }

  /** Schedules the event for an LP after a delay, rounded to nanoseconds. */
  after(lp: number, delayNs: number, a = 0, b = 0, c = 0): void {
    this.at(lp, this.engine.nowNs + Math.round(delayNs), a, b, c);
  }
}

/** A small model under construction. */
export class Script {
  private readonly engine: Engine;
  private readonly handlers: Handler[] = [];
  private readonly names = new Set<string>();
  private readonly starts: ((lp: number) => void)[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /**
   * Names an event and says what it does.
   *
   * @param classOf - of events at the same time, lower classes run first
   * @throws {PlanError} for a name that is taken, or more than 256 names
   */
  on(name: string, handler: Handler, classOf = 0): NamedEvent {
    if (this.names.has(name)) throw new PlanError(`two events are named ${name}; rename one`);
    if (this.handlers.length === NAMES_MAX) {
      throw new PlanError(`more than ${NAMES_MAX} named events: write a Model with a switch`);
    }
    this.names.add(name);
    const code = this.handlers.push(handler) - 1;
    return new NamedEvent(name, kind(classOf, code), this.engine);
  }

  /** Names an event that, once scheduled, comes back every `periodNs` with the same payload. */
  every(name: string, periodNs: SimTimeNs, handler: Handler, classOf = 0): NamedEvent {
    if (!(Number.isInteger(periodNs) && periodNs > 0)) {
      throw new PlanError(`${name} every ${periodNs} ns: give an integer above 0`);
    }
    const again: Handler = (lp, a, b, c) => {
      event.after(lp, periodNs, a, b, c);
      handler(lp, a, b, c);
    };
    const event = this.on(name, again, classOf);
    return event;
  }

  /** What every LP does at time 0. */
  onStart(handler: (lp: number) => void): void {
    this.starts.push(handler);
  }

  /** The finished model. */
  model<Result>(finish: () => Result): Model<Result> {
    const { handlers, starts } = this;
    return {
      start: (lp) => {
        for (const start of starts) start(lp);
      },
      handle: (lp, kindOf, a, b, c) => handlers[kindOf & 255]!(lp, a, b, c),
      finish,
    };
  }
}
