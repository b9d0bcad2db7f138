/** From counts to the metrics of metrics-replay-attack.ts, with the checks that every run makes. */
import type { MetricName } from '../../../src/results/metrics.ts';
import type { CheckResult } from '../../../src/results/types.ts';
import type { Workload } from '../../../src/workload/types.ts';
import { equalCheck, observed, type ModelResult } from '../result.ts';
import { histogramData, seriesData, type Tally } from '../tally.ts';
import { msPerDay, nsPerMs, nsPerSecond } from '../units.ts';
import { bytesPerEntry } from './cache.ts';
import type { replayNames } from './counts.ts';
import { captureEndNs } from './world.ts';

type ReplayTally = Tally<typeof replayNames>;
type Metrics = Partial<Record<MetricName, number>>;
type Counter = (typeof replayNames)['counters'][number];

function attack(tally: ReplayTally, workload: Workload): Metrics {
  const n = (name: Counter): number => tally.count(name);
  const days = (captureEndNs(workload) - tally.span.warmUpNs) / nsPerMs / msPerDay;
  return {
    captures: n('captures'),
    replays: n('replays'),
    replays_admitted_share: n('admitted') / n('replays'),
    replays_admitted_per_capture: n('admitted') / n('captures'),
    replays_effective_per_capture: n('effective') / n('captures'),
    replays_admitted_per_client_day: n('admitted') / workload.population.clients / days,
    operations_opened_per_capture: n('opened') / n('captures'),
    replays_admitted_per_message: n('admittedMessage') / n('capturesMessage'),
    replays_admitted_per_dequeue: n('admittedDequeue') / n('capturesDequeue'),
    replays_admitted_per_commit: n('admittedCommit') / n('capturesCommit'),
    replays_admitted_per_setting: n('admittedSetting') / n('capturesSetting'),
    replay_age_peak: tally.maxima.replayAge / nsPerMs,
    late_admissions: n('late'),
  };
}

function costs(tally: ReplayTally, workload: Workload): Metrics {
  const n = (name: Counter): number => tally.count(name);
  const { span, sums, maxima } = tally;
  const requests = n('requests');
  const windowNs = span.endNs - span.warmUpNs;
  const refused = n('refusedSkew') + n('refusedRestart') + n('refusedFull');
  return {
    requests,
    honest_refused_share: refused / requests,
    honest_refused_skew_share: n('refusedSkew') / requests,
    honest_refused_restart_share: n('refusedRestart') / requests,
    honest_refused_full_share: n('refusedFull') / requests,
    replay_cache_entries_mean: sums.cacheArea.value() / windowNs / workload.population.homeservers,
    replay_cache_entries_peak: maxima.cachePeak,
    replay_cache_bytes_peak: maxima.cachePeak * bytesPerEntry,
    requests_per_second_peak: maxima.siteRequests / (windowNs / nsPerSecond),
    auth_cpu_per_request: n('authNs') / requests / 1000,
    auth_cpu_per_replay: n('replayNs') / n('replays') / 1000,
  };
}

function checks(tally: ReplayTally): CheckResult[] {
  const n = (name: Counter): number => tally.count(name);
  return [
    equalCheck(
      'requests = admitted + refused',
      ['requests', n('allRequests')],
      ['admitted + refused', n('allAdmitted') + n('allRefused')],
    ),
    equalCheck(
      'replays planned = made + pending',
      ['planned', n('allScheduled')],
      ['made + pending', n('allReplayed') + n('pendingAtEnd')],
    ),
    equalCheck(
      'entries of replay caches = held + forgotten + lost',
      ['made', n('cacheMade')],
      ['held + forgotten + lost', n('cacheHeld') + n('cacheForgotten') + n('cacheLost')],
    ),
    equalCheck(
      'no request is admitted while a replay cache remembers it',
      ['admitted', n('admittedWhileRemembered')],
      ['none:', 0],
    ),
  ];
}

export function summarise(tally: ReplayTally, workload: Workload): ModelResult {
  const { series, span, histograms } = tally;
  const seconds = span.binNs / nsPerSecond;
  let level = 0;
  const entries = series.entries.totals().map((change) => (level += change));
  const admitted = series.admitted.totals().map((count) => count / seconds);
  return {
    metrics: observed({ ...attack(tally, workload), ...costs(tally, workload) }),
    histograms: { replay_age: histogramData(histograms.replayAge, 'ms', nsPerMs) },
    series: {
      replays_admitted_rate: seriesData(span, '1/s', admitted),
      replay_cache_entries: seriesData(span, 'count', entries),
    },
    heat: {},
    checks: checks(tally),
  };
}
