/** From counts to the metrics of metrics-version-rollout.ts, with the checks that every run makes. */
import type { MetricName } from '../../../src/results/metrics.ts';
import type { CheckResult, ReplicationResult } from '../../../src/results/types.ts';
import type { Workload } from '../../../src/workload/types.ts';
import { equalCheck, observed, type ModelResult } from '../result.ts';
import { histogramData, seriesData, type Tally } from '../tally.ts';
import { nsPerMs, toNs } from '../units.ts';
import type { rolloutNames } from './counts.ts';
import { longestNs } from './documents.ts';

type RolloutTally = Tally<typeof rolloutNames>;
type Metrics = Partial<Record<MetricName, number>>;
type Counter = (typeof rolloutNames)['counters'][number];

const nsPerHour = 3_600_000_000_000;

function groups(tally: RolloutTally): Metrics {
  const { ready, cacheDelay } = tally.histograms;
  const all = tally.count('groups');
  const share = ready.count / all;
  // Quantile over all groups, of which those that are not ready come last.
  const at = (p: number): number =>
    p > share ? Number.NaN : ready.percentile(p / share) / nsPerMs;
  return {
    groups: all,
    groups_ready_share: share,
    groups_ready_p50: at(0.5),
    groups_ready_p95: at(0.95),
    groups_ready_p99: at(0.99),
    cache_delay_mean: cacheDelay.mean / nsPerMs,
  };
}

function requests(tally: RolloutTally): Metrics {
  const n = (name: Counter): number => tally.count(name);
  const all = n('requests');
  return {
    cross_requests: all,
    refused_share: (n('refusedStale') + n('refusedNoCommon')) / all,
    refused_stale_share: n('refusedStale') / all,
    refused_no_common_share: n('refusedNoCommon') / all,
    version_missed_share: n('missedV2') / n('bothV2'),
    downgrades_attempted: n('attempted'),
    downgrades_found_share: n('found') / n('attempted'),
    downgrade_false_alarms: n('falseAlarms'),
  };
}

/** Most fetches in a bin that begins within the span, as a rate per hour. */
function busiest({ series, span }: RolloutTally, fromNs: number, toNs: number): number {
  const first = Math.ceil(fromNs / span.binNs);
  const behind = Math.floor(Math.min(toNs, span.endNs) / span.binNs);
  const bins = series.refreshes.totals().slice(first, behind);
  return bins.reduce((a, b) => Math.max(a, b), 0) / (span.binNs / nsPerHour);
}

function refreshes(tally: RolloutTally, { rollout }: Workload): Metrics {
  const n = (name: Counter): number => tally.count(name);
  const { warmUpNs, endNs } = tally.span;
  const perHour = n('refreshes') / ((endNs - warmUpNs) / nsPerHour);
  const peak = busiest(tally, warmUpNs, endNs);
  const afterNs = toNs(rollout.outageStart + rollout.outageLength) + nsPerHour;
  const herd = busiest(tally, afterNs, afterNs + 2 * Math.min(longestNs, toNs(rollout.ttl)));
  return {
    refreshes: n('refreshes'),
    refreshes_failed: n('refreshesFailed'),
    refreshes_per_hour_mean: perHour,
    refreshes_per_hour_peak: peak,
    refresh_peak_to_mean: peak / perHour,
    ...(rollout.outageLength > 0 && { herd_refreshes: herd, herd_share: herd / n('pairs') }),
  };
}

function checks(tally: RolloutTally): CheckResult[] {
  const n = (name: Counter): number => tally.count(name);
  return [
    equalCheck(
      'fetches planned = done + failed + overtaken + pending',
      ['planned', n('fetchesScheduled')],
      [
        'all fates',
        n('fetchesDone') + n('fetchesFailed') + n('forcedFetches') + n('fetchesPending'),
      ],
    ),
    equalCheck(
      'requests sent = answered',
      ['sent', n('allRequests')],
      ['answered', n('allAnswered')],
    ),
    equalCheck(
      'no group is ready before all its leaves and homeservers are',
      ['too early', n('readyTooEarly')],
      ['none:', 0],
    ),
  ];
}

function seriesOf({ series, span }: RolloutTally, all: number): ReplicationResult['series'] {
  let level = 0;
  const ready = series.ready.totals().map((count) => (level += count) / all);
  const hours = span.binNs / nsPerHour;
  const sent = series.requests.totals();
  const refused = series.refused.totals();
  return {
    groups_ready: seriesData(span, 'share', ready),
    refresh_rate: seriesData(
      span,
      '1/h',
      series.refreshes.totals().map((count) => count / hours),
    ),
    refused_rate: seriesData(
      span,
      'share',
      refused.map((count, bin) => (sent[bin] === 0 ? null : count / sent[bin]!)),
    ),
  };
}

export function summarise(tally: RolloutTally, workload: Workload): ModelResult {
  const { histograms: h } = tally;
  return {
    metrics: observed({ ...groups(tally), ...requests(tally), ...refreshes(tally, workload) }),
    histograms: {
      group_ready: histogramData(h.ready, 'ms', nsPerMs),
      cache_delay: histogramData(h.cacheDelay, 'ms', nsPerMs),
    },
    series: seriesOf(tally, tally.count('groups')),
    heat: {},
    checks: checks(tally),
  };
}
