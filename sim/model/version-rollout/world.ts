/** What the parts of one worker's rollout model share. */
import type { Workload } from '../../../src/workload/types.ts';
import type { Engine, ModelContext } from '../../kernel/engine.ts';
import { Sfc32, stream } from '../../kernel/random.ts';
import type { Population } from '../population.ts';
import { Tally, type Span } from '../tally.ts';
import { toNs } from '../units.ts';
import { counterIndex, rolloutNames } from './counts.ts';
import type { Timeline } from './timeline.ts';

export interface RolloutOptions {
  readonly workload: Workload;
  readonly seed: number;
}

export interface RolloutShared {
  readonly population: Population;
  readonly timeline: Timeline;
}

/** One homeserver and what it has cached. */
export interface Site {
  readonly lp: number;
  /** What its copies of the others' documents say, by homeserver. */
  readonly saysV1: Uint8Array;
  readonly saysV2: Uint8Array;
  /** When its copy has to be renewed; the fetch that is due then is the valid one. */
  readonly dueNs: Float64Array;
  readonly failures: Int32Array;
  readonly fetches: Sfc32;
  readonly requests: Sfc32;
  /** Hosted groups with members on a homeserver. */
  readonly groupsWith: ReadonlyMap<number, readonly number[]>;
}

export function spanOf(workload: Workload): Span {
  return {
    warmUpNs: toNs(workload.warmUp),
    endNs: toNs(workload.duration),
    binNs: toNs(workload.measure.bin),
  };
}

export class RolloutWorld {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly seed: number;
  readonly span: Span;
  readonly population: Population;
  readonly timeline: Timeline;
  readonly tally: Tally<typeof rolloutNames>;
  readonly counts: Float64Array;
  readonly sites: (Site | undefined)[];

  constructor({ engine, options, shared, ownedLps }: ModelContext<RolloutOptions, RolloutShared>) {
    const { workload, seed } = options;
    this.engine = engine;
    this.workload = workload;
    this.seed = seed;
    this.span = spanOf(workload);
    this.population = shared.population;
    this.timeline = shared.timeline;
    this.tally = new Tally(rolloutNames, this.span);
    this.counts = this.tally.counters.values;
    this.sites = Array.from({ length: shared.population.homeservers });
    for (const lp of ownedLps) this.sites[lp] = this.makeSite(lp);
  }

  private makeSite(lp: number): Site {
    const { homeservers, groups, hostOf, groupStart } = this.population;
    const groupsWith = new Map<number, number[]>();
    for (let g = 0; g < groups; g++) {
      if (hostOf[g] !== lp || groupStart[g] === groupStart[g + 1]) continue;
      for (const home of this.homesOf(g)) {
        const list = groupsWith.get(home);
        if (list === undefined) groupsWith.set(home, [g]);
        else list.push(g);
      }
    }
    return {
      lp,
      saysV1: new Uint8Array(homeservers).fill(1),
      saysV2: new Uint8Array(homeservers),
      dueNs: new Float64Array(homeservers),
      failures: new Int32Array(homeservers),
      fetches: new Sfc32(stream(this.seed, lp, 'version-rollout.fetches')),
      requests: new Sfc32(stream(this.seed, lp, 'version-rollout.requests')),
      groupsWith,
    };
  }

  /** Homeservers of a group: those of its members, and its host. */
  homesOf(group: number): Set<number> {
    const { groupStart, memberOf, homeserverOf, hostOf } = this.population;
    const homes = new Set<number>([hostOf[group]!]);
    for (let i = groupStart[group]!; i < groupStart[group + 1]!; i++) {
      homes.add(homeserverOf[memberOf[i]!]!);
    }
    return homes;
  }

  /** Adds to a counter of the measured part of the run. */
  measured(index: number, by: number): void {
    if (this.engine.nowNs >= this.span.warmUpNs) this.counts[index]! += by;
  }
}

export { counterIndex };
