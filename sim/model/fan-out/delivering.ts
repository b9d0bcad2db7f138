/**
 * The last step: to the client that is online, or into the queue of the one that is not, which
 * drains it when it comes online: in requests of 32 messages, each a round trip, over its downlink,
 * until the queue is empty or the session ends.
 */
import { insideDelayNs, retryAfterNs } from '../network.ts';
import { refused } from '../station.ts';
import { kinds, receiptTwin } from './events.ts';
import { pack, packedHigh, packedLow } from '../packing.ts';
import { dequeueBatch } from './prices.ts';
import { counterIndex, type Site, type World } from './world.ts';

/** When a message is ready for its recipient, and in which state that is. */
interface Ready {
  readonly atNs: number;
  readonly online: boolean;
  readonly twin: number;
}

/** One message reaching a client. */
interface Reading {
  readonly group: number;
  readonly sender: number;
  readonly sentNs: number;
  readonly receipt: boolean;
}

export class Delivering {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** The `deliver` event: the recipient's state is decided now. */
  deliver(site: Site, to: number, packed: number, sentNs: number, twin: number): void {
    const { engine, sessions } = this.world;
    const online = sessions.isOnline(packedHigh(to), engine.nowNs);
    this.settle(site, to, packed, sentNs, { atNs: engine.nowNs, online, twin });
  }

  /** Pushes to an online recipient with an empty queue; queues otherwise. */
  settle(site: Site, to: number, packed: number, sentNs: number, ready: Ready): void {
    const client = packedHigh(to);
    const { world } = this;
    if (!ready.online || world.mailboxes.count(client) > 0) {
      this.queue(site, to, packed, sentNs, ready);
      return;
    }
    const bytes = packedLow(packed) + world.prices.entryOverhead;
    const at = ready.atNs + world.links.down(site.network, bytes);
    world.measured(counterIndex.accessBytes, ready.atNs, bytes + world.prices.acknowledgement);
    const receipt = ready.twin === receiptTwin;
    if (at > world.span.endNs) {
      world.counts[counterIndex.onTheirWayAtEnd]! += 1;
      return;
    }
    if (!receipt && at >= world.span.warmUpNs) {
      world.counts[counterIndex.online]! += 1;
      world.tally.histograms.onlineDelay.record(at - sentNs);
    }
    const group = packedLow(to);
    this.read(site, client, at, { group, sender: packedHigh(packed), sentNs, receipt });
  }

  /** A message has reached its reader, who may answer with a receipt. */
  private read(site: Site, client: number, atNs: number, reading: Reading): void {
    const { world } = this;
    const { tally, counts, span } = world;
    counts[counterIndex.allDelivered]! += 1;
    if (reading.receipt) return;
    tally.series.delivered.add(atNs);
    const delay = atNs - reading.sentNs;
    tally.heats.deliveryDelay.add(atNs, delay);
    if (atNs >= span.warmUpNs) {
      counts[counterIndex.delivered]! += 1;
      tally.histograms.deliveryDelay.record(delay);
    }
    if (world.workload.traffic.receipts !== 'off') this.answer(site, client, atNs, reading);
  }

  private answer(site: Site, client: number, atNs: number, { group, sender }: Reading): void {
    const { world } = this;
    const { prices, links, population, engine } = world;
    const toGroup = world.workload.traffic.receipts === 'to-group';
    const host = population.hostOf[group]!;
    const wire = prices.receipt + prices.requestOverhead;
    const arrival = atNs + links.up(site.network, wire) + world.between(site, host);
    world.measured(counterIndex.receiptsSent, atNs, 1);
    world.measured(counterIndex.accessBytes, atNs, wire + prices.acknowledgement);
    const kind = toGroup ? kinds.receiptRequest : kinds.receiptToOne;
    engine.schedule(
      host,
      arrival,
      kind,
      group,
      pack(client, toGroup ? prices.receipt : sender),
      atNs,
    );
  }

  private queue(site: Site, to: number, packed: number, sentNs: number, ready: Ready): void {
    const { world } = this;
    const { mailboxes, counts, tally, span } = world;
    const client = packedHigh(to);
    const slot = mailboxes.push(client);
    if (slot < 0) {
      counts[counterIndex.allQuotaRefused]! += 1;
      world.measured(counterIndex.quotaRefused, ready.atNs, 1);
      return;
    }
    const bytes = packedLow(packed) + world.prices.entryOverhead;
    mailboxes.sentNs[slot] = sentNs;
    mailboxes.queuedNs[slot] = ready.atNs;
    mailboxes.bytes[slot] = ready.twin === receiptTwin ? -bytes : bytes;
    mailboxes.group[slot] = packedLow(to);
    mailboxes.sender[slot] = packedHigh(packed);
    const length = mailboxes.count(client);
    tally.sums.queueIn.add(ready.atNs);
    tally.series.queued.add(ready.atNs, 1);
    if (ready.atNs >= span.warmUpNs) counts[counterIndex.queued]! += 1;
    if (length > tally.maxima.queueDepth) tally.maxima.queueDepth = length;
    site.queuedNow++;
    if (site.queuedNow > site.queuedPeak) site.queuedPeak = site.queuedNow;
    if (length === 1 && !ready.online) this.armWake(site, client);
  }

