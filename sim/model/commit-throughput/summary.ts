/** From counts to the metrics of src/results/metrics.ts, with the checks that every run makes. */
import type { MetricName } from '../../../src/results/metrics.ts';
import type { CheckResult, ReplicationResult } from '../../../src/results/types.ts';
import { equalCheck, observed, type ModelResult } from '../result.ts';
import { histogramData, seriesData, type Tally } from '../tally.ts';
import { nsPerMs, nsPerSecond } from '../units.ts';
import type { commitNames } from './counts.ts';

type CommitTally = Tally<typeof commitNames>;
type Metrics = Partial<Record<MetricName, number>>;

export interface CommitTotals {
  readonly cores: number;
  readonly groups: number;
}

function rates(tally: CommitTally, { groups, cores }: CommitTotals): Metrics {
  const n = (name: (typeof commitNames)['counters'][number]): number => tally.count(name);
  const windowNs = tally.span.endNs - tally.span.warmUpNs;
  const seconds = windowNs / nsPerSecond;
  const accepted = n('accepted');
  const attempts = accepted + n('rejected');
  return {
    commits_wanted: n('wanted'),
    commits_accepted: accepted,
    commits_accepted_per_second: accepted / groups / seconds,
    commit_attempts_per_second: attempts / groups / seconds,
    rejected_share: n('rejected') / attempts,
    attempts_per_accepted: attempts / accepted,
    given_up_share: n('givenUp') / (n('givenUp') + n('served')),
    staleness_mean: (n('lagNs') / n('lags') + n('leadNs') / n('leads')) / nsPerMs,
    epoch_lag_mean: n('lagNs') / n('lags') / nsPerMs,
    commit_bytes_mean: n('bytes') / attempts,
    wasted_bytes_per_accepted: n('rejectedBytes') / accepted,
    wasted_bytes_share: n('rejectedBytes') / n('bytes'),
    fanned_out_bytes_per_accepted: n('fannedOutBytes') / accepted,
    path_secrets_per_commit: n('pathSecrets') / n('leads'),
    client_cpu_per_accepted: n('clientCpuNs') / accepted / nsPerMs,
    ds_cpu_per_accepted: n('dsCpuNs') / accepted / nsPerMs,
    ds_busy_share: tally.sums.dsBusy.value() / (cores * windowNs),
    fairness: (n('servedSum') * n('servedSum')) / (n('contenders') * n('servedSquares')),
  };
}

function latencies({ histograms, maxima }: CommitTally): Metrics {
  const { latency } = histograms;
  return {
    commit_latency_mean: latency.mean / nsPerMs,
    commit_latency_p50: latency.percentile(0.5) / nsPerMs,
    commit_latency_p95: latency.percentile(0.95) / nsPerMs,
    commit_latency_p99: latency.percentile(0.99) / nsPerMs,
    commit_wait_peak: maxima.waitNs / nsPerMs,
  };
}

function checks(tally: CommitTally): CheckResult[] {
  const n = (name: (typeof commitNames)['counters'][number]): number => tally.count(name);
  return [
    equalCheck(
      'each epoch has one accepted commit',
      ['epochs advanced', n('epochsAdvanced')],
      ['accepted', n('allAccepted')],
    ),
    equalCheck(
      'epochs advance by one, in order',
      ['commits accepted for another epoch', n('epochsOutOfOrder')],
      ['none:', 0],
    ),
    equalCheck(
      'no member knows an epoch that the delivery service has not reached',
      ['members ahead', n('knownTooNew')],
      ['none:', 0],
    ),
    equalCheck(
      'wishes = granted + given up + outstanding',
      ['wanted', n('allWanted')],
      ['all fates', n('allServed') + n('allGivenUp') + n('outstandingAtEnd')],
    ),
    equalCheck(
      'attempts = accepted + rejected + in flight',
      ['attempts', n('allAttempts')],
      ['all fates', n('allAccepted') + n('allRejected') + n('inFlightAtEnd')],
    ),
    equalCheck(
      'bytes of commits sent = answered + in flight',
      ['sent', n('allBytes')],
      ['answered + in flight', n('allBytesAnswered') + n('bytesInFlightAtEnd')],
    ),
    equalCheck(
      "Little's law on stations (area under the queue = waits, exact)",
      ['stations out of balance', n('stationsOutOfBalance')],
      ['none of all of them:', 0],
    ),
  ];
}

function seriesOf({ series, span }: CommitTally): ReplicationResult['series'] {
  const seconds = span.binNs / nsPerSecond;
  const rate = (totals: number[]): number[] => totals.map((count) => count / seconds);
  return {
    accepted_rate: seriesData(span, '1/s', rate(series.accepted.totals())),
    rejected_rate: seriesData(span, '1/s', rate(series.rejected.totals())),
  };
}

export function summarise(tally: CommitTally, totals: CommitTotals): ModelResult {
  return {
    metrics: observed({ ...rates(tally, totals), ...latencies(tally) }),
    histograms: {
      commit_latency: histogramData(tally.histograms.latency, 'ms', nsPerMs),
      commit_attempts: histogramData(tally.histograms.attempts, 'count', 1),
    },
    series: seriesOf(tally),
    heat: { commit_latency: tally.heats.latency.data() },
    checks: checks(tally),
  };
}
