/**
 * The workload after parsing: what every tier is handed. `schema.ts` produces exactly this type.
 *
 * The keys are those of the YAML file, so that `--set population.clients=1000`, a parameter of a
 * cell and a path in an error message are the same words. Values with a unit in the file are plain
 * numbers here, in base units: **durations in milliseconds, sizes in bytes, rates per second,
 * bandwidths in bits per second**, shares in 0..1.
 */

import type { SuiteId } from '../suites/ids.ts';
import type { BitsPerSecond, Distribution, Milliseconds, PerSecond } from './quantities.ts';
import type { Replay, Rollout, Spam, SpamPolicy } from './types-ideas.ts';

export type { BitsPerSecond, Distribution, Milliseconds, PerSecond } from './quantities.ts';

export const tiers = ['model', 'protocol', 'live'] as const;
export type Tier = (typeof tiers)[number];

export const scenarios = [
  'fan-out',
  'commit-throughput',
  'spam-flood',
  'replay-attack',
  'version-rollout',
] as const;
/** Which model answers the question; each scenario reads the sections it needs. */
export type Scenario = (typeof scenarios)[number];

/** Backoff after the k-th failure (k = 1, 2, ...), after the AWS Architecture Blog's names. */
export type RetryPolicy =
  | { readonly kind: 'none' }
  /** min(cap, base 2^k). */
  | {
      readonly kind: 'exponential';
      readonly base: Milliseconds;
      readonly cap: Milliseconds;
      readonly attempts: number;
    }
  /** uniform(0, min(cap, base 2^k)). */
  | {
      readonly kind: 'full-jitter';
      readonly base: Milliseconds;
      readonly cap: Milliseconds;
      readonly attempts: number;
    }
  /** half of it fixed, half uniform. */
  | {
      readonly kind: 'equal-jitter';
      readonly base: Milliseconds;
      readonly cap: Milliseconds;
      readonly attempts: number;
    }
  /** min(cap, uniform(base, 3 x previous)). */
  | {
      readonly kind: 'decorrelated-jitter';
      readonly base: Milliseconds;
      readonly cap: Milliseconds;
      readonly attempts: number;
    }
  /** Fixed delay (the deployed client: 5 attempts, 5 s). */
  | { readonly kind: 'fixed'; readonly delay: Milliseconds; readonly attempts: number }
  /** Retry at once. */
  | { readonly kind: 'immediate'; readonly attempts: number }
  /** uniform(0, spread) before the first attempt and each retry. */
  | { readonly kind: 'random-delay'; readonly spread: Milliseconds; readonly attempts: number }
  /** One member, elected per epoch, commits on behalf of all that want to. */
  | { readonly kind: 'elected-committer'; readonly timeout: Milliseconds };

export interface Population {
  readonly homeservers: number;
  readonly clients: number;
  /** Homeserver sizes by rank: `zipf(s)`, or `constant(1)` for equal ones. */
  readonly skew: Distribution;
  /** Share of homeservers (by clients) in each region of the latency table. */
  readonly regions: Readonly<Partial<Record<Region, number>>>;
  readonly sessions: {
    /** Length of one online session. */
    readonly length: Distribution;
    /** Long-run share of time that a client is offline. The mean gap follows from it. */
    readonly offline: number;
  };
}

export const regions = ['NA', 'EU', 'AP', 'JP', 'SA', 'AU'] as const;
export type Region = (typeof regions)[number];

export interface Groups {
  /** Mean number of groups that a client is in (fan-out), or absent when `count` is given. */
  readonly perClient?: number;
  /** Number of groups (commit-throughput). */
  readonly count?: number;
  readonly size: Distribution;
  /** Probability that a member is drawn from the host's own homeserver rather than from anywhere. */
  readonly locality: number;
}

export interface Traffic {
  /** Application messages that a client receives, on average. */
  readonly receivedPerClient: PerSecond;
  /** Plaintext size of a message. */
  readonly size: Distribution;
  /** Rate over the day: peak/mean and trough/mean of a raised cosine, per region's time zone. */
  readonly diurnal: { readonly peakToMean: number; readonly troughToMean: number } | 'flat';
  /** Delivery receipts: none, to the sender only, or to the whole group (as deployed). */
  readonly receipts: 'off' | 'to-sender' | 'to-group';
}

export interface Commits {
  /** Members per group that want to commit. */
  readonly contenders: number;
  /** Rate at which each contender wants to commit (open loop). */
  readonly ratePerContender: PerSecond;
  /** What a commit does. */
  readonly operation: 'update' | 'add-remove';
  /** Extra time between learning an epoch and sending a commit for it (think time, sleep, batching). */
  readonly staleness: Distribution;
  readonly retry: RetryPolicy;
  /** Shape of the ratchet tree at the start: freshly built (blank parents) or fully populated. */
  readonly tree: 'bulk' | 'healed';
}

