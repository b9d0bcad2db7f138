/** `stormglass report`: pages and pictures from a folder that is there; nothing runs again. */
import { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { folderKind } from '../results/read-folder.ts';
import { reportPath } from './execute.ts';

export function reportCommand(): Command {
  return new Command('report')
    .description('Rebuilds report.html, report.md and charts of a run folder or a suite folder.')
    .argument('<dir>', 'folder that `run` or `suite` wrote')
    .action(report);
}

async function report(directory: string): Promise<void> {
  const kind = folderKind(directory);
  if (kind === 'none') {
    throw new UsageError(
      `${directory} has neither manifest.json nor suite.json`,
      'Name a folder that `stormglass run` or `stormglass suite` wrote',
    );
  }
  const { buildReport, buildSuiteReport } = await import('../../reports/build.ts');
  await (kind === 'run' ? buildReport(directory) : buildSuiteReport(directory));
  process.stdout.write(`${reportPath(directory)}\n`);
}
