/**
 * Errors by who must act. Every error a user can meet is one of these; anything else is a bug and
 * ends the process with exit code 70.
 */

/** Exit codes of the command line. Scripts rely on them. */
export const exitCodes = {
  ok: 0,
  violated: 1,
  usage: 2,
  unknown: 3,
  internal: 70,
} as const;

/** One thing that is wrong with an input, with its place and the remedy. */
export interface Problem {
  /** File name as the user gave it, or `--set`, `--seed`, ... for a flag. */
  readonly file: string;
  /** 1-based line in the file, when there is one. */
  readonly line?: number;
  /** Path inside the document, such as `population.clients`. */
  readonly path?: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy?: string;
}

/** The user called the command wrongly: flags, missing files, an existing folder. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** An input file is wrong; carries all its problems at once. Exit code 2. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

/** Something outside failed: full disk, missing program, unreachable server. Exit code 2. */
export class DependencyError extends Error {
  override readonly name = 'DependencyError';
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** `file:line path: message (remedy)`: one line per problem, clickable in most terminals. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  const path = problem.path === undefined || problem.path === '' ? '' : ` ${problem.path}`;
  const remedy = problem.remedy === undefined ? '' : ` (${problem.remedy})`;
  return `${place}${path}: ${problem.message}${remedy}`;
}
