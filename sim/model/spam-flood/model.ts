/**
 * The scenario `spam-flood`: accepted contacts add victims to large, busy groups; the policy
 * decides what reaches the phone in the background. A homeserver with its clients is one logical
 * process. What arrives at a queue is a Poisson process per group, so nothing crosses homeservers;
 * the two lanes, budgets and users are simulated message by message.
 *
 * Where to look: sorting.ts (the policies), receiving.ts (queue service), fetching.ts (the app),
 * deciding.ts (the user), joining.ts (who is added to what).
 */
import type { Model, ModelContext, Plan } from '../../kernel/engine.ts';
import { allocateMailboxes } from '../mailbox.ts';
import { separatePlan } from '../separate.ts';
import { allocateSessions } from '../sessions.ts';
import { Tally, type TallyData } from '../tally.ts';
import { floodNames, counterIndex } from './counts.ts';
import { Deciding } from './deciding.ts';
import { kinds } from './events.ts';
import { Fetching } from './fetching.ts';
import { Joining } from './joining.ts';
import { Receiving } from './receiving.ts';
import { summarise } from './summary.ts';
import {
  FloodWorld,
  laneOf,
  lanes,
  spanOf,
  type Device,
  type FloodOptions,
  type FloodShared,
} from './world.ts';

type PartOrResult = { readonly tally: TallyData } | ReturnType<typeof summarise>;

/** Messages of a backlog arrived this far apart: 1,000 an hour. */
const backlogEveryNs = 3_600_000_000;

export function plan({ workload }: FloodOptions): Plan<FloodShared> {
  return separatePlan(workload, (clientStart) => ({
    clientStart,
    sessions: allocateSessions(workload.population.clients),
    mailboxes: allocateMailboxes(2 * workload.population.clients),
  }));
}

class FloodModel implements Model<PartOrResult> {
  private readonly world: FloodWorld;
  private readonly joining: Joining;
  private readonly fetching: Fetching;
  private readonly receiving: Receiving;
  private readonly deciding: Deciding;

  constructor(context: ModelContext<FloodOptions, FloodShared>) {
    this.world = new FloodWorld(context);
    this.joining = new Joining(this.world, context.options.seed);
    this.fetching = new Fetching(this.world);
    this.receiving = new Receiving(this.world, this.fetching);
    this.deciding = new Deciding(this.world, this.fetching);
  }

  start(lp: number): void {
    for (const device of this.world.devices) {
      if (device?.lp !== lp) continue;
      this.world.sessions.start(device.client, device.client + 1);
      this.joining.start(device);
      this.fillBacklog(device);
      this.deciding.session(device);
      if (!device.foreground) this.fetching.askForWake(device);
    }
  }

  private fillBacklog(device: Device): void {
    const { backlog } = this.world.workload.spam;
    if (backlog === 0) return;
    const group = this.joining.attack(device);
    for (let i = backlog; i > 0; i--) {
      this.receiving.take(device, group, false, -i * backlogEveryNs);
    }
  }

  // eslint-disable-next-line max-params -- the engine's contract
  handle(_lp: number, kind: number, a: number, _b: number, _c: number): void {
    if (kind === kinds.arrive) return this.arrive(a);
    const device = this.world.devices[a]!;
    switch (kind) {
      case kinds.fetch:
        return this.fetching.fetch(device);
      case kinds.wake:
        return this.fetching.wake(device);
      case kinds.session:
        return this.deciding.session(device);
      case kinds.decide:
        return this.deciding.decide(device);
      case kinds.added:
        return this.joining.added(device);
      default:
        return this.joining.invited(device);
    }
  }

  private arrive(id: number): void {
    const group = this.world.group(id);
    const device = this.world.devices[group.client]!;
    this.receiving.arrive(device, group);
    this.joining.next(device, group);
  }

  finish(): { tally: TallyData } {
    for (const device of this.world.devices) if (device !== undefined) this.close(device);
    return { tally: this.world.tally.snapshot() };
  }

  private close(device: Device): void {
    const { counts, mailboxes, span } = this.world;
    for (const lane of [lanes.ham, lanes.spam]) {
      const row = laneOf(device.client, lane);
      let slot = mailboxes.count(row) > 0 ? mailboxes.oldest(row) : -1;
      for (; slot >= 0; slot = mailboxes.after(slot)) {
        const bytes = mailboxes.bytes[slot]!;
        counts[counterIndex.waitingAtEnd]! += 1;
        counts[counterIndex.bytesWaitingAtEnd]! += bytes;
        if (lane === lanes.spam) counts[counterIndex.parkedBytesAtEnd]! += bytes;
      }
    }
    counts[counterIndex.backlogPassedNs]! += device.passedNs < 0 ? span.endNs : device.passedNs;
    for (const { wanted, lagPeak } of device.groups) {
      if (!wanted || lagPeak === 0) continue;
      counts[counterIndex.laggingGroups]! += 1;
      counts[counterIndex.lagPeaks]! += lagPeak;
    }
  }
}

export function create(context: ModelContext<FloodOptions, FloodShared>): Model<PartOrResult> {
  return new FloodModel(context);
}

/** Adds the workers' parts and turns them into the scenario's metrics. */
export function merge(parts: PartOrResult[], { workload }: FloodOptions): PartOrResult {
  const tally = new Tally(floodNames, spanOf(workload));
  for (const part of parts) if ('tally' in part) tally.merge(part.tally);
  return summarise(tally, workload);
}
