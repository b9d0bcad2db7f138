/**
 * The command line `stormglass`: one table of commands, and the one place that turns errors into
 * messages and exit codes. A command's module is loaded only when it is called or its help is
 * asked for, so `--help` and tab-happy users do not pay for chart libraries.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { exitCodes } from '../errors.ts';
import { describeError } from './failure.ts';

interface Entry {
  readonly summary: string;
  load(): Promise<Record<string, unknown>>;
}

const commands: Readonly<Record<string, Entry>> = {
  run: { summary: 'run a workload and write a report', load: () => load('run') },
  suite: { summary: 'run every workload and write one report', load: () => load('suite') },
  report: { summary: 'rebuild the report of a run folder', load: () => load('report') },
  validate: {
    summary: 'check the simulator against closed forms and published results',
    load: () => load('validate'),
  },
  phold: { summary: 'measure the event kernel with PHOLD', load: () => load('phold') },
  tree: { summary: 'replay a group history on the exact ratchet tree', load: () => load('tree') },
  docs: { summary: 'generate or check the reference pages', load: () => load('docs') },
};

/** Imports a command's file. */
async function load(name: string): Promise<Record<string, unknown>> {
  return (await import(new URL(`${name}.ts`, import.meta.url).href)) as Record<string, unknown>;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The commander program with `argv`'s command loaded and the others as names with a summary. */
export async function program(argv: readonly string[]): Promise<Command> {
  const root = new Command('stormglass')
    .description('Simulation and load-testing laboratory for MLS messaging homeservers')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(run with --help for the options)');
  const wanted = argv.filter((argument) => !argument.startsWith('-')).slice(0, 2);
  for (const [name, entry] of Object.entries(commands)) {
    const called = wanted[0] === name || (wanted[0] === 'help' && wanted[1] === name);
    const command = called ? await loadCommand(name, entry) : new Command(name);
    command.summary(entry.summary).copyInheritedSettings(root);
    root.addCommand(command);
  }
  return root;
}

async function loadCommand(name: string, entry: Entry): Promise<Command> {
  const module = await entry.load();
  for (const exported of Object.values(module)) {
    if (exported instanceof Command) return exported;
    if (typeof exported === 'function' && /command$/i.test(exported.name)) {
      return exported() as Command;
    }
  }
  throw new Error(`src/cli/${name}.ts exports no Command`);
}

/**
 * Runs the command line and sets `process.exitCode`. A command reports `violated` or `unknown` by
 * setting `process.exitCode` itself; whatever it throws is told and coded here.
 */
export async function runMain(argv: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  process.on('uncaughtException', (error) => {
    fail(error);
    process.exit();
  });
  try {
    const root = await program(argv);
    await root.parseAsync(argv, { from: 'user' });
  } catch (error) {
    fail(error);
  }
}

/** Tells an error and sets the exit code. Node's own would be 1, which means `violated` here. */
function fail(error: unknown): void {
  const { text, exitCode } = describeError(error);
  if (text !== '') process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}

/**
 * `stormglass ... | head` closes our output early. That is no error: what was started is finished,
 * so a run folder is complete whoever reads along.
 */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exitCode = exitCodes.internal;
    });
  }
}

if (import.meta.main) await runMain(process.argv.slice(2));
