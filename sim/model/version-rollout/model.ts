/**
 * The scenario `version-rollout`: version 2 spreads over homeservers and clients, whose knowledge
 * of each other comes from cached well-known documents. A homeserver with its cache, the groups
 * that it hosts and its clients' requests is one logical process; nothing crosses.
 *
 * Where to look: timeline.ts (who speaks what when), documents.ts (caches, outages, herds),
 * readiness.ts (groups), requesting.ts (refusals and downgrades).
 */
import type { Model, ModelContext, Plan } from '../../kernel/engine.ts';
import { buildPopulation } from '../population.ts';
import { Tally, type TallyData } from '../tally.ts';
import { toNs } from '../units.ts';
import { rolloutNames } from './counts.ts';
import { Documents } from './documents.ts';
import { kinds } from './events.ts';
import { Readiness } from './readiness.ts';
import { Requesting } from './requesting.ts';
import { summarise } from './summary.ts';
import { drawTimeline } from './timeline.ts';
import { RolloutWorld, spanOf, type RolloutOptions, type RolloutShared } from './world.ts';

type PartOrResult = { readonly tally: TallyData } | ReturnType<typeof summarise>;

/** Nothing crosses logical processes, so any lookahead holds; ten minutes make barriers rare. */
const windowNs = 600_000_000_000;

export function plan({ workload, seed }: RolloutOptions): Plan<RolloutShared> {
  const population = buildPopulation(workload, seed);
  const { homeservers, clientStart } = population;
  return {
    lps: homeservers,
    // Every homeserver renews as many documents; requests grow with its clients.
    weights: Float64Array.from(
      { length: homeservers },
      (_, h) => homeservers + clientStart[h + 1]! - clientStart[h]!,
    ),
    lookaheadNs: windowNs,
    endNs: toNs(workload.duration),
    payloadWords: 1,
    shared: { population, timeline: drawTimeline(workload, seed) },
  };
}

class RolloutModel implements Model<PartOrResult> {
  private readonly world: RolloutWorld;
  private readonly readiness: Readiness;
  private readonly documents: Documents;
  private readonly requesting: Requesting;

  constructor(context: ModelContext<RolloutOptions, RolloutShared>) {
    this.world = new RolloutWorld(context);
    this.readiness = new Readiness(this.world);
    this.documents = new Documents(this.world, this.readiness);
    this.requesting = new Requesting(this.world, this.documents);
  }

  start(lp: number): void {
    const site = this.world.sites[lp]!;
    this.readiness.start(site);
    this.documents.start(site);
    this.requesting.next(site);
  }

  // eslint-disable-next-line max-params -- the engine's contract
  handle(lp: number, kind: number, a: number, _b: number, _c: number): void {
    const site = this.world.sites[lp]!;
    switch (kind) {
      case kinds.fetch:
        return this.documents.fetch(site, a);
      case kinds.leaf:
        return this.readiness.leaf(a);
      case kinds.own:
        return this.readiness.own(site);
      default:
        return this.requesting.request(site);
    }
  }

  finish(): { tally: TallyData } {
    return { tally: this.world.tally.snapshot() };
  }
}

export function create(context: ModelContext<RolloutOptions, RolloutShared>): Model<PartOrResult> {
  return new RolloutModel(context);
}

/** Adds the workers' parts and turns them into the scenario's metrics. */
export function merge(parts: PartOrResult[], { workload }: RolloutOptions): PartOrResult {
  const tally = new Tally(rolloutNames, spanOf(workload));
  for (const part of parts) if ('tally' in part) tally.merge(part.tally);
  return summarise(tally, workload);
}
