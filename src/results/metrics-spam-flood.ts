/**
 * Metrics of the scenario `spam-flood`. Wanted messages are application messages of groups that the
 * user wants to be in; SPAM is everything from a group of attackers, its commits included.
 */
import { table } from './metric-table.ts';

export const spamFlood = table({
  wanted_messages: ['count', 'none', 'Wanted messages that arrived', 'count over clients'],
  spam_messages: [
    'count',
    'none',
    "Messages of attackers' groups that arrived",
    'count over clients, commits included',
  ],
  ham_delay_mean: [
    'ms',
    'lower',
    'Wanted message arrived until on the device, parked ones excluded',
    'mean over wanted messages that were not parked',
  ],
  ham_delay_p50: [
    'ms',
    'lower',
    'Wanted message arrived until on the device, parked ones excluded',
    'median over wanted messages that were not parked',
  ],
  ham_delay_p95: [
    'ms',
    'lower',
    'Wanted message arrived until on the device, parked ones excluded',
    '95th percentile over wanted messages that were not parked',
  ],
  ham_delay_p99: [
    'ms',
    'lower',
    'Wanted message arrived until on the device, parked ones excluded',
    '99th percentile over wanted messages that were not parked',
  ],
  wanted_delay_p99: [
    'ms',
    'lower',
    'Wanted message arrived until on the device, parked ones included',
    '99th percentile over wanted messages that reached the device',
  ],
  spam_background_bytes: [
    'B',
    'lower',
    'SPAM fetched in the background per victim and day',
    'bytes fetched during wakes / clients / measured days',
  ],
  spam_foreground_bytes: [
    'B',
    'lower',
    'SPAM fetched in the foreground per victim and day',
    'bytes fetched during sessions / clients / measured days',
  ],
  spam_share_of_background: [
    'share',
    'lower',
    'Bytes fetched in the background that are SPAM',
    'SPAM bytes / all bytes, fetched during wakes',
  ],
  wakes_per_day: ['1/d', 'lower', 'Background wakes', 'wakes / clients / measured days'],
  wakes_over_budget: [
    '1/d',
    'lower',
    'Background wakes that were due while the budget had none left',
    'deferred wakes / clients / measured days',
  ],
  wakes_cut_short: [
    '1/d',
    'lower',
    'Background wakes that ended with messages left to fetch',
    'wakes that used all their time / clients / measured days',
  ],
  false_positive_share: [
    'share',
    'lower',
    'Wanted messages that were parked or refused',
    '(wanted parked + wanted refused) / wanted messages',
  ],
  wanted_refused_share: [
    'share',
    'lower',
    'Wanted messages that were refused and so lost',
    'wanted refused / wanted messages',
  ],
  spam_refused_share: [
    'share',
    'higher',
    "Messages of attackers' groups that were refused",
    'refused / arrived, commits included',
  ],
  rescue_time_mean: [
    'ms',
    'lower',
    'A wanted group is parked for the first time until the user accepts it',
    'mean over wanted groups that were parked and accepted',
  ],
  groups_rescued: ['count', 'none', 'Wanted groups that were parked and accepted', 'count'],
  parked_delay_p50: [
    'ms',
    'lower',
    'Parked wanted message arrived until on the device',
    'median over wanted messages that were parked and then fetched',
  ],
  epoch_lag_parked: [
    'count',
    'lower',
    'Commits that a parked wanted group was behind at its worst',
    'mean over wanted groups with parked commits of the most commits parked at once',
  ],
  forced_resyncs: [
    'count',
    'lower',
    'Resyncs of wanted groups that lost a commit to a refusal',
    'count over clients',
  ],
  parked_bytes: [
    'B',
    'lower',
    'Bytes parked on the server at the end',
    'bytes in the SPAM lanes / clients',
  ],
  blocked_groups: ['count', 'none', "Attackers' groups that users have blocked", 'count'],
  tokens_per_megabyte: [
    'count',
    'higher',
    "Attackers' add tokens for one megabyte that a victim has to fetch",
    'adds / (SPAM bytes fetched / 1 MB)',
  ],
  backlog_passed: [
    'ms',
    'lower',
    'Start of the run until a client has its queue behind the backlog fetched',
    'mean over clients of the time at which the HAM lane is empty for the first time',
  ],
});

export const spamFloodHistograms = {
  ham_delay: { unit: 'ms', description: 'Wanted message arrived until on the device, not parked' },
  wanted_delay: { unit: 'ms', description: 'Wanted message arrived until on the device, all' },
  rescue_time: { unit: 'ms', description: 'Wanted group parked until accepted' },
} as const;

export const spamFloodSeries = {
  spam_background_rate: {
    unit: 'B/s',
    description: 'SPAM fetched in the background per second, all clients',
  },
  waiting_messages: {
    unit: 'count',
    description: 'Messages waiting in the lanes that devices fetch in the background',
  },
} as const;

export const spamFloodHeats = {
  ham_delay: { unit: 'ms', description: 'Delay of the wanted messages fetched in each time bin' },
} as const;
