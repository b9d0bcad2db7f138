/**
 * The table of commands. A command's module is loaded only when it is called or its help is asked
 * for, so that `--help` does not pay for the chart library. To add a command: write its file,
 * export a commander `Command`, add a row here, run `stormglass docs`.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';

interface Entry {
  readonly summary: string;
  load(): Promise<Command>;
}

const commands: Readonly<Record<string, Entry>> = {
  run: {
    summary: 'run a workload and write its report',
    load: async () => (await import('./run.ts')).run,
  },
  suite: {
    summary: 'run every workload and write one report',
    load: async () => (await import('./suite.ts')).suite,
  },
  report: {
    summary: 'rebuild the report of a folder',
    load: async () => (await import('./report.ts')).report,
  },
  validate: {
    summary: 'check the simulator against closed forms and published results',
    load: async () => (await import('./validate.ts')).validate,
  },
  phold: {
    summary: 'measure the event kernel with PHOLD',
    load: async () => (await import('./phold.ts')).phold,
  },
  tree: {
    summary: 'replay a group history on the exact ratchet tree',
    load: async () => (await import('./tree.ts')).tree,
  },
  attack: {
    summary: 'try what a captured authentication is good for under each scheme',
    load: async () => (await import('./attack.ts')).attack,
  },
  docs: {
    summary: 'generate or check the reference pages',
    load: async () => (await import('./docs.ts')).docs,
  },
};

/** The program, with the command of `argv` loaded and the others as names with a summary. */
export async function program(argv: readonly string[]): Promise<Command> {
  const root = new Command('stormglass')
    .description('Simulation and load-testing laboratory for MLS messaging homeservers')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(--help shows the options)');
  const words = argv.filter((argument) => !argument.startsWith('-'));
  const called = words[0] === 'help' ? words[1] : words[0];
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = called === name ? await load() : new Command(name);
    root.addCommand(command.summary(summary).copyInheritedSettings(root));
  }
  return root;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
