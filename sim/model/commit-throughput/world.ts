/** What the parts of one worker's commit model share, and the delays between them. */
import type { Workload } from '../../../src/workload/types.ts';
import type { Engine, ModelContext } from '../../kernel/engine.ts';
import { Histogram } from '../../kernel/statistics/histogram.ts';
import type { Calibration } from '../costs.ts';
import { insideDelayNs, Links, retransmissionTimeoutNs } from '../network.ts';
import { Station } from '../station.ts';
import { Tally, type Span } from '../tally.ts';
import { toNs } from '../units.ts';
import { commitNames } from './counts.ts';
import { makeGroup, type Contender, type Group } from './group.ts';
import { CommitPrices } from './prices.ts';

export interface CommitOptions {
  readonly workload: Workload;
  readonly seed: number;
  readonly calibration: Calibration;
}

export interface CommitShared {
  readonly clientStart: Int32Array;
  readonly regionOf: Uint8Array;
  readonly coresOf: Int32Array;
  /** Homeserver of group g. */
  readonly hostOf: Int32Array;
}

export function spanOf(workload: Workload): Span {
  return {
    warmUpNs: toNs(workload.warmUp),
    endNs: toNs(workload.duration),
    binNs: toNs(workload.measure.bin),
  };
}

export class CommitWorld {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly span: Span;
  readonly prices: CommitPrices;
  readonly links: Links;
  readonly tally: Tally<typeof commitNames>;
  readonly counts: Float64Array;
  /** Owned groups by number. */
  readonly groups: ReadonlyMap<number, Group>;
  /** Delivery services by homeserver. */
  readonly stations: ReadonlyMap<number, Station>;
  private readonly regionOf: Uint8Array;

  constructor({ engine, options, shared, ownedLps }: ModelContext<CommitOptions, CommitShared>) {
    const { workload, seed } = options;
    this.engine = engine;
    this.workload = workload;
    this.span = spanOf(workload);
    this.prices = new CommitPrices(workload, options.calibration);
    this.links = new Links(workload.network);
    this.tally = new Tally(commitNames, this.span);
    this.counts = this.tally.counters.values;
    this.regionOf = shared.regionOf;
    const window = { fromNs: this.span.warmUpNs, toNs: this.span.endNs };
    const stations = new Map<number, Station>();
    for (const lp of ownedLps) {
      const { queueLimit } = workload.homeserver;
      stations.set(lp, new Station(shared.coresOf[lp]!, queueLimit, window, new Histogram(5)));
    }
    const groups = new Map<number, Group>();
    const making = { workload, seed, mls: this.prices.mls, clientStart: shared.clientStart };
    shared.hostOf.forEach((host, id) => {
      if (stations.has(host)) groups.set(id, makeGroup(id, host, making));
    });
    this.stations = stations;
    this.groups = groups;
  }

  /** Adds to a counter of the measured part of the run. */
  measured(index: number, by: number): void {
    if (this.engine.nowNs >= this.span.warmUpNs) this.counts[index]! += by;
  }

  /** One way between a contender's region and the group's homeserver, without access link. */
  private distance(group: Group, contender: Contender): number {
    if (contender.home === group.host) return 0;
    const from = this.regionOf[contender.home]!;
    return this.links.between(group.network, from, this.regionOf[group.host]!);
  }

  /** Contender to delivery service: losses, access link, distance, ns. */
  up(group: Group, contender: Contender, bytes: number): number {
    const losses = this.links.losses(group.network) * retransmissionTimeoutNs;
    return losses + this.links.up(group.network, bytes) + this.distance(group, contender);
  }

  /** Delivery service to contender: an answer, ns. */
  answer(group: Group, contender: Contender): number {
    return this.links.accessDelay(group.network) + this.distance(group, contender);
  }

  /** Delivery service to contender through its queue, processed, ns. */
  fanOut(group: Group, contender: Contender, bytes: number, processNs: number): number {
    const hop = contender.home === group.host ? insideDelayNs : this.distance(group, contender);
    return hop + this.prices.enqueueNs(bytes) + this.links.down(group.network, bytes) + processNs;
  }
}
