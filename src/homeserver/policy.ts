/**
 * What an operator decides: the seven ideas, each with the setting of today, and the limits of the
 * specification.
 */
import { ValidationError, type Problem } from '../errors.ts';
import { cryptoSuites } from '../crypto/suites.ts';

export const identities = ['pseudonymous', 'identified', 'per-group'] as const;
export const queueConfigs = ['sealed', 'plain-when-local'] as const;
export const spamModes = ['off', 'categories', 'accept-first'] as const;
export const authModes = ['token', 'reencoded', 'raw'] as const;
export const reinitModes = ['none', 'all-at-once', 'jittered', 'staged', 'on-next-use'] as const;
export const suiteModes = ['mls-style', 'version-bound'] as const;

export interface Limits {
  /** Age of an authentication of the `token` scheme. Specification: 1 h. */
  readonly tokenAgeMs: number;
  /** Skew of the other schemes, either way, and of tokens ahead of the clock. 5 min. */
  readonly skewMs: number;
  /** Client records per user. Specification: 10. */
  readonly clientsPerUser: number;
  /** Messages per dequeue. Specification: 500 at most. */
  readonly dequeueMessages: number;
  /** Inactivity after which a client record is removed. Specification: 90 d. */
  readonly recordAgeMs: number;
  /** Messages a lane holds before it refuses new ones. */
  readonly laneMessages: number;
  /** Bytes of sealed messages a lane holds before it refuses new ones. */
  readonly laneBytes: number;
  /** Age at which a message may be dropped from a lane, counted and visible. */
  readonly retentionMs: number;
  /** Messages between two ratchet updates of a lane. */
  readonly ratchetUpdateMessages: number;
  /** Groups a queue remembers: labels, rates, checked configs. */
  readonly groupsPerQueue: number;
  /** Entries of a queue's blocklist. */
  readonly blocklist: number;
  /** AddPackages of one publication. */
  readonly addPackages: number;
  /** Recipients handled by one read and one write during a fan-out. */
  readonly fanOutRecipients: number;
  /** Messages per hour from one other homeserver. */
  readonly remoteMessagesPerHour: number;
  /** Messages per hour under one queue config (one group and client). */
  readonly configMessagesPerHour: number;
  /** Messages per hour to one queue. */
  readonly queueMessagesPerHour: number;
}

export interface Policy {
  /** Idea 1. */
  readonly identity: (typeof identities)[number];
  /** Idea 2. */
  readonly queueConfig: (typeof queueConfigs)[number];
  /** Idea 3. */
  readonly spam: (typeof spamModes)[number];
  /** Idea 4: the scheme that v2 requests must use; v1 requests have `token` only. */
  readonly auth: (typeof authModes)[number];
  /** Idea 5. */
  readonly reinit: (typeof reinitModes)[number];
  /** Idea 6: spoken versions, best first. */
  readonly versions: readonly number[];
  /** Idea 7. Ranked, best first. */
  readonly suites: {
    readonly mode: (typeof suiteModes)[number];
    readonly ranked: readonly number[];
  };
  /** Whether clients must add anonymous tokens where the specification says so. */
  readonly anonymousTokens: boolean;
  readonly limits: Limits;
}

const hourMs = 3_600_000;

export const defaultLimits: Limits = {
  tokenAgeMs: hourMs,
  skewMs: 300_000,
  clientsPerUser: 10,
  dequeueMessages: 500,
  recordAgeMs: 90 * 24 * hourMs,
  laneMessages: 100_000,
  laneBytes: 256 * 1024 * 1024,
  retentionMs: 90 * 24 * hourMs,
  ratchetUpdateMessages: 100,
  groupsPerQueue: 4096,
  blocklist: 1024,
  addPackages: 1024,
  fanOutRecipients: 64,
  remoteMessagesPerHour: 1_000_000,
  configMessagesPerHour: 36_000,
  queueMessagesPerHour: 360_000,
};

/** The specification as it is: v1, none of the ideas. */
export const todayPolicy: Policy = {
  identity: 'pseudonymous',
  queueConfig: 'sealed',
  spam: 'off',
  auth: 'token',
  reinit: 'none',
  versions: [1],
  suites: { mode: 'mls-style', ranked: [0x0001] },
  anonymousTokens: false,
  limits: defaultLimits,
};

/** All seven ideas, and v1 for those who have nothing else. */
export const fullPolicy: Policy = {
  ...todayPolicy,
  identity: 'per-group',
  queueConfig: 'plain-when-local',
  spam: 'categories',
  auth: 'raw',
  reinit: 'jittered',
  versions: [2, 1],
  suites: { mode: 'mls-style', ranked: [0x0001, 0x0003, 0x0002] },
};

/** What differs from `todayPolicy`; limits may be given in part. */
export type PolicyChanges = Partial<Omit<Policy, 'limits'>> & { readonly limits?: Partial<Limits> };

