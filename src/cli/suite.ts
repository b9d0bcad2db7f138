/** `stormglass suite`, which is `npm start`: every workload, one report. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { worst } from '../../sim/experiment/expectations.ts';
import { UsageError } from '../errors.ts';
import { projectRoot } from '../results/environment.ts';
import { diskFiles, withFiles } from '../results/files.ts';
import { formatJson } from '../results/parse.ts';
import { folderKind } from '../results/read-folder.ts';
import type { Suite, Summary } from '../results/types.ts';
import { loadWorkload } from '../workload/load.ts';
import { formatAnswer } from './answer.ts';
import { executeRun, reportPath, type RunContext, type RunRequest } from './execute.ts';
import { withInterrupts } from './interrupt.ts';
import {
  addRunFlags,
  exitCodeOf,
  runCommandLine,
  shellCommand,
  wordsOf,
  type RunFlags,
} from './options.ts';

const defaultOut = join('runs', 'suite');

export const suite = addRunFlags(
  new Command('suite')
    .description(
      'Runs every workload of workloads/ into one folder and writes one report. Workloads whose ' +
        'results are complete, with the same settings and code, are not run again.',
    )
    .argument('[workloads...]', 'names of workloads, or .yaml files (default: all of workloads/)'),
  defaultOut,
).action(runSuite);

async function runSuite(names: readonly string[], flags: RunFlags): Promise<void> {
  const directory = flags.out ?? defaultOut;
  if (folderKind(directory) === 'run') {
    throw new UsageError(`${directory} is the folder of one run`, 'Choose another with --out');
  }
  // All files are read before the first run, so that a mistake in the last one shows at once.
  const requests = filesOf(names).map((file) => requestOf(file, directory, names, flags));
  refuseDoubles(requests);
  const summaries = await withInterrupts((stop) =>
    runAll(requests, { stop, quiet: flags.quiet === true, terminal: process.stderr }),
  );
  const result = suiteOf(requests, summaries, directory, commandOf(names, flags));
  const file = join(directory, 'suite.json');
  withFiles(file, '', () => diskFiles.write(file, formatJson(result)));
  const { buildSuiteReport } = await import('../../reports/build.ts');
  await buildSuiteReport(directory);
  if (flags.json === true) process.stdout.write(formatJson(result));
  else {
    const answers = summaries.map((summary) => `${formatAnswer(summary)}\n\n`).join('');
    process.stdout.write(`${answers}${reportPath(directory)}\n`);
  }
  process.exitCode = exitCodeOf(result.verdict, flags.strict === true);
}

async function runAll(requests: readonly RunRequest[], context: RunContext): Promise<Summary[]> {
  const { buildReport } = await import('../../reports/build.ts');
  const summaries: Summary[] = [];
  for (const request of requests) {
    summaries.push(await executeRun(request, context));
    await buildReport(request.directory);
  }
  return summaries;
}

/**
 * Paths of the wanted workloads; those that come with the program go by their names.
 * @throws {UsageError} naming the workloads that there are.
 */
function filesOf(names: readonly string[]): string[] {
  const folder = join(projectRoot, 'workloads');
  const known = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
  const wanted = names.length === 0 ? known : [...new Set(names)];
  return wanted.map((name) => {
    if (name.endsWith('.yaml')) return name;
    if (known.includes(name)) return relative(process.cwd(), join(folder, `${name}.yaml`));
    throw new UsageError(`no workload "${name}"`, `There are: ${known.join(', ')}`);
  });
}

function requestOf(
  file: string,
  directory: string,
  names: readonly string[],
  flags: RunFlags,
): RunRequest {
  const { seed, replications } = flags;
  const loaded = loadWorkload(file, { seed, replications });
  const out = join(directory, loaded.workload.name);
  return {
    loaded,
    workloadFile: file,
    overrides: [],
    tier: loaded.workload.tiers[0] ?? 'model',
    directory: out,
    command: runCommandLine(file, { seed, replications, out }),
    resume: commandOf(names, flags),
    force: flags.force === true,
    replaceOutdated: true,
    jobs: flags.jobs,
    workers: flags.workers,
  };
}

/** Two files of one name would share a folder. */
function refuseDoubles(requests: readonly RunRequest[]): void {
  const seen = new Map<string, string>();
  for (const { directory, workloadFile } of requests) {
    const other = seen.get(directory);
    if (other !== undefined) {
      throw new UsageError(
        `${other} and ${workloadFile} both would write ${directory}`,
        'Give the workloads different names',
      );
    }
    seen.set(directory, workloadFile);
  }
}

function commandOf(names: readonly string[], { seed, replications, out }: RunFlags): string {
  const words = wordsOf({ seed, replications, out });
  return shellCommand(['npx', 'stormglass', 'suite', ...names, ...words]);
}

function suiteOf(
  requests: readonly RunRequest[],
  summaries: readonly Summary[],
  directory: string,
  command: string,
): Suite {
  const [first] = summaries;
  if (first === undefined) throw new UsageError('no workloads to run');
  return {
    schema: 'stormglass.suite/1',
    verdict: worst(summaries.map((summary) => summary.verdict)),
    environment: first.environment,
    command,
    runs: summaries.map(({ workload, verdict, digest }, index) => ({
      workload,
      folder: relative(directory, requests[index]?.directory ?? directory),
      verdict,
      digest,
    })),
  };
}
