/** Options that several commands share, parsed once and the same everywhere. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { exitCodes } from '../errors.ts';
import type { Verdict } from '../results/types.ts';

/** Options of `run` and `suite`. */
export interface RunFlags {
  readonly seed?: number;
  readonly replications?: number;
  readonly jobs?: number;
  readonly workers?: number;
  readonly out?: string;
  readonly quiet?: true;
  readonly json?: true;
  readonly strict?: true;
  readonly force?: true;
}

/** @param out where the results go, for the help. */
export function addRunFlags(command: Command, out: string): Command {
  return command
    .option('--seed <n>', "root of all random streams (default: the workload's)", wholeFrom(0))
    .option('--replications <n>', "runs of each cell (default: the workload's)", wholeFrom(1))
    .option('--jobs <n>', 'tasks at the same time (default: one per core)', wholeFrom(1))
    .option('--workers <n>', 'threads of one task, up to 64 (default: 1)', wholeFrom(1, 64))
    .option('--out <dir>', `folder of the results (default: ${out})`, folderName)
    .option('--force', 'throw away the results that are there and run everything')
    .option('--quiet', 'no progress and no notes on standard error')
    .option('--json', 'print the summary as JSON on standard output, and nothing else there')
    .addOption(strictOption());
}

export function strictOption(): Option {
  return new Option('--strict', 'exit with 3 when the verdict is unknown');
}

/** Parser of a whole number of at least `min`, and at most `max`. */
export function wholeFrom(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range =
    max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of at least ${min}, below 2^53`;
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(`Expected a whole number ${range}.`);
    }
    return value;
  };
}

/** Parser of a folder: an unset shell variable gives an empty word, which is no folder. */
function folderName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected the name of a folder.');
  return text;
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Exit code of a verdict: 0 ok, 1 violated, and 3 for unknown where that is asked for. */
export function exitCodeOf(verdict: Verdict, strict: boolean): number {
  if (verdict === 'violated') return exitCodes.violated;
  return verdict === 'unknown' && strict ? exitCodes.unknown : exitCodes.ok;
}

export interface CommandLine {
  readonly tier?: string | undefined;
  readonly seed?: number | undefined;
  readonly replications?: number | undefined;
  readonly set?: readonly string[] | undefined;
  readonly out?: string | undefined;
}

/** The command that gives the same results; flags that change none (threads) are left out. */
export function runCommandLine(file: string, flags: CommandLine): string {
  return shellCommand(['npx', 'stormglass', 'run', file, ...wordsOf(flags)]);
}

export function wordsOf({ tier, seed, replications, set = [], out }: CommandLine): string[] {
  return [
    ...(tier === undefined ? [] : ['--tier', tier]),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
    ...set.flatMap((override) => ['--set', override]),
    ...(replications === undefined ? [] : ['--replications', String(replications)]),
    ...(out === undefined ? [] : ['--out', out]),
  ];
}

/** A command line that a POSIX shell reads back as these words. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
