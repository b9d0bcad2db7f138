/** `stormglass validate`: does the simulator reproduce theory and published experiments? */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { openPool } from '../../sim/validate/pool.ts';
import { groups, registryComparisons, studies } from '../../sim/validate/registry.ts';
import { type CaseResult, runStudies } from '../../sim/validate/run.ts';
import { selectCases, selectStudies } from '../../sim/validate/select.ts';
import { UsageError } from '../errors.ts';
import { readEnvironment } from '../results/environment.ts';
import { diskFiles, withFiles } from '../results/files.ts';
import { exitCodeOf, strictOption, wholeFrom } from './options.ts';
import { validationTable } from './validate-table.ts';
import { buildValidationReport } from '../../reports/build.ts';

interface Options {
  readonly only: string;
  readonly seed: number;
  readonly replications?: number;
  readonly jobs?: number;
  readonly out: string;
  readonly json?: true;
  readonly strict?: true;
}

export const validate = new Command('validate')
  .summary('check the simulator against closed forms and published results')
  .description(
    'Simulates every case of which theory or a published experiment knows the answer, prints\n' +
      'expected, simulated, interval and verdict, and exits with 1 if any case is violated.',
  )
  .option('--only <pattern>', 'only cases whose name contains this; * stands for anything', '*')
  .option('--seed <n>', 'seed of all random streams', wholeFrom(0), 1)
  .option(
    '--replications <n>',
    'replications of a first sample (default: as each case needs, at least 30)',
    wholeFrom(1),
  )
  .option('--jobs <n>', 'threads (default: one per core)', wholeFrom(1))
  .option('--out <folder>', 'where validation.json and the report go', 'runs/validation')
  .option('--json', 'print the result as JSON on standard output, and nothing else there')
  .addOption(strictOption())
  .action(async (options: Options) => {
    const cases = await simulate(options);
    const record = describe(cases, options);
    const path = join(options.out, 'validation.json');
    withFiles(path, '', () => {
      diskFiles.makeDirectory(options.out);
      diskFiles.write(path, `${JSON.stringify(record, null, 2)}\n`);
    });
    const report = await buildValidationReport(options.out);
    process.stdout.write(
      options.json === true ? `${JSON.stringify(record, null, 2)}\n` : validationTable(cases),
    );
    if (options.json !== true) {
      process.stdout.write(`Seed ${options.seed}. Report: ${report.html}\n`);
    }
    process.exitCode = exitCodeOf(worst(cases), options.strict === true);
  });

function worst(cases: readonly CaseResult[]): CaseResult['verdict'] {
  const verdicts = cases.map(({ verdict }) => verdict);
  if (verdicts.includes('violated')) return 'violated';
  return verdicts.includes('unknown') ? 'unknown' : 'ok';
}

async function simulate(options: Options): Promise<CaseResult[]> {
  const selected = selectStudies(studies, options.only);
  if (selected.length === 0) {
    throw new UsageError(
      `no case matches --only ${options.only}`,
      `The groups are ${groups().join(', ')}; without --only every case is listed.`,
    );
  }
  const pool = openPool(options.jobs ?? availableParallelism());
  let finished = 0;
  try {
    const cases = await runStudies(selected, {
      seed: options.seed,
      ...(options.replications === undefined ? {} : { replications: options.replications }),
      comparisons: registryComparisons,
      execute: pool.execute,
      onStudy: (study) => showProgress(`${++finished}/${selected.length} ${study.name}`),
    });
    return selectCases(cases, options.only);
  } finally {
    showProgress('');
    await pool.close();
  }
}

/** One line that overwrites itself on a terminal; nothing in a pipe or a log. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001B[K${text}`);
  }
}

/** What validation.json holds (stormglass.validation/1); reports are built from it. */
function describe(cases: readonly CaseResult[], options: Options): object {
  return {
    schema: 'stormglass.validation/1',
    seed: options.seed,
    only: options.only,
    cases: cases.map((result) => ({
      ...result,
      // JSON knows no NaN: a replication that gave none has no mean.
      actual: Number.isFinite(result.actual) ? result.actual : null,
    })),
    environment: readEnvironment({ name: 'none', sha256: '' }),
  };
}
