/**
 * Where the queue service puts a message, by the policy under study:
 *
 * | policy       | HAM lane                      | SPAM lane              | refused        |
 * |--------------|-------------------------------|------------------------|----------------|
 * | off          | everything                    |                        |                |
 * | blocklist    | everything else               |                        | blocked groups |
 * | rate-cap     | so many of a group in an hour |                        | the rest       |
 * | categories   | accepted groups, and those    | groups over the rate,  | blocked groups |
 * |              | that no rule speaks against   | of unknown homeservers |                |
 * |              |                               | and large ones         |                |
 * | accept-first | accepted groups               | the others             | blocked groups |
 */
import type { Workload } from '../../../src/workload/types.ts';
import type { SpamPolicy } from '../../../src/workload/types-ideas.ts';
import type { Membership } from './group.ts';

export const verdicts = { fetch: 0, park: 1, refuse: 2 } as const;

const hourNs = 3_600_000_000_000;

export class Sorting {
  readonly policy: SpamPolicy;
  private readonly perHour: number;
  private readonly largest: number;

  constructor(workload: Workload) {
    this.policy = workload.policy.spam;
    this.perHour = workload.spam.ruleRate * 3600;
    this.largest = workload.spam.ruleSize;
  }

  /** A message of the group arrives: one of `verdicts`. */
  sort(group: Membership, nowNs: number): number {
    if (group.blocked) return verdicts.refuse;
    switch (this.policy) {
      case 'off':
      case 'blocklist':
        return verdicts.fetch;
      case 'rate-cap':
        return this.isOverRate(group, nowNs) ? verdicts.refuse : verdicts.fetch;
      case 'accept-first':
        return group.accepted ? verdicts.fetch : verdicts.park;
      case 'categories':
        if (!group.accepted && !group.parked) group.parked = this.isSuspect(group, nowNs);
        return group.parked ? verdicts.park : verdicts.fetch;
    }
  }

  private isSuspect(group: Membership, nowNs: number): boolean {
    const over = this.isOverRate(group, nowNs);
    return over || group.unknownSource || group.size >= this.largest;
  }

  /** Counts in hours that begin with a message. */
  private isOverRate(group: Membership, nowNs: number): boolean {
    if (nowNs - group.hourStartNs >= hourNs) {
      group.hourStartNs = nowNs;
      group.inHour = 0;
    }
    group.inHour++;
    return group.inHour > this.perHour;
  }
}
