/**
 * The scenario `commit-throughput`: members of a group compete to commit; the delivery service
 * takes the first commit of each epoch. A homeserver with the groups that it hosts is one logical
 * process; members elsewhere are part of their group, at the distance of their region, so nothing
 * crosses logical processes. Fan-out reaches members without waiting at their queue services.
 *
 * Where to look: contending.ts (clients, retries), accepting.ts (delivery service), electing.ts
 * (one committer per epoch).
 */
import type { Model, ModelContext, Plan } from '../../kernel/engine.ts';
import { Sfc32, stream } from '../../kernel/random.ts';
import { checkPopulation, homeserverTables } from '../population.ts';
import { Tally, type TallyData } from '../tally.ts';
import { toNs } from '../units.ts';
import { Accepting } from './accepting.ts';
import { Contending } from './contending.ts';
import { commitNames, counterIndex } from './counts.ts';
import { Electing } from './electing.ts';
import { kinds } from './events.ts';
import { packedHigh, packedLow } from '../packing.ts';
import { drawHomeserver, type Contender, type Group } from './group.ts';
import { summarise } from './summary.ts';
import { CommitWorld, spanOf, type CommitOptions, type CommitShared } from './world.ts';

export type { CommitOptions } from './world.ts';

interface Part {
  readonly tally: TallyData;
  readonly cores: number;
}

type PartOrResult = Part | ReturnType<typeof summarise>;

/**
 * Nothing crosses logical processes, so any lookahead holds. One second makes barriers rare and
 * keeps windows small.
 */
const windowNs = 1_000_000_000;

/** Places groups on homeservers in proportion to their clients. */
export function plan({ workload, seed }: CommitOptions): Plan<CommitShared> {
  checkPopulation(workload);
  const { clientStart, regionOf, coresOf } = homeserverTables(workload);
  const groups = workload.groups.count ?? 1;
  const random = new Sfc32(stream(seed, 0, 'commit.hosts'));
  const hostOf = Int32Array.from({ length: groups }, () => drawHomeserver(clientStart, random));
  const weights = new Float64Array(regionOf.length);
  for (const host of hostOf) weights[host]! += 1;
  return {
    lps: regionOf.length,
    weights,
    lookaheadNs: windowNs,
    endNs: toNs(workload.duration),
    payloadWords: 3,
    shared: { clientStart, regionOf, coresOf, hostOf },
  };
}

class CommitModel implements Model<PartOrResult> {
  private readonly world: CommitWorld;
  private readonly contending: Contending;
  private readonly accepting: Accepting;
  private readonly electing: Electing;

  constructor(context: ModelContext<CommitOptions, CommitShared>) {
    this.world = new CommitWorld(context);
    this.contending = new Contending(this.world);
    this.accepting = new Accepting(this.world);
    this.electing = new Electing(this.world, this.contending, this.accepting);
    if (context.options.workload.commits.retry.kind === 'elected-committer') {
      this.contending.propose = (group, contender) => this.electing.propose(group, contender);
    }
  }

  start(lp: number): void {
    for (const group of this.world.groups.values()) {
      if (group.host === lp) this.contending.nextWish(group);
    }
  }

  // eslint-disable-next-line max-params -- the engine's contract
  handle(_lp: number, kind: number, a: number, b: number, c: number): void {
    const group = this.world.groups.get(packedLow(a))!;
    const contender = group.contenders[packedHigh(a)]!;
    switch (kind) {
      case kinds.want:
        return this.contending.want(group);
      case kinds.attempt:
        return this.contending.attempt(group, contender);
      case kinds.arrive:
        this.accepting.arrive(group, contender, contender.attempt!, kind);
        return undefined;
      case kinds.reply:
        return this.contending.reply(group, contender, b === 1, c);
      case kinds.learn:
        return this.contending.learn(group, contender, b, c);
      default:
        return this.handleElection(kind, group, contender, b, c);
    }
  }

  // eslint-disable-next-line max-params -- the engine's contract
  private handleElection(
    kind: number,
    group: Group,
    contender: Contender,
    b: number,
    c: number,
  ): void {
    switch (kind) {
      case kinds.propose:
        return this.electing.arrive(group, contender, b);
      case kinds.proposalSeen:
        return this.electing.seen(group, contender, b);
      case kinds.proposalRefused:
        return this.electing.refused(group, contender);
      case kinds.electedAttempt:
        return this.electing.attempt(group, contender, b);
      case kinds.electedArrive:
        return this.electing.electedArrive(group, contender);
      case kinds.electedReply:
        return this.contending.electedReply(group, contender, b === 1, c);
      default:
        return this.electing.timeout(group, contender, b);
    }
  }

  finish(): Part {
    const { groups, stations, counts, tally, span } = this.world;
    let cores = 0;
    for (const station of stations.values()) {
      cores += station.cores;
      counts[counterIndex.stations]! += 1;
      if (station.imbalanceNs(span.endNs) !== 0) counts[counterIndex.stationsOutOfBalance]! += 1;
      tally.sums.dsBusy.merge(station.busy);
    }
    for (const group of groups.values()) this.closeGroup(group);
    return { tally: tally.snapshot(), cores };
  }

  private closeGroup(group: Group): void {
    const { counts, tally, span } = this.world;
    counts[counterIndex.epochsAdvanced]! += group.epoch;
    for (const contender of group.contenders) {
      const open = contender.wantedNs >= 0 ? [contender.wantedNs] : [];
      for (const since of [...open, ...contender.waiting]) {
        counts[counterIndex.outstandingAtEnd]! += 1;
        tally.maxima.waitNs = Math.max(tally.maxima.waitNs, span.endNs - since);
      }
      counts[counterIndex.contenders]! += 1;
      counts[counterIndex.servedSum]! += contender.served;
      counts[counterIndex.servedSquares]! += contender.served * contender.served;
    }
  }
}

export function create(context: ModelContext<CommitOptions, CommitShared>): Model<PartOrResult> {
  return new CommitModel(context);
}

/** Adds the workers' parts and turns them into the scenario's metrics. */
export function merge(parts: PartOrResult[], { workload }: CommitOptions): PartOrResult {
  const tally = new Tally(commitNames, spanOf(workload));
  let cores = 0;
  for (const part of parts) {
    if (!('tally' in part)) continue;
    tally.merge(part.tally);
    cores += part.cores;
  }
  return summarise(tally, { cores, groups: workload.groups.count ?? 1 });
}
