/**
 * Delivery service of the homeserver that hosts a group: checks the request, loads the group's
 * state, and forwards to the queue services of the recipients, in one request per homeserver or one
 * per recipient. A full station answers 503; the client tries again after `retryAfterNs`, three
 * attempts in all, as the deployed client does.
 */
import { kinds } from './events.ts';
import { pack, packedHigh, packedLow } from '../packing.ts';
import { insideDelayNs, retryAfterNs } from '../network.ts';
import { refused } from '../station.ts';
import { counterIndex, type Site, type World } from './world.ts';

/** First index from..to-1 whose member is not below `client`; `to` when there is none. */
export function lowerBound(members: Int32Array, from: number, to: number, client: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (members[middle]! < client) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class DeliveryService {
  private readonly world: World;
  private readonly perRecipient: boolean;
  private readonly localConfig: number;

  constructor(world: World) {
    this.world = world;
    this.perRecipient = world.workload.policy.forwarding === 'per-recipient';
    const plain = world.workload.policy.queueConfig === 'plain-when-local';
    this.localConfig = plain ? world.prices.plainConfig : world.prices.sealedConfig;
  }

  /**
   * A message, or a receipt to the whole group (`twin`).
   *
   * @param again - kind of the event that carries the next attempt, 0 when this is the last
   */
  request(
    site: Site,
    group: number,
    packed: number,
    sentNs: number,
    { again, twin }: { again: number; twin: number },
  ): void {
    const { engine, prices } = this.world;
    const done = this.process(site, group, packedLow(packed));
    if (done !== refused) {
      if (twin === 0) this.world.measured(counterIndex.accepted, engine.nowNs, 1);
      this.forward(site, group, packed, sentNs, { done, twin });
    } else if (again === 0) {
      this.world.measured(counterIndex.failed, engine.nowNs, 1);
    } else {
      const wire = packedLow(packed) + prices.requestOverhead;
      this.world.measured(counterIndex.accessBytes, engine.nowNs, wire);
      engine.schedule(site.lp, engine.nowNs + retryAfterNs, again, group, packed, sentNs);
    }
  }

  /** A receipt for the sender alone. */
  receiptToOne(site: Site, group: number, packed: number, sentNs: number): void {
    const { prices, population } = this.world;
    const receiver = packedLow(packed);
    const done = this.process(site, group, prices.receipt);
    if (done === refused) {
      this.world.measured(counterIndex.failed, this.world.engine.nowNs, 1);
      return;
    }
    const home = population.homeserverOf[receiver]!;
    const arrival = this.account(site, home, 1, prices.receipt, done);
    const load = pack(packedHigh(packed), prices.receipt);
    this.world.engine.schedule(
      home,
      arrival,
      kinds.receiptSingle,
      pack(receiver, group),
      load,
      sentNs,
    );
  }

  /** Queues the work of one request. @returns when it is done, or `refused` */
  private process(site: Site, group: number, bytes: number): number {
    const { prices, population, engine, counts, span } = this.world;
    const members = population.groupStart[group + 1]! - population.groupStart[group]!;
    const work = prices.request.at(bytes) + prices.loadGroupState.at(members);
    const done = site.ds.submit(engine.nowNs, work);
    if (engine.nowNs >= span.warmUpNs && done !== refused) {
      counts[counterIndex.verifies]! += 1;
      counts[counterIndex.storeOperations]! += 1;
      counts[counterIndex.dsCpuNs]! += work;
    }
    return done;
  }

  /** One request per run of members on one homeserver, or one per member. */
  private forward(
    site: Site,
    group: number,
    packed: number,
    sentNs: number,
    { done, twin }: { done: number; twin: number },
  ): void {
    const { population } = this.world;
    const { memberOf, homeserverOf, clientStart } = population;
    const sender = packedHigh(packed);
    const end = population.groupStart[group + 1]!;
    let i = population.groupStart[group]!;
    while (i < end) {
      const home = homeserverOf[memberOf[i]!]!;
      const next = lowerBound(memberOf, i + 1, end, clientStart[home + 1]!);
      const recipients = next - i - (homeserverOf[sender] === home ? 1 : 0);
      if (recipients > 0) {
        if (this.perRecipient && home !== site.lp) {
          this.sendEach(site, home, group, { packed, sentNs, done, twin, from: i, to: next });
        } else {
          const arrival = this.account(site, home, recipients, packedLow(packed), done);
          const kind = kinds.batch + twin;
          this.world.engine.schedule(home, arrival, kind, group, packed, sentNs);
        }
      }
      i = next;
    }
  }

  private sendEach(
    site: Site,
    home: number,
    group: number,
    run: {
      packed: number;
      sentNs: number;
      done: number;
      twin: number;
      from: number;
      to: number;
    },
  ): void {
    const sender = packedHigh(run.packed);
    for (let i = run.from; i < run.to; i++) {
      const member = this.world.population.memberOf[i]!;
      if (member === sender) continue;
      const arrival = this.account(site, home, 1, packedLow(run.packed), run.done);
      const kind = kinds.single + run.twin;
      const to = pack(member, group);
      this.world.engine.schedule(home, arrival, kind, to, run.packed, run.sentNs);
    }
  }

  /** Counts one request to a queue service and draws when it arrives. */
  private account(
    site: Site,
    home: number,
    recipients: number,
    messageBytes: number,
    done: number,
  ): number {
    const { world } = this;
    const { counts, prices, span } = world;
    const local = home === site.lp;
    const config = local ? this.localConfig : prices.sealedConfig;
    const bytes = prices.requestOverhead + messageBytes + recipients * config;
    const arrival = done + (local ? insideDelayNs : world.between(site, home));
    counts[counterIndex.allForwarded]! += recipients;
    counts[local ? counterIndex.allInsideBytes : counterIndex.allFederationBytes]! += bytes;
    if (arrival > span.endNs) {
      counts[counterIndex.inNetworkAtEnd]! += recipients;
      counts[counterIndex.bytesInNetworkAtEnd]! += bytes;
    }
    if (world.engine.nowNs >= span.warmUpNs) {
      counts[counterIndex.destinations]! += 1;
      counts[local ? counterIndex.insideBytes : counterIndex.federationBytes]! += bytes;
      if (!local) counts[counterIndex.federationRequests]! += 1;
    }
    return arrival;
  }
}
