import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunOutput } from '../../sim/experiment/messages.ts';
import { planTasks, type Task } from '../../sim/experiment/plan.ts';
import { small } from '../../sim/experiment/testdata/small.ts';
import { createProgress, formatSeconds, type Progress } from './progress.ts';

const { cells, workload } = small([2, 5]);
const tasks = planTasks(cells, 1, 2);
const output = {} as RunOutput;

let written = '';
let nowMs = 0;
beforeEach(() => {
  written = '';
  nowMs = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function display(isTTY: boolean, quiet = false): Progress {
  const terminal = { isTTY, columns: 60, write: (text: string) => (written += text) };
  const progress = createProgress({ label: 'small', terminal, quiet, nowMs: () => nowMs });
  progress.planned(tasks, 4);
  return progress;
}

const taskAt = (index: number): Task => tasks[index] ?? expect.unreachable();
const half = { simulatedMs: workload.duration / 2, events: 3_000_000 };

describe('without a terminal', () => {
  test('writes a plain line every ten seconds', () => {
    const progress = display(false);
    progress.progress(taskAt(0), { simulatedMs: 0, events: 0 });
    nowMs = 10_000;
    progress.progress(taskAt(0), half);
    vi.advanceTimersByTime(10_000);
    expect(written).toBe('small: 4/8 tasks, 12 %, 300k events/s, elapsed 10 s, ETA 1 min 10 s\n');
    progress.finished(taskAt(0), output);
    vi.advanceTimersByTime(10_000);
    expect(written.split('\n')[1]).toMatch(/^small: 5\/8 tasks, 25 %, elapsed/);
    progress.stop();
    vi.advanceTimersByTime(60_000);
    expect(written.split('\n')).toHaveLength(3);
    expect(written).not.toContain('\u001b');
    expect(progress.done()).toBe(5);
  });
});

describe('on a terminal', () => {
  test('draws one line per running task, redraws in place and leaves nothing behind', () => {
    const progress = display(true);
    progress.progress(taskAt(0), { simulatedMs: 0, events: 1_000_000 });
    progress.progress(taskAt(1), half);
    nowMs = 1000;
    progress.progress(taskAt(0), half);
    progress.tick();
    const lines = written.split('\n').slice(0, -1);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^ +50 % {2}5 min of 10 min {2}2\.0M events\/s {2}contenders-2/);
    expect(lines.every((line) => line.length < 60)).toBe(true);
    written = '';
    progress.finished(taskAt(1), output);
    progress.tick();
    expect(written.startsWith('\u001b[3A\u001b[0J')).toBe(true);
    written = '';
    progress.stop();
    expect(written).toBe('\u001b[2A\u001b[0J');
  });
});

test('quiet writes nothing at all', () => {
  const progress = display(true, true);
  progress.progress(taskAt(0), half);
  vi.advanceTimersByTime(60_000);
  progress.stop();
  expect(written).toBe('');
});

test.each([
  [0.4, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
])('%d s is %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
