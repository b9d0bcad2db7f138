/**
 * The caches of well-known documents. A document is renewed when its time to live is over (default
 * 24 h, never more than 48 h, less a random part if there is jitter); a failure is remembered for
 * 1 min, doubled with each further one, at most 1 h: the rules of src/protocol/well-known.ts.
 *
 * Why herds form: fetches fail while homeservers cannot reach each other, retries gather within the
 * hour after the end, and without jitter every later renewal comes at the same time of the period:
 * S (S - 1) fetches within one hour instead of evenly spread.
 */
import { float } from '../../kernel/random.ts';
import { toNs } from '../units.ts';
import { kinds } from './events.ts';
import type { Readiness } from './readiness.ts';
import { speaksV1, speaksV2 } from './timeline.ts';
import { counterIndex, type RolloutWorld, type Site } from './world.ts';

const minuteNs = 60_000_000_000;
const hourNs = 60 * minuteNs;
/** However long a document says that it is fresh. */
export const longestNs = 48 * hourNs;

/** How long the failure with this number in a row is remembered, ns. */
export function errorNs(failures: number): number {
  return Math.min(hourNs, minuteNs * 2 ** Math.min(failures - 1, 16));
}

export class Documents {
  private readonly world: RolloutWorld;
  private readonly readiness: Readiness;
  private readonly ttlNs: number;
  private readonly jitter: number;
  private readonly outageStartNs: number;
  private readonly outageEndNs: number;

  constructor(world: RolloutWorld, readiness: Readiness) {
    const { rollout } = world.workload;
    this.world = world;
    this.readiness = readiness;
    this.ttlNs = Math.min(longestNs, toNs(rollout.ttl));
    this.jitter = rollout.jitter;
    this.outageStartNs = toNs(rollout.outageStart);
    this.outageEndNs = this.outageStartNs + toNs(rollout.outageLength);
  }

  /** At the start everybody has everybody's document, of any age. */
  start(site: Site): void {
    const { counts, population } = this.world;
    for (let other = 0; other < population.homeservers; other++) {
      if (other === site.lp) continue;
      counts[counterIndex.pairs]! += 1;
      this.schedule(site, other, Math.floor(float(site.fetches) * this.lifetime(site)));
    }
  }

  private lifetime(site: Site): number {
    if (this.jitter === 0) return this.ttlNs;
    return Math.round(this.ttlNs * (1 - this.jitter * float(site.fetches)));
  }

  private schedule(site: Site, other: number, atNs: number): void {
    const { engine, counts, span } = this.world;
    site.dueNs[other] = atNs;
    counts[counterIndex.fetchesScheduled]! += 1;
    if (atNs > span.endNs) counts[counterIndex.fetchesPending]! += 1;
    else engine.schedule(site.lp, atNs, kinds.fetch, other, 0, 0);
  }

  /** A copy is out of date. */
  fetch(site: Site, other: number): void {
    const { world } = this;
    const { engine, counts } = world;
    const now = engine.nowNs;
    if (site.dueNs[other] !== now) {
      // It was renewed meanwhile, after a refusal.
      counts[counterIndex.forcedFetches]! += 1;
      return;
    }
    if (now >= this.outageStartNs && now < this.outageEndNs) {
      site.failures[other]! += 1;
      counts[counterIndex.fetchesFailed]! += 1;
      world.measured(counterIndex.refreshesFailed, 1);
      this.schedule(site, other, now + errorNs(site.failures[other]!));
      return;
    }
    counts[counterIndex.fetchesDone]! += 1;
    this.renew(site, other);
  }

  /** Fetches now, whatever the copy's age: a refusal contradicts it. */
  refetch(site: Site, other: number): void {
    const now = this.world.engine.nowNs;
    if (now >= this.outageStartNs && now < this.outageEndNs) return;
    if (site.dueNs[other]! > this.world.span.endNs) {
      this.world.counts[counterIndex.fetchesPending]! -= 1;
      this.world.counts[counterIndex.forcedFetches]! += 1;
    }
    this.renew(site, other);
  }

  private renew(site: Site, other: number): void {
    const { world } = this;
    const { timeline, engine, tally } = world;
    const now = engine.nowNs;
    site.failures[other] = 0;
    site.saysV1[other] = speaksV1(timeline, other, now) ? 1 : 0;
    this.readiness.learn(site, other, speaksV2(timeline, other, now));
    world.measured(counterIndex.refreshes, 1);
    tally.series.refreshes.add(now);
    this.schedule(site, other, now + this.lifetime(site));
  }
}