  /** The client's first request after its current gap. */
  private armWake(site: Site, client: number): void {
    const { world } = this;
    const onlineAt = world.sessions.intervalEnd(client);
    if (!(onlineAt <= world.span.endNs)) return;
    const arrival = onlineAt + world.links.accessDelay(site.network) + insideDelayNs;
    world.engine.schedule(site.lp, arrival, kinds.wake, client, 0, 0);
  }

  /** The session in which a queue could not be emptied is over. */
  sessionEnd(site: Site, client: number): void {
    const { sessions, engine } = this.world;
    if (sessions.isOnline(client, engine.nowNs)) this.drain(site, client);
    else this.armWake(site, client);
  }

  /** A dequeue request arrives. */
  drain(site: Site, client: number): void {
    const { world } = this;
    const { engine, sessions, mailboxes, prices, tally, span } = world;
    const now = engine.nowNs;
    if (!sessions.isOnline(client, now)) {
      this.armWake(site, client);
      return;
    }
    const count = mailboxes.count(client);
    const requests = Math.ceil(count / dequeueBatch);
    const done = site.qs.submit(now, prices.dequeue + requests * prices.dequeueBatch);
    if (done === refused) {
      engine.schedule(site.lp, now + retryAfterNs, kinds.wake, client, 0, 0);
      return;
    }
    if (now >= span.warmUpNs) tally.histograms.queueDepth.record(count);
    const until = Math.min(sessions.intervalEnd(client), span.endNs);
    this.download(site, client, done + world.links.accessDelay(site.network), until);
    const left = mailboxes.count(client);
    if (left > 0 && until < span.endNs) {
      engine.schedule(site.lp, Math.max(now, until), kinds.sessionEnd, client, 0, 0);
    }
  }

  /** Takes messages one after the other until the time is over. */
  private download(site: Site, client: number, fromNs: number, untilNs: number): void {
    const { mailboxes, links } = this.world;
    let at = fromNs;
    for (let taken = 0; mailboxes.count(client) > 0; taken++) {
      const slot = mailboxes.oldest(client);
      if (taken > 0 && taken % dequeueBatch === 0) {
        at += 2 * links.accessDelay(site.network);
      }
      // With several cores the dequeue request may overtake an entry that is still being encrypted.
      at = Math.max(at, mailboxes.queuedNs[slot]!);
      at += links.downTransfer(Math.abs(mailboxes.bytes[slot]!));
      if (at > untilNs) return;
      this.take(site, client, slot, at);
    }
  }

  private take(site: Site, client: number, slot: number, atNs: number): void {
    const { world } = this;
    const { mailboxes, tally, counts, span } = world;
    const queuedNs = mailboxes.queuedNs[slot]!;
    const bytes = mailboxes.bytes[slot]!;
    const reading = {
      group: mailboxes.group[slot]!,
      sender: mailboxes.sender[slot]!,
      sentNs: mailboxes.sentNs[slot]!,
      receipt: bytes < 0,
    };
    mailboxes.shift(client);
    site.queuedNow--;
    tally.sums.queueOut.add(atNs);
    tally.sums.queueWaited.add(atNs - queuedNs);
    tally.series.queued.add(atNs, -1);
    if (atNs > span.warmUpNs) tally.sums.queueArea.add(atNs - Math.max(queuedNs, span.warmUpNs));
    if (atNs >= span.warmUpNs) {
      counts[counterIndex.drained]! += 1;
      counts[counterIndex.accessBytes]! += Math.abs(bytes);
      tally.histograms.queueWait.record(atNs - queuedNs);
      if (!reading.receipt) tally.histograms.offlineDelay.record(atNs - reading.sentNs);
    }
    this.read(site, client, atNs, reading);
  }

  /** Books what is still queued when the run ends. */
  close(site: Site): void {
    const { mailboxes, tally, counts, span } = this.world;
    for (let client = site.firstClient; client < site.firstClient + site.clients; client++) {
      let slot = mailboxes.count(client) > 0 ? mailboxes.oldest(client) : -1;
      for (; slot >= 0; slot = mailboxes.after(slot)) {
        const queuedNs = mailboxes.queuedNs[slot]!;
        counts[counterIndex.queuedAtEnd]! += 1;
        tally.sums.queueLeft.add(span.endNs - queuedNs);
        tally.sums.queueArea.add(span.endNs - Math.max(queuedNs, span.warmUpNs));
      }
    }
  }
}
