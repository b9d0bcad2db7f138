/**
 * The scenario `replay-attack`: what a captured request is good for under each authentication
 * scheme, and what the scheme costs. A homeserver with its clients is one logical process; nothing
 * crosses.
 *
 * Where to look: gate.ts (what is admitted, at which cost), operations.ts (what clients do, and
 * what an authentication opens), cache.ts (memory), asking.ts (clients), replaying.ts (attacker).
 */
import type { Model, ModelContext, Plan } from '../../kernel/engine.ts';
import { exponential } from '../../kernel/samplers.ts';
import { separatePlan } from '../separate.ts';
import { Tally, type TallyData } from '../tally.ts';
import { nsPerSecond } from '../units.ts';
import { Asking } from './asking.ts';
import { replayNames, counterIndex } from './counts.ts';
import { kinds } from './events.ts';
import { Replaying } from './replaying.ts';
import { summarise } from './summary.ts';
import { ReplayWorld, spanOf, type ReplayOptions, type ReplayShared, type Site } from './world.ts';

type PartOrResult = { readonly tally: TallyData } | ReturnType<typeof summarise>;

export function plan({ workload }: ReplayOptions): Plan<ReplayShared> {
  return separatePlan(workload, (clientStart) => ({ clientStart }));
}

class ReplayModel implements Model<PartOrResult> {
  private readonly world: ReplayWorld;
  private readonly asking: Asking;
  private readonly replaying: Replaying;

  constructor(context: ModelContext<ReplayOptions, ReplayShared>) {
    this.world = new ReplayWorld(context);
    this.asking = new Asking(this.world);
    this.replaying = new Replaying(this.world);
  }

  start(lp: number): void {
    const site = this.world.sites[lp]!;
    this.asking.next(site);
    this.nextRestart(site);
  }

  // eslint-disable-next-line max-params -- the engine's contract
  handle(lp: number, kind: number, a: number, _b: number, _c: number): void {
    const site = this.world.sites[lp]!;
    if (kind === kinds.request) this.asking.request(site);
    else if (kind === kinds.replay) this.replaying.replay(site, a);
    else this.restart(site);
    this.showEntries(site);
  }

  private restart(site: Site): void {
    site.cache.restart(this.world.engine.nowNs);
    this.nextRestart(site);
  }

  private nextRestart(site: Site): void {
    const { engine, span, workload } = this.world;
    const { restarts } = workload.replay;
    if (restarts === 0) return;
    const at = engine.nowNs + Math.ceil((exponential(site.restarts) * nsPerSecond) / restarts);
    if (at <= span.endNs) engine.schedule(site.lp, at, kinds.restart, 0, 0, 0);
  }

  private showEntries(site: Site): void {
    const change = site.cache.entries - site.shownEntries;
    if (change === 0) return;
    site.shownEntries += change;
    this.world.tally.series.entries.add(this.world.engine.nowNs, change);
  }

  finish(): { tally: TallyData } {
    const { sites, tally, counts, span } = this.world;
    for (const site of sites) {
      if (site === undefined) continue;
      const { cache } = site;
      cache.advance(span.endNs);
      tally.sums.cacheArea.merge(cache.area);
      tally.maxima.cachePeak = Math.max(tally.maxima.cachePeak, cache.peak);
      tally.maxima.siteRequests = Math.max(tally.maxima.siteRequests, site.requestCount);
      counts[counterIndex.cacheMade]! += cache.made;
      counts[counterIndex.cacheForgotten]! += cache.forgotten;
      counts[counterIndex.cacheLost]! += cache.lost;
      counts[counterIndex.cacheHeld]! += cache.entries;
    }
    return { tally: tally.snapshot() };
  }
}

export function create(context: ModelContext<ReplayOptions, ReplayShared>): Model<PartOrResult> {
  return new ReplayModel(context);
}

/** Adds the workers' parts and turns them into the scenario's metrics. */
export function merge(parts: PartOrResult[], { workload }: ReplayOptions): PartOrResult {
  const tally = new Tally(replayNames, spanOf(workload));
  for (const part of parts) if ('tally' in part) tally.merge(part.tally);
  return summarise(tally, workload);
}
