/** Which groups a client is in: wanted ones at the start and later, and the attackers'. */
import { float, stream } from '../../kernel/random.ts';
import { exponential } from '../../kernel/samplers.ts';
import { Sampler } from '../sampler.ts';
import { msPerDay, nsPerMs, nsPerSecond } from '../units.ts';
import { kinds, maxGroupsPerClient } from './events.ts';
import { Membership } from './group.ts';
import { counterIndex, type Device, type FloodWorld } from './world.ts';

const nsPerDay = msPerDay * nsPerMs;

export class Joining {
  private readonly world: FloodWorld;
  private readonly seed: number;
  private readonly chatSize: Sampler;
  private readonly clubSize: Sampler;
  private readonly clubMessages: Sampler;
  private readonly attackSize: Sampler;
  /** Messages of one chat per ns. */
  private readonly chatRate: number;
  private readonly chats: number;

  constructor(world: FloodWorld, seed: number) {
    const { groups, spam, traffic } = world.workload;
    this.world = world;
    this.seed = seed;
    this.chatSize = new Sampler(groups.size);
    this.clubSize = new Sampler(spam.clubSize);
    this.clubMessages = new Sampler(spam.clubMessages);
    this.attackSize = new Sampler(spam.groupSize);
    this.chats = Math.max(1, Math.round(groups.perClient ?? 1));
    this.chatRate = traffic.receivedPerClient / this.chats / nsPerSecond;
  }

  /** The groups at the start, and the first events of all kinds of joining. */
  start(device: Device): void {
    const { spam, policy } = this.world.workload;
    const clubs = Math.floor(spam.clubs) + (float(device.joins) < spam.clubs % 1 ? 1 : 0);
    for (let i = 0; i < this.chats + clubs; i++) {
      // Who was in a group before the policy came has consented to be in it.
      const familiar = float(device.joins) < spam.familiar || policy.spam === 'accept-first';
      this.wanted(device, i >= this.chats, familiar);
    }
    this.nextAdd(device);
    this.nextInvitation(device);
  }

  private wanted(device: Device, club: boolean, accepted: boolean): void {
    const { spam } = this.world.workload;
    const { joins } = device;
    const size = Math.max(2, (club ? this.clubSize : this.chatSize).sampleInteger(joins));
    const messageRate = club ? this.clubMessages.sample(joins) / nsPerDay : this.chatRate;
    const unknownSource = float(joins) < spam.wantedUnknownSource;
    this.join(device, { wanted: true, size, messageRate, unknownSource, accepted });
  }

  /** A group of an attacker. */
  attack(device: Device): Membership {
    const { spam } = this.world.workload;
    const size = Math.max(2, this.attackSize.sampleInteger(device.joins));
    const unknownSource = float(device.joins) < spam.unknownSource;
    const messageRate = spam.messages / nsPerSecond;
    return this.join(device, { wanted: false, size, messageRate, unknownSource, accepted: false });
  }

  private join(
    device: Device,
    traits: {
      wanted: boolean;
      size: number;
      messageRate: number;
      unknownSource: boolean;
      accepted: boolean;
    },
  ): Membership {
    const { client, groups } = device;
    if (groups.length >= maxGroupsPerClient) {
      throw new RangeError(
        `client ${client} is in ${maxGroupsPerClient} groups: fewer adds, please`,
      );
    }
    const id = client * maxGroupsPerClient + groups.length;
    const group = new Membership({
      ...traits,
      id,
      client,
      commitRate: traits.size / nsPerDay,
      commitBytes: this.world.prices.commitBytes(traits.size),
      messages: stream(this.seed, id, 'spam-flood.messages'),
    });
    groups.push(group);
    this.next(device, group);
    return group;
  }

  /** Schedules the group's next message. */
  next(device: Device, group: Membership): void {
    if (!(group.rate > 0)) return;
    const { engine } = this.world;
    const at = engine.nowNs + Math.ceil(exponential(group.messages) / group.rate);
    if (at > this.world.span.endNs) return;
    engine.schedule(device.lp, at, kinds.arrive, group.id, 0, 0);
  }

  added(device: Device): void {
    this.world.measured(counterIndex.adds, 1);
    this.attack(device);
    this.nextAdd(device);
  }

  invited(device: Device): void {
    const { clubs } = this.world.workload.spam;
    this.wanted(device, float(device.joins) < clubs / (clubs + this.chats), false);
    this.nextInvitation(device);
  }

  private nextAdd(device: Device): void {
    this.nextJoin(device, this.world.workload.spam.adds, kinds.added);
  }

  private nextInvitation(device: Device): void {
    this.nextJoin(device, this.world.workload.spam.invitations, kinds.invited);
  }

  private nextJoin(device: Device, perSecond: number, kind: number): void {
    if (perSecond === 0) return;
    const { engine } = this.world;
    const at = engine.nowNs + Math.ceil((exponential(device.joins) * nsPerSecond) / perSecond);
    if (at > this.world.span.endNs) return;
    engine.schedule(device.lp, at, kind, device.client, 0, 0);
  }
}
