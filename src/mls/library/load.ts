/**
 * Loads ts-mls with its defects mended, as a second instance beside the published one: every
 * file appears in a folder that exists in memory only, its hunks applied to the source as it is
 * read. Nothing on disk changes, so it works in every worker thread, under vitest, in a
 * container and after `npm ci --ignore-scripts` alike; the module hooks are gone again when this
 * returns.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DependencyError } from '../../errors.ts';

export interface Hunk {
  /** The rule that was broken, or what it cost. */
  readonly reason: string;
  /** Below `dist/src` of the package. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly from: string;
  /** `${room}` stands for the URL of this folder. */
  readonly to: string;
}

const scheme = 'mended:';
const room = new URL('.', import.meta.url).href.replace(/\/$/, '');

/** `load('index.js')` gives that file of the mended library. */
export type LoadFile = (file: string) => unknown;

function changed(file: string, what: string): DependencyError {
  return new DependencyError(
    `ts-mls is not the version that was mended: ${file} ${what}`,
    'install the exact version with "npm ci", or review src/mls/library/hunks.ts for the new one',
  );
}

/** The file's source with its hunks applied. */
export function mend(
  file: string,
  source: string,
  hunks: readonly Hunk[],
  digests: Readonly<Record<string, string>>,
): string {
  const mine = hunks.filter((hunk) => hunk.file === file);
  if (mine.length === 0) return source;
  const digest = createHash('sha256').update(source).digest('hex');
  if (digests[file] !== digest) throw changed(file, `has the digest ${digest}`);
  let mended = source;
  for (const { from, to } of mine) {
    if (mended.split(from).length !== 2) throw changed(file, `has not exactly one "${from}"`);
    mended = mended.replace(from, () => to.replaceAll('${room}', room));
  }
  return mended;
}

export function loadMended(
  hunks: readonly Hunk[],
  digests: Readonly<Record<string, string>>,
): LoadFile {
  const require = createRequire(import.meta.url);
  const base = new URL('.', pathToFileURL(require.resolve('ts-mls'))).href;
  const virtual = new URL('../mended/', base).href;
  const hooks = {
    resolve(
      specifier: string,
      context: { parentURL?: string | undefined },
      next: (specifier: string) => { url: string },
    ) {
      const local = (url: string) => ({ url, format: 'module', shortCircuit: true });
      if (specifier.startsWith(scheme)) return local(virtual + specifier.slice(scheme.length));
      const inside = context.parentURL?.startsWith(virtual) === true && specifier.startsWith('.');
      return inside ? local(new URL(specifier, context.parentURL).href) : next(specifier);
    },
    load(url: string, _: unknown, next: (url: string) => { source?: unknown }) {
      if (!url.startsWith(virtual)) return next(url);
      const file = url.slice(virtual.length);
      const source = readFileSync(fileURLToPath(base + file), 'utf8');
      const mended = mend(file, source, hunks, digests);
      return { format: 'module', source: mended, shortCircuit: true };
    },
  };
  return (file) => {
    const registered = registerHooks(hooks as Parameters<typeof registerHooks>[0]);
    try {
      return require(scheme + file) as unknown;
    } finally {
      registered.deregister();
    }
  };
}
