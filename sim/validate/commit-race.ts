/** The commit race against renewal theory: how many commits are refused, by how they are spread. */
import {
  contentionAttempts,
  contentionFailed,
  raceRejected,
  slottedRejected,
  uniformAccepted,
} from './closed-forms.ts';
import { type Race, type RaceResult, simulateRace } from './race-model.ts';
import { type Measure, type Study, type Tolerance, defaultReplications } from './study.ts';

type Accepts = NonNullable<Race['accepts']>;
type RaceMeasure = Extract<keyof RaceResult, string>;

interface RaceCase {
  readonly name: string;
  readonly race: Omit<Race, 'name'>;
  readonly measures: Partial<Record<RaceMeasure, Measure>>;
  /** Attempts in one replication. */
  readonly attempts: number;
  readonly replications?: number;
}

function raceStudy(raceCase: RaceCase, accepts?: Accepts): Study {
  const { name, race, measures, attempts, replications = defaultReplications } = raceCase;
  const changed = { name, ...race, ...(accepts === undefined ? {} : { accepts }) };
  return {
    name: `commit-race/${name}`,
    measures: measures as Record<string, Measure>,
    replications,
    seconds: 3e-7 * attempts,
    replicate: (seed, replication) => simulateRace(changed, seed, replication),
  };
}

/** Shares are compared to 0.005, as the difference between refusing 1.0 % and 1.5 % matters. */
const share: Tolerance = { kind: 'absolute', value: 0.005 };
const deadTime = 'Feller II (1971), XI.10: counter with dead time tau';

/** @param load attempts per tau, lambda tau. */
export function poissonRace(load: number, accepts?: Accepts): Study {
  const attempts = 20_000;
  const rejected = raceRejected(load);
  return raceStudy(
    {
      name: `poisson/load-${load}`,
      race: { tau: 1, pace: { kind: 'poisson', rate: load, attempts } },
      measures: {
        rejected: { expected: rejected, unit: 'share', tolerance: share, source: deadTime },
        accepted: {
          expected: rejected,
          unit: 'commits per tau',
          tolerance: { kind: 'relative', value: 0.02 },
          source: `${deadTime}; accepted at a rate of at most 1/tau`,
        },
      },
      attempts,
    },
    accepts,
  );
}

/** @param g mean attempts per window, n p. */
export function slottedRace(count: number, g: number, accepts?: Accepts): Study {
  const windows = 6000;
  const p = g / count;
  return raceStudy(
    {
      name: `slotted/members-${count}/load-${g}`,
      race: { tau: 1, pace: { kind: 'slotted', members: count, p, windows } },
      measures: {
        rejected: {
          expected: slottedRejected(count, p),
          unit: 'share',
          tolerance: share,
          source: 'binomial attempts per window, one accepted: 1 - (1 - (1-p)^n) / (n p)',
        },
      },
      attempts: windows * (g + count / 20),
    },
    accepts,
  );
}

export function contention(contenders: number, accepts?: Accepts): Study {
  const source = 'one of the remaining contenders wins each round: N + (N-1) + ... + 1 attempts';
  return raceStudy(
    {
      name: `contention/members-${contenders}`,
      race: { tau: 1, pace: { kind: 'contend', members: contenders } },
      measures: {
        attempts: {
          expected: contentionAttempts(contenders),
          unit: 'attempts',
          tolerance: { kind: 'exact' },
          source,
        },
        rejected: {
          expected: contentionFailed(contenders),
          unit: 'share',
          tolerance: { kind: 'exact' },
          source,
        },
      },
      attempts: contentionAttempts(contenders),
    },
    accepts,
  );
}

/**
 * A group of 1000 in which each member updates once in `window` seconds and a commit is unseen for
 * 2 s. The expectation is the exact one of finitely many attempts; lambda tau / (1 + lambda tau) is
 * its limit and lies within 0.001 of it.
 */
export function selfUpdates(label: string, window: number, accepts?: Accepts): Study {
  const count = 1000;
  return raceStudy(
    {
      name: `self-update/within-a-${label}`,
      race: { tau: 2, pace: { kind: 'once', members: count, window } },
      measures: {
        rejected: {
          expected: 1 - uniformAccepted(count, window, 2),
          unit: 'share',
          tolerance: share,
          source: `${deadTime}, for n attempts uniform in the window`,
        },
      },
      attempts: count,
      replications: 240,
    },
    accepts,
  );
}

export const commitRaceStudies: readonly Study[] = [
  ...[0.1, 0.5, 1, 2, 5].map((load) => poissonRace(load)),
  ...[0.5, 1, 2].map((g) => slottedRace(200, g)),
  slottedRace(20, 1),
  ...[2, 10, 50].map((contenders) => contention(contenders)),
  selfUpdates('day', 86_400),
  selfUpdates('hour', 3600),
  selfUpdates('minute', 60),
];