export interface Policy {
  /** Idea 2. `plain-when-local` saves one HPKE open per recipient whose queue is on the same homeserver. */
  readonly queueConfig: 'sealed' | 'plain-when-local';
  /** Federation: one request per destination homeserver, or one per recipient. */
  readonly forwarding: 'per-homeserver' | 'per-recipient';
  /** Idea 3. */
  readonly spam: SpamPolicy;
  /** Idea 4. */
  readonly auth: 'token' | 'reencoded' | 'raw';
  /** Idea 7: the suite of all groups. */
  readonly suite: SuiteId;
}

export interface Homeserver {
  /** Cores of the largest homeserver; others get at least one, in proportion to their clients. */
  readonly cores: number;
  /** Factor on every service time (2 = half as fast as the calibration's machine). */
  readonly slowdown: number;
  /** Requests waiting in a station beyond which it answers 503 with Retry-After; `unlimited` = Infinity. */
  readonly queueLimit: number;
  /** Messages that a client queue holds before it refuses; `unlimited` = Infinity. */
  readonly quota: number;
}

export interface Network {
  /** One-way delay between a client and its homeserver's region. */
  readonly access: Distribution;
  readonly uplink: BitsPerSecond;
  readonly downlink: BitsPerSecond;
  /** One-way delay between homeservers: the region table (half the published RTT), or a distribution. */
  readonly federation: 'regions' | Distribution;
  /** Sigma of the lognormal jitter on federation delays. */
  readonly jitter: number;
  /** Probability that a request is lost on the access link (and sent again after a timeout). */
  readonly loss: number;
}

/** An expectation on a metric over the cells that match `where`. */
export interface Expectation {
  readonly metric: string;
  readonly where: Readonly<Record<string, ParameterValue>>;
  readonly min?: number;
  readonly max?: number;
  /** Why one should expect that: arithmetic, a source. */
  readonly because: string;
}

/** A sentence of the answer: a metric, or the ratio or difference of it between two settings. */
export interface Finding {
  /** Text with `{value}` and `{ci95}`; both are formatted with their unit. */
  readonly text: string;
  readonly metric: string;
  readonly compare: 'value' | 'ratio' | 'difference';
  /** Cell of the numerator (or of the value). */
  readonly of: Readonly<Record<string, ParameterValue>>;
  /** Cell of the denominator or subtrahend. Absent for `value`. */
  readonly to?: Readonly<Record<string, ParameterValue>>;
}

/** A figure of the report. */
export interface ChartRequest {
  readonly kind: 'line' | 'bar' | 'ccdf' | 'timeline' | 'heatmap' | 'matrix';
  readonly title: string;
  /** What to see in it, as a paper would caption it. */
  readonly caption: string;
  /** Metric (line, bar, matrix), histogram (ccdf, heatmap) or series (timeline). */
  readonly metric: string;
  /** Path of the parameter on the x axis (line, bar, matrix). */
  readonly x?: string;
  /** Path of the parameter that tells the lines apart (line, bar, ccdf, timeline) or the y axis (matrix). */
  readonly series?: string;
  readonly where: Readonly<Record<string, ParameterValue>>;
  readonly xScale: 'linear' | 'log';
  readonly yScale: 'linear' | 'log';
}

/** Value of a swept parameter as the file spells it: `sealed`, 100, `2 h`. */
export type ParameterValue = string | number | boolean;

/** A grid: every combination of the listed values. Cells of the workload = union of its grids. */
export type Sweep = Readonly<Record<string, readonly ParameterValue[]>>;

export interface Workload {
  readonly name: string;
  readonly scenario: Scenario;
  readonly question: string;
  /** What arithmetic says the answer should be. */
  readonly hypothesis: string;
  /** Where the parameters come from. */
  readonly sources: readonly string[];
  readonly tiers: readonly Tier[];
  readonly seed: number;
  /** Simulated time, warm-up included. */
  readonly duration: Milliseconds;
  readonly warmUp: Milliseconds;
  readonly replications: number;
  readonly population: Population;
  readonly groups: Groups;
  readonly traffic: Traffic;
  readonly commits: Commits;
  readonly spam: Spam;
  readonly replay: Replay;
  readonly rollout: Rollout;
  readonly policy: Policy;
  readonly homeserver: Homeserver;
  readonly network: Network;
  /** Name of a calibration known to the program, or a path to a calibration file. */
  readonly calibration: string;
  readonly vary: readonly Sweep[];
  readonly measure: {
    /** Bin width of time series. */
    readonly bin: Milliseconds;
  };
  readonly expect: readonly Expectation[];
  readonly findings: readonly Finding[];
  readonly charts: readonly ChartRequest[];
}
