/**
 * The scenario `fan-out`: clients send messages to their groups; the homeserver that hosts a group
 * forwards to the queues of the recipients. A homeserver with its clients and groups is one logical
 * process. Path of a message: sending.ts, delivery-service.ts, queue-service.ts, delivering.ts.
 *
 * Simplifications, to be weighed with every result: clients send only while online and talk to the
 * hosting homeserver directly; the delivery and the queue service of a homeserver have as many
 * cores each; links between homeservers delay but have no bandwidth limit; requests are lost on the
 * uplink only; acknowledgements count as bytes and delay nothing; queue depth counts from the end
 * of the queue service's work.
 */
import { ValidationError } from '../../../src/errors.ts';
import type { Model, ModelContext, Plan } from '../../kernel/engine.ts';
import { allocateMailboxes } from '../mailbox.ts';
import { lookaheadNs } from '../network.ts';
import { allocateSessions } from '../sessions.ts';
import { buildPopulation, meanRecipients } from '../population.ts';
import { Tally, type TallyData } from '../tally.ts';
import { msPerDay, nsPerSecond, toNs } from '../units.ts';
import { fanOutNames } from './counts.ts';
import { Delivering } from './delivering.ts';
import { DeliveryService } from './delivery-service.ts';
import { kinds, receiptTwin } from './events.ts';
import { maxPackedLow } from '../packing.ts';
import { QueueService } from './queue-service.ts';
import { Sending } from './sending.ts';
import { summarise, type FanOutTotals } from './summary.ts';
import { counterIndex, spanOf, World, type FanOutOptions, type FanOutShared } from './world.ts';

export type { FanOutOptions } from './world.ts';

/** One worker's share of the result. */
interface Part {
  readonly tally: TallyData;
  readonly totals: FanOutTotals;
}

export type FanOutResult = ReturnType<typeof summarise>;

/** What any worker hands back; the merged result travels in the same type. */
type PartOrResult = Part | FanOutResult;

/** Attempts of a request, and the receipt's only one. */
const first = { again: kinds.requestAgain, twin: 0 } as const;
const second = { again: kinds.requestLast, twin: 0 } as const;
const third = { again: 0, twin: 0 } as const;
const receiptAttempt = { again: 0, twin: receiptTwin } as const;

/** Builds the world that all workers share. */
export function plan(options: FanOutOptions): Plan<FanOutShared> {
  const { workload, seed } = options;
  const population = buildPopulation(workload, seed);
  const { clients, groups, homeservers } = population;
  if (clients > maxPackedLow || groups > maxPackedLow) {
    throw new ValidationError([
      {
        file: workload.name,
        path: 'population.clients',
        message: `${clients} clients in ${groups} groups; the model holds ${maxPackedLow} of each`,
        remedy: 'use fewer clients or fewer groups per client',
      },
    ]);
  }
  const { perSend, senders } = meanRecipients(population);
  const received = (workload.traffic.receivedPerClient * clients) / nsPerSecond;
  const regionsPresent = [...new Set(population.regionOf)];
  return {
    lps: homeservers,
    weights: Float64Array.from({ length: homeservers }, (_, h) => {
      return population.clientStart[h + 1]! - population.clientStart[h]!;
    }),
    lookaheadNs: lookaheadNs(workload.network, regionsPresent),
    endNs: toNs(workload.duration),
    payloadWords: 3,
    shared: {
      population,
      sessions: allocateSessions(clients),
      mailboxes: allocateMailboxes(clients),
      sendRatePerNs: perSend === 0 ? 0 : received / (senders * perSend),
    },
  };
}

class FanOutModel implements Model<PartOrResult> {
  private readonly world: World;
  private readonly sending: Sending;
  private readonly deliveries: DeliveryService;
  private readonly queues: QueueService;
  private readonly delivering: Delivering;

