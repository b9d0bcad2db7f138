/** Where a run happened: what a reader needs to judge its speed and to make it again. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, realpathSync } from 'node:fs';
import * as os from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from './types.ts';

/** Folder of package.json. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Sources that decide results. Reports and the command line may change without a new run. */
const codeFolders = [
  'sim',
  'src/client',
  'src/crypto',
  'src/homeserver',
  'src/protocol',
  'src/results',
  'src/statistics',
  'src/store',
  'src/suites',
  'src/workload',
];
const codeFile = /(?<!\.test|\.bench)\.(ts|json)$/;

/** @param calibration name and SHA-256 of the cost table that the workload uses. */
export function readEnvironment(calibration: Environment['calibration']): Environment {
  const manifest = readFileSync(join(projectRoot, 'package.json'), 'utf8');
  return {
    stormglass: (JSON.parse(manifest) as { version: string }).version,
    commit: readCommit(projectRoot),
    node: process.version,
    platform: `${os.type()} ${os.release()} ${os.arch()}`,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    calibration,
  };
}

/**
 * Commit of the checkout at `root`, with `+dirty` when tracked files differ; null without git, or
 * when `root` is only a folder inside somebody else's repository.
 */
export function readCommit(root: string): string | null {
  try {
    if (realpathSync(git(root, ['rev-parse', '--show-toplevel'])) !== realpathSync(root)) {
      return null;
    }
    const commit = git(root, ['rev-parse', 'HEAD']);
    const changes = git(root, ['status', '--porcelain', '--untracked-files=no']);
    return changes === '' ? commit : `${commit}+dirty`;
  } catch {
    return null;
  }
}

function git(root: string, args: readonly string[]): string {
  const text = execFileSync('git', ['-C', root, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.trim();
}

/**
 * SHA-256 over the sources that decide results, so that replications of different code are never
 * mixed in one run; a commit alone would not tell two uncommitted states apart.
 */
export function codeFingerprint(root: string = projectRoot): string {
  const hash = createHash('sha256');
  for (const folder of codeFolders) {
    for (const path of sources(join(root, folder))) {
      hash.update(`${relative(root, path).replaceAll('\\', '/')}\n`);
      hash.update(readFileSync(path));
    }
  }
  return hash.digest('hex');
}

/** Source files below a folder in one order on every machine; none when there is no such folder. */
function sources(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && codeFile.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
