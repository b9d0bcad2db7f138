/**
 * One writer per run folder. The lock is a file that names its process; a lock whose process is
 * gone is taken over, so a killed run never needs a cleaning hand.
 */
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { withFiles } from './files.ts';

const lockName = '.lock';

/** Tries to take over a dead lock while others try, 10 ms apart. */
const attemptsMax = 100;

export interface Lock {
  release(): void;
}

/**
 * Locks a folder for this process.
 *
 * @throws {UsageError} naming the other process when one is writing the folder.
 */
export function lockFolder(directory: string): Lock {
  const path = join(directory, lockName);
  const owner = `${process.pid} ${hostname()} ${process.hrtime.bigint()}`;
  for (let attempt = 0; ; attempt += 1) {
    if (create(path, owner)) return { release: () => release(path, owner) };
    const holder = readHolder(path);
    if (holder === undefined) continue;
    if (attempt >= attemptsMax || !isStale(holder)) throw busy(directory, path, holder);
    removeStale(path, holder, owner);
  }
}

/** False when there is a lock already. */
function create(path: string, owner: string): boolean {
  try {
    fs.writeFileSync(path, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // On a full disk the file may exist and be empty.
    fs.rmSync(path, { force: true });
    return withFiles(path, ', then run the same command', () => {
      throw error;
    });
  }
}

function readHolder(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Dead process of this machine. Of another machine (a shared disk) nothing can be known. */
function isStale(holder: string): boolean {
  const [pid, host] = holder.split(' ');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/**
 * Several processes may find the same dead lock, and a slow one must not remove the fresh lock of a
 * quick one: only who holds the guard removes, and looks again first.
 */
function removeStale(path: string, holder: string, owner: string): void {
  const guard = `${path}.guard`;
  if (!create(guard, owner)) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    return;
  }
  try {
    if (readHolder(path) === holder) fs.rmSync(path, { force: true });
  } finally {
    fs.rmSync(guard, { force: true });
  }
}

function release(path: string, owner: string): void {
  if (readHolder(path) === owner) fs.rmSync(path, { force: true });
}

function busy(directory: string, path: string, holder: string): UsageError {
  const [pid = '', host] = holder.split(' ');
  const who = pid === '' ? 'another process' : `process ${pid} on ${host}`;
  return new UsageError(
    `${directory} is being written by ${who}`,
    `Wait for it, choose another folder with --out, or remove ${path}* if that process is gone`,
  );
}
