/**
 * Every name that a result may carry, with its unit and its formula. A workload's `expect`,
 * `findings` and `charts` are checked against these tables, reports take labels from them, and a
 * test checks that the model writes nothing else. To add a metric, add a row here first.
 *
 * Counts and means are over the measured interval, that is after the warm-up, unless a row says
 * otherwise. A message is what a client sends once; a delivery is one message at one recipient.
 */

import { table, type ObservableDefinition } from './metric-table.ts';
import {
  replayAttack,
  replayAttackHistograms,
  replayAttackSeries,
} from './metrics-replay-attack.ts';
import {
  spamFlood,
  spamFloodHeats,
  spamFloodHistograms,
  spamFloodSeries,
} from './metrics-spam-flood.ts';
import {
  versionRollout,
  versionRolloutHistograms,
  versionRolloutSeries,
} from './metrics-version-rollout.ts';

export type { ObservableDefinition } from './metric-table.ts';

/** Scalars of the scenario `fan-out`. */
const fanOut = table({
  messages: ['count', 'none', 'Application messages sent', 'count of sends'],
  deliveries: ['count', 'none', 'Messages that reached a recipient', 'count over recipients'],
  received_per_client_day: [
    '1/d',
    'none',
    'Application messages received per client and day',
    'deliveries / clients / measured days',
  ],
  recipients_per_message: ['count', 'none', 'Recipients of a message', 'recipients / messages'],
  destinations_per_message: [
    'count',
    'none',
    'Homeservers that a message goes to, the hosting one included',
    'destination homeservers / messages',
  ],
  local_share: [
    'share',
    'none',
    'Recipients whose queue is on the homeserver that hosts the group',
    'local recipients / recipients',
  ],
  delivery_delay_mean: ['ms', 'lower', 'Sent until received', 'mean over deliveries'],
  delivery_delay_p50: ['ms', 'lower', 'Sent until received', 'median over deliveries'],
  delivery_delay_p95: ['ms', 'lower', 'Sent until received', '95th percentile over deliveries'],
  delivery_delay_p99: ['ms', 'lower', 'Sent until received', '99th percentile over deliveries'],
  online_delay_mean: [
    'ms',
    'lower',
    'Sent until received by recipients that were online',
    'mean over online deliveries',
  ],
  online_delay_p50: [
    'ms',
    'lower',
    'Sent until received by recipients that were online',
    'median over online deliveries',
  ],
  online_delay_p99: [
    'ms',
    'lower',
    'Sent until received by recipients that were online',
    '99th percentile over online deliveries',
  ],
  offline_delay_mean: [
    'ms',
    'lower',
    'Sent until received by recipients that had to come online first',
    'mean over drained deliveries',
  ],
  online_share: [
    'share',
    'none',
    'Deliveries to a recipient that was online when the message arrived',
    'online deliveries / (online deliveries + messages queued)',
  ],
  queue_depth_mean: [
    'count',
    'lower',
    'Messages waiting in a client queue',
    'time average over clients of the number queued',
  ],
  queue_depth_peak: [
    'count',
    'lower',
    'Most messages waiting in any one client queue',
    'maximum over clients, warm-up included',
  ],
  queue_wait_mean: ['ms', 'lower', 'Time a queued message waits', 'mean over drained messages'],
  queued_at_end: ['count', 'none', 'Messages still queued at the end', 'count'],
  quota_refused: ['count', 'lower', 'Messages refused by a full client queue', 'count'],
  overload_refused: ['count', 'lower', 'Requests answered with 503', 'count over stations'],
  messages_failed: ['count', 'lower', 'Sends given up after their last attempt', 'count'],
  ds_utilisation: [
    'share',
    'lower',
    'Busy share of the delivery services, mean over homeservers weighted by cores',
    'busy core time / (cores x measured time)',
  ],
  qs_utilisation: [
    'share',
    'lower',
    'Busy share of the queue services, mean over homeservers weighted by cores',
    'busy core time / (cores x measured time)',
  ],
  utilisation_peak: [
    'share',
    'lower',
    'Busy share of the busiest station of any homeserver',
    'maximum over stations',
  ],
  ds_wait_mean: ['ms', 'lower', 'Waiting for a core of the delivery service', 'mean over requests'],
  qs_wait_mean: ['ms', 'lower', 'Waiting for a core of the queue service', 'mean over recipients'],
  cpu_per_message: ['ms', 'lower', 'Server CPU per message', 'DS and QS core time / messages'],
  cpu_per_delivery: ['us', 'lower', 'Server CPU per recipient', 'DS and QS core time / recipients'],
  asymmetric_per_message: [
    'count',
    'lower',
    'Asymmetric operations of the servers per message (HPKE opens and signature checks)',
    'operations / messages',
  ],
  hpke_opens_per_message: [
    'count',
    'lower',
    'Sealed queue configs opened per message',
    'HPKE opens / messages',
  ],
  hpke_opens_per_recipient: [
    'count',
    'lower',
    'Sealed queue configs opened per recipient; 1 when all configs are sealed',
    'HPKE opens / recipients',
  ],
  federation_requests_per_message: [
    'count',
    'lower',
    'Requests between homeservers per message',
    'requests / messages',
  ],
  access_bytes_per_message: [
    'B',
    'lower',
    'Bytes on the links of clients per message, both directions',
    'access bytes / messages',
  ],
  inside_bytes_per_message: [
    'B',
    'lower',
    'Bytes inside a homeserver (DS to QS) per message',
    'inside bytes / messages',
  ],
  federation_bytes_per_message: [
    'B',
    'lower',
    'Bytes between homeservers per message',
    'federation bytes / messages',
  ],
  store_operations_per_message: [
    'count',
    'lower',
    'Reads and writes of the store per message',
    'store operations / messages',
  ],
  receipts_per_message: ['count', 'lower', 'Receipts sent per message', 'receipts / messages'],
  queue_entries_per_message: [
    'count',
    'lower',
    'Entries handled by queue services per message, receipts included',
    'entries / messages',
  ],
  memory_per_client: [
    'B',
    'lower',
    'Memory of the model per simulated client',
    '(shared tables + client rows + peak of queued messages) / clients',
  ],
});

