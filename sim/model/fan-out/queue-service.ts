/**
 * Queue service of a recipient's homeserver: per recipient it opens the queue config (unless that
 * is plain), encrypts the entry and appends it to the recipient's queue. An online recipient has it
 * pushed at once; an offline one finds it when it comes online.
 *
 * The end of the work is known when a recipient's job is queued. When the recipient's session state
 * holds beyond that end, the outcome is known as well and no event is needed; otherwise a `deliver`
 * event decides at the end.
 */
import { refused } from '../station.ts';
import { lowerBound } from './delivery-service.ts';
import { retryAfterNs } from '../network.ts';
import type { Delivering } from './delivering.ts';
import { kinds } from './events.ts';
import { pack, packedHigh, packedLow } from '../packing.ts';
import { counterIndex, type Site, type World } from './world.ts';

export class QueueService {
  private readonly world: World;
  private readonly delivering: Delivering;
  private readonly plainWhenLocal: boolean;

  constructor(world: World, delivering: Delivering) {
    this.world = world;
    this.delivering = delivering;
    this.plainWhenLocal = world.workload.policy.queueConfig === 'plain-when-local';
  }

  /** A request for all recipients of a group on this homeserver. */
  batch(site: Site, group: number, packed: number, sentNs: number, twin: number): void {
    const { memberOf, groupStart } = this.world.population;
    const end = groupStart[group + 1]!;
    const sender = packedHigh(packed);
    const behind = site.firstClient + site.clients;
    let i = lowerBound(memberOf, groupStart[group]!, end, site.firstClient);
    const next = lowerBound(memberOf, i, end, behind);
    const isSenderHere = sender >= site.firstClient && sender < behind;
    let parse = this.parseCost(site, group, packed, next - i - (isSenderHere ? 1 : 0));
    let recipients = 0;
    for (; i < next; i++) {
      const member = memberOf[i]!;
      if (member === sender) continue;
      this.enqueue(site, pack(member, group), packed, sentNs, { parse, twin });
      parse = 0;
      recipients++;
    }
    this.arrived(site, group, packed, { recipients, twin });
  }

  /** A request for one recipient. */
  single(site: Site, to: number, packed: number, sentNs: number, twin: number): void {
    const parse = this.parseCost(site, packedLow(to), packed, 1);
    this.enqueue(site, to, packed, sentNs, { parse, twin });
    this.arrived(site, packedLow(to), packed, { recipients: 1, twin });
  }

  /** The outbox of the delivery service tries again after a 503, until it succeeds. */
  retry(site: Site, to: number, packed: number, sentNs: number, twin: number): void {
    const parse = this.parseCost(site, packedLow(to), packed, 1);
    this.enqueue(site, to, packed, sentNs, { parse, twin });
  }

  /** Reading a whole request: the message once, and a queue config for each recipient. */
  private parseCost(site: Site, group: number, packed: number, recipients: number): number {
    return this.world.prices.parse.at(this.requestBytes(site, group, packed, recipients));
  }

  private requestBytes(site: Site, group: number, packed: number, recipients: number): number {
    const { population, prices } = this.world;
    const sealed = population.hostOf[group] !== site.lp || !this.plainWhenLocal;
    const config = sealed ? prices.sealedConfig : prices.plainConfig;
    return prices.requestOverhead + packedLow(packed) + recipients * config;
  }

  private arrived(
    site: Site,
    group: number,
    packed: number,
    { recipients, twin }: { recipients: number; twin: number },
  ): void {
    const { counts, population, span, engine } = this.world;
    const local = population.hostOf[group] === site.lp;
    const bytes = this.requestBytes(site, group, packed, recipients);
    counts[counterIndex.allArrived]! += recipients;
    counts[local ? counterIndex.arrivedInsideBytes : counterIndex.arrivedFederationBytes]! += bytes;
    if (engine.nowNs < span.warmUpNs || twin !== 0) return;
    counts[counterIndex.recipients]! += recipients;
    if (local) counts[counterIndex.localRecipients]! += recipients;
  }

  /** One recipient's work, and what becomes of the message. */
  private enqueue(
    site: Site,
    to: number,
    packed: number,
    sentNs: number,
    { parse, twin }: { parse: number; twin: number },
  ): void {
    const { engine, prices, span } = this.world;
    const now = engine.nowNs;
    const local = this.world.population.hostOf[packedLow(to)] === site.lp;
    const open = local && this.plainWhenLocal ? 0 : prices.openConfig;
    const work = parse + open + prices.enqueue.at(packedLow(packed));
    const done = site.qs.submit(now, work);
    if (done === refused) {
      this.postpone(site, to, packed, sentNs, twin);
      return;
    }
    this.countWork(now, work, open > 0);
    if (done > span.endNs) {
      this.world.counts[counterIndex.undecidedAtEnd]! += 1;
      return;
    }
    const client = packedHigh(to);
    const online = this.world.sessions.isOnline(client, now);
    if (done < this.world.sessions.intervalEnd(client)) {
      this.delivering.settle(site, to, packed, sentNs, { atNs: done, online, twin });
    } else {
      engine.schedule(site.lp, done, kinds.deliver + twin, to, packed, sentNs);
    }
  }

  private countWork(nowNs: number, work: number, opened: boolean): void {
    const { counts, span, tally } = this.world;
    tally.series.qsBusy.add(nowNs, work);
    if (nowNs < span.warmUpNs) return;
    counts[counterIndex.entries]! += 1;
    counts[counterIndex.qsCpuNs]! += work;
    counts[counterIndex.storeOperations]! += 2;
    if (opened) counts[counterIndex.opens]! += 1;
  }

  private postpone(site: Site, to: number, packed: number, sentNs: number, twin: number): void {
    const { engine, span, counts } = this.world;
    const at = engine.nowNs + retryAfterNs;
    if (at > span.endNs) counts[counterIndex.undecidedAtEnd]! += 1;
    else engine.schedule(site.lp, at, kinds.retry + twin, to, packed, sentNs);
  }
}
