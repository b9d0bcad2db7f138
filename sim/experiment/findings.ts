/** The sentences of the answer, with their numbers filled in. */
import { noCellWith } from '../../src/results/absent.ts';
import { describeParameters, formatEstimate, formatSpan } from '../../src/results/format.ts';
import type { FindingResult } from '../../src/results/types.ts';
import { matches } from '../../src/workload/cells.ts';
import type { Finding, ParameterValue } from '../../src/workload/types.ts';
import { estimateMean, estimatePair, type Estimate, type Observations } from './intervals.ts';

/** A cell as findings see it: its parameters and its metrics by replication. */
export interface ObservedCell {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  observations(metric: string): Observations;
}

/** @param unit unit of the finding's metric; a ratio has none. */
export function evaluateFinding(
  finding: Finding,
  cells: readonly ObservedCell[],
  unit: string,
): FindingResult {
  const resultUnit = finding.compare === 'ratio' ? '' : unit;
  const base = { metric: finding.metric, unit: resultUnit };
  const outcome = estimate(finding, cells);
  if (typeof outcome === 'string') {
    return { ...base, text: fill(finding.text, 'unknown', outcome), value: null, ci95: null };
  }
  const { value, ci95, n } = outcome;
  const interval =
    ci95 === null
      ? n === 1
        ? 'one replication, no interval'
        : 'unbounded'
      : formatSpan(ci95, resultUnit);
  const text = fill(finding.text, formatEstimate(value, ci95, resultUnit), interval);
  return { ...base, text, value, ci95 };
}

/** The number, or the reason why there is none. */
function estimate(finding: Finding, cells: readonly ObservedCell[]): Estimate | string {
  const of = observe(finding, finding.of, cells);
  if (typeof of === 'string') return of;
  if (finding.compare === 'value') return estimateMean(of) ?? 'not observed';
  const to = observe(finding, finding.to ?? {}, cells);
  if (typeof to === 'string') return to;
  return estimatePair(finding.compare, of, to) ?? 'not observed in both, or compared with zero';
}

/** A finding speaks of exactly one cell on either side. */
function observe(
  finding: Finding,
  where: Finding['of'],
  cells: readonly ObservedCell[],
): Observations | string {
  const found = cells.filter((cell) => matches(cell.parameters, where));
  const [cell] = found;
  if (cell === undefined) return `${noCellWith}${describeParameters(where)}`;
  if (found.length > 1) return `${found.length} cells with ${describeParameters(where)}`;
  return cell.observations(finding.metric);
}

function fill(text: string, value: string, interval: string): string {
  return text.replaceAll('{value}', value).replaceAll('{ci95}', interval);
}
