/**
 * The user: sessions come and go; half way through each, the user looks at the groups that are new
 * and accepts or blocks some of them. Who accepts a parked group gets its messages in order, first
 * those that were parked (the marker in the new lane names them), then the new ones.
 */
import { float } from '../../kernel/random.ts';
import { counterIndex } from './counts.ts';
import { kinds } from './events.ts';
import type { Fetching } from './fetching.ts';
import type { Membership } from './group.ts';
import { lanes, laneOf, type Device, type FloodWorld } from './world.ts';

/** Policies that do something with a decision. */
const asking: ReadonlySet<string> = new Set(['blocklist', 'categories', 'accept-first']);

export class Deciding {
  private readonly world: FloodWorld;
  private readonly fetching: Fetching;
  private readonly asks: boolean;
  private readonly showsPending: boolean;

  constructor(world: FloodWorld, fetching: Fetching) {
    this.world = world;
    this.fetching = fetching;
    this.asks = asking.has(world.workload.policy.spam);
    this.showsPending = world.workload.policy.spam === 'accept-first';
  }

  /** The app comes to the foreground or leaves it. */
  session(device: Device): void {
    const { engine, sessions, mailboxes, span } = this.world;
    const now = engine.nowNs;
    device.foreground = sessions.isOnline(device.client, now);
    const end = sessions.intervalEnd(device.client);
    if (end <= span.endNs) engine.schedule(device.lp, end, kinds.session, device.client, 0, 0);
    if (!device.foreground) {
      if (mailboxes.count(laneOf(device.client, lanes.ham)) > 0) this.fetching.askForWake(device);
      return;
    }
    device.deadlineNs = end;
    this.fetching.begin(device);
    const half = now + Math.floor((Math.min(end, span.endNs) - now) / 2);
    if (this.asks) engine.schedule(device.lp, half, kinds.decide, device.client, 0, 0);
  }

  /** The user looks through the groups. */
  decide(device: Device): void {
    for (const group of device.groups) {
      if (group.accepted || group.blocked) continue;
      if (!group.seen && !this.showsPending) continue;
      if (float(device.user) >= this.world.workload.spam.decides) continue;
      if (group.wanted) this.accept(device, group);
      else this.block(device, group);
    }
    if (device.foreground) this.fetching.begin(device);
  }

  private accept(device: Device, group: Membership): void {
    const { world } = this;
    group.accepted = true;
    group.parked = false;
    if (group.parkedSinceNs >= 0 && world.engine.nowNs >= world.span.warmUpNs) {
      world.tally.histograms.rescueTime.record(world.engine.nowNs - group.parkedSinceNs);
    }
    this.empty(device, group, true);
  }

  private block(device: Device, group: Membership): void {
    group.blocked = true;
    this.world.measured(counterIndex.blocked, 1);
    this.empty(device, group, false);
  }

  /** Takes what is parked of a group out of the SPAM lane: into the HAM lane, or away. */
  private empty(device: Device, group: Membership, keep: boolean): void {
    const { mailboxes } = this.world;
    const spam = laneOf(device.client, lanes.spam);
    const count = mailboxes.count(spam);
    for (let i = 0; i < count; i++) {
      const slot = mailboxes.oldest(spam);
      const entry = {
        id: mailboxes.group[slot]!,
        queuedNs: mailboxes.queuedNs[slot]!,
        bytes: mailboxes.bytes[slot]!,
        flags: mailboxes.sender[slot]!,
      };
      mailboxes.shift(spam);
      if (entry.id !== group.id) this.append(spam, entry);
      else if (keep && this.append(laneOf(device.client, lanes.ham), entry)) this.moved();
      else this.discard(group, entry.bytes);
    }
  }

  private append(
    row: number,
    entry: { id: number; queuedNs: number; bytes: number; flags: number },
  ): boolean {
    const { mailboxes } = this.world;
    const slot = mailboxes.push(row);
    if (slot < 0) return false;
    mailboxes.group[slot] = entry.id;
    mailboxes.queuedNs[slot] = entry.queuedNs;
    mailboxes.bytes[slot] = entry.bytes;
    mailboxes.sender[slot] = entry.flags;
    return true;
  }

  private moved(): void {
    this.world.tally.series.waiting.add(this.world.engine.nowNs, 1);
  }

  /** Blocked, or accepted with no room left in the HAM lane: then the client has to resync. */
  private discard(group: Membership, bytes: number): void {
    if (group.accepted) group.gap = true;
    this.world.counts[counterIndex.allDiscarded]! += 1;
    this.world.counts[counterIndex.allBytesDiscarded]! += bytes;
  }
}
