/** `stormglass tree`: what every commit of a group's history costs, on the exact ratchet tree. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { RatchetTree } from '../../sim/model/tree/ratchet-tree.ts';
import { defaultSizeOptions, sizes } from '../../sim/model/tree/sizes.ts';
import type { SizeOptions } from '../../sim/model/tree/sizes.ts';
import { formatProblem, UsageError, ValidationError } from '../errors.ts';
import { findSuite, suites } from '../suites/registry.ts';
import { parseHistory } from './tree-history.ts';
import { replayMutable } from './tree-replay.ts';
import type { Replay, ReplayedCommit } from './tree-replay.ts';

interface TreeOptions {
  readonly history: string;
  readonly suite: string;
  readonly json?: true;
  readonly identityBytes: number;
  readonly capabilitiesBytes: number;
  readonly extensionsBytes: number;
  readonly signature: SizeOptions['signature'];
}

const defaults = defaultSizeOptions;

export const tree = new Command('tree')
  .description(
    'Replays a group history on the exact ratchet tree of RFC 9420 and prints what each commit ' +
      'costs. The file is JSON Lines: {"members": 8} first (leaf 0 added the others in one commit ' +
      'without a path), then operations, each committed at once with a path: ' +
      '{"op": "update", "actor": 3}, {"op": "add", "actor": 0}, ' +
      '{"op": "remove", "actor": 0, "target": 5}; or propose-update, propose-add and ' +
      'propose-remove, followed by {"op": "commit", "actor": 1}.',
  )
  .requiredOption('--history <file>', 'history of the group, JSON Lines')
  .option('--suite <id>', 'MLS ciphersuite', '0x0001')
  .option('--json', 'print one JSON object per commit')
  .option('--identity-bytes <n>', 'identity in a credential', bytes, defaults.identityBytes)
  .option('--capabilities-bytes <n>', 'encoded Capabilities', bytes, defaults.capabilitiesBytes)
  .option('--extensions-bytes <n>', 'encoded leaf extensions', bytes, defaults.leafExtensionsBytes)
  .addOption(
    new Option('--signature <size>', 'size of signatures whose length varies (ECDSA)')
      .choices(['min', 'expected', 'max'])
      .default(defaults.signature),
  )
  .action(runTree);

function bytes(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 16_777_216) return value;
  throw new InvalidArgumentError('Give a whole number of bytes from 0 to 16777216.');
}

function runTree(options: TreeOptions): void {
  const suite = findSuite(options.suite);
  if (suite === undefined) {
    throw new UsageError(
      `unknown suite ${options.suite}`,
      `use one of ${Object.keys(suites).join(', ')}`,
    );
  }
  const table = sizes(suite, {
    identityBytes: options.identityBytes,
    capabilitiesBytes: options.capabilitiesBytes,
    leafExtensionsBytes: options.extensionsBytes,
    signature: options.signature,
  });
  const { commits, open } = replayFile(options.history, (n) => RatchetTree.bulk(n, table));
  const print = options.json ? toJsonLines : toTable;
  process.stdout.write(print(commits));
  for (const { line, op, actor } of open) {
    const message = `note: ${op} by leaf ${actor} is never committed`;
    process.stderr.write(`${formatProblem({ file: options.history, line, message })}\n`);
  }
}

/** @throws ValidationError with the problems of the whole file; UsageError when it is unreadable. */
function replayFile(file: string, build: (members: number) => RatchetTree): Replay {
  const { members, operations, problems } = parseHistory(readText(file), file);
  if (members === undefined) throw new ValidationError(problems);
  const replay = replayMutable(build(members), operations, file);
  const all = [...problems, ...replay.problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (all.length > 0) throw new ValidationError(all);
  return replay;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new UsageError(`cannot read the history ${file}: ${reason}`, 'check --history', {
      cause: error,
    });
  }
}

function toJsonLines(commits: readonly ReplayedCommit[]): string {
  return commits
    .map(({ cost }) => {
      const { encryptedPathSecrets, filteredDirectPath, updatePathBytes, members } = cost;
      const record = { encryptedPathSecrets, filteredDirectPath, updatePathBytes, members };
      return `${JSON.stringify(record)}\n`;
    })
    .join('');
}

const headings = ['line', 'leaf', 'commit', 'secrets', 'path', 'path bytes', 'bytes', 'members'];

/** A table with right-aligned numbers; `bytes` is the whole commit as a PublicMessage. */
function toTable(commits: readonly ReplayedCommit[]): string {
  const rows = commits.map(({ line, actor, what, cost }) => [
    String(line),
    String(actor),
    what,
    String(cost.encryptedPathSecrets),
    String(cost.filteredDirectPath),
    String(cost.updatePathBytes),
    String(cost.commitBytes),
    String(cost.members),
  ]);
  const widths = headings.map((heading, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), heading.length),
  );
  const format = (row: readonly string[]): string => {
    const cells = row.map((cell, column) =>
      column === 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `${cells.join('  ').trimEnd()}\n`;
  };
  return [headings, ...rows].map(format).join('');
}
