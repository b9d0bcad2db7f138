/** What the fan-out model counts. `all...` counts from the start, the others after the warm-up. */
import type { TallyNames } from '../tally.ts';

export const fanOutNames = {
  counters: [
    // Conservation: entries (one message at one recipient), from the start of the run.
    'allForwarded',
    'allArrived',
    'allDelivered',
    'allQuotaRefused',
    'inNetworkAtEnd',
    'undecidedAtEnd',
    'onTheirWayAtEnd',
    'queuedAtEnd',
    'allInsideBytes',
    'allFederationBytes',
    'arrivedInsideBytes',
    'arrivedFederationBytes',
    'bytesInNetworkAtEnd',
    'stations',
    'stationsOutOfBalance',
    // Measured.
    'sent',
    'accepted',
    'failed',
    'recipients',
    'localRecipients',
    'destinations',
    'delivered',
    'online',
    'queued',
    'drained',
    'quotaRefused',
    'overloadRefused',
    'receiptsSent',
    'entries',
    'opens',
    'verifies',
    'dsCpuNs',
    'qsCpuNs',
    'storeOperations',
    'federationRequests',
    'accessBytes',
    'insideBytes',
    'federationBytes',
    'peakQueuedMessages',
  ],
  sums: ['queueArea', 'queueIn', 'queueOut', 'queueWaited', 'queueLeft', 'dsBusy', 'qsBusy'],
  maxima: ['queueDepth', 'utilisationPpb'],
  histograms: [
    'deliveryDelay',
    'onlineDelay',
    'offlineDelay',
    'queueWait',
    'queueDepth',
    'dsWait',
    'qsWait',
  ],
  series: ['queued', 'sent', 'delivered', 'qsBusy'],
  heats: ['deliveryDelay'],
} as const satisfies TallyNames;

/** Positions of the counters, for adds by index in hot code. */
export const counterIndex = Object.fromEntries(
  fanOutNames.counters.map((name, index) => [name, index]),
) as Record<(typeof fanOutNames.counters)[number], number>;