  constructor(context: ModelContext<FanOutOptions, FanOutShared>) {
    this.world = new World(context);
    this.sending = new Sending(this.world);
    this.deliveries = new DeliveryService(this.world);
    this.delivering = new Delivering(this.world);
    this.queues = new QueueService(this.world, this.delivering);
  }

  start(lp: number): void {
    const site = this.world.sites[lp]!;
    this.world.sessions.start(site.firstClient, site.firstClient + site.clients);
    this.sending.next(site, 0);
  }

  // eslint-disable-next-line max-params -- the engine's contract
  handle(lp: number, kind: number, a: number, b: number, c: number): void {
    const site = this.world.sites[lp]!;
    switch (kind) {
      case kinds.send:
        return this.sending.send(site);
      case kinds.request:
        return this.deliveries.request(site, a, b, c, first);
      case kinds.requestAgain:
        return this.deliveries.request(site, a, b, c, second);
      case kinds.requestLast:
        return this.deliveries.request(site, a, b, c, third);
      case kinds.receiptRequest:
        return this.deliveries.request(site, a, b, c, receiptAttempt);
      case kinds.receiptToOne:
        return this.deliveries.receiptToOne(site, a, b, c);
      case kinds.wake:
        return this.delivering.drain(site, a);
      case kinds.sessionEnd:
        return this.delivering.sessionEnd(site, a);
      default:
        return this.handleQueue(site.lp, kind, a, b, c);
    }
  }

  /** Events of the queue service, which exist for messages and for receipts. */
  private handleQueue(lp: number, kind: number, a: number, b: number, c: number): void {
    const site = this.world.sites[lp]!;
    const twin = kind >= receiptTwin ? receiptTwin : 0;
    switch (kind - twin) {
      case kinds.batch:
        return this.queues.batch(site, a, b, c, twin);
      case kinds.single:
        return this.queues.single(site, a, b, c, twin);
      case kinds.retry:
        return this.queues.retry(site, a, b, c, twin);
      default:
        return this.delivering.deliver(site, a, b, c, twin);
    }
  }

  finish(): Part {
    const { sites, tally, counts, population, span } = this.world;
    let cores = 0;
    for (const site of sites) {
      if (site === undefined) continue;
      this.delivering.close(site);
      counts[counterIndex.peakQueuedMessages]! += site.queuedPeak;
      for (const station of [site.ds, site.qs]) {
        counts[counterIndex.stations]! += 1;
        if (station.imbalanceNs(span.endNs) !== 0) counts[counterIndex.stationsOutOfBalance]! += 1;
        counts[counterIndex.overloadRefused]! += station.refusals;
        const capacity = station.cores * (span.endNs - span.warmUpNs);
        const share = Math.round((station.busyNs / capacity) * 1e9);
        tally.maxima.utilisationPpb = Math.max(tally.maxima.utilisationPpb, share);
      }
      tally.sums.dsBusy.merge(site.ds.busy);
      tally.sums.qsBusy.merge(site.qs.busy);
      cores += site.ds.cores;
    }
    return {
      tally: tally.snapshot(),
      totals: { cores, clients: population.clients, tableBytes: population.bytes },
    };
  }
}

export function create(context: ModelContext<FanOutOptions, FanOutShared>): Model<PartOrResult> {
  return new FanOutModel(context);
}

/** Adds the workers' parts and turns them into the scenario's metrics. */
export function merge(parts: PartOrResult[], options: FanOutOptions): PartOrResult {
  const tally = new Tally(fanOutNames, spanOf(options.workload));
  let cores = 0;
  let totals: FanOutTotals = { cores: 0, clients: 0, tableBytes: 0 };
  for (const part of parts) {
    if (!('tally' in part)) continue;
    tally.merge(part.tally);
    cores += part.totals.cores;
    totals = { ...part.totals, cores };
  }
  return summarise(tally, totals, (options.workload.duration - options.workload.warmUp) / msPerDay);
}
