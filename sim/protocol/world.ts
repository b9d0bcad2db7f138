/** What the parts of one worker share, and what each process is made of. */
import type { GroupCipher } from '../../src/client/group-cipher.ts';
import { deployedSettings, type Settings } from '../../src/client/ports.ts';
import { makePolicy, type Policy } from '../../src/homeserver/policy.ts';
import { authSchemes } from '../../src/protocol/wire/identifiers.ts';
import { suites } from '../../src/suites/registry.ts';
import type { Workload } from '../../src/workload/types.ts';
import type { Engine, ModelContext } from '../kernel/engine.ts';
import { Sfc32, stream } from '../kernel/random.ts';
import type { Calibration } from '../model/costs.ts';
import { counterIndex, fanOutNames } from '../model/fan-out/counts.ts';
import { Links } from '../model/network.ts';
import type { Population } from '../model/population.ts';
import { Sessions, type SessionRows } from '../model/sessions.ts';
import { Station } from '../model/station.ts';
import { Tally, type Span } from '../model/tally.ts';
import { toNs } from '../model/units.ts';
import { Arena } from './arena.ts';
import { noFaults, type Faults } from './faults.ts';
import { Journal } from './journal.ts';
import { Meter } from './meter.ts';
import { compilePrices, type Prices } from './prices.ts';
import { standInCipher } from './stand-in.ts';

/** Settings of the tier that a workload does not have. All have defaults. */
export interface ProtocolSettings {
  readonly faults?: Partial<Faults>;
  /** Settings of all devices, over the deployed ones. */
  readonly client?: Partial<Settings>;
  /** Protocol versions of the homeservers, best first. Default [2, 1]. */
  readonly versions?: readonly number[];
  /** No client sends from this time on, ms; for the proof that everything converges. */
  readonly quietFromMs?: number;
  /** All clients stay online from this time on, ms. Default: they come and go until the end. */
  readonly awakeFromMs?: number;
  /** At the end nothing may be waiting: no queue, no outbox. */
  readonly mustConverge?: boolean;
}

export interface WorldOptions {
  readonly workload: Workload;
  readonly seed: number;
  readonly calibration: Calibration;
  readonly settings: ProtocolSettings;
}

/**
 * Tables that all workers see. Rows of a client are written by the owner of its homeserver only.
 */
export interface WorldShared {
  readonly population: Population;
  readonly sessions: SessionRows;
  readonly arenas: readonly SharedArrayBuffer[];
  readonly lookaheadNs: number;
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

/**
 * Clients register, join and open their sessions before traffic begins: half the warm-up, at most.
 */
export const setupNs = (workload: Workload): number => toNs(Math.min(60_000, workload.warmUp / 2));

/** The homeserver's policy of a workload. */
export function policyOf(workload: Workload, versions: readonly number[]): Policy {
  const { queueConfig, auth, suite } = workload.policy;
  return makePolicy(
    {
      queueConfig,
      auth,
      versions,
      suites: { mode: 'mls-style', ranked: [suites[suite].number] },
      limits: { laneMessages: workload.homeserver.quota },
    },
    workload.name,
  );
}

/** Memory for 100 KeyPackages per client would hide what is being studied. */
const keyPackages = 5;

export class World {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly seed: number;
  readonly population: Population;
  readonly arenas: readonly SharedArrayBuffer[];
  readonly lookaheadNs: number;
  readonly sendRatePerNs: number;
  readonly span: Span;
  readonly setupNs: number;
  readonly quietFromNs: number;
  readonly awakeFromNs: number;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly prices: Prices;
  readonly policy: Policy;
  readonly faults: Faults;
  readonly suiteNumber: number;
  readonly clientSettings: Settings;
  readonly cipher: GroupCipher;
  readonly tally: Tally<typeof fanOutNames>;

  constructor(context: ModelContext<WorldOptions, WorldShared>) {
    const { options, shared } = context;
    const { workload, seed, settings } = options;
    this.engine = context.engine;
    this.workload = workload;
    this.seed = seed;
    this.population = shared.population;
    this.arenas = shared.arenas;
    this.lookaheadNs = shared.lookaheadNs;
    this.sendRatePerNs = shared.sendRatePerNs;
    this.span = spanOf(workload);
    this.setupNs = setupNs(workload);
    this.quietFromNs = toNs(settings.quietFromMs ?? workload.duration);
    this.awakeFromNs = settings.awakeFromMs === undefined ? Infinity : toNs(settings.awakeFromMs);
    this.links = new Links(workload.network);
    this.sessions = new Sessions(workload.population.sessions, shared.sessions, seed);
    this.prices = compilePrices(workload, options.calibration);
    this.policy = policyOf(workload, settings.versions ?? [2, 1]);
    this.faults = { ...noFaults, ...settings.faults };
    this.suiteNumber = suites[workload.policy.suite].number;
    this.clientSettings = {
      ...deployedSettings,
      schemes: [authSchemes.raw, authSchemes.reencoded, authSchemes.token],
      plainWhenLocal: workload.policy.queueConfig === 'plain-when-local',
      keyPackages,
      ...settings.client,
    };
    this.cipher = standInCipher(this.prices.messageBytes, this.prices.keyPackage);
    this.tally = new Tally(fanOutNames, this.span);
  }

  /** Adds to a counter of the measured part of the run. */
  measured(name: (typeof fanOutNames)['counters'][number], timeNs: number, by = 1): void {
    if (timeNs >= this.span.warmUpNs) this.tally.counters.values[counterIndex[name]]! += by;
  }

  isMeasured(timeNs: number): boolean {
    return timeNs >= this.span.warmUpNs;
  }
}

/** What one process has besides its homeserver and clients. */
export interface Site {
  readonly lp: number;
  readonly firstClient: number;
  readonly clients: number;
  readonly arena: Arena;
  readonly journal: Journal;
  readonly meter: Meter;
  readonly ds: Station;
  readonly qs: Station;
  /** When, who, where to, how large: the draws of the model tier, under the same seed. */
  readonly arrivals: Sfc32;
  readonly delays: Sfc32;
  readonly fates: Sfc32;
}

export function makeSite(world: World, lp: number): Site {
  const { population, seed, tally, span } = world;
  const buffer = world.arenas[lp];
  if (buffer === undefined) throw new RangeError(`no arena for homeserver ${lp}`);
  const window = { fromNs: span.warmUpNs, toNs: span.endNs };
  const cores = population.coresOf[lp]!;
  const firstClient = population.clientStart[lp]!;
  const source = (purpose: string) => new Sfc32(stream(seed, lp, purpose));
  return {
    lp,
    firstClient,
    clients: population.clientStart[lp + 1]! - firstClient,
    arena: new Arena(buffer, world.lookaheadNs),
    journal: new Journal(lp),
    meter: new Meter(world.prices),
    // Whether a request is refused is decided before it runs, so the stations take everything.
    ds: new Station(cores, Infinity, window, tally.histograms.dsWait),
    qs: new Station(cores, Infinity, window, tally.histograms.qsWait),
    arrivals: source('fan-out.arrivals'),
    delays: source('protocol.network'),
    fates: source('protocol.faults'),
  };
}
