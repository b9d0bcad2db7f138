/** Metrics of the scenario `version-rollout`. */
import { table } from './metric-table.ts';

const ready = (share: string) =>
  [
    'ms',
    'lower',
    `Start until ${share} of the groups can use version 2`,
    'quantile over all groups; missing when fewer are ready at the end',
  ] as const;

export const versionRollout = table({
  groups: ['count', 'none', 'Groups', 'count'],
  groups_ready_share: [
    'share',
    'higher',
    'Groups that can use version 2 at the end',
    'groups whose host knows that all leaves and homeservers support it / groups',
  ],
  groups_ready_p50: ready('half'),
  groups_ready_p95: ready('95 %'),
  groups_ready_p99: ready('99 %'),
  cache_delay_mean: [
    'ms',
    'lower',
    'All members and homeservers of a group support version 2 until its host knows',
    'mean over groups that are ready at the end',
  ],
  cross_requests: ['count', 'none', 'Requests of clients to other homeservers', 'count'],
  refused_share: [
    'share',
    'lower',
    'Requests refused with version_unsupported',
    'refused / requests to other homeservers',
  ],
  refused_stale_share: [
    'share',
    'lower',
    'Requests refused because the cached document was out of date',
    'refused although there is a common version / requests',
  ],
  refused_no_common_share: [
    'share',
    'lower',
    'Requests of clients that speak no version of the other homeserver',
    'refused for want of a common version / requests',
  ],
  version_missed_share: [
    'share',
    'lower',
    'Requests in version 1 although both sides speak version 2',
    'sent in version 1 for a stale document / requests that both sides could do in version 2',
  ],
  downgrades_attempted: [
    'count',
    'none',
    'Answers to requests in version 2 that somebody replaced by a refusal of it',
    'count',
  ],
  downgrades_found_share: [
    'share',
    'higher',
    'Such answers that the signed document gives away',
    'found / attempted',
  ],
  downgrade_false_alarms: [
    'count',
    'lower',
    'Honest refusals that contradict the cached document, as after a return to version 1',
    'count',
  ],
  refreshes: ['count', 'none', 'Fetches of well-known documents that succeeded', 'count'],
  refreshes_failed: ['count', 'lower', 'Fetches of well-known documents that failed', 'count'],
  refreshes_per_hour_mean: [
    'count',
    'lower',
    'Successful fetches per hour, all homeservers',
    'refreshes / measured hours',
  ],
  refreshes_per_hour_peak: [
    'count',
    'lower',
    'Most successful fetches in any time bin, as a rate per hour',
    'maximum over bins of fetches / width of a bin',
  ],
  refresh_peak_to_mean: [
    'count',
    'lower',
    'Busiest time bin against the mean',
    'peak rate / mean rate of successful fetches',
  ],
  herd_refreshes: [
    'count',
    'lower',
    'Most fetches in an hour, after the hour that follows an outage, for two times to live',
    'maximum over bins of fetches / width of a bin in hours',
  ],
  herd_share: [
    'share',
    'lower',
    'The same over all pairs of homeservers',
    'herd refreshes / (S (S - 1))',
  ],
});

export const versionRolloutHistograms = {
  group_ready: { unit: 'ms', description: 'Start until a group can use version 2' },
  cache_delay: {
    unit: 'ms',
    description: 'All support version 2 until the host of the group knows',
  },
} as const;

export const versionRolloutSeries = {
  groups_ready: { unit: 'share', description: 'Groups that can use version 2' },
  refresh_rate: {
    unit: '1/h',
    description: 'Successful fetches of well-known documents per hour, all homeservers',
  },
  refused_rate: { unit: 'share', description: 'Requests refused with version_unsupported' },
} as const;