/** Scalars of the scenario `commit-throughput`. */
const commitThroughput = table({
  commits_wanted: ['count', 'none', 'Commits that a member wanted to make', 'count of arrivals'],
  commits_accepted: ['count', 'higher', 'Commits that the delivery service accepted', 'count'],
  commits_accepted_per_second: [
    '1/s',
    'higher',
    'Accepted commits per group and second',
    'accepted / groups / measured seconds',
  ],
  commit_attempts_per_second: [
    '1/s',
    'none',
    'Commits that reach the delivery service, per group and second',
    'attempts / groups / measured seconds',
  ],
  rejected_share: [
    'share',
    'lower',
    'Attempts answered with wrong_epoch',
    'rejected / (accepted + rejected)',
  ],
  attempts_per_accepted: [
    'count',
    'lower',
    'Attempts for one accepted commit',
    'attempts / accepted',
  ],
  given_up_share: [
    'share',
    'lower',
    'Wanted commits that ran out of attempts',
    'given up / (given up + accepted)',
  ],
  commit_latency_mean: ['ms', 'lower', 'Wanted until accepted', 'mean over accepted wishes'],
  commit_latency_p50: ['ms', 'lower', 'Wanted until accepted', 'median over accepted wishes'],
  commit_latency_p95: [
    'ms',
    'lower',
    'Wanted until accepted',
    '95th percentile over accepted wishes',
  ],
  commit_latency_p99: [
    'ms',
    'lower',
    'Wanted until accepted',
    '99th percentile over accepted wishes',
  ],
  commit_wait_peak: [
    'ms',
    'lower',
    'Longest time that a member has wanted to commit without success (starvation)',
    'maximum over wishes, unfinished ones at the end included',
  ],
  staleness_mean: [
    'ms',
    'lower',
    'Window in which another commit spoils an attempt',
    'mean (attempt until arrival) + mean (acceptance until processed)',
  ],
  epoch_lag_mean: [
    'ms',
    'lower',
    'Accepted by the delivery service until a contender has processed it',
    'mean over accepted commits and contenders',
  ],
  commit_bytes_mean: ['B', 'lower', 'Size of a commit on the wire', 'mean over attempts'],
  wasted_bytes_per_accepted: [
    'B',
    'lower',
    'Bytes of rejected commits for one accepted',
    'bytes of rejected attempts / accepted',
  ],
  wasted_bytes_share: [
    'share',
    'lower',
    'Upstream commit bytes that were rejected',
    'bytes of rejected attempts / bytes of all attempts',
  ],
  fanned_out_bytes_per_accepted: [
    'B',
    'lower',
    'Bytes sent to members for one accepted commit',
    'commit bytes x (members - 1)',
  ],
  path_secrets_per_commit: [
    'count',
    'lower',
    'Path secrets that a commit encrypts',
    'mean over attempts of the ciphertexts in the UpdatePath',
  ],
  client_cpu_per_accepted: [
    'ms',
    'lower',
    'CPU of all members for one accepted commit, creation of rejected ones included',
    '(create x attempts + process x contenders) / accepted',
  ],
  ds_cpu_per_accepted: [
    'ms',
    'lower',
    'CPU of the delivery service for one accepted commit',
    'DS core time / accepted',
  ],
  ds_busy_share: [
    'share',
    'lower',
    'Busy share of the delivery service',
    'busy core time / (cores x measured time)',
  ],
  fairness: [
    'share',
    'higher',
    'Evenness of accepted commits over contenders; 1 when all have equally many',
    'Jain index (sum x)^2 / (n sum x^2)',
  ],
});

