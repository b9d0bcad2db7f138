/** What the rollout model counts. */
import type { TallyNames } from '../tally.ts';

export const rolloutNames = {
  counters: [
    // Over the whole run.
    'groups',
    'groupsReady',
    'pairs',
    'fetchesDone',
    'fetchesFailed',
    'fetchesPending',
    'fetchesScheduled',
    'forcedFetches',
    'allRequests',
    'allAnswered',
    'readyTooEarly',
    // After the warm-up.
    'requests',
    'refusedStale',
    'refusedNoCommon',
    'bothV2',
    'missedV2',
    'attempted',
    'found',
    'falseAlarms',
    'refreshes',
    'refreshesFailed',
  ],
  sums: [],
  maxima: [],
  histograms: ['ready', 'cacheDelay'],
  series: ['ready', 'refreshes', 'requests', 'refused'],
  heats: [],
} as const satisfies TallyNames;

/** Positions of the counters, for adds by index in hot code. */
export const counterIndex = Object.fromEntries(
  rolloutNames.counters.map((name, index) => [name, index]),
) as Record<(typeof rolloutNames.counters)[number], number>;
