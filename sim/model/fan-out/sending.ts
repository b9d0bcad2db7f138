/**
 * Senders. Clients send as a Poisson process whose rate follows the time of day of their region,
 * and only while they are online. All clients of a homeserver together are one Poisson process, so
 * one pending event per homeserver is exact and enough: it draws who sends, and the rate is raised
 * by 1 / P(online) because draws of offline clients come to nothing.
 */
import { regions } from '../../../src/workload/types.ts';
import { below, double } from '../../kernel/random.ts';
import { exponential } from '../../kernel/samplers.ts';
import { diurnalRate, type DiurnalTable } from '../diurnal.ts';
import { regionUtcOffsetHours, retransmissionTimeoutNs } from '../network.ts';
import { Sampler } from '../sampler.ts';
import { kinds } from './events.ts';
import { maxPackedLow, pack } from '../packing.ts';
import { counterIndex, type Site, type World } from './world.ts';

export class Sending {
  private readonly world: World;
  private readonly size: Sampler;
  private readonly diurnal: DiurnalTable;
  private readonly onlineShare: number;

  constructor(world: World) {
    this.world = world;
    this.size = new Sampler(world.workload.traffic.size);
    this.diurnal = diurnalRate(world.workload.traffic.diurnal);
    this.onlineShare = 1 - world.workload.population.sessions.offline;
  }

  /** Schedules the next draw of a homeserver's clients. */
  next(site: Site, fromNs: number): void {
    const { sendRatePerNs, span, engine } = this.world;
    const rate = (site.clients * sendRatePerNs * this.diurnal.peak) / this.onlineShare;
    if (!(rate > 0)) return;
    const offset = regionUtcOffsetHours[regions[site.region]!];
    let time = fromNs;
    for (;;) {
      time += exponential(site.arrivals) / rate;
      if (!(time <= span.endNs)) return;
      if (this.diurnal.flat) break;
      if (double(site.arrivals) * this.diurnal.peak < this.diurnal.at(time, offset)) break;
    }
    engine.schedule(site.lp, Math.floor(time), kinds.send, 0, 0, 0);
  }

  /** A draw: some client of the homeserver sends if it is online and in a group. */
  send(site: Site): void {
    const { engine, population, sessions } = this.world;
    const now = engine.nowNs;
    const client = site.firstClient + below(site.arrivals, site.clients);
    // Three of four draws end here at the usual share offline: ask before touching more memory.
    if (sessions.isOnline(client, now)) {
      const first = population.membershipStart[client]!;
      const groups = population.membershipStart[client + 1]! - first;
      if (groups > 0) {
        const group = population.groupOf[first + below(site.arrivals, groups)]!;
        const plaintext = Math.max(1, this.size.sampleInteger(site.arrivals));
        this.submit(site, client, group, plaintext);
      }
    }
    this.next(site, now);
  }

  private submit(site: Site, client: number, group: number, plaintext: number): void {
    const { world } = this;
    const { prices, links, counts, tally } = world;
    const now = world.engine.nowNs;
    const bytes = Math.min(maxPackedLow, prices.messageBytes(plaintext));
    const wire = bytes + prices.requestOverhead;
    const losses = links.losses(site.network);
    const host = world.population.hostOf[group]!;
    const arrival =
      now +
      prices.encrypt +
      losses * retransmissionTimeoutNs +
      links.up(site.network, wire) +
      world.between(site, host);
    if (now >= world.span.warmUpNs) {
      counts[counterIndex.sent]! += 1;
      counts[counterIndex.accessBytes]! += wire * (losses + 1) + prices.acknowledgement;
    }
    tally.series.sent.add(now);
    world.engine.schedule(host, arrival, kinds.request, group, pack(client, bytes), now);
  }
}
