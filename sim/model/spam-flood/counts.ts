/** What the flood model counts. `all...` counts from the start, the others after the warm-up. */
import type { TallyNames } from '../tally.ts';

export const floodNames = {
  counters: [
    // Conservation, from the start of the run, backlog included.
    'allArrived',
    'allDelivered',
    'allRefused',
    'allDiscarded',
    'allBytesArrived',
    'allBytesDelivered',
    'allBytesRefused',
    'allBytesDiscarded',
    'waitingAtEnd',
    'bytesWaitingAtEnd',
    'parkedBytesAtEnd',
    'readOutOfOrder',
    'blockedThatArrived',
    // Measured.
    'wanted',
    'wantedParked',
    'wantedRefused',
    'spam',
    'spamRefused',
    'spamBackgroundBytes',
    'spamForegroundBytes',
    'backgroundBytes',
    'adds',
    'wakes',
    'wakesOverBudget',
    'wakesCutShort',
    'forcedResyncs',
    'blocked',
    // Over all groups at the end.
    'laggingGroups',
    'lagPeaks',
    'backlogPassedNs',
  ],
  sums: [],
  maxima: [],
  histograms: ['hamDelay', 'wantedDelay', 'parkedDelay', 'rescueTime'],
  series: ['spamBackground', 'waiting'],
  heats: ['hamDelay'],
} as const satisfies TallyNames;

/** Positions of the counters, for adds by index in hot code. */
export const counterIndex = Object.fromEntries(
  floodNames.counters.map((name, index) => [name, index]),
) as Record<(typeof floodNames.counters)[number], number>;
