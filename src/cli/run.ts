/** `stormglass run`: one workload into one run folder. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { RunModel } from '../../sim/experiment/messages.ts';
import { recordOf } from '../../sim/experiment/experiment.ts';
import { planTasks, taskName } from '../../sim/experiment/plan.ts';
import { UsageError } from '../errors.ts';
import { formatJson } from '../results/parse.ts';
import type { Summary } from '../results/types.ts';
import { cells as cellsOf } from '../workload/cells.ts';
import { loadWorkload } from '../workload/load.ts';
import { tiers, type Tier } from '../workload/types.ts';
import { formatAnswer } from './answer.ts';
import { executeRun, reportPath, tierModule, type RunRequest } from './execute.ts';
import { withInterrupts } from './interrupt.ts';
import { addRunFlags, collect, exitCodeOf, runCommandLine, type RunFlags } from './options.ts';

interface Flags extends RunFlags {
  readonly tier?: Tier;
  readonly set?: readonly string[];
  readonly only?: string;
}

export const run = addRunFlags(
  new Command('run')
    .description(
      'Runs a workload and writes a run folder with its report. A run that was stopped goes on ' +
        'where it was; a complete one is only reported again.',
    )
    .argument('<workload.yaml>', 'workload file')
    .addOption(
      new Option('--tier <name>', "where to run it (default: the workload's first)").choices(tiers),
    )
    .option('--set <path=value>', 'override a value of the workload, may be repeated', collect)
    .option('--only <task>', 'run one task (<cell>.r<n>) alone and print its result as JSON'),
  'runs/<workload>-<tier>-<seed>',
).action(runWorkload);

async function runWorkload(file: string, flags: Flags): Promise<void> {
  const request = requestOf(file, flags);
  if (flags.only !== undefined) return runOnly(request, flags.only);
  const summary = await withInterrupts((stop) =>
    executeRun(request, { stop, quiet: flags.quiet === true, terminal: process.stderr }),
  );
  await writeReport(request.directory);
  print(summary, request.directory, flags);
  process.exitCode = exitCodeOf(summary.verdict, flags.strict === true);
}

/** Fills in what the flags leave to the workload. */
function requestOf(file: string, flags: Flags): RunRequest {
  const { set: overrides = [], seed, replications } = flags;
  const loaded = loadWorkload(file, { overrides, seed, replications });
  const { workload } = loaded;
  const tier = flags.tier ?? workload.tiers[0] ?? 'model';
  if (!workload.tiers.includes(tier)) {
    throw new UsageError(
      `${workload.name} does not run on tier "${tier}"`,
      `Its tiers: ${workload.tiers.join(', ')}`,
    );
  }
  const directory = flags.out ?? join('runs', `${workload.name}-${tier}-${workload.seed}`);
  const command = runCommandLine(file, flags);
  return {
    loaded,
    workloadFile: file,
    overrides,
    tier,
    directory,
    command,
    resume: command,
    force: flags.force === true,
    replaceOutdated: false,
    jobs: flags.jobs,
    workers: flags.workers,
  };
}

/** One task in this very thread, where a debugger finds it. No run folder is read or written. */
async function runOnly(request: RunRequest, name: string): Promise<void> {
  const { workload } = request.loaded;
  const tasks = planTasks(cellsOf(workload), workload.seed, workload.replications);
  const task = tasks.find((task) => taskName(task) === name);
  if (task === undefined) {
    const some = tasks.slice(0, 3).map(taskName).join(', ');
    throw new UsageError(`no task "${name}"`, `There are ${tasks.length}, such as ${some}`);
  }
  const { runModel } = (await import(tierModule(request.tier))) as { runModel: RunModel };
  const workers = request.workers ?? 1;
  const reproduce = `${request.command} --only ${name}`;
  const output = await runModel(task.cell.workload, { seed: task.seed, workers, reproduce });
  process.stdout.write(formatJson(recordOf(task, output)));
}

function print(summary: Summary, directory: string, flags: Flags): void {
  if (flags.json === true) process.stdout.write(formatJson(summary));
  else process.stdout.write(`${formatAnswer(summary)}\n${reportPath(directory)}\n`);
}

async function writeReport(directory: string): Promise<void> {
  const { buildReport } = await import('../../reports/build.ts');
  await buildReport(directory);
}