/** All scalar metrics by name. */
export const metrics = {
  ...fanOut,
  ...commitThroughput,
  ...spamFlood,
  ...replayAttack,
  ...versionRollout,
} as const;
export type MetricName = keyof typeof metrics;

/** Distributions, for `ccdf` charts. */
export const histograms = {
  delivery_delay: { unit: 'ms', description: 'Sent until received, every delivery' },
  online_delay: { unit: 'ms', description: 'Sent until received, recipients that were online' },
  queue_wait: { unit: 'ms', description: 'Time a message waited in the queue of its recipient' },
  queue_depth: {
    unit: 'count',
    description: 'Messages found in a queue by a client that comes online',
  },
  ds_wait: { unit: 'ms', description: 'Waiting for a core of the delivery service' },
  qs_wait: { unit: 'ms', description: 'Waiting for a core of the queue service' },
  commit_latency: { unit: 'ms', description: 'Wanted until accepted' },
  commit_attempts: { unit: 'count', description: 'Attempts of one wish until it was accepted' },
  ...spamFloodHistograms,
  ...replayAttackHistograms,
  ...versionRolloutHistograms,
} as const satisfies Readonly<Record<string, ObservableDefinition>>;

/** Values over simulated time, for `timeline` charts; the warm-up is included. */
export const series = {
  queued_messages: { unit: 'count', description: 'Messages waiting in all client queues' },
  message_rate: { unit: '1/s', description: 'Messages sent per second' },
  delivery_rate: { unit: '1/s', description: 'Deliveries per second' },
  qs_utilisation: { unit: 'share', description: 'Busy share of all queue services' },
  accepted_rate: { unit: '1/s', description: 'Accepted commits per second, all groups' },
  rejected_rate: { unit: '1/s', description: 'Rejected commits per second, all groups' },
  ...spamFloodSeries,
  ...replayAttackSeries,
  ...versionRolloutSeries,
} as const satisfies Readonly<Record<string, ObservableDefinition>>;

/** Counts by time and value, for `heatmap` charts. */
export const heats = {
  delivery_delay: { unit: 'ms', description: 'Delay of the deliveries in each time bin' },
  commit_latency: { unit: 'ms', description: 'Latency of the commits accepted in each time bin' },
  ...spamFloodHeats,
} as const satisfies Readonly<Record<string, ObservableDefinition>>;
