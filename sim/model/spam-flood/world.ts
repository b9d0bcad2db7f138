/** What the parts of one worker's flood model share. */
import type { Workload } from '../../../src/workload/types.ts';
import type { Engine, ModelContext } from '../../kernel/engine.ts';
import { Sfc32, stream } from '../../kernel/random.ts';
import type { Calibration } from '../costs.ts';
import { Mailboxes, type MailboxRows } from '../mailbox.ts';
import { Links } from '../network.ts';
import { Sessions, type SessionRows } from '../sessions.ts';
import { Tally, type Span } from '../tally.ts';
import { toNs } from '../units.ts';
import { counterIndex, floodNames } from './counts.ts';
import { maxGroupsPerClient } from './events.ts';
import type { Membership } from './group.ts';
import { FloodPrices } from './prices.ts';

export interface FloodOptions {
  readonly workload: Workload;
  readonly seed: number;
  readonly calibration: Calibration;
}

export interface FloodShared {
  /** First client of homeserver h. */
  readonly clientStart: Int32Array;
  readonly sessions: SessionRows;
  /** Two lanes per client. */
  readonly mailboxes: MailboxRows;
}

export function spanOf(workload: Workload): Span {
  return {
    warmUpNs: toNs(workload.warmUp),
    endNs: toNs(workload.duration),
    binNs: toNs(workload.measure.bin),
  };
}

/** Lanes of a queue. */
export const lanes = { ham: 0, spam: 1 } as const;

/** Row of a client's lane in the mailboxes. */
export function laneOf(client: number, lane: number): number {
  return client * 2 + lane;
}

/** One client's phone and user. */
export interface Device {
  readonly lp: number;
  readonly client: number;
  readonly groups: Membership[];
  readonly network: Sfc32;
  readonly user: Sfc32;
  /** When it is added to groups, and to which. */
  readonly joins: Sfc32;
  /** A dequeue request is under way, or its answer is being read. */
  fetching: boolean;
  /** End of the session or the wake. */
  deadlineNs: number;
  foreground: boolean;
  /** A wake has been asked for. */
  wakeAsked: boolean;
  /** When its HAM lane was empty for the first time; -1 for not yet. */
  passedNs: number;
}

export class FloodWorld {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly span: Span;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly mailboxes: Mailboxes;
  readonly prices: FloodPrices;
  readonly tally: Tally<typeof floodNames>;
  readonly counts: Float64Array;
  /** By client; those of other workers are missing. */
  readonly devices: (Device | undefined)[];

  constructor({ engine, options, shared, ownedLps }: ModelContext<FloodOptions, FloodShared>) {
    const { workload, seed } = options;
    this.engine = engine;
    this.workload = workload;
    this.span = spanOf(workload);
    this.links = new Links(workload.network);
    this.sessions = new Sessions(workload.population.sessions, shared.sessions, seed);
    this.mailboxes = new Mailboxes(shared.mailboxes, workload.homeserver.quota);
    this.prices = new FloodPrices(workload, options.calibration);
    this.tally = new Tally(floodNames, this.span);
    this.counts = this.tally.counters.values;
    this.devices = Array.from({ length: workload.population.clients });
    for (const lp of ownedLps) {
      const behind = shared.clientStart[lp + 1]!;
      for (let client = shared.clientStart[lp]!; client < behind; client++) {
        this.devices[client] = makeDevice(lp, client, seed);
      }
    }
  }

  /** The membership with a number. */
  group(id: number): Membership {
    const client = Math.floor(id / maxGroupsPerClient);
    return this.devices[client]!.groups[id % maxGroupsPerClient]!;
  }

  /** Adds to a counter of the measured part of the run. */
  measured(index: number, by: number): void {
    if (this.engine.nowNs >= this.span.warmUpNs) this.counts[index]! += by;
  }
}

function makeDevice(lp: number, client: number, seed: number): Device {
  return {
    lp,
    client,
    groups: [],
    network: new Sfc32(stream(seed, client, 'spam-flood.network')),
    user: new Sfc32(stream(seed, client, 'spam-flood.user')),
    joins: new Sfc32(stream(seed, client, 'spam-flood.joins')),
    fetching: false,
    deadlineNs: 0,
    foreground: false,
    wakeAsked: false,
    passedNs: -1,
  };
}

export { counterIndex };
