/**
 * Reads the history of a group from JSON Lines: `{"members": n}` first, then one operation a line.
 * Syntax only; whether an operation is possible is found when it is replayed (tree-replay.ts).
 */
import { maxMembers } from '../../sim/model/tree/ratchet-tree.ts';
import type { Problem } from '../errors.ts';

/** Operations that the actor commits at once, with a path. */
export const directOperations = ['update', 'add', 'remove'] as const;
/** Proposals that travel by themselves until somebody commits them. */
export const proposeOperations = ['propose-update', 'propose-add', 'propose-remove'] as const;
export const operationNames = [...directOperations, ...proposeOperations, 'commit'] as const;
export type OperationName = (typeof operationNames)[number];

export interface Operation {
  readonly op: OperationName;
  /** Leaf of the member that acts. */
  readonly actor: number;
  /** Leaf removed, or where an added member is expected. */
  readonly target?: number;
  /** 1-based line in the file. */
  readonly line: number;
}

export interface History {
  /** Undefined when the first line is wrong. */
  readonly members: number | undefined;
  readonly operations: readonly Operation[];
  readonly problems: readonly Problem[];
}

const example = '{"op": "update", "actor": 0}';

type Report = (message: string, remedy: string, path?: string) => undefined;

/** Parses a whole file; the problems of all lines come back together. Empty lines are skipped. */
export function parseHistory(text: string, file: string): History {
  const problems: Problem[] = [];
  const operations: Operation[] = [];
  let members: number | undefined;
  let first = true;
  for (const [index, content] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (content.trim() === '') continue;
    const line = index + 1;
    const report: Report = (message, remedy, path) => {
      problems.push({ file, line, message, remedy, ...(path === undefined ? {} : { path }) });
      return undefined;
    };
    const record = parseObject(content, report);
    if (first) {
      members = record === undefined ? undefined : parseHeader(record, report);
    } else if (record !== undefined) {
      const operation = parseOperation(record, line, report);
      if (operation !== undefined) operations.push(operation);
    }
    first = false;
  }
  if (first) {
    const remedy = 'begin with {"members": 8} and add one operation a line';
    problems.push({ file, line: 1, message: 'the history is empty', remedy });
  }
  return { members, operations, problems };
}

function parseObject(content: string, report: Report): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    // The engine's own line is that of the fragment, always 1.
    const reason = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, '');
    return report(`this is not JSON: ${reason}`, `write ${example}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return report('a line must hold one JSON object', `write ${example}`);
  }
  return value as Record<string, unknown>;
}

function parseHeader(record: Record<string, unknown>, report: Report): number | undefined {
  if ('op' in record) {
    return report('the first line must give the size of the group', 'write {"members": 8} before');
  }
  reportUnknownKeys(record, ['members'], report);
  const { members } = record;
  if (isWhole(members, 1, maxMembers)) return members;
  const shown = members === undefined ? 'missing' : JSON.stringify(members);
  const remedy = `give a whole number from 1 to ${maxMembers}`;
  return report(`the number of members is ${shown}`, remedy, 'members');
}

function parseOperation(
  record: Record<string, unknown>,
  line: number,
  report: Report,
): Operation | undefined {
  const op = operationNames.find((name) => name === record['op']);
  if (op === undefined) {
    const shown = record['op'] === undefined ? 'no op' : `op ${JSON.stringify(record['op'])}`;
    return report(`${shown} is not an operation`, `use one of ${operationNames.join(', ')}`, 'op');
  }
  const keys = op === 'commit' ? ['op', 'actor'] : ['op', 'actor', 'target'];
  const known = reportUnknownKeys(record, keys, report);
  const actor = parseLeaf(record, 'actor', report);
  const hasTarget = keys.includes('target') && 'target' in record;
  const target = hasTarget ? parseLeaf(record, 'target', report) : undefined;
  if (!known || actor === undefined || (hasTarget && target === undefined)) return undefined;
  const removes = op === 'remove' || op === 'propose-remove';
  if (removes && target === undefined) {
    return report(`${op} needs the leaf to remove`, 'add "target": LEAF', 'target');
  }
  const updates = op === 'update' || op === 'propose-update';
  if (updates && target !== undefined && target !== actor) {
    return report(`a member can only update itself, leaf ${actor}`, 'leave target out', 'target');
  }
  return { op, actor, line, ...(target === undefined ? {} : { target }) };
}

function parseLeaf(
  record: Record<string, unknown>,
  key: 'actor' | 'target',
  report: Report,
): number | undefined {
  const value = record[key];
  if (isWhole(value, 0, maxMembers - 1)) return value;
  const shown = value === undefined ? 'missing' : JSON.stringify(value);
  return report(`${key} is ${shown}`, `give a leaf, a whole number from 0`, key);
}

function reportUnknownKeys(
  record: Record<string, unknown>,
  known: readonly string[],
  report: Report,
): boolean {
  const unknown = Object.keys(record).filter((key) => !known.includes(key));
  for (const key of unknown) {
    report(`unknown key ${JSON.stringify(key)}`, `the keys here are ${known.join(', ')}`, key);
  }
  return unknown.length === 0;
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}
