/**
 * Metrics of the scenario `replay-attack`. A capture is a request that the attacker has recorded; a
 * replay is one attempt to send it, or its authentication, again. Admitted means that
 * authentication lets it pass a second time.
 */
import { table } from './metric-table.ts';

const admittedPer = (what: string) =>
  [
    'count',
    'lower',
    `Replays admitted per captured ${what}`,
    'replays admitted / captures of this class',
  ] as const;

export const replayAttack = table({
  requests: ['count', 'none', 'Requests of honest clients', 'count'],
  captures: [
    'count',
    'none',
    'Requests that the attacker has captured',
    'count, without those so late that the end of the run cuts their replays off',
  ],
  replays: ['count', 'none', 'Attempts to replay a captured request', 'count'],
  replays_admitted_share: [
    'share',
    'lower',
    'Replays that authentication admits',
    'admitted / replays',
  ],
  replays_admitted_per_capture: [
    'count',
    'lower',
    'Replays admitted per captured request',
    'admitted / captures',
  ],
  replays_effective_per_capture: [
    'count',
    'lower',
    'Replays per captured request that were admitted and do something again',
    'admitted replays of operations that no epoch or state stops / captures',
  ],
  replays_admitted_per_client_day: [
    '1/d',
    'lower',
    'Replays admitted per client and day',
    'admitted / clients / days of captures',
  ],
  operations_opened_per_capture: [
    'count',
    'lower',
    'Operations that a captured authentication opens when it is first replayed',
    'operations its signature admits at that time, mean over captures',
  ],
  replays_admitted_per_message: admittedPer('send-message'),
  replays_admitted_per_dequeue: admittedPer('dequeue'),
  replays_admitted_per_commit: admittedPer('commit'),
  replays_admitted_per_setting: admittedPer('change of keys, queues or records'),
  replay_age_peak: [
    'ms',
    'lower',
    'Oldest request that a replay was admitted of',
    'maximum over admitted replays of the time since the request',
  ],
  late_admissions: [
    'count',
    'lower',
    'Captured requests that were refused when they came first and admitted later',
    'count',
  ],
  honest_refused_share: [
    'share',
    'lower',
    'Honest requests that were refused',
    'refused / requests',
  ],
  honest_refused_skew_share: [
    'share',
    'lower',
    "Honest requests refused for their client's clock",
    'refused for their time stamp / requests',
  ],
  honest_refused_restart_share: [
    'share',
    'lower',
    'Honest requests refused because the homeserver had restarted',
    'refused as older than restart + window / requests',
  ],
  honest_refused_full_share: [
    'share',
    'lower',
    'Honest requests refused by a full replay cache',
    'refused for lack of room / requests',
  ],
  replay_cache_entries_mean: [
    'count',
    'lower',
    'Entries of a replay cache',
    'time average over homeservers of both generations',
  ],
  replay_cache_entries_peak: [
    'count',
    'lower',
    'Most entries of any replay cache',
    'maximum over homeservers, warm-up included',
  ],
  replay_cache_bytes_peak: [
    'B',
    'lower',
    'Memory of the largest replay cache',
    '120 B x most entries',
  ],
  requests_per_second_peak: [
    '1/s',
    'none',
    'Request rate of the busiest homeserver',
    'maximum over homeservers of requests / measured time',
  ],
  auth_cpu_per_request: [
    'us',
    'lower',
    'Server CPU for parsing and authenticating an honest request',
    'core time / requests',
  ],
  auth_cpu_per_replay: [
    'us',
    'lower',
    'Server CPU that a replay costs in the same steps',
    'core time / replays',
  ],
});

export const replayAttackHistograms = {
  replay_age: { unit: 'ms', description: 'Age of the request at an admitted replay' },
} as const;

export const replayAttackSeries = {
  replays_admitted_rate: { unit: '1/s', description: 'Replays admitted per second' },
  replay_cache_entries: { unit: 'count', description: 'Entries of all replay caches' },
} as const;
