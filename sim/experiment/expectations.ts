/**
 * Expectations with three values. With an interval: `ok` when all of it lies inside the bounds,
 * `violated` when all of it lies outside, `unknown` when it straddles a bound; more replications
 * narrow it. Bounds belong to the inside.
 *
 * With a single replication there is no interval, and the value decides by itself: it averages over
 * the whole measured time already, the bounds of expectations leave room, and `unknown` for every
 * single-replication run would hide real violations of the largest runs, which can afford only one.
 * The detail says so. A metric that some replications did not observe needs at least two that did.
 */
import type {
  ExpectationResult,
  MetricValue,
  SummaryCell,
  Verdict,
} from '../../src/results/types.ts';
import { noCellMatches } from '../../src/results/absent.ts';
import { describeParameters, formatEstimate, formatSpan } from '../../src/results/format.ts';
import { matches } from '../../src/workload/cells.ts';
import type { Expectation } from '../../src/workload/types.ts';

interface Judgement {
  readonly verdict: Verdict;
  readonly detail: string;
}

const severity: Readonly<Record<Verdict, number>> = { ok: 0, unknown: 1, violated: 2 };

/** The worst of some verdicts; `ok` for none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((a, b) => (severity[b] > severity[a] ? b : a), 'ok');
}

/** An expectation holds for every cell that matches; the cell that is worst off decides. */
export function judgeExpectation(
  expectation: Expectation,
  cells: readonly SummaryCell[],
  replications: number,
): ExpectationResult {
  const judged = cells
    .filter((cell) => matches(cell.parameters, expectation.where))
    .map((cell) => judgeCell(expectation, cell, replications));
  const verdict = worst(judged.map((judgement) => judgement.verdict));
  const decisive = judged.find((judgement) => judgement.verdict === verdict) ?? {
    verdict: 'unknown',
    detail: `${noCellMatches}${describeParameters(expectation.where)}`,
  };
  return { ...expectation, ...decisive };
}

function judgeCell(expectation: Expectation, cell: SummaryCell, replications: number): Judgement {
  const place = describeParameters(cell.parameters);
  const metric = cell.metrics[expectation.metric];
  if (metric === undefined) return { verdict: 'unknown', detail: `${place}: not observed` };
  const value = formatEstimate(metric.value, metric.ci95, metric.unit);
  if (metric.ci95 !== null) {
    const interval = formatSpan(metric.ci95, metric.unit);
    const detail = `${place}: ${value}, 95 % interval ${interval}`;
    return { verdict: judgeInterval(metric.ci95, expectation), detail };
  }
  if (replications > 1) {
    const detail = `${place}: ${value}, observed in 1 of ${replications} replications only`;
    return { verdict: 'unknown', detail };
  }
  const detail = `${place}: ${value}, one replication, so without an interval`;
  return { verdict: judgeInterval([metric.value, metric.value], expectation), detail };
}

function judgeInterval(
  [low, high]: NonNullable<MetricValue['ci95']>,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Expectation,
): Verdict {
  if (low >= min && high <= max) return 'ok';
  return high < min || low > max ? 'violated' : 'unknown';
}