/** A complete policy, or `ValidationError` with everything that is wrong with it. */
export function makePolicy(changes: PolicyChanges, file = 'policy'): Policy {
  const limits = { ...defaultLimits, ...changes.limits };
  const policy: Policy = { ...todayPolicy, ...changes, limits };
  const problems = policyProblems(policy).map((problem) => ({ file, ...problem }));
  if (problems.length > 0) throw new ValidationError(problems);
  return policy;
}

type Found = Omit<Problem, 'file'>;

const choices = {
  identity: identities,
  queueConfig: queueConfigs,
  spam: spamModes,
  auth: authModes,
  reinit: reinitModes,
} as const;

function choiceProblems(policy: Policy): Found[] {
  const fields = Object.entries<readonly string[]>(choices) as [keyof typeof choices, string[]][];
  const wrong = fields.filter(([field, known]) => !known.includes(policy[field]));
  const found: Found[] = wrong.map(([field, known]) => ({
    path: field,
    message: `unknown setting ${JSON.stringify(policy[field])}`,
    remedy: `write one of ${known.join(', ')}`,
  }));
  if (!suiteModes.includes(policy.suites.mode)) {
    const remedy = `write one of ${suiteModes.join(', ')}`;
    found.push({ path: 'suites.mode', message: 'unknown setting', remedy });
  }
  return found;
}

function listProblems(policy: Policy): Found[] {
  const found: Found[] = [];
  const { versions, suites } = policy;
  const badVersion = versions.find((version) => version !== 1 && version !== 2);
  if (
    versions.length === 0 ||
    badVersion !== undefined ||
    new Set(versions).size < versions.length
  ) {
    const remedy = 'list 1, 2 or both, each once, best first';
    found.push({ path: 'versions', message: 'not a list of spoken versions', remedy });
  }
  const unknown = suites.ranked.find((suite) => !cryptoSuites.has(suite));
  if (suites.ranked.length === 0 || unknown !== undefined) {
    const known = [...cryptoSuites.keys()].map(
      (suite) => `0x${suite.toString(16).padStart(4, '0')}`,
    );
    const message = unknown === undefined ? 'no suite' : `unknown suite ${unknown}`;
    found.push({ path: 'suites.ranked', message, remedy: `list some of ${known.join(', ')}` });
  }
  return found;
}

function limitProblems({ limits }: Policy): Found[] {
  const found: Found[] = Object.entries(limits)
    .filter(([, value]) => !(value >= 1) || (value !== Infinity && !Number.isSafeInteger(value)))
    .map(([name, value]) => ({
      path: `limits.${name}`,
      message: `${value} is not a positive integer`,
      remedy: 'write an integer of at least 1, or leave it out for the default',
    }));
  if (limits.dequeueMessages > 500) {
    const message = `${limits.dequeueMessages} messages per dequeue exceed the specification's 500`;
    found.push({ path: 'limits.dequeueMessages', message, remedy: 'write 1 to 500' });
  }
  if (limits.addPackages > 1024) {
    const message = `${limits.addPackages} AddPackages do not fit a request`;
    found.push({ path: 'limits.addPackages', message, remedy: 'write 1 to 1024' });
  }
  return found;
}

/** Ideas that need v2 on the wire; v1 requests cannot carry them. */
const needsV2 = [
  ['identity', (p: Policy) => p.identity !== 'pseudonymous', 'identified groups'],
  ['queueConfig', (p: Policy) => p.queueConfig !== 'sealed', 'plain queue configs'],
  ['spam', (p: Policy) => p.spam !== 'off', 'lanes'],
  ['auth', (p: Policy) => p.auth !== 'token', 'signatures over the request'],
  ['reinit', (p: Policy) => p.reinit !== 'none', 're-initialization'],
] as const;

function combinationProblems(policy: Policy): Found[] {
  const { versions, suites } = policy;
  const found: Found[] = [];
  if (!versions.includes(2)) {
    for (const [path, used, what] of needsV2) {
      if (!used(policy)) continue;
      const remedy = `add 2 to versions, or set ${path} to ${JSON.stringify(todayPolicy[path])}`;
      found.push({ path, message: `${what} need protocol version 2`, remedy });
    }
  }
  if (suites.mode === 'version-bound' && suites.ranked.length !== versions.length) {
    const message = `${versions.length} versions bind ${suites.ranked.length} suites`;
    const remedy = 'rank exactly one suite per version, in the same order';
    found.push({ path: 'suites', message, remedy });
  }
  return found;
}

/** Everything wrong with a policy; combinations only once its parts are right. */
export function policyProblems(policy: Policy): readonly Found[] {
  const parts = [...choiceProblems(policy), ...listProblems(policy), ...limitProblems(policy)];
  return parts.length > 0 ? parts : combinationProblems(policy);
}
