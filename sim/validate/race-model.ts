/**
 * The commit race: the first commit of an epoch wins, and members do not know of it before `tau`
 * has passed. One LP is the delivery service with the group's epoch, the other the members, who
 * share one view because the announcement reaches them all at once.
 *
 * An attempt carries the epoch that the members know. The service takes it if that is the group's
 * epoch; every attempt within `tau` of an acceptance is therefore refused.
 */
import type { Engine, Model } from '../kernel/engine.ts';
import { kind } from '../kernel/engine.ts';
import { type RandomSource, double, stream } from '../kernel/random.ts';
import { exponential } from '../kernel/samplers.ts';
import { initialDelayMs } from '../model/retry.ts';
import { nsPerSecond, toNs } from '../model/units.ts';
import { simulate, untilQuietNs } from './simulation.ts';

/** How members come to commit. Times in seconds. */
export type Pace =
  /** Poisson attempts, `rate` per second, no retry. */
  | { readonly kind: 'poisson'; readonly rate: number; readonly attempts: number }
  /** In each window of length tau every member commits with probability p; all learn at its end. */
  | {
      readonly kind: 'slotted';
      readonly members: number;
      readonly p: number;
      readonly windows: number;
    }
  /** Each member commits once, at a random moment of the window, no retry. */
  | { readonly kind: 'once'; readonly members: number; readonly window: number }
  /** All members want to commit, and retry within tau of learning the new epoch until they have. */
  | { readonly kind: 'contend'; readonly members: number };

export interface Race {
  /** Part of the streams' key, so that studies do not share their draws. */
  readonly name: string;
  readonly pace: Pace;
  /** Time from an acceptance until members know of it, s. */
  readonly tau: number;
  /** The service's rule; tests hand in wrong ones. */
  readonly accepts?: (commitEpoch: number, groupEpoch: number) => boolean;
}

export interface RaceResult extends Readonly<Record<string, number>> {
  readonly attempts: number;
  /** Share of attempts refused. */
  readonly rejected: number;
  /** Accepted commits per tau; at most 1. */
  readonly accepted: number;
}

const service = 0;
const members = 1;
/** `window` and `announce` come before attempts of the same instant. */
const kinds = {
  announce: kind(0, 1),
  window: kind(0, 2),
  attempt: kind(1, 3),
  commit: kind(2, 4),
  refused: kind(2, 5),
} as const;

class CommitRace implements Model<RaceResult> {
  readonly #engine: Engine;
  readonly #race: Race;
  readonly #random: RandomSource;
  readonly #tauNs: number;
  /** State of the service. */
  #epoch = 0;
  #accepted = 0;
  #attempts = 0;
  /** State of the members. */
  #seen = 0;
  #made = 0;
  #losers = 0;

  constructor(engine: Engine, race: Race, random: RandomSource) {
    this.#engine = engine;
    this.#race = race;
    this.#random = random;
    this.#tauNs = Math.round(race.tau * nsPerSecond);
  }

  start(lp: number): void {
    const { pace } = this.#race;
    if (lp !== members) return;
    switch (pace.kind) {
      case 'poisson':
        this.#attemptAfter(this.#gapNs(pace.rate));
        break;
      case 'slotted':
        this.#engine.schedule(members, 0, kinds.window, 0, 0, 0);
        break;
      case 'once':
        this.#spread(pace.members, { kind: 'random-delay', spread: pace.window * 1000 });
        break;
      default:
        this.#contend(pace.members);
    }
  }

  handle(_lp: number, what: number, epoch: number): void {
    switch (what) {
      case kinds.attempt:
        this.#attempt();
        break;
      case kinds.commit:
        this.#judge(epoch);
        break;
      case kinds.announce:
        this.#seen = epoch;
        this.#contend(this.#losers);
        this.#losers = 0;
        break;
      case kinds.refused:
        this.#losers += this.#race.pace.kind === 'contend' ? 1 : 0;
        break;
      default:
        this.#openWindow(epoch);
    }
  }

  #attempt(): void {
    const { pace } = this.#race;
    this.#engine.schedule(service, this.#engine.nowNs, kinds.commit, this.#seen, 0, 0);
    if (pace.kind === 'poisson' && ++this.#made < pace.attempts) {
      this.#attemptAfter(this.#gapNs(pace.rate));
    }
  }

  #judge(commitEpoch: number): void {
    const accepts = this.#race.accepts ?? ((commit, group) => commit === group);
    const nowNs = this.#engine.nowNs;
    this.#attempts++;
    if (accepts(commitEpoch, this.#epoch)) {
      this.#epoch++;
      this.#accepted++;
      if (this.#race.pace.kind !== 'slotted') {
        this.#engine.schedule(members, nowNs + this.#tauNs, kinds.announce, this.#epoch, 0, 0);
      }
    } else {
      this.#engine.schedule(members, nowNs, kinds.refused, 0, 0, 0);
    }
  }

  /** Slotted: everybody learns the epoch, then whoever commits does so at a random moment. */
  #openWindow(index: number): void {
    const { pace } = this.#race;
    if (pace.kind !== 'slotted') return;
    this.#seen = this.#epoch;
    for (let member = 0; member < pace.members; member++) {
      if (double(this.#random) < pace.p) {
        this.#attemptAfter(Math.floor(double(this.#random) * this.#tauNs));
      }
    }
    if (index + 1 < pace.windows) {
      const at = this.#engine.nowNs + this.#tauNs;
      this.#engine.schedule(members, at, kinds.window, index + 1, 0, 0);
    }
  }

  /** Attempts of all who still want to, less than tau from now, so that only the first can win. */
  #contend(count: number): void {
    this.#spread(count, { kind: 'random-delay', spread: (this.#tauNs - 1) / 1e6 });
  }

  #spread(count: number, policy: { kind: 'random-delay'; spread: number }): void {
    for (let i = 0; i < count; i++) {
      this.#attemptAfter(toNs(initialDelayMs({ ...policy, attempts: 1 }, this.#random)));
    }
  }

  #gapNs(rate: number): number {
    return Math.round((exponential(this.#random) / rate) * nsPerSecond);
  }

  #attemptAfter(delayNs: number): void {
    this.#engine.schedule(members, this.#engine.nowNs + delayNs, kinds.attempt, 0, 0, 0);
  }

  finish(): RaceResult {
    const nowNs = this.#engine.nowNs;
    return {
      attempts: this.#attempts,
      rejected: (this.#attempts - this.#accepted) / this.#attempts,
      accepted: (this.#accepted * this.#tauNs) / nowNs,
    };
  }
}

/** One replication. */
export function simulateRace(race: Race, seed: number, replication: number): RaceResult {
  const random = stream(seed, replication, `validate.race.${race.name}`);
  const setting = { lps: 2, endNs: untilQuietNs, payloadWords: 1 } as const;
  return simulate(setting, (engine) => new CommitRace(engine, race, random));
}
