/**
 * The protocol tier as a model of the kernel: a homeserver with its clients is one logical process.
 * The code that runs is that of src/homeserver and src/client; virtual are time, network, disk and
 * entropy.
 */
import { ValidationError } from '../../src/errors.ts';
import { decode } from '../../src/protocol/codec/index.ts';
import type { Model, ModelContext, Plan } from '../kernel/engine.ts';
import { double } from '../kernel/random.ts';
import { fanOutNames } from '../model/fan-out/counts.ts';
import type { FanOutTotals } from '../model/fan-out/summary.ts';
import { counterIndex } from '../model/fan-out/counts.ts';
import { lookaheadNs } from '../model/network.ts';
import { buildPopulation, meanRecipients, type Population } from '../model/population.ts';
import { allocateSessions } from '../model/sessions.ts';
import { Tally, type TallyData } from '../model/tally.ts';
import { nsPerSecond, toNs } from '../model/units.ts';
import { allocateArenas, readArena } from './arena.ts';
import { ClientNode } from './client-node.ts';
import { kinds } from './events.ts';
import { frame as frameCodec, homeserverEntity } from './frame.ts';
import { HomeserverNode } from './homeserver-node.ts';
import type { JournalData } from './journal.ts';
import { Network, type Message, type NetworkCounts } from './network.ts';
import { peersOf, provisionGroups } from './provision.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { collectWaiting } from './remains.ts';
import { Sending } from './sending.ts';
import { makeSite, World, type Site, type WorldOptions, type WorldShared } from './world.ts';

export type { WorldOptions } from './world.ts';

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

export interface WorldResult {
  readonly tally: TallyData;
  readonly totals: FanOutTotals;
  readonly sites: readonly SiteResult[];
}

/** Most clients of this tier: real keys, records and queues of each are in memory. */
const maxClients = 20_000;

function checkSize(options: WorldOptions): void {
  const { workload } = options;
  const { clients } = workload.population;
  if (clients > maxClients) {
    throw new ValidationError([
      {
        file: workload.name,
        path: 'population.clients',
        message: `${clients} clients: the protocol tier runs the code of at most ${maxClients}`,
        remedy: 'give a smaller one, such as `--set population.clients=200`, or use `--tier model`',
      },
    ]);
  }
  if (workload.traffic.receipts === 'to-sender') {
    throw new ValidationError([
      {
        file: workload.name,
        path: 'traffic.receipts',
        message: 'the protocol has no message to one member of a group',
        remedy: 'write `off` or `to-group`, or use `--tier model`',
      },
    ]);
  }
}

/** Builds what all workers share. */
export function plan(options: WorldOptions): Plan<WorldShared> {
  checkSize(options);
  const { workload, seed } = options;
  const population = buildPopulation(workload, seed);
  const { clients, homeservers } = population;
  const { perSend, senders } = meanRecipients(population);
  const received = (workload.traffic.receivedPerClient * clients) / nsPerSecond;
  const lookahead = lookaheadNs(workload.network, [...new Set(population.regionOf)]);
  return {
    lps: homeservers,
    weights: Float64Array.from({ length: homeservers }, (_, h) => clientsOf(population, h)),
    lookaheadNs: lookahead,
    endNs: toNs(workload.duration),
    payloadWords: 3,
    shared: {
      population,
      sessions: allocateSessions(clients),
      arenas: allocateArenas(homeservers),
      lookaheadNs: lookahead,
      sendRatePerNs: perSend === 0 ? 0 : received / (senders * perSend),
    },
  };
}

const clientsOf = (population: Population, homeserver: number): number =>
  population.clientStart[homeserver + 1]! - population.clientStart[homeserver]!;

/** One process: a homeserver, its clients, its network. */
class Process {
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

class ProtocolModel implements Model<WorldResult> {
  private readonly world: World;
  private readonly processes = new Map<number, Process>();

  constructor(context: ModelContext<WorldOptions, WorldShared>) {
    this.world = new World(context);
    for (const lp of context.ownedLps) this.processes.set(lp, new Process(this.world, lp));
  }

  start(lp: number): void {
    this.processes.get(lp)?.start();
  }

  // eslint-disable-next-line max-params -- the engine's contract
  handle(lp: number, kind: number, a: number, b: number, c: number): void {
    this.processes.get(lp)?.handle(kind, a, b, c);
  }

  finish(): WorldResult {
    const { tally, population, span } = this.world;
    const sites = [...this.processes.values()].map((process) => process.finish());
    let cores = 0;
    for (const { site } of this.processes.values()) {
      for (const station of [site.ds, site.qs]) {
        const capacity = station.cores * (span.endNs - span.warmUpNs);
        const share = Math.round((station.busyNs / capacity) * 1e9);
        tally.maxima.utilisationPpb = Math.max(tally.maxima.utilisationPpb, share);
      }
      tally.sums.dsBusy.merge(site.ds.busy);
      tally.sums.qsBusy.merge(site.qs.busy);
      tally.counters.values[counterIndex.stations]! += 2;
      cores += site.ds.cores;
    }
    const totals = { cores, clients: population.clients, tableBytes: population.bytes };
    return { tally: tally.snapshot(), totals, sites };
  }
}

export function create(context: ModelContext<WorldOptions, WorldShared>): Model<WorldResult> {
  return new ProtocolModel(context);
}

/** Adds the workers' parts; processes in their order. */
export function merge(parts: WorldResult[], options: WorldOptions): WorldResult {
  const { workload } = options;
  const tally = new Tally(fanOutNames, {
    warmUpNs: toNs(workload.warmUp),
    endNs: toNs(workload.duration),
    binNs: toNs(workload.measure.bin),
  });
  let cores = 0;
  for (const part of parts) {
    tally.merge(part.tally);
    cores += part.totals.cores;
  }
  const [first] = parts;
  const totals = { clients: 0, tableBytes: 0, ...first?.totals, cores };
  const sites = parts.flatMap((part) => part.sites).sort((a, b) => a.lp - b.lp);
  return { tally: tally.snapshot(), totals, sites };
}
