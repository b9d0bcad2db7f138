/**
 * A pure function from outcomes to summary.json: whether a run went in one piece, was resumed, or
 * used other numbers of threads leaves no trace in it.
 */
import { createHash } from 'node:crypto';
import type { Outcome } from '../../src/results/run-folder.ts';
import type {
  Environment,
  MetricValue,
  Summary,
  SummaryCell,
  Verdict,
} from '../../src/results/types.ts';
import type { Cell } from '../../src/workload/cells.ts';
import type { Tier, Workload } from '../../src/workload/types.ts';
import { judgeExpectation, worst } from './expectations.ts';
import { evaluateFinding, type ObservedCell } from './findings.ts';
import { estimateMean, type Observations } from './intervals.ts';

export interface SummaryInput {
  readonly workload: Workload;
  readonly tier: Tier;
  readonly seed: number;
  readonly replications: number;
  readonly cells: readonly Cell[];
  /** Every replication of every cell, in any order. */
  readonly outcomes: readonly Outcome[];
  readonly environment: Environment;
  readonly unitOf: (metric: string) => string;
}

export function summarise(input: SummaryInput): Summary {
  const { workload, cells, replications, unitOf } = input;
  const outcomes = inOrder(cells, input.outcomes);
  const observed = cells.map((cell) => observe(cell, outcomes));
  const summaryCells = observed.map((cell) => summariseCell(cell, unitOf));
  const expectations = workload.expect.map((expectation) =>
    judgeExpectation(expectation, summaryCells, replications),
  );
  const checks = outcomes.flatMap(({ cell, replication, result }) =>
    result.checks.map((check) => ({ ...check, cell, replication })),
  );
  const failed: Verdict[] = checks.some((check) => !check.ok) ? ['violated'] : [];
  return {
    schema: 'stormglass.summary/1',
    workload: workload.name,
    tier: input.tier,
    seed: input.seed,
    digest: digestOf(outcomes),
    verdict: worst([...expectations.map((expectation) => expectation.verdict), ...failed]),
    question: workload.question,
    hypothesis: workload.hypothesis,
    findings: workload.findings.map((finding) =>
      evaluateFinding(finding, observed, unitOf(finding.metric)),
    ),
    cells: summaryCells,
    expectations,
    checks,
    environment: input.environment,
  };
}

/** By cell in the order of the plan, then by replication. */
export function inOrder(cells: readonly Cell[], outcomes: readonly Outcome[]): Outcome[] {
  const rank = new Map(cells.map((cell, index) => [cell.id, index]));
  return [...outcomes].sort(
    (a, b) => (rank.get(a.cell) ?? 0) - (rank.get(b.cell) ?? 0) || a.replication - b.replication,
  );
}

/**
 * Fingerprint of a run: SHA-256 over cell, replication, events' digest and metrics of everything,
 * in order. Metrics are in it because two models may run the same events and count them
 * differently.
 */
export function digestOf(outcomes: readonly Outcome[]): string {
  const hash = createHash('sha256');
  for (const { cell, replication, seed, result } of outcomes) {
    const metrics = Object.keys(result.metrics)
      .sort()
      .map((name) => [name, result.metrics[name]]);
    hash.update(`${JSON.stringify([cell, replication, seed, result.digest, metrics])}\n`);
  }
  return hash.digest('hex');
}

interface CellWithOutcomes extends ObservedCell {
  readonly metricNames: readonly string[];
}

function observe(cell: Cell, outcomes: readonly Outcome[]): CellWithOutcomes {
  const own = outcomes.filter((outcome) => outcome.cell === cell.id);
  return {
    parameters: cell.parameters,
    metricNames: [...new Set(own.flatMap(({ result }) => Object.keys(result.metrics)))].sort(),
    observations: (metric): Observations =>
      new Map(
        own.flatMap(({ replication, result }) => {
          const value = result.metrics[metric];
          return value === undefined ? [] : [[replication, value] as const];
        }),
      ),
  };
}

function summariseCell(cell: CellWithOutcomes, unitOf: (metric: string) => string): SummaryCell {
  const metrics: Record<string, MetricValue> = {};
  for (const name of cell.metricNames) {
    const estimate = estimateMean(cell.observations(name));
    if (estimate !== undefined) {
      const { value, ci95, n } = estimate;
      metrics[name] = { value, unit: unitOf(name), ci95, n };
    }
  }
  return { parameters: cell.parameters, metrics };
}
