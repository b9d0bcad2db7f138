/**
 * Whole-file reads and writes that survive a crash in the middle, and the translation of what the
 * operating system says into what the user can do about it.
 */
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DependencyError } from '../errors.ts';

/** What a run folder needs of a file system; a port, so that tests can fill the disk. */
export interface Files {
  /** Writes a temporary neighbour, flushes it to the disk, renames it: old or new, never half. */
  write(path: string, text: string): void;
  read(path: string): string;
  exists(path: string): boolean;
  /** Names in a directory, ascending; empty when there is none. */
  list(directory: string): string[];
  /** Creates a directory and its parents. */
  makeDirectory(directory: string): void;
  /** Removes a file or a directory with what is in it; nothing to remove is fine. */
  remove(path: string): void;
}

export const diskFiles: Files = {
  write(path, text) {
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
    try {
      const file = fs.openSync(temporary, 'w');
      try {
        fs.writeFileSync(file, text);
        fs.fsyncSync(file);
      } finally {
        fs.closeSync(file);
      }
      fs.renameSync(temporary, path);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  },
  read: (path) => fs.readFileSync(path, 'utf8'),
  exists: (path) => fs.existsSync(path),
  list: (directory) => (fs.existsSync(directory) ? fs.readdirSync(directory).sort() : []),
  makeDirectory: (directory) => {
    fs.mkdirSync(directory, { recursive: true });
  },
  remove: (path) => fs.rmSync(path, { recursive: true, force: true }),
};

/** System error codes that are the user's to solve, with the sentence and the first remedy. */
const systemErrors: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', 'Free some space'],
  EDQUOT: ['your disk quota is used up', 'Free some space'],
  EACCES: ['permission denied', 'Choose a folder you may write with --out'],
  EPERM: ['operation not permitted', 'Choose a folder you may write with --out'],
  EROFS: ['the file system is read-only', 'Choose another folder with --out'],
  ENOTDIR: ['part of the path is a file, not a folder', 'Choose another folder with --out'],
  EEXIST: ['part of the path is a file, not a folder', 'Choose another folder with --out'],
  ENAMETOOLONG: ['the path is too long', 'Choose another folder with --out'],
  ELOOP: ['symbolic links that lead in a circle', 'Choose another folder with --out'],
  EISDIR: ['is a folder, where a file is to be written', 'Remove it, or choose another with --out'],
  EIO: ['the disk reported an input/output error', 'Check the disk'],
  EMFILE: ['too many open files', 'Raise the limit (ulimit -n)'],
};

/**
 * Runs `action`; a failure of the file system becomes a DependencyError that names the path, what
 * is kept and how to go on.
 *
 * @param then end of the remedy, such as `, then run the same command to resume`.
 */
export function withFiles<T>(path: string, then: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const known = systemErrors[code];
    if (known === undefined) throw error;
    const [what, remedy] = known;
    throw new DependencyError(`${path}: ${what} (${code})`, `${remedy}${then}`, { cause: error });
  }
}
