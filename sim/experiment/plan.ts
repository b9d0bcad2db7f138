/** From a workload's cells to the list of tasks, and how they share the cores. */
import { UsageError } from '../../src/errors.ts';
import type { Cell } from '../../src/workload/cells.ts';
import { replicationSeed } from './seed.ts';

/** One replication of one cell: what a thread runs. */
export interface Task {
  readonly cell: Cell;
  readonly replication: number;
  readonly seed: number;
}

/** Name of a task in messages and in `--only`: `<cell>.r1`. */
export function taskName(task: Task): string {
  return `${task.cell.id}.r${task.replication}`;
}

/** All replications of all cells, replication by replication, so that a stopped run has pairs. */
export function planTasks(cells: readonly Cell[], seed: number, replications: number): Task[] {
  return Array.from({ length: replications }, (_, replication) =>
    cells.map((cell) => ({ cell, replication, seed: replicationSeed(seed, replication) })),
  ).flat();
}

export interface Threads {
  /** Tasks at the same time. */
  readonly jobs: number;
  /** Threads of one task. */
  readonly workers: number;
}

/** More threads than this are a typing error rather than a wish. */
const threadsMax = 512;

/**
 * Spreads tasks over the cores; a task is split into several threads only on request. Replications
 * need no synchronisation, while threads of one run meet at a barrier in every window: with 200,000
 * clients on 100 homeservers (1.5 events per window) two threads took 11.6 s where one took 1.9 s.
 *
 * @throws {UsageError} when jobs x workers is absurd.
 */
export function planThreads(
  tasks: number,
  cores: number,
  wanted: { readonly jobs?: number | undefined; readonly workers?: number | undefined },
): Threads {
  const workers = wanted.workers ?? 1;
  const fitting = Math.max(1, Math.floor(cores / workers));
  const jobs = Math.min(wanted.jobs ?? fitting, Math.max(1, tasks));
  if (jobs * workers > threadsMax) {
    throw new UsageError(
      `${jobs} jobs of ${workers} workers are ${jobs * workers} threads, more than ${threadsMax}`,
      `This machine has ${cores} cores: lower --jobs or --workers`,
    );
  }
  return { jobs, workers };
}
