/** What the commit model counts. `all...` counts from the start, the others after the warm-up. */
import type { TallyNames } from '../tally.ts';

export const commitNames = {
  counters: [
    // Conservation, from the start of the run.
    'allWanted',
    'allServed',
    'allGivenUp',
    'outstandingAtEnd',
    'allAttempts',
    'allAccepted',
    'allRejected',
    'inFlightAtEnd',
    'allBytes',
    'allBytesAnswered',
    'bytesInFlightAtEnd',
    'epochsAdvanced',
    'epochsOutOfOrder',
    'knownTooNew',
    'stations',
    'stationsOutOfBalance',
    // Measured.
    'wanted',
    'accepted',
    'rejected',
    'served',
    'givenUp',
    'bytes',
    'rejectedBytes',
    'fannedOutBytes',
    'pathSecrets',
    'lagNs',
    'lags',
    'leadNs',
    'leads',
    'clientCpuNs',
    'dsCpuNs',
    // Over contenders at the end.
    'contenders',
    'servedSum',
    'servedSquares',
  ],
  sums: ['dsBusy'],
  maxima: ['waitNs'],
  histograms: ['latency', 'attempts'],
  series: ['accepted', 'rejected'],
  heats: ['latency'],
} as const satisfies TallyNames;

/** Positions of the counters, for adds by index in hot code. */
export const counterIndex = Object.fromEntries(
  commitNames.counters.map((name, index) => [name, index]),
) as Record<(typeof commitNames.counters)[number], number>;
