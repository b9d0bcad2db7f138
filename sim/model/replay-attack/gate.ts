/**
 * Authentication, as src/protocol/auth/verify.ts decides: what is refused for its time stamp, for
 * being remembered, or for want of room; and what that costs. A token is good for its whole age and
 * is not remembered. Under the other schemes a request is good for one window either way, once.
 */
import type { Workload } from '../../../src/workload/types.ts';
import { costOf, sizeOf, type Calibration, type Cost } from '../costs.ts';
import { toNs } from '../units.ts';
import type { ReplayCache } from './cache.ts';

export const verdicts = {
  admitted: 0,
  refusedSkew: 1,
  refusedRestart: 2,
  refusedFull: 3,
  replayed: 4,
} as const;

export class Gate {
  readonly token: boolean;
  private readonly windowNs: number;
  private readonly ageNs: number;
  private readonly refusesOlder: boolean;
  private readonly parse: Cost;
  private readonly encode: Cost | undefined;
  private readonly verify: number;
  private readonly read: number;
  private readonly overhead: number;

  constructor({ policy, replay, homeserver }: Workload, calibration: Calibration) {
    const { slowdown } = homeserver;
    const price = (name: Parameters<typeof costOf>[1]): Cost =>
      costOf(calibration, name, policy.suite, slowdown);
    this.token = policy.auth === 'token';
    this.windowNs = toNs(replay.window);
    this.ageNs = this.token ? toNs(replay.tokenAge) : this.windowNs;
    this.refusesOlder = replay.afterRestart === 'refuse-older';
    this.parse = price('parse-request');
    this.encode = policy.auth === 'reencoded' ? price('reencode-request') : undefined;
    this.verify = price('verify-signature').at(1);
    this.read = price('store-read').at(1);
    this.overhead = sizeOf(calibration, 'request-overhead');
  }

  /** Whether the time stamp passes. */
  inTime(stampNs: number, nowNs: number): boolean {
    const age = nowNs - stampNs;
    return age <= this.ageNs && age >= -this.windowNs;
  }

  /**
   * One of `verdicts`.
   *
   * @param admittedNs - when the same request was admitted before; -1 for never
   */
  decide(cache: ReplayCache, stampNs: number, admittedNs: number, nowNs: number): number {
    if (!this.inTime(stampNs, nowNs)) return verdicts.refusedSkew;
    if (this.token) return verdicts.admitted;
    if (this.refusesOlder && stampNs <= cache.restartedNs + this.windowNs) {
      return verdicts.refusedRestart;
    }
    if (admittedNs >= 0 && cache.remembers(admittedNs)) return verdicts.replayed;
    return cache.admit(nowNs) ? verdicts.admitted : verdicts.refusedFull;
  }

  /** Bytes of a request on the wire. */
  wireBytes(bodyBytes: number): number {
    return bodyBytes + this.overhead;
  }

  /** What it cost to come to a verdict, ns: a time stamp is read before any key is looked up. */
  costNs(verdict: number, wireBytes: number): number {
    const parse = this.parse.at(wireBytes);
    if (verdict === verdicts.refusedSkew) return parse;
    if (verdict === verdicts.replayed || verdict === verdicts.refusedRestart) {
      return parse + this.read;
    }
    const encode = this.encode === undefined ? 0 : this.encode.at(wireBytes);
    return parse + this.read + encode + this.verify;
  }
}
