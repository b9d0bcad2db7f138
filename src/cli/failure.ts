/** What a user sees of an error, and the exit code that scripts see. */
import { CommanderError } from 'commander';
import { DependencyError, UsageError, ValidationError, exitCodes } from '../errors.ts';

/** The user stopped the command. Not an error; the message says what is kept. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  /** 128 + number of the signal. */
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Failure {
  /** For standard error; empty when it was said already. */
  readonly text: string;
  readonly exitCode: number;
}

/** Message and remedy for errors that a user can act on; a stack and a hint for bugs. */
export function describeError(error: unknown): Failure {
  if (error instanceof CommanderError) {
    // Commander has printed help or its complaint by itself; 0 is --help and --version.
    return { text: '', exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage };
  }
  if (error instanceof ValidationError) {
    const count = error.problems.length;
    const head = count === 1 ? '1 problem' : `${count} problems`;
    return { text: `stormglass: ${head}\n${error.message}`, exitCode: exitCodes.usage };
  }
  if (error instanceof UsageError || error instanceof DependencyError) {
    const remedy = error.remedy === undefined ? '' : `\n  ${error.remedy}`;
    return { text: `stormglass: ${error.message}${remedy}`, exitCode: exitCodes.usage };
  }
  if (error instanceof Stopped) return { text: error.message, exitCode: error.exitCode };
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    text:
      `stormglass: internal error, this is a bug\n${detail}\n` +
      `  Please report it with the command, the workload file and this text.`,
    exitCode: exitCodes.internal,
  };
}
