/**
 * When groups can use version 2: every member's leaf says so, which takes the client's upgrade and
 * its next renewal of the leaf, and the group's host knows from the homeservers' documents, its own
 * upgrade included, that all of them speak it.
 */
import { float, Sfc32, stream } from '../../kernel/random.ts';
import { toNs } from '../units.ts';
import { kinds } from './events.ts';
import { speaksV2 } from './timeline.ts';
import { counterIndex, type RolloutWorld, type Site } from './world.ts';

interface Waiting {
  leaves: number;
  homes: number;
  /** When leaves and homeservers supported version 2 for the first time, known or not. */
  readonly idealNs: number;
  ready: boolean;
}

export class Readiness {
  private readonly world: RolloutWorld;
  private readonly waiting = new Map<number, Waiting>();

  constructor(world: RolloutWorld) {
    this.world = world;
  }

  /** Draws when the leaves of the hosted groups change, and waits for the upgrade of the host. */
  start(site: Site): void {
    const { population, counts, timeline } = this.world;
    for (let group = 0; group < population.groups; group++) {
      if (population.hostOf[group] !== site.lp) continue;
      counts[counterIndex.groups]! += 1;
      this.startGroup(site, group);
    }
    for (const at of [
      timeline.upgradeNs[site.lp]!,
      timeline.backNs[site.lp]!,
      timeline.backNs[site.lp]! + timeline.backLengthNs,
    ]) {
      this.at(site, at, kinds.own, 0);
    }
  }

  private startGroup(site: Site, group: number): void {
    const { world } = this;
    const { population, timeline, workload } = world;
    const random = new Sfc32(stream(world.seed, group, 'version-rollout.leaves'));
    const everyNs = toNs(workload.rollout.leafUpdate);
    const homes = world.homesOf(group);
    let ideal = 0;
    for (const home of homes) ideal = Math.max(ideal, timeline.upgradeNs[home]!);
    let leaves = 0;
    for (let i = population.groupStart[group]!; i < population.groupStart[group + 1]!; i++) {
      const client = population.memberOf[i]!;
      const leafNs = timeline.clientNs[client]! + Math.round(everyNs * float(random));
      ideal = Math.max(ideal, leafNs);
      leaves++;
      this.at(site, leafNs, kinds.leaf, group);
    }
    this.waiting.set(group, { leaves, homes: homes.size, idealNs: ideal, ready: false });
  }

  private at(site: Site, timeNs: number, kind: number, a: number): void {
    if (timeNs <= this.world.span.endNs) this.world.engine.schedule(site.lp, timeNs, kind, a, 0, 0);
  }

  /** A member's leaf says version 2. */
  leaf(group: number): void {
    const waiting = this.waiting.get(group)!;
    waiting.leaves--;
    this.settle(waiting);
  }

  /** The homeserver's own software changes. */
  own(site: Site): void {
    const { timeline, engine } = this.world;
    this.learn(site, site.lp, speaksV2(timeline, site.lp, engine.nowNs));
  }

  /** The host knows something new about a homeserver, itself included. */
  learn(site: Site, home: number, v2: boolean): void {
    if ((site.saysV2[home] === 1) === v2) return;
    site.saysV2[home] = v2 ? 1 : 0;
    for (const group of site.groupsWith.get(home) ?? []) {
      const waiting = this.waiting.get(group)!;
      waiting.homes += v2 ? -1 : 1;
      this.settle(waiting);
    }
  }

  /** Counts a group when it is ready for the first time; going back is possible, but rare. */
  private settle(waiting: Waiting): void {
    if (waiting.ready || waiting.leaves > 0 || waiting.homes > 0) return;
    const { tally, counts, engine } = this.world;
    waiting.ready = true;
    const now = engine.nowNs;
    counts[counterIndex.groupsReady]! += 1;
    if (now < waiting.idealNs) counts[counterIndex.readyTooEarly]! += 1;
    tally.series.ready.add(now);
    tally.histograms.ready.record(now);
    tally.histograms.cacheDelay.record(Math.max(0, now - waiting.idealNs));
  }
}
