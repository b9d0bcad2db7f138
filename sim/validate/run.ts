/** Runs studies and judges their cases; where the replications run is the executor's business. */
import { type Judgement, type Verdict, caseConfidence, conclude, judge } from './judge.ts';
import { type Measure, type Study, comparisons, groupOf } from './study.ts';

/** Replications `from` to `to` - 1 of one study. */
export interface Task {
  readonly study: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

export type Row = Readonly<Record<string, number>>;

/** Yields one row per replication, in order. */
export type Executor = (task: Task) => Promise<readonly Row[]>;

export interface CaseResult extends Judgement {
  /** `queue/mm1/rho-0.8/wait`. */
  readonly name: string;
  readonly group: string;
  readonly expected: number;
  readonly unit: string;
  readonly source: string;
  /** Replications behind `actual`. */
  readonly n: number;
  /** 1, or more when earlier samples were inconclusive and drawn afresh. */
  readonly samples: number;
}

export interface ValidationOptions {
  readonly seed: number;
  /** Replications of a first sample; without it each study's own number. */
  readonly replications?: number;
  /** Size of the family for simultaneous confidence; by default that of `studies`. */
  readonly comparisons?: number;
  readonly execute: Executor;
  /** Called as each study ends, for progress. */
  readonly onStudy?: (study: Study, cases: readonly CaseResult[]) => void;
}

/** All cases of the studies, in the order of the studies whatever order they finish in. */
export async function runStudies(
  studies: readonly Study[],
  options: ValidationOptions,
): Promise<CaseResult[]> {
  const confidence = caseConfidence(options.comparisons ?? comparisons(studies));
  const longestFirst = [...studies].sort(
    (a, b) => b.seconds * b.replications - a.seconds * a.replications,
  );
  const finished = new Map<string, CaseResult[]>();
  await Promise.all(
    longestFirst.map(async (study) => {
      const cases = await runStudy(study, confidence, options);
      finished.set(study.name, cases);
      options.onStudy?.(study, cases);
    }),
  );
  return studies.flatMap((study) => finished.get(study.name) ?? []);
}

async function runStudy(
  study: Study,
  confidence: number,
  options: ValidationOptions,
): Promise<CaseResult[]> {
  const open = new Map<string, Verdict[]>(Object.keys(study.measures).map((key) => [key, []]));
  const results = new Map<string, CaseResult>();
  let count = options.replications ?? study.replications;
  for (let from = 0; open.size > 0; count *= 2) {
    const rows = await sample(study, options, from, from + count);
    from += count;
    for (const [key, verdicts] of open) {
      const measure = study.measures[key] as Measure;
      const judgement = judge(measure, column(study, rows, key), confidence);
      verdicts.push(judgement.verdict);
      const verdict = measure.tolerance.kind === 'exact' ? judgement.verdict : conclude(verdicts);
      results.set(key, describe(study, key, judgement, { n: rows.length, verdicts, verdict }));
      if (verdict !== undefined) {
        open.delete(key);
      }
    }
  }
  return Object.keys(study.measures).map((key) => results.get(key) as CaseResult);
}

function describe(
  study: Study,
  key: string,
  judgement: Judgement,
  outcome: { n: number; verdicts: readonly Verdict[]; verdict: Verdict | undefined },
): CaseResult {
  const { expected, unit, source } = study.measures[key] as Measure;
  return {
    name: `${study.name}/${key}`,
    group: groupOf(study),
    expected,
    unit,
    source,
    ...judgement,
    verdict: outcome.verdict ?? judgement.verdict,
    n: outcome.n,
    samples: outcome.verdicts.length,
  };
}

/** A task takes about this long, so that workers share a study evenly. */
const taskSeconds = 0.4;

async function sample(
  study: Study,
  { seed, execute }: ValidationOptions,
  from: number,
  to: number,
): Promise<Row[]> {
  const step = Math.max(1, Math.round(taskSeconds / study.seconds));
  const tasks: Promise<readonly Row[]>[] = [];
  for (let start = from; start < to; start += step) {
    tasks.push(execute({ study: study.name, seed, from: start, to: Math.min(to, start + step) }));
  }
  return (await Promise.all(tasks)).flat();
}

function column(study: Study, rows: readonly Row[], key: string): number[] {
  return rows.map((row) => {
    const value = row[key];
    if (value === undefined) {
      throw new Error(`study ${study.name} returned no value for its measure ${key}`);
    }
    return value;
  });
}

/** Runs the replications of a task on the calling thread. */
export function replicateTask(study: Study, task: Task): Row[] {
  const rows: Row[] = [];
  for (let replication = task.from; replication < task.to; replication++) {
    rows.push(study.replicate(task.seed, replication));
  }
  return rows;
}

/** Executor on the calling thread. */
export function inThread(studies: readonly Study[]): Executor {
  const byName = new Map(studies.map((study) => [study.name, study]));
  return (task) => Promise.resolve(replicateTask(byName.get(task.study) as Study, task));
}
