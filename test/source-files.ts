import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Root of the checkout, with a trailing slash. */
export const root = new URL('../', import.meta.url).pathname;

const skipped = new Set(['node_modules', '.git', 'runs', 'coverage']);

/**
 * Paths of the project's own files, relative to the root: what git tracks, or (in an unpacked
 * archive or a container image without git) everything but build products.
 */
export function projectFiles(): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return listed.split('\n').filter((path) => path !== '' && exists(path));
  } catch {
    return walk('');
  }
}

export function readProjectFile(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function exists(path: string): boolean {
  return statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true;
}

function walk(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) found.push(...walk(path));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}
