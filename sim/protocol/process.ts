/** One logical process of the protocol tier: a homeserver, its clients and their network. */
import { decode } from '../../src/protocol/codec/index.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { double } from '../kernel/random.ts';
import { toNs } from '../model/units.ts';
import { readArena } from './arena.ts';
import { ClientNode } from './client-node.ts';
import { kinds } from './events.ts';
import { frame as frameCodec, homeserverEntity } from './frame.ts';
import { HomeserverNode } from './homeserver-node.ts';
import type { JournalData } from './journal.ts';
import { Network, type Message, type NetworkCounts } from './network.ts';
import { peersOf, provisionGroups } from './provision.ts';
import { collectWaiting } from './remains.ts';
import { Sending } from './sending.ts';
import { makeSite, type Site, type World } from './world.ts';

/** What one process leaves behind. */
export interface SiteResult {
  readonly lp: number;
  /** Over every message that left this process. */
  readonly wireDigest: string;
  readonly journal: JournalData;
  readonly network: NetworkCounts;
  /** Counters of the homeserver's core, by name. */
  readonly counters: Readonly<Record<string, number>>;
  readonly clientsNotSetUp: number;
  readonly unsent: number;
}

export class Process {
  readonly site: Site;
  readonly network: Network;
  readonly homeserver: HomeserverNode;
  readonly clients: ClientNode[];
  private readonly world: World;
  private readonly sending: Sending;

  constructor(world: World, lp: number) {
    this.world = world;
    const site = makeSite(world, lp);
    this.site = site;
    const { engine, links, population, faults } = world;
    const { arena, delays, fates } = site;
    const { regionOf } = population;
    const onSend = (message: Message, bytes: number): void => this.onSend(message, bytes);
    const ports = { engine, lp, regionOf, links, arena, faults, delays, fates, onSend };
    this.network = new Network(ports);
    this.homeserver = new HomeserverNode(world, site, this.network);
    const host = {
      introduce: (node: ClientNode): void => this.introduce(node),
      hangUp: (entity: number): void => this.homeserver.hangUp(entity),
    };
    this.clients = Array.from(
      { length: site.clients },
      (_, i) => new ClientNode(world, site, this.network, { client: site.firstClient + i, host }),
    );
    this.homeserver.observer.onEntry = (entity, entry) => this.client(entity)?.enqueued(entry);
    this.sending = new Sending(world, site, (local) => this.clients[local]);
  }

  private client(entity: number): ClientNode | undefined {
    return this.clients[entity - 1];
  }

  private introduce(node: ClientNode): void {
    const cid = node.device?.durable.qsCid;
    if (cid !== undefined) this.homeserver.observer.introduce(cid, node.entity);
  }

  /** Bytes on the access links. */
  private onSend({ from, to }: Message, bytes: number): void {
    const isAccess = from !== homeserverEntity || to.entity !== homeserverEntity;
    const { nowNs } = this.world.engine;
    if (isAccess) this.world.measured('accessBytes', nowNs, bytes);
  }

  start(): void {
    const { world, site } = this;
    const { engine, sessions, faults } = world;
    const { lp, firstClient, clients } = site;
    sessions.start(firstClient, firstClient + clients);
    provisionGroups(world, lp, memoryStore({ disk: this.homeserver.disk }));
    this.homeserver.start();
    for (const peer of peersOf(world, lp)) this.homeserver.greet(peer);
    for (const { entity } of this.clients) {
      const atNs = Math.floor((double(site.delays) * world.setupNs) / 4);
      engine.schedule(lp, atNs, kinds.begin, entity, 0, 0);
    }
    for (const { client, atMs } of faults.kills) {
      if (client < firstClient || client >= firstClient + clients) continue;
      engine.schedule(lp, toNs(atMs), kinds.kill, client - firstClient + 1, 0, 0);
    }
    this.sending.next(0);
  }

  // eslint-disable-next-line max-params -- the engine's contract
  handle(kind: number, a: number, b: number, c: number): void {
    switch (kind) {
      case kinds.arrive:
        return this.arrive(a, b, c);
      case kinds.submit:
        return this.sending.send();
      case kinds.depart:
        return this.homeserver.onDepart(a, b);
      case kinds.work:
        return this.homeserver.onWork(a, b);
      case kinds.late:
        return this.homeserver.onLate(a, b);
      case kinds.restart:
        return this.homeserver.start();
      default:
        return this.handleClient(kind, a);
    }
  }

  private handleClient(kind: number, entity: number): void {
    const client = this.client(entity);
    switch (kind) {
      case kinds.timer:
        return client?.timer();
      case kinds.begin:
        return client?.begin();
      case kinds.edge:
        return client?.edge();
      case kinds.disconnect:
        return client?.disconnect();
      default:
        return client?.kill();
    }
  }

  private arrive(from: number, offset: number, length: number): void {
    const buffer = this.world.arenas[from];
    if (buffer === undefined) return;
    const decoded = decode(frameCodec, readArena(buffer, offset, length));
    if (!decoded.ok) throw new RangeError('a message was overwritten on its way');
    const frame = decoded.value;
    if (frame.to === homeserverEntity) this.homeserver.onFrame(frame, from);
    else this.client(frame.to)?.onFrame(frame);
  }

  finish(): SiteResult {
    const { site, world } = this;
    const notSetUp = this.clients.filter((client) => !client.isSetUp).length;
    if (notSetUp > 0) {
      const rule = 'all members are configured before traffic';
      const detail = `${notSetUp} clients are not set up at the end`;
      site.journal.violate(rule, homeserverEntity, world.span.endNs, detail);
    }
    const counters = Object.fromEntries(site.meter.totals);
    collectWaiting(world, site, this.homeserver, this.clients);
    for (const client of this.clients) client.close();
    return {
      lp: site.lp,
      wireDigest: this.network.digest,
      journal: site.journal.data(),
      network: this.network.counts,
      counters,
      clientsNotSetUp: notSetUp,
      unsent: this.clients.reduce((sum, client) => sum + client.unsent, 0),
    };
  }
}
