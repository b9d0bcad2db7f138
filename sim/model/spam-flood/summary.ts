/** From counts to the metrics of metrics-spam-flood.ts, with the checks that every run makes. */
import type { MetricName } from '../../../src/results/metrics.ts';
import type { CheckResult } from '../../../src/results/types.ts';
import type { Workload } from '../../../src/workload/types.ts';
import type { Histogram } from '../../kernel/statistics/histogram.ts';
import { equalCheck, observed, type ModelResult } from '../result.ts';
import { histogramData, seriesData, type Tally } from '../tally.ts';
import { msPerDay, nsPerMs, nsPerSecond } from '../units.ts';
import type { floodNames } from './counts.ts';

type FloodTally = Tally<typeof floodNames>;
type Metrics = Partial<Record<MetricName, number>>;
type Counter = (typeof floodNames)['counters'][number];

const megabyte = 1_000_000;

function delays({ histograms: h }: FloodTally): Metrics {
  const ms = (histogram: Histogram, p: number): number => histogram.percentile(p) / nsPerMs;
  return {
    ham_delay_mean: h.hamDelay.mean / nsPerMs,
    ham_delay_p50: ms(h.hamDelay, 0.5),
    ham_delay_p95: ms(h.hamDelay, 0.95),
    ham_delay_p99: ms(h.hamDelay, 0.99),
    wanted_delay_p99: ms(h.wantedDelay, 0.99),
    parked_delay_p50: ms(h.parkedDelay, 0.5),
    rescue_time_mean: h.rescueTime.mean / nsPerMs,
    groups_rescued: h.rescueTime.count,
  };
}

function scalars(tally: FloodTally, workload: Workload): Metrics {
  const n = (name: Counter): number => tally.count(name);
  const { clients } = workload.population;
  const clientDays = (clients * (workload.duration - workload.warmUp)) / msPerDay;
  const fetched = n('spamBackgroundBytes') + n('spamForegroundBytes');
  return {
    wanted_messages: n('wanted'),
    spam_messages: n('spam'),
    ...delays(tally),
    spam_background_bytes: n('spamBackgroundBytes') / clientDays,
    spam_foreground_bytes: n('spamForegroundBytes') / clientDays,
    spam_share_of_background: n('spamBackgroundBytes') / n('backgroundBytes'),
    wakes_per_day: n('wakes') / clientDays,
    wakes_over_budget: n('wakesOverBudget') / clientDays,
    wakes_cut_short: n('wakesCutShort') / clientDays,
    false_positive_share: (n('wantedParked') + n('wantedRefused')) / n('wanted'),
    wanted_refused_share: n('wantedRefused') / n('wanted'),
    spam_refused_share: n('spamRefused') / n('spam'),
    epoch_lag_parked: n('lagPeaks') / n('laggingGroups'),
    forced_resyncs: n('forcedResyncs'),
    parked_bytes: n('parkedBytesAtEnd') / clients,
    blocked_groups: n('blocked'),
    tokens_per_megabyte: n('adds') / (fetched / megabyte),
    ...(workload.spam.backlog > 0 && {
      backlog_passed: n('backlogPassedNs') / clients / nsPerMs,
    }),
  };
}

function checks(tally: FloodTally): CheckResult[] {
  const n = (name: Counter): number => tally.count(name);
  return [
    equalCheck(
      'messages arrived = read + waiting + refused + discarded',
      ['arrived', n('allArrived')],
      ['all fates', n('allDelivered') + n('waitingAtEnd') + n('allRefused') + n('allDiscarded')],
    ),
    equalCheck(
      'bytes arrived = read + waiting + refused + discarded',
      ['arrived', n('allBytesArrived')],
      [
        'all fates',
        n('allBytesDelivered') +
          n('bytesWaitingAtEnd') +
          n('allBytesRefused') +
          n('allBytesDiscarded'),
      ],
    ),
    equalCheck(
      'messages of a group are read in the order in which they came, over both lanes',
      ['out of order', n('readOutOfOrder')],
      ['none:', 0],
    ),
  ];
}

export function summarise(tally: FloodTally, workload: Workload): ModelResult {
  const { histograms: h, series, span } = tally;
  let level = 0;
  const waiting = series.waiting.totals().map((change) => (level += change));
  const seconds = span.binNs / nsPerSecond;
  const background = series.spamBackground.totals().map((bytes) => bytes / seconds);
  return {
    metrics: observed(scalars(tally, workload)),
    histograms: {
      ham_delay: histogramData(h.hamDelay, 'ms', nsPerMs),
      wanted_delay: histogramData(h.wantedDelay, 'ms', nsPerMs),
      rescue_time: histogramData(h.rescueTime, 'ms', nsPerMs),
    },
    series: {
      waiting_messages: seriesData(span, 'count', waiting),
      spam_background_rate: seriesData(span, 'B/s', background),
    },
    heat: { ham_delay: tally.heats.hamDelay.data() },
    checks: checks(tally),
  };
}
