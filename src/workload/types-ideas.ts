/** Sections of a workload that one scenario each reads: floods, replays, version 2. */
import type { Distribution, Milliseconds, PerSecond } from './quantities.ts';

export const wakePresets = ['ios', 'android-frequent', 'android-rare'] as const;
/** How often and for how long the system lets an app run in the background. */
export type WakePreset = (typeof wakePresets)[number];

export const spamPolicies = ['off', 'blocklist', 'rate-cap', 'categories', 'accept-first'] as const;
export type SpamPolicy = (typeof spamPolicies)[number];

/** `spam-flood`: what attackers send, what wanted groups look like, what users and devices do. */
export interface Spam {
  /** Rate at which a victim is added to groups of attackers. */
  readonly adds: PerSecond;
  /** Members of such a group; each renews its leaf once a day. */
  readonly groupSize: Distribution;
  /** Application messages of such a group. */
  readonly messages: PerSecond;
  readonly messageSize: Distribution;
  /** Share of such groups on homeservers that the victim's has not met before. */
  readonly unknownSource: number;
  /** Messages of one attacker's group that wait in each queue when the run starts. */
  readonly backlog: number;
  /** Large groups that a client wants, on average. */
  readonly clubs: number;
  readonly clubSize: Distribution;
  /** Application messages of a club per day. */
  readonly clubMessages: Distribution;
  /** Share of wanted groups on homeservers that the client's has not met before. */
  readonly wantedUnknownSource: number;
  /** Share of the wanted groups at the start that the user has accepted expressly. */
  readonly familiar: number;
  /** Rate at which a client is added to new groups that it wants. */
  readonly invitations: PerSecond;
  /** Probability that a user decides about a group that a session has shown. */
  readonly decides: number;
  readonly wakes: WakePreset;
  /** Messages of one group above which `rate-cap` refuses and `categories` parks. */
  readonly ruleRate: PerSecond;
  /** Members from which on `categories` parks. */
  readonly ruleSize: number;
}

/** `replay-attack`: who captures what, and the clocks and caches that stand against it. */
export interface Replay {
  /** Factor on the frequencies of a normal client's operations. */
  readonly activity: number;
  /** Share of requests that the attacker captures. */
  readonly capture: number;
  /** Replays of each captured request. */
  readonly attempts: number;
  /** Time between a request and a replay of it. */
  readonly delay: Distribution;
  /** Size of a client's clock error; its sign is drawn. */
  readonly skew: Distribution;
  /** Skew allowed either way; the greatest age outside of `token`. */
  readonly window: Milliseconds;
  /** Greatest age of a token. */
  readonly tokenAge: Milliseconds;
  /** Rate at which a homeserver restarts and loses its replay cache. */
  readonly restarts: PerSecond;
  /** Whether it then refuses what an earlier life may have admitted. */
  readonly afterRestart: 'refuse-older' | 'forget';
  /** Entries of one generation of the replay cache; Infinity for no bound. */
  readonly cacheEntries: number;
}

/** `version-rollout`: how version 2 spreads. */
export interface Rollout {
  /** When homeservers begin to speak version 2, from the start of the run. */
  readonly homeserverUpgrade: Distribution;
  /** When clients do. */
  readonly clientUpgrade: Distribution;
  /** A client renews its leaf in every group this often. */
  readonly leafUpdate: Milliseconds;
  /** How long a well-known document is fresh. */
  readonly ttl: Milliseconds;
  /** Share of the time to live that is drawn at random. */
  readonly jitter: number;
  /** When homeservers lose each other, and for how long; 0 for never. */
  readonly outageStart: Milliseconds;
  readonly outageLength: Milliseconds;
  /** A homeserver refuses version 1 this long after its upgrade. */
  readonly dropV1: Milliseconds;
  /** Share of homeservers that return to version 1 once, a day after their upgrade. */
  readonly rollback: number;
  readonly rollbackLength: Milliseconds;
  /** Requests of a client to other homeservers. */
  readonly requests: PerSecond;
  /** Share of answers that somebody replaces by a refusal of version 2. */
  readonly tampered: number;
}
