/**
 * Requests of clients to other homeservers. A client takes the highest version that it and the
 * document in its homeserver's cache list. Refused with version_unsupported, it compares the answer
 * with the signed document: a version that both list and the answer hides is an attempt to
 * downgrade, unless a fresh copy of the document confirms the answer.
 */
import { below, float } from '../../kernel/random.ts';
import { exponential } from '../../kernel/samplers.ts';
import { nsPerSecond } from '../units.ts';
import type { Documents } from './documents.ts';
import { kinds } from './events.ts';
import { speaksV1, speaksV2 } from './timeline.ts';
import { counterIndex, type RolloutWorld, type Site } from './world.ts';

export class Requesting {
  private readonly world: RolloutWorld;
  private readonly documents: Documents;

  constructor(world: RolloutWorld, documents: Documents) {
    this.world = world;
    this.documents = documents;
  }

  /** Schedules the next request of a homeserver's clients. */
  next(site: Site): void {
    const { engine, span, population, workload } = this.world;
    const clients = population.clientStart[site.lp + 1]! - population.clientStart[site.lp]!;
    if (population.homeservers === 1 || clients === population.clients) return;
    const rate = (clients * workload.rollout.requests) / nsPerSecond;
    const at = engine.nowNs + Math.ceil(exponential(site.requests) / rate);
    if (at <= span.endNs) engine.schedule(site.lp, at, kinds.request, 0, 0, 0);
  }

  request(site: Site): void {
    const { world } = this;
    const { population, timeline, engine, counts, tally } = world;
    const now = engine.nowNs;
    const first = population.clientStart[site.lp]!;
    const client = first + below(site.requests, population.clientStart[site.lp + 1]! - first);
    const other = this.drawOther(site);
    const capable = now >= timeline.clientNs[client]!;
    counts[counterIndex.allRequests]! += 1;
    world.measured(counterIndex.requests, 1);
    tally.series.requests.add(now);
    if (capable && speaksV2(timeline, other, now)) {
      world.measured(counterIndex.bothV2, 1);
      if (site.saysV2[other] === 0) world.measured(counterIndex.missedV2, 1);
    }
    const tampered = float(site.requests) < world.workload.rollout.tampered;
    const version = choose(capable, site.saysV1[other] === 1, site.saysV2[other] === 1);
    if (tampered && version === 2) this.tampered(site, other);
    else if (version === 2) this.inV2(site, other);
    else this.inV1(site, other, capable, version);
    counts[counterIndex.allAnswered]! += 1;
    this.next(site);
  }

  /** Somebody else's homeserver, in proportion to its clients. */
  private drawOther(site: Site): number {
    const { population } = this.world;
    for (;;) {
      const other = population.homeserverOf[below(site.requests, population.clients)]!;
      if (other !== site.lp) return other;
    }
  }

  /** The answer claims that version 2 is not spoken; the signed document says it is. */
  private tampered(site: Site, other: number): void {
    this.world.measured(counterIndex.attempted, 1);
    if (site.saysV2[other] === 1) this.world.measured(counterIndex.found, 1);
  }

  private inV2(site: Site, other: number): void {
    const { timeline, engine } = this.world;
    if (speaksV2(timeline, other, engine.nowNs)) return;
    this.world.measured(counterIndex.falseAlarms, 1);
    this.refuse(counterIndex.refusedStale);
    this.documents.refetch(site, other);
  }

  /** @param version - 0 when the document lists none that the client speaks */
  private inV1(site: Site, other: number, capable: boolean, version: number): void {
    const { timeline, engine } = this.world;
    const v1 = speaksV1(timeline, other, engine.nowNs);
    if (version === 1 && v1) return;
    const common = v1 || (capable && speaksV2(timeline, other, engine.nowNs));
    this.refuse(common ? counterIndex.refusedStale : counterIndex.refusedNoCommon);
    if (version === 1 || common) this.documents.refetch(site, other);
  }

  private refuse(index: number): void {
    this.world.measured(index, 1);
    this.world.tally.series.refused.add(this.world.engine.nowNs);
  }
}

/** Highest version of the client that the document lists, 0 for none. */
function choose(capable: boolean, saysV1: boolean, saysV2: boolean): 0 | 1 | 2 {
  if (capable && saysV2) return 2;
  return saysV1 ? 1 : 0;
}
