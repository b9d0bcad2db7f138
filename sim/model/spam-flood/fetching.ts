/**
 * The app: dequeue requests of 32 messages, each a round trip, the download, and the reading of
 * every message, until the lanes are empty or the session or wake is over. The HAM lane comes
 * first; the SPAM lane only in the foreground, and under `accept-first` not at all: what the user
 * accepts moves to the HAM lane.
 */
import { counterIndex } from './counts.ts';
import { kinds } from './events.ts';
import type { Membership } from './group.ts';
import { dequeueBatch } from './prices.ts';
import { Wakes, wakeBudgets } from './wakes.ts';
import { lanes, laneOf, type Device, type FloodWorld } from './world.ts';

/** Marks of a queue entry, kept in the mailbox's column `sender`. */
export const entryFlags = { commit: 1, parked: 2 } as const;

interface Reading {
  readonly flags: number;
  readonly bytes: number;
  readonly arrivedNs: number;
}

export class Fetching {
  private readonly world: FloodWorld;
  private readonly wakes: Wakes;
  private readonly readsSpamLane: boolean;

  constructor(world: FloodWorld) {
    const { spam, policy, population } = world.workload;
    this.world = world;
    this.wakes = new Wakes(wakeBudgets[spam.wakes], population.clients);
    this.readsSpamLane = policy.spam !== 'accept-first';
  }

  /** Something to show waits in the HAM lane while the app is in the background. */
  askForWake(device: Device): void {
    if (device.wakeAsked || device.fetching || device.foreground) return;
    const { engine, links, span } = this.world;
    const now = engine.nowNs;
    const at = this.wakes.earliest(device.client, now);
    if (at > now) this.world.measured(counterIndex.wakesOverBudget, 1);
    device.wakeAsked = true;
    const arrival = at + links.accessDelay(device.network);
    if (arrival > span.endNs) return;
    engine.schedule(device.lp, arrival, kinds.wake, device.client, 0, 0);
  }

  /** The system runs the app; a session that came first has left nothing to do. */
  wake(device: Device): void {
    device.wakeAsked = false;
    const { engine, mailboxes } = this.world;
    const ham = laneOf(device.client, lanes.ham);
    if (device.foreground || device.fetching || mailboxes.count(ham) === 0) return;
    this.wakes.spend(device.client, engine.nowNs);
    this.world.measured(counterIndex.wakes, 1);
    device.deadlineNs = engine.nowNs + this.wakes.budget.wakeNs;
    this.begin(device);
  }

  /** Starts to fetch until the deadline, unless the app is at it already. */
  begin(device: Device): void {
    if (device.fetching) return;
    device.fetching = true;
    this.fetch(device);
  }

  /** One dequeue request, its answer and the reading of that. */
  fetch(device: Device): void {
    const { engine, links, mailboxes, span } = this.world;
    const lane = this.nextLane(device);
    if (lane < 0) {
      device.fetching = false;
      return;
    }
    const row = laneOf(device.client, lane);
    let at = engine.nowNs + 2 * links.accessDelay(device.network);
    for (let taken = 0; taken < dequeueBatch && mailboxes.count(row) > 0; taken++) {
      const slot = mailboxes.oldest(row);
      const group = this.world.group(mailboxes.group[slot]!);
      const flags = mailboxes.sender[slot]!;
      const bytes = mailboxes.bytes[slot]!;
      const done = at + this.effort(group, flags, bytes);
      if (done > device.deadlineNs) return this.stop(device);
      at = done;
      const arrivedNs = mailboxes.queuedNs[slot]!;
      mailboxes.shift(row);
      if (lane === lanes.ham) this.world.tally.series.waiting.add(engine.nowNs, -1);
      this.read(device, group, at, { flags, bytes, arrivedNs });
    }
    if (at > span.endNs) return;
    engine.schedule(device.lp, at, kinds.fetch, device.client, 0, 0);
  }

  private nextLane(device: Device): number {
    const { mailboxes, engine } = this.world;
    if (mailboxes.count(laneOf(device.client, lanes.ham)) > 0) return lanes.ham;
    if (device.passedNs < 0) device.passedNs = engine.nowNs;
    if (!device.foreground || !this.readsSpamLane) return -1;
    return mailboxes.count(laneOf(device.client, lanes.spam)) > 0 ? lanes.spam : -1;
  }

  /** Download and reading of one message, ns. */
  private effort(group: Membership, flags: number, bytes: number): number {
    const commit = (flags & entryFlags.commit) !== 0;
    return this.world.links.downTransfer(bytes) + this.world.prices.readNs(commit, group.size);
  }

  /** The time is over with messages left. */
  private stop(device: Device): void {
    device.fetching = false;
    if (device.foreground) return;
    this.world.measured(counterIndex.wakesCutShort, 1);
    this.askForWake(device);
  }

  /** A message that arrives while the app is open and has read everything. */
  push(device: Device, group: Membership, commit: boolean, bytes: number): void {
    const { engine, links } = this.world;
    const flags = commit ? entryFlags.commit : 0;
    const at = engine.nowNs + links.accessDelay(device.network) + this.effort(group, flags, bytes);
    this.read(device, group, at, { flags, bytes, arrivedNs: engine.nowNs });
  }

  private read(device: Device, group: Membership, atNs: number, reading: Reading): void {
    const { counts } = this.world;
    const { flags, bytes, arrivedNs } = reading;
    counts[counterIndex.allDelivered]! += 1;
    counts[counterIndex.allBytesDelivered]! += bytes;
    if (arrivedNs < group.readUpToNs) counts[counterIndex.readOutOfOrder]! += 1;
    group.readUpToNs = arrivedNs;
    group.seen = true;
    const parkedCommit = entryFlags.commit | entryFlags.parked;
    if ((flags & parkedCommit) === parkedCommit) group.lag--;
    if (group.wanted) this.readWanted(group, atNs, reading);
    this.weigh(device, group, bytes);
  }

  private readWanted(group: Membership, atNs: number, { flags, arrivedNs }: Reading): void {
    const { world } = this;
    const { tally, span } = world;
    if (group.gap) {
      // The epoch has moved on without this member: it has to come back by an external commit.
      group.gap = false;
      world.measured(counterIndex.forcedResyncs, 1);
    }
    if ((flags & entryFlags.commit) !== 0) return;
    const delay = atNs - arrivedNs;
    const parked = (flags & entryFlags.parked) !== 0;
    if (!parked) tally.heats.hamDelay.add(atNs, delay);
    if (atNs < span.warmUpNs) return;
    tally.histograms.wantedDelay.record(delay);
    if (parked) tally.histograms.parkedDelay.record(delay);
    else tally.histograms.hamDelay.record(delay);
  }

  private weigh(device: Device, group: Membership, bytes: number): void {
    const { world } = this;
    if (!device.foreground) world.measured(counterIndex.backgroundBytes, bytes);
    if (group.wanted) return;
    if (device.foreground) {
      world.measured(counterIndex.spamForegroundBytes, bytes);
    } else {
      world.measured(counterIndex.spamBackgroundBytes, bytes);
      world.tally.series.spamBackground.add(world.engine.nowNs, bytes);
    }
  }
}
