/**
 * Queue service: a message of a group arrives and goes to a lane, or is refused. An app in the
 * foreground with nothing left to fetch has it at once; in the background an application message in
 * the HAM lane asks for a wake. Commits do not ask: there is nothing to show.
 */
import { float } from '../../kernel/random.ts';
import { Sampler } from '../sampler.ts';
import { counterIndex } from './counts.ts';
import { entryFlags, type Fetching } from './fetching.ts';
import type { Membership } from './group.ts';
import { Sorting, verdicts } from './sorting.ts';
import { lanes, laneOf, type Device, type FloodWorld } from './world.ts';

export class Receiving {
  private readonly world: FloodWorld;
  private readonly fetching: Fetching;
  private readonly sorting: Sorting;
  private readonly size: Sampler;
  private readonly attackSize: Sampler;

  constructor(world: FloodWorld, fetching: Fetching) {
    this.world = world;
    this.fetching = fetching;
    this.sorting = new Sorting(world.workload);
    this.size = new Sampler(world.workload.traffic.size);
    this.attackSize = new Sampler(world.workload.spam.messageSize);
  }

  /** The group's next message. */
  arrive(device: Device, group: Membership): void {
    const commit = float(group.messages) < group.commitShare;
    this.take(device, group, commit, this.world.engine.nowNs);
  }

  /** A message that arrived at `atNs`, which for a backlog is before the start. */
  take(device: Device, group: Membership, commit: boolean, atNs: number): void {
    const { world } = this;
    const size = group.wanted ? this.size : this.attackSize;
    const bytes = commit
      ? group.commitBytes
      : world.prices.messageBytes(Math.max(1, size.sampleInteger(group.messages)));
    world.counts[counterIndex.allArrived]! += 1;
    world.counts[counterIndex.allBytesArrived]! += bytes;
    if (!group.wanted) world.measured(counterIndex.spam, 1);
    else if (!commit) world.measured(counterIndex.wanted, 1);
    const verdict = this.sorting.sort(group, atNs);
    if (verdict === verdicts.refuse) this.refuse(group, commit, bytes);
    else if (verdict === verdicts.park) this.park(device, group, commit, { bytes, atNs });
    else this.deliver(device, group, commit, { bytes, atNs });
  }

  private deliver(
    device: Device,
    group: Membership,
    commit: boolean,
    { bytes, atNs }: { bytes: number; atNs: number },
  ): void {
    const { world } = this;
    const ham = laneOf(device.client, lanes.ham);
    if (device.foreground && !device.fetching && world.mailboxes.count(ham) === 0) {
      this.fetching.push(device, group, commit, bytes);
      return;
    }
    const flags = commit ? entryFlags.commit : 0;
    if (!this.enqueue(device, group, { lane: lanes.ham, flags, bytes, atNs })) return;
    world.tally.series.waiting.add(Math.max(0, atNs), 1);
    if (!commit && atNs >= 0) this.fetching.askForWake(device);
  }

  private park(
    device: Device,
    group: Membership,
    commit: boolean,
    { bytes, atNs }: { bytes: number; atNs: number },
  ): void {
    const flags = entryFlags.parked | (commit ? entryFlags.commit : 0);
    if (!this.enqueue(device, group, { lane: lanes.spam, flags, bytes, atNs })) return;
    if (group.parkedSinceNs < 0) group.parkedSinceNs = Math.max(0, atNs);
    if (commit) {
      group.lag++;
      group.lagPeak = Math.max(group.lagPeak, group.lag);
    } else if (group.wanted) {
      this.world.measured(counterIndex.wantedParked, 1);
    }
  }

  /** @returns whether the lane had room */
  private enqueue(
    device: Device,
    group: Membership,
    entry: { lane: number; flags: number; bytes: number; atNs: number },
  ): boolean {
    const { mailboxes } = this.world;
    const slot = mailboxes.push(laneOf(device.client, entry.lane));
    if (slot < 0) {
      this.refuse(group, (entry.flags & entryFlags.commit) !== 0, entry.bytes);
      return false;
    }
    mailboxes.queuedNs[slot] = entry.atNs;
    mailboxes.bytes[slot] = entry.bytes;
    mailboxes.group[slot] = group.id;
    mailboxes.sender[slot] = entry.flags;
    return true;
  }

  private refuse(group: Membership, commit: boolean, bytes: number): void {
    const { world } = this;
    world.counts[counterIndex.allRefused]! += 1;
    world.counts[counterIndex.allBytesRefused]! += bytes;
    if (group.blocked) world.counts[counterIndex.blockedThatArrived]! += 1;
    if (!group.wanted) world.measured(counterIndex.spamRefused, 1);
    else if (commit) group.gap = true;
    else world.measured(counterIndex.wantedRefused, 1);
  }
}
