/**
 * Who writes when: the Poisson process of the model tier with the same draws, so that under one
 * seed both tiers send the same messages at the same times.
 */
import { regions } from '../../src/workload/types.ts';
import { below, double } from '../kernel/random.ts';
import { exponential } from '../kernel/samplers.ts';
import { diurnalRate, type DiurnalTable } from '../model/diurnal.ts';
import { regionUtcOffsetHours } from '../model/network.ts';
import { Sampler } from '../model/sampler.ts';
import type { ClientNode } from './client-node.ts';
import { kinds } from './events.ts';
import type { Site, World } from './world.ts';

export class Sending {
  private readonly world: World;
  private readonly site: Site;
  private readonly clientAt: (local: number) => ClientNode | undefined;
  private readonly size: Sampler;
  private readonly diurnal: DiurnalTable;

  constructor(world: World, site: Site, clientAt: (local: number) => ClientNode | undefined) {
    this.world = world;
    this.site = site;
    this.clientAt = clientAt;
    this.size = new Sampler(world.workload.traffic.size);
    this.diurnal = diurnalRate(world.workload.traffic.diurnal);
  }

  /** Schedules the next draw of this homeserver's clients. */
  next(fromNs: number): void {
    const { sendRatePerNs, span, engine, workload, population } = this.world;
    const { lp, clients, arrivals } = this.site;
    const onlineShare = 1 - workload.population.sessions.offline;
    const rate = (clients * sendRatePerNs * this.diurnal.peak) / onlineShare;
    if (!(rate > 0)) return;
    const offset = regionUtcOffsetHours[regions[population.regionOf[lp]!]!];
    let time = fromNs;
    for (;;) {
      time += exponential(arrivals) / rate;
      if (!(time <= span.endNs)) return;
      if (this.diurnal.flat) break;
      if (double(arrivals) * this.diurnal.peak < this.diurnal.at(time, offset)) break;
    }
    engine.schedule(lp, Math.floor(time), kinds.submit, 0, 0, 0);
  }

  /** A draw: some client writes if it is online and in a group. */
  send(): void {
    const { engine, population, sessions } = this.world;
    const { firstClient, clients, arrivals } = this.site;
    const { nowNs } = engine;
    const local = below(arrivals, clients);
    const client = firstClient + local;
    if (sessions.isOnline(client, nowNs)) {
      const first = population.membershipStart[client]!;
      const groups = population.membershipStart[client + 1]! - first;
      if (groups > 0) {
        const group = population.groupOf[first + below(arrivals, groups)]!;
        const bytes = Math.max(1, this.size.sampleInteger(arrivals));
        this.write(local, group, bytes);
      }
    }
    this.next(nowNs);
  }

  private write(local: number, group: number, bytes: number): void {
    const { engine, tally, setupNs, quietFromNs } = this.world;
    const { nowNs } = engine;
    if (nowNs < setupNs || nowNs >= quietFromNs) return;
    this.world.measured('sent', nowNs);
    tally.series.sent.add(nowNs);
    this.clientAt(local)?.write(group, bytes, false);
  }
}
