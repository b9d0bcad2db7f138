import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { planTasks, planThreads, taskName } from './plan.ts';
import { small } from './testdata/small.ts';

describe('planTasks', () => {
  const { cells } = small([2, 5, 9]);

  test('gives the cells of one replication one seed, and goes replication by replication', () => {
    const tasks = planTasks(cells, 1, 4);
    expect(tasks).toHaveLength(12);
    for (let replication = 0; replication < 4; replication += 1) {
      const row = tasks.slice(replication * 3, replication * 3 + 3);
      expect(row.map((task) => task.cell)).toEqual(cells);
      expect(new Set(row.map((task) => task.seed)).size).toBe(1);
      expect(row.every((task) => task.replication === replication)).toBe(true);
    }
    expect(new Set(tasks.map(taskName)).size).toBe(12);
  });

  test('adding cells or replications changes no seed', () => {
    const few = planTasks(cells.slice(0, 1), 1, 2).map(({ seed }) => seed);
    const many = planTasks(cells, 1, 5).filter(({ cell }) => cell === cells[0]);
    expect(many.slice(0, 2).map(({ seed }) => seed)).toEqual(few);
  });
});

describe('planThreads', () => {
  const sizes = fc.integer({ min: 1, max: 64 });

  test('by default gives every core a task and splits none', () => {
    fc.assert(
      fc.property(sizes, sizes, (tasks, cores) => {
        expect(planThreads(tasks, cores, {})).toEqual({ jobs: Math.min(tasks, cores), workers: 1 });
      }),
    );
    expect(planThreads(0, 4, {})).toEqual({ jobs: 1, workers: 1 });
  });

  test('fits jobs to the cores that workers leave', () => {
    expect(planThreads(8, 4, { workers: 2 })).toEqual({ jobs: 2, workers: 2 });
    expect(planThreads(8, 4, { workers: 8 })).toEqual({ jobs: 1, workers: 8 });
  });

  test('takes what it is told, but no more jobs than tasks', () => {
    expect(planThreads(8, 2, { jobs: 6 })).toEqual({ jobs: 6, workers: 1 });
    expect(planThreads(8, 2, { jobs: 2, workers: 4 })).toEqual({ jobs: 2, workers: 4 });
    expect(planThreads(3, 2, { jobs: 100 })).toEqual({ jobs: 3, workers: 1 });
  });

  test('refuses what can only be a mistake', () => {
    const absurd = (): unknown => planThreads(1000, 2, { jobs: 100, workers: 100 });
    expect(absurd).toThrow(UsageError);
    expect(absurd).toThrow('100 jobs of 100 workers are 10000 threads, more than 512');
  });
});
