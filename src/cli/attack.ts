/** `stormglass attack`: what a captured authentication is good for under each scheme. */
import { Command, Option } from 'commander';
import { runAttacks } from '../attack/run.ts';
import { formatMatrix, summarise } from '../attack/summary.ts';
import type { Scheme } from '../attack/types.ts';
import { exitCodes } from '../errors.ts';

interface AttackOptions {
  readonly scheme: Scheme;
  readonly json?: true;
}

export const attack = new Command('attack')
  .description(
    'Captures a valid request of every operation that takes a signature, and tries it against the ' +
      'real homeserver code: lifted to other bodies, operations, groups, queues, homeservers and ' +
      'versions, replayed at once and later, mutated. Exit code 1 when the admitted set is not ' +
      'exactly what the scheme leaves open.',
  )
  .addOption(
    new Option('--scheme <name>', 'authentication scheme of the requests and the homeserver')
      .choices(['token', 'reencoded', 'raw'])
      .makeOptionMandatory(),
  )
  .option('--json', 'print one JSON object instead of the matrix')
  .action(runAttack);

function runAttack({ scheme, json }: AttackOptions): void {
  const report = runAttacks(scheme);
  const text = json ? `${JSON.stringify(summarise(report), null, 2)}\n` : formatMatrix(report);
  process.stdout.write(text);
  if (report.deviations.length > 0) process.exitCode = exitCodes.violated;
}
