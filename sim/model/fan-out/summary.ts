/** From counts to the metrics of src/results/metrics.ts, with the checks that every run makes. */
import type { MetricName } from '../../../src/results/metrics.ts';
import type { CheckResult, ReplicationResult } from '../../../src/results/types.ts';
import { ExactSum } from '../../kernel/statistics/exact-sum.ts';
import type { Histogram } from '../../kernel/statistics/histogram.ts';
import { bytesPerEntry } from '../mailbox.ts';
import { equalCheck, observed, type ModelResult } from '../result.ts';
import { histogramData, seriesData, type Tally } from '../tally.ts';
import { nsPerMs, nsPerSecond } from '../units.ts';
import type { fanOutNames } from './counts.ts';

type FanOutTally = Tally<typeof fanOutNames>;
type Metrics = Partial<Record<MetricName, number>>;

/** What the tally does not count. */
export interface FanOutTotals {
  /** Cores of all delivery services; the queue services have as many. */
  readonly cores: number;
  readonly clients: number;
  /** Bytes of the population's tables. */
  readonly tableBytes: number;
}

/** Session and mailbox rows of a client. */
const rowBytes = 12 + 12;

function delays(h: FanOutTally['histograms']): Metrics {
  const ms = (histogram: Histogram, p: number): number => histogram.percentile(p) / nsPerMs;
  return {
    delivery_delay_mean: h.deliveryDelay.mean / nsPerMs,
    delivery_delay_p50: ms(h.deliveryDelay, 0.5),
    delivery_delay_p95: ms(h.deliveryDelay, 0.95),
    delivery_delay_p99: ms(h.deliveryDelay, 0.99),
    online_delay_mean: h.onlineDelay.mean / nsPerMs,
    online_delay_p50: ms(h.onlineDelay, 0.5),
    online_delay_p99: ms(h.onlineDelay, 0.99),
    offline_delay_mean: h.offlineDelay.mean / nsPerMs,
    queue_wait_mean: h.queueWait.mean / nsPerMs,
    ds_wait_mean: h.dsWait.mean / nsPerMs,
    qs_wait_mean: h.qsWait.mean / nsPerMs,
  };
}

function perMessage(tally: FanOutTally): Metrics {
  const messages = tally.count('accepted');
  const entries = tally.count('entries');
  const cpu = tally.count('dsCpuNs') + tally.count('qsCpuNs');
  const per = (value: number): number => value / messages;
  return {
    recipients_per_message: per(tally.count('recipients')),
    destinations_per_message: per(tally.count('destinations')),
    local_share: tally.count('localRecipients') / tally.count('recipients'),
    cpu_per_message: per(cpu) / nsPerMs,
    cpu_per_delivery: cpu / entries / 1000,
    asymmetric_per_message: per(tally.count('verifies') + tally.count('opens')),
    hpke_opens_per_message: per(tally.count('opens')),
    hpke_opens_per_recipient: tally.count('opens') / entries,
    federation_requests_per_message: per(tally.count('federationRequests')),
    access_bytes_per_message: per(tally.count('accessBytes')),
    inside_bytes_per_message: per(tally.count('insideBytes')),
    federation_bytes_per_message: per(tally.count('federationBytes')),
    store_operations_per_message: per(tally.count('storeOperations')),
    receipts_per_message: per(tally.count('receiptsSent')),
    queue_entries_per_message: per(entries),
  };
}

function scalars(tally: FanOutTally, totals: FanOutTotals, days: number): Metrics {
  const { sums, maxima, span } = tally;
  const windowNs = span.endNs - span.warmUpNs;
  const capacity = totals.cores * windowNs;
  const direct = tally.count('online');
  const peakBytes = tally.count('peakQueuedMessages') * bytesPerEntry;
  return {
    ...delays(tally.histograms),
    ...perMessage(tally),
    messages: tally.count('sent'),
    deliveries: tally.count('delivered'),
    received_per_client_day: tally.count('delivered') / totals.clients / days,
    online_share: direct / (direct + tally.count('queued')),
    queue_depth_mean: sums.queueArea.value() / windowNs / totals.clients,
    queue_depth_peak: maxima.queueDepth,
    queued_at_end: tally.count('queuedAtEnd'),
    quota_refused: tally.count('quotaRefused'),
    overload_refused: tally.count('overloadRefused'),
    messages_failed: tally.count('failed'),
    ds_utilisation: sums.dsBusy.value() / capacity,
    qs_utilisation: sums.qsBusy.value() / capacity,
    utilisation_peak: maxima.utilisationPpb / 1e9,
    memory_per_client: rowBytes + (totals.tableBytes + peakBytes) / totals.clients,
  };
}

