/** `stormglass report`: pages and pictures from a folder that is there; nothing runs again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../errors.ts';

export const report = new Command('report')
  .description(
    'Rebuilds report.html, report.md and charts of a folder of `run`, `suite` or `validate`.',
  )
  .argument('<dir>', 'run, suite or validation folder')
  .action(async (directory: string) => {
    const { html } = await build(directory);
    process.stdout.write(`${html}\n`);
  });

/** @throws {UsageError} when the folder holds no results of ours. */
async function build(directory: string): Promise<{ readonly html: string }> {
  const has = (name: string): boolean => existsSync(join(directory, name));
  const { buildReport, buildSuiteReport, buildValidationReport } =
    await import('../../reports/build.ts');
  if (has('manifest.json')) return buildReport(directory);
  if (has('suite.json')) return buildSuiteReport(directory);
  if (has('validation.json')) return buildValidationReport(directory);
  throw new UsageError(
    `${directory} has no manifest.json, suite.json or validation.json`,
    'Name a folder that `stormglass run`, `suite` or `validate` wrote',
  );
}
