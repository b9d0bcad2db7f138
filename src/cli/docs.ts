/** `stormglass docs`: writes the generated pages, or checks that they are what is committed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { DependencyError, exitCodes } from '../errors.ts';
import { errorCodesMarkdown } from '../protocol/error-codes.ts';
import { workloadJsonSchemaText } from '../workload/json-schema.ts';
import { workloadReference } from '../workload/reference.ts';
import { commandReference } from './docs-commands.ts';
import { metricReference } from './docs-metrics.ts';

export interface Generator {
  /** Path from the root of the project. */
  readonly file: string;
  text(): string | Promise<string>;
}

/** To generate another file, add a row. */
const generators: readonly Generator[] = [
  { file: 'workloads/schema.json', text: workloadJsonSchemaText },
  { file: 'docs/reference/workload.md', text: workloadReference },
  { file: 'docs/reference/metrics.md', text: metricReference },
  { file: 'docs/reference/cli.md', text: commandReference },
  { file: 'docs/reference/error-codes.md', text: errorCodesMarkdown },
];

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface DocsOutcome {
  /** Files whose content differs from what the code says. */
  readonly stale: readonly string[];
}

/**
 * Generates every file below `root`; writes those that differ unless only checking.
 * @throws DependencyError when a file cannot be written.
 */
export async function generateDocs(
  root: string,
  { check, files = generators }: { check: boolean; files?: readonly Generator[] },
): Promise<DocsOutcome> {
  const stale: string[] = [];
  for (const { file, text } of files) {
    const path = join(root, file);
    const wanted = await text();
    if (readIfThere(path) === wanted) continue;
    stale.push(file);
    if (!check) write(path, wanted);
  }
  return { stale };
}

export const docs = new Command('docs')
  .description('Write the generated reference pages and the JSON Schema of workload files.')
  .option('--check', 'write nothing; exit 1 and name the files that are out of date')
  .action(async ({ check = false }: { check?: boolean }) => {
    const { stale } = await generateDocs(projectRoot, { check });
    if (!check) {
      for (const file of stale) process.stdout.write(`wrote ${file}\n`);
      if (stale.length === 0) process.stdout.write('all generated files are up to date\n');
      return;
    }
    if (stale.length === 0) return;
    const list = stale.map((file) => `  ${file}`).join('\n');
    process.stderr.write(`out of date (run \`npm run -s stormglass -- docs\`):\n${list}\n`);
    process.exitCode = exitCodes.violated;
  });

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    const remedy = 'check permissions and free space';
    throw new DependencyError(`${path} cannot be written`, remedy, { cause: error });
  }
}
