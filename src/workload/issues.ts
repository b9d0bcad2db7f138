/** What zod finds, as problems with a remedy. */
import type * as z from 'zod';
import { type Path, formatPath } from './document.ts';
import { keysAt } from './paths.ts';
import { nearest } from './suggest.ts';

/** A problem whose place is a path in the document; the loader adds file and line. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly remedy: string;
}

export function findingsOf(issues: readonly z.core.$ZodIssue[]): Finding[] {
  return issues.flatMap((issue) => {
    // A text has a length too: "not a list" is enough.
    if (isLength(issue) && issues.some((other) => isWrongType(other, issue))) return [];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue, key));
    return [findingOf(issue)];
  });
}

function isLength({ code }: z.core.$ZodIssue): boolean {
  return code === 'too_small' || code === 'too_big';
}

function isWrongType(issue: z.core.$ZodIssue, { path }: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.path.join('.') === path.join('.');
}

function unknownKey({ path }: z.core.$ZodIssue, key: string): Finding {
  const known = keysAt(schemaPath(path as Path));
  const likely = nearest(key, known);
  const list = known.map((name) => `\`${name}\``).join(', ');
  return {
    path: [...(path as Path), key],
    message: 'there is no such key',
    remedy: likely === undefined ? `known here: ${list}` : `did you mean \`${likely}\`?`,
  };
}

/** `expect[2].metric` as the schema knows it: `expect[].metric`. */
function schemaPath(path: Path): string {
  return formatPath(path).replaceAll(/\[\d+\]/g, '[]');
}

function findingOf(issue: z.core.$ZodIssue): Finding {
  const path = issue.path as Path;
  if (issue.code === 'custom') {
    const remedy = (issue.params as { remedy?: string } | undefined)?.remedy;
    return { path, message: issue.message, remedy: remedy ?? 'see docs/reference/workload.md' };
  }
  if (issue.code === 'invalid_type') {
    const [noun, example] = shapes[issue.expected] ?? [`a ${issue.expected}`, ''];
    return { path, message: `expected ${noun}`, remedy: `write ${example}` };
  }
  if (issue.code === 'too_small') {
    return { path, message: 'the list is empty', remedy: 'give at least one value' };
  }
  if (issue.code === 'too_big') {
    const most = String(issue.maximum);
    return { path, message: `the list has more than ${most} items`, remedy: `keep ${most}` };
  }
  return { path, message: issue.message, remedy: 'see docs/reference/workload.md' };
}

const shapes: Readonly<Record<string, readonly [string, string]>> = {
  object: ['a mapping', '`key: value` lines below it'],
  record: ['a mapping of paths to values', '`{ groups.size: 20 }`'],
  array: ['a list', '`[a, b]`, or one `- item` per line'],
};
