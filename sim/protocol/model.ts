/**
 * The protocol tier as a model of the kernel: a homeserver with its clients is one logical process.
 * The code that runs is that of src/homeserver and src/client; virtual are time, network, disk and
 * entropy.
 */
import { ValidationError } from '../../src/errors.ts';
import type { Model, ModelContext, Plan } from '../kernel/engine.ts';
import type { FanOutTotals } from '../model/fan-out/summary.ts';
import { counterIndex, fanOutNames } from '../model/fan-out/counts.ts';
import { lookaheadNs } from '../model/network.ts';
import { buildPopulation, meanRecipients, type Population } from '../model/population.ts';
import { allocateSessions } from '../model/sessions.ts';
import { Tally, type TallyData } from '../model/tally.ts';
import { nsPerSecond, toNs } from '../model/units.ts';
import { allocateArenas } from './arena.ts';
import { Process, type SiteResult } from './process.ts';
import { World, type WorldOptions, type WorldShared } from './world.ts';

export type { WorldOptions } from './world.ts';

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
