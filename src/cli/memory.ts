/**
 * What a workload needs in memory at least, so that one that cannot fit is refused before it runs
 * for minutes and is killed by the system.
 */
import { Sampler } from '../../sim/model/sampler.ts';
import { UsageError } from '../errors.ts';
import { formatValue } from '../results/format.ts';
import type { Cell } from '../workload/cells.ts';
import type { Workload } from '../workload/types.ts';

/**
 * Tables and pending events of a client without its groups, and of one membership. Measured with
 * fan-out: 147 B per client with 10 memberships (200,000 against 1,000,000 clients, peak memory of
 * the process); messages that wait come on top.
 */
const clientBytes = 60;
const membershipBytes = 8;

/** Group tables: offset, host. */
const groupBytes = 6;

/** Program and heap of a task. */
const taskBytes = 80e6;

/** Lower bound of what one replication takes, bytes. */
export function memoryNeeded({ population, groups }: Workload): number {
  const meanSize = Math.max(2, new Sampler(groups.size, 1, population.clients).mean);
  const memberships =
    groups.count === undefined
      ? population.clients * (groups.perClient ?? 0)
      : groups.count * meanSize;
  return (
    taskBytes +
    population.clients * clientBytes +
    memberships * membershipBytes +
    (memberships / meanSize) * groupBytes
  );
}

/** Bytes of memory: of the machine (or container), and those that are free now. */
export interface Memory {
  readonly total: number;
  readonly available: number;
}

/**
 * How many tasks at a time fit, at most `jobs` and at least one.
 *
 * @throws {UsageError} when the largest cell is larger than the machine.
 */
export function jobsThatFit(cells: readonly Cell[], jobs: number, memory: Memory): number {
  const needed = Math.max(0, ...cells.map(({ workload }) => memoryNeeded(workload)));
  if (needed > memory.total) {
    throw new UsageError(
      `this workload needs at least ${formatValue(needed, 'B')} of memory, ` +
        `and there are ${formatValue(memory.total, 'B')}`,
      'Lower population.clients, groups.perClient or groups.count',
    );
  }
  return Math.max(1, Math.min(jobs, Math.floor(memory.available / needed)));
}

/** Of this process: the limit of its container, when there is one below the machine's memory. */
export function readMemory(machineBytes: number): Memory {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < machineBytes ? limit : machineBytes;
  return { total, available: Math.min(total, process.availableMemory()) };
}
