/**
 * How a run is going, on standard error: a few live lines on a terminal, a plain line every ten
 * seconds elsewhere. Standard output stays free for results.
 */
import type { Observer } from '../../sim/experiment/experiment.ts';
import type { RunProgress } from '../../sim/experiment/messages.ts';
import { taskName, type Task } from '../../sim/experiment/plan.ts';
import { formatValue } from '../results/format.ts';

export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly label: string;
  readonly terminal: Terminal;
  readonly quiet: boolean;
  /** Wall time in ms from any origin. */
  readonly nowMs: () => number;
}

export interface Progress extends Observer {
  /** Draws what there is to draw now; a timer does it by itself. */
  tick(): void;
  /** Tasks that are finished, those of earlier sessions included. */
  done(): number;
  /** Removes the live lines. Must be called before anything else is printed. */
  stop(): void;
}

/** First and latest news of a task; the rate between them leaves out what it took to start. */
interface Running {
  readonly firstMs: number;
  readonly first: RunProgress;
  lastMs: number;
  last: RunProgress;
}

const liveMs = 200;
const plainMs = 10_000;

export function createProgress(options: ProgressOptions): Progress {
  const state = new State(options.nowMs());
  const live = options.terminal.isTTY === true;
  let drawn = 0;
  const up = (): string => (drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : '');
  const tick = (): void => {
    const lines = state.lines(options, live);
    const width = (options.terminal.columns ?? 80) - 1;
    const shown = live ? lines.map((line) => line.slice(0, width)) : lines.slice(0, 1);
    // One write, or the terminal flickers.
    options.terminal.write(`${up()}${shown.join('\n')}\n`);
    if (live) drawn = shown.length;
  };
  const timer = options.quiet ? undefined : setInterval(tick, live ? liveMs : plainMs);
  // The display alone is no reason to stay alive.
  timer?.unref();
  return {
    planned: (tasks, done) => state.planned(tasks, done),
    progress: (task, progress) => state.progress(task, progress, options.nowMs()),
    finished: (task) => state.finished(task),
    tick,
    done: () => state.done(),
    stop() {
      clearInterval(timer);
      if (drawn > 0) options.terminal.write(up());
      drawn = 0;
    },
  };
}

class State {
  readonly #startMs: number;
  readonly #running = new Map<Task, Running>();
  #total = 0;
  #kept = 0;
  #done = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  planned(tasks: readonly Task[], done: number): void {
    this.#total = tasks.length;
    this.#kept = done;
  }

  progress(task: Task, progress: RunProgress, nowMs: number): void {
    const running = this.#running.get(task);
    if (running === undefined) {
      const news = { firstMs: nowMs, first: progress, lastMs: nowMs, last: progress };
      this.#running.set(task, news);
    } else {
      running.lastMs = nowMs;
      running.last = progress;
    }
  }

  finished(task: Task): void {
    this.#running.delete(task);
    this.#done += 1;
  }

  done(): number {
    return this.#kept + this.#done;
  }

  /** The first line speaks of the whole run, the others of one running task each. */
  lines({ label, nowMs }: ProgressOptions, live: boolean): string[] {
    const now = nowMs();
    const running = [...this.#running];
    const partial = running.reduce((sum, [task, { last }]) => sum + share(task, last), 0);
    const fraction = this.#total === 0 ? 1 : (this.#done + partial) / this.#total;
    const rate = running.reduce((sum, [, task]) => sum + eventsPerSecond(task), 0);
    const parts = [
      `${label}: ${this.#kept + this.#done}/${this.#kept + this.#total} tasks`,
      `${Math.floor(fraction * 100)} %`,
      ...(rate > 0 ? [`${formatRate(rate)} events/s`] : []),
      `elapsed ${formatSeconds((now - this.#startMs) / 1000)}`,
      ...(fraction > 0.01 && fraction < 1
        ? [`ETA ${formatSeconds(((now - this.#startMs) / 1000) * (1 / fraction - 1))}`]
        : []),
    ];
    if (!live) return [parts.join(', ')];
    return [parts.join('  '), ...running.map(([task, news]) => describeTask(task, news))];
  }
}

function describeTask(task: Task, running: Running): string {
  const { last } = running;
  const time = `${formatValue(last.simulatedMs, 'ms')} of ${formatValue(durationOf(task), 'ms')}`;
  const percent = `${Math.floor(share(task, last) * 100)} %`.padStart(5);
  const rate = `${formatRate(eventsPerSecond(running))} events/s`;
  return `  ${percent}  ${time}  ${rate}  ${taskName(task)}`;
}

/** Simulated share of the run, 0..1. */
function share(task: Task, progress: RunProgress): number {
  return Math.min(1, progress.simulatedMs / durationOf(task));
}

function durationOf(task: Task): number {
  return task.cell.workload.duration;
}

function eventsPerSecond({ firstMs, first, lastMs, last }: Running): number {
  return lastMs > firstMs ? ((last.events - first.events) * 1000) / (lastMs - firstMs) : 0;
}

/** `1.2M`, `350k`, `12`. */
function formatRate(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)}M`;
  return rate >= 1000 ? `${Math.round(rate / 1000)}k` : String(Math.round(rate));
}

/** `9 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
