import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interrupted } from './failure.ts';
import { runSchedule, type Runner, type Schedule } from './schedule.ts';

interface Log {
  running: number;
  peak: number;
  open: number;
  readonly finished: number[];
}

/** A schedule over the numbers 0..tasks-1 whose tasks take a few turns of the event loop. */
function schedule(
  tasks: number,
  jobs: number,
  task: (index: number) => void = () => {},
): { log: Log; options: Schedule<number, number> } {
  const log: Log = { running: 0, peak: 0, open: 0, finished: [] };
  const createRunner = (): Runner<number, number> => {
    log.open += 1;
    return {
      async run(index, signal) {
        log.running += 1;
        log.peak = Math.max(log.peak, log.running);
        for (let turn = 0; turn < 1 + (index % 3) && !signal.aborted; turn += 1) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        log.running -= 1;
        task(index);
        return index * 2;
      },
      async close() {
        log.open -= 1;
      },
    };
  };
  const finished = (index: number, output: number): void => {
    expect(output).toBe(index * 2);
    log.finished.push(index);
  };
  const list = Array.from({ length: tasks }, (_, index) => index);
  return { log, options: { tasks: list, jobs, createRunner, finished } };
}

describe('runSchedule', () => {
  test('runs every task once, never more than jobs at a time, and closes its runners', async () => {
    const run = async (tasks: number, jobs: number): Promise<void> => {
      const { log, options } = schedule(tasks, jobs);
      await runSchedule(options);
      expect(log.finished.toSorted((a, b) => a - b)).toEqual(options.tasks);
      expect(log.peak).toBe(Math.min(tasks, jobs));
      expect(log.open).toBe(0);
    };
    const sizes = [fc.nat(20), fc.integer({ min: 1, max: 6 })] as const;
    await fc.assert(fc.asyncProperty(...sizes, run), { numRuns: 30 });
  });

  test('the first error ends it, after the other runners are closed', async () => {
    const { log, options } = schedule(20, 3, (index) => {
      if (index >= 6) throw new Error(`task ${index}`);
    });
    await expect(runSchedule(options)).rejects.toThrow(/^task \d$/);
    expect(log.open).toBe(0);
    expect(log.finished.length).toBeLessThanOrEqual(6);
  });

  test('an error while saving ends it, too', async () => {
    const { log, options } = schedule(20, 2);
    const finished = (): void => {
      throw new Error('disk full');
    };
    await expect(runSchedule({ ...options, finished })).rejects.toThrow('disk full');
    expect(log.open).toBe(0);
  });

  test('a stop from outside is no error of a task', async () => {
    const controller = new AbortController();
    const { log, options } = schedule(20, 2, (index) => {
      if (index === 5) controller.abort('SIGINT');
    });
    const run = runSchedule({ ...options, signal: controller.signal });
    await expect(run).rejects.toBeInstanceOf(Interrupted);
    expect(log.finished.length).toBeLessThan(20);
    expect(log.open).toBe(0);
  });
});
