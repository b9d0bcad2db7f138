/** What the replay model counts. `all...` counts from the start, the others after the warm-up. */
import type { TallyNames } from '../tally.ts';

export const replayNames = {
  counters: [
    'allRequests',
    'allAdmitted',
    'allRefused',
    'allScheduled',
    'allReplayed',
    'pendingAtEnd',
    'cacheMade',
    'cacheForgotten',
    'cacheLost',
    'cacheHeld',
    'admittedWhileRemembered',
    // Measured.
    'requests',
    'refusedSkew',
    'refusedRestart',
    'refusedFull',
    'captures',
    'capturesMessage',
    'capturesDequeue',
    'capturesCommit',
    'capturesSetting',
    'effective',
    'opened',
    'replays',
    'admitted',
    'admittedMessage',
    'admittedDequeue',
    'admittedCommit',
    'admittedSetting',
    'late',
    'authNs',
    'replayNs',
  ],
  sums: ['cacheArea'],
  maxima: ['cachePeak', 'replayAge', 'siteRequests'],
  histograms: ['replayAge'],
  series: ['admitted', 'entries'],
  heats: [],
} as const satisfies TallyNames;

/** Positions of the counters, for adds by index in hot code. */
export const counterIndex = Object.fromEntries(
  replayNames.counters.map((name, index) => [name, index]),
) as Record<(typeof replayNames.counters)[number], number>;
