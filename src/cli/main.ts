/**
 * Entry of the command line: runs the called command and turns whatever it throws into a message
 * and an exit code, in this one place.
 */
import { exitCodes } from '../errors.ts';
import { describeError } from './failure.ts';
import { program } from './program.ts';

export { program } from './program.ts';

/**
 * Runs the command line and sets `process.exitCode`. A command reports `violated` or `unknown` by
 * setting `process.exitCode` itself.
 *
 * @param argv without the program's own two words.
 */
export async function runMain(argv: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  // Node's own exit code for these would be 1, which means `violated` here.
  process.on('uncaughtException', (error) => {
    fail(error);
    process.exit();
  });
  try {
    await (await program(argv)).parseAsync(argv, { from: 'user' });
  } catch (error) {
    fail(error);
  }
}

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
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout) {
        process.stderr.write(`stormglass: cannot write standard output: ${error.message}\n`);
      }
      process.exitCode = exitCodes.usage;
    });
  }
}

if (import.meta.main) await runMain(process.argv.slice(2));
