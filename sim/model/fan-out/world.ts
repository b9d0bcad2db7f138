/** What all parts of one worker's fan-out model share. */
import type { Workload } from '../../../src/workload/types.ts';
import type { Engine, ModelContext } from '../../kernel/engine.ts';
import { Sfc32, stream } from '../../kernel/random.ts';
import type { Calibration } from '../costs.ts';
import { Mailboxes, type MailboxRows } from '../mailbox.ts';
import { Links } from '../network.ts';
import type { Population } from '../population.ts';
import { Sessions, type SessionRows } from '../sessions.ts';
import { Station, type Window } from '../station.ts';
import { Tally, type Span } from '../tally.ts';
import { toNs } from '../units.ts';
import { counterIndex, fanOutNames } from './counts.ts';
import { compilePrices, type Prices } from './prices.ts';

export interface FanOutOptions {
  readonly workload: Workload;
  readonly seed: number;
  readonly calibration: Calibration;
}

/** Tables that all workers see. Rows of a client are written by the owner of its homeserver only. */
export interface FanOutShared {
  readonly population: Population;
  readonly sessions: SessionRows;
  readonly mailboxes: MailboxRows;
  /** Messages that a client with groups sends per ns, averaged over the day. */
  readonly sendRatePerNs: number;
}

export function spanOf(workload: Workload): Span {
  return {
    warmUpNs: toNs(workload.warmUp),
    endNs: toNs(workload.duration),
    binNs: toNs(workload.measure.bin),
  };
}

/** Per homeserver: its stations and its random streams. */
export interface Site {
  readonly lp: number;
  readonly region: number;
  readonly firstClient: number;
  readonly clients: number;
  readonly ds: Station;
  readonly qs: Station;
  /** When, who, where to, how large: the same in every policy under one seed. */
  readonly arrivals: Sfc32;
  readonly network: Sfc32;
  queuedNow: number;
  queuedPeak: number;
}

export class World {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly population: Population;
  readonly sendRatePerNs: number;
  readonly span: Span;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly mailboxes: Mailboxes;
  readonly prices: Prices;
  readonly tally: Tally<typeof fanOutNames>;
  /** Values of the tally's counters, by `counterIndex`. */
  readonly counts: Float64Array;
  readonly sites: (Site | undefined)[];

  constructor(context: ModelContext<FanOutOptions, FanOutShared>) {
    const { options, shared } = context;
    const { workload, seed } = options;
    this.engine = context.engine;
    this.workload = workload;
    this.population = shared.population;
    this.sendRatePerNs = shared.sendRatePerNs;
    this.span = spanOf(workload);
    this.links = new Links(workload.network);
    this.sessions = new Sessions(workload.population.sessions, shared.sessions, seed);
    this.mailboxes = new Mailboxes(shared.mailboxes, workload.homeserver.quota);
    this.prices = compilePrices(workload, options.calibration);
    this.tally = new Tally(fanOutNames, this.span);
    this.counts = this.tally.counters.values;
    this.sites = Array.from({ length: shared.population.homeservers });
    for (const lp of context.ownedLps) this.sites[lp] = this.makeSite(lp, seed);
  }

  private makeSite(lp: number, seed: number): Site {
    const { population, tally } = this;
    const { queueLimit } = this.workload.homeserver;
    const window: Window = { fromNs: this.span.warmUpNs, toNs: this.span.endNs };
    const cores = population.coresOf[lp]!;
    const firstClient = population.clientStart[lp]!;
    return {
      lp,
      region: population.regionOf[lp]!,
      firstClient,
      clients: population.clientStart[lp + 1]! - firstClient,
      ds: new Station(cores, queueLimit, window, tally.histograms.dsWait),
      qs: new Station(cores, queueLimit, window, tally.histograms.qsWait),
      arrivals: new Sfc32(stream(seed, lp, 'fan-out.arrivals')),
      network: new Sfc32(stream(seed, lp, 'fan-out.network')),
      queuedNow: 0,
      queuedPeak: 0,
    };
  }

  /** Adds to a counter of the measured part of the run. */
  measured(index: number, timeNs: number, by: number): void {
    if (timeNs >= this.span.warmUpNs) this.counts[index]! += by;
  }

  /** One-way delay between two homeservers; 0 from one to itself. */
  between(from: Site, to: number): number {
    if (from.lp === to) return 0;
    return this.links.between(from.network, from.region, this.population.regionOf[to]!);
  }
}

export { counterIndex };