/** Little's law on the client queues, as an identity of integers over the whole run. */
function littleOfQueues(tally: FanOutTally): CheckResult {
  const { sums, span } = tally;
  const left = ExactSum.from(sums.queueIn.data());
  left.merge(sums.queueWaited);
  left.merge(sums.queueLeft);
  const right = ExactSum.from(sums.queueOut.data());
  right.addProduct(tally.count('queuedAtEnd'), span.endNs);
  const [a, b] = [left.data(), right.data()];
  return {
    name: "Little's law on client queues (L = lambda W on the sample path, exact)",
    ok: a[0] === b[0] && a[1] === b[1],
    detail: `arrival times + waits = departure times: ${left.value()} ns = ${right.value()} ns`,
  };
}

function checks(tally: FanOutTally): CheckResult[] {
  const n = (name: (typeof fanOutNames)['counters'][number]): number => tally.count(name);
  const fates =
    n('allDelivered') +
    n('onTheirWayAtEnd') +
    n('queuedAtEnd') +
    n('allQuotaRefused') +
    n('undecidedAtEnd');
  const sentBytes = n('allInsideBytes') + n('allFederationBytes');
  const gotBytes = n('arrivedInsideBytes') + n('arrivedFederationBytes');
  return [
    equalCheck(
      'messages forwarded = arrived + in the network',
      ['forwarded', n('allForwarded')],
      ['arrived + in the network', n('allArrived') + n('inNetworkAtEnd')],
    ),
    equalCheck(
      'messages in = delivered + queued + refused + in flight',
      ['arrived', n('allArrived')],
      ['delivered + queued + refused + in flight', fates],
    ),
    equalCheck(
      'bytes between services sent = received + in the network',
      ['sent', sentBytes],
      ['received + in the network', gotBytes + n('bytesInNetworkAtEnd')],
    ),
    equalCheck(
      "Little's law on stations (area under the queue = waits, exact)",
      ['stations out of balance', n('stationsOutOfBalance')],
      ['none of all of them:', 0],
    ),
    littleOfQueues(tally),
  ];
}

function seriesOf(tally: FanOutTally, cores: number): ReplicationResult['series'] {
  const { series, span } = tally;
  let level = 0;
  const queued = series.queued.totals().map((change) => (level += change));
  const binSeconds = span.binNs / nsPerSecond;
  const rate = (totals: number[]): number[] => totals.map((count) => count / binSeconds);
  return {
    queued_messages: seriesData(span, 'count', queued),
    message_rate: seriesData(span, '1/s', rate(series.sent.totals())),
    delivery_rate: seriesData(span, '1/s', rate(series.delivered.totals())),
    qs_utilisation: seriesData(
      span,
      'share',
      series.qsBusy.totals().map((busy) => busy / (cores * span.binNs)),
    ),
  };
}

/** @param days - length of the measured part */
export function summarise(tally: FanOutTally, totals: FanOutTotals, days: number): ModelResult {
  const { histograms: h } = tally;
  return {
    metrics: observed(scalars(tally, totals, days)),
    histograms: {
      delivery_delay: histogramData(h.deliveryDelay, 'ms', nsPerMs),
      online_delay: histogramData(h.onlineDelay, 'ms', nsPerMs),
      queue_wait: histogramData(h.queueWait, 'ms', nsPerMs),
      queue_depth: histogramData(h.queueDepth, 'count', 1),
      ds_wait: histogramData(h.dsWait, 'ms', nsPerMs),
      qs_wait: histogramData(h.qsWait, 'ms', nsPerMs),
    },
    series: seriesOf(tally, totals.cores),
    heat: { delivery_delay: tally.heats.deliveryDelay.data() },
    checks: checks(tally),
  };
}
