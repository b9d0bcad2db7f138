/** The starting thread's side of a run on several workers. */

import { availableParallelism, totalmem } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

import { combineDigests, formatDigest } from '../kernel/digest.ts';
import type { Plan } from '../kernel/engine.ts';
import { Control } from './control.ts';
import { reviveError, WorkerCrash } from './errors.ts';
import { FIRST_CAPACITY, halfBytes } from './mailbox.ts';
import type { Outcome, RunFigures } from './outcome.ts';
import { partition } from './partition.ts';
import type { SimulateOptions } from './options.ts';
import { afterMs, everyMs } from './wall-clock.ts';
import type { WorkerMessage, WorkerPlan, WorkerTask } from './worker-protocol.ts';

/** Below this, the barrier eats what the second core gains. */
const EVENTS_PER_WINDOW_MIN = 250;
const PROGRESS_MS = 100;
/** How long workers get to notice the end of the run before they are stopped by force, ms. */
const GRACE_MS = 1000;

type Done = Extract<WorkerMessage, { type: 'done' }>;

/** Runs the plan on `workers` threads; throws the first worker's error, whatever the others do. */
export async function runOnWorkers<Options, Shared, Result>(
  options: SimulateOptions<Options, Shared, Result>,
  moduleUrl: string | URL,
  plan: Plan<Shared>,
  workers: number,
): Promise<Outcome<Result>> {
  const control = new Control(workers);
  const crew = startCrew(
    createTasks(options, String(moduleUrl), plan, control, workers),
    options.workerHeapMib,
  );
  const stopProgress = everyMs(PROGRESS_MS, () => {
    options.onProgress?.({ ...control.reported(), endNs: plan.endNs });
  });
  const onAbort = (): void => control.abort();
  options.signal?.addEventListener('abort', onAbort);
  let parts: Done[];
  try {
    parts = await gather(crew, control, options.signal);
  } finally {
    stopProgress();
    options.signal?.removeEventListener('abort', onAbort);
    await dismiss(crew);
  }
  const results = parts.map((part) => part.result as Result);
  return {
    result: options.module.merge(results, options.options),
    digest: formatDigest(combineDigests(parts.map((part) => part.digest))),
    events: parts.reduce((sum, part) => sum + part.figures.events, 0),
    wallSeconds: Math.max(...parts.map((part) => part.figures.wallMs)) / 1000,
    figures: figuresOf(parts, plan.lookaheadNs),
  };
}

function createTasks<Options, Shared, Result>(
  options: SimulateOptions<Options, Shared, Result>,
  moduleUrl: string,
  plan: Plan<Shared>,
  control: Control,
  workers: number,
): WorkerTask[] {
  const owner = new Uint8Array(new SharedArrayBuffer(plan.lps));
  owner.set(partition(plan.weights, workers));
  const bytes = halfBytes(FIRST_CAPACITY, plan.payloadWords);
  const mail = Array.from({ length: workers * workers * 2 }, (_, i) => {
    const pair = i >> 1;
    return Math.floor(pair / workers) === pair % workers ? null : new SharedArrayBuffer(bytes);
  });
  const { rehearsal = null, module } = options;
  const first = rehearsal && {
    options: rehearsal,
    plan: withoutWeights(module.plan(rehearsal)),
  };
  const ports = connect(workers);
  return ports.map((own, self) => ({
    moduleUrl,
    options: options.options,
    plan: withoutWeights(plan),
    queue: options.queue ?? 'auto',
    self,
    workers,
    maySpin: workers <= availableParallelism(),
    owner,
    control: control.buffer,
    mail,
    ports: own,
    rehearsal: first,
  }));
}

function withoutWeights(plan: Plan<unknown>): WorkerPlan {
  const { lps, lookaheadNs, endNs, payloadWords, shared } = plan;
  return { lps, lookaheadNs, endNs, payloadWords, shared };
}

/** A channel between every two workers: `ports[worker][peer]`. */
function connect(workers: number): (MessagePort | null)[][] {
  const ports = Array.from({ length: workers }, () =>
    Array.from({ length: workers }, (): MessagePort | null => null),
  );
  for (let p = 0; p < workers; p++) {
    for (let q = p + 1; q < workers; q++) {
      const { port1, port2 } = new MessageChannel();
      ports[p]![q] = port1;
      ports[q]![p] = port2;
    }
  }
  return ports;
}

function startCrew(tasks: WorkerTask[], heapMib: number | undefined): Worker[] {
  const share = Math.floor(totalmem() / 1048576 / tasks.length);
  const maxOldGenerationSizeMb = heapMib ?? Math.max(2048, share);
  return tasks.map(
    (task) =>
      new Worker(new URL('./worker.ts', import.meta.url), {
        workerData: task,
        transferList: task.ports.filter((port) => port !== null),
        resourceLimits: { maxOldGenerationSizeMb },
      }),
  );
}

/**
 * All parts in worker order, or the first error. A worker that ends without a word is an error too.
 */
function gather(
  crew: readonly Worker[],
  control: Control,
  signal: AbortSignal | undefined,
): Promise<Done[]> {
  return new Promise((resolve, reject) => {
    const parts: Done[] = [];
    // Those that stopped because another one failed; the other one's news may arrive later.
    const aborted = new Set<number>();
    let missing = crew.length;
    const fail = (error: unknown): void => {
      control.abort();
      reject(error);
    };
    if (signal !== undefined) {
      // A worker deep in a long window does not see the abort flag; `dismiss` stops it.
      signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    }
    crew.forEach((worker, index) => {
      worker.on('message', (message: WorkerMessage) => {
        if (message.type === 'failed') fail(reviveError(message));
        if (message.type === 'aborted') aborted.add(index);
        if (message.type !== 'done') return;
        parts[index] = message;
        if (--missing === 0) resolve(parts);
      });
      worker.on('error', (error) => {
        fail(new WorkerCrash(`worker ${index} crashed: ${String(error)}`, { cause: error }));
      });
      worker.on('exit', (code) => {
        if (parts[index] !== undefined || aborted.has(index)) return;
        fail(new WorkerCrash(`worker ${index} ended with exit code ${code} before it was done`));
      });
    });
  });
}

/** Waits for the threads to end, and ends those that do not. */
async function dismiss(crew: readonly Worker[]): Promise<void> {
  await Promise.all(
    crew.map(
      (worker) =>
        new Promise<void>((resolve) => {
          if (worker.threadId === -1) {
            resolve();
            return;
          }
          const cancel = afterMs(GRACE_MS, () => void worker.terminate());
          worker.once('exit', () => {
            cancel();
            resolve();
          });
        }),
    ),
  );
}

function figuresOf(parts: readonly Done[], lookaheadNs: number): RunFigures {
  const of = parts.map((part) => part.figures);
  const sum = (pick: (figures: Done['figures']) => number): number =>
    of.reduce((total, figures) => total + pick(figures), 0);
  const events = sum((figures) => figures.events);
  const windows = of[0]!.windows;
  const eventsPerWindow = events / windows;
  const busiest = Math.max(...of.map((figures) => figures.events));
  const warnings: string[] = [];
  if (eventsPerWindow < EVENTS_PER_WINDOW_MIN) {
    warnings.push(
      `${eventsPerWindow.toFixed(0)} events per window: below ${EVENTS_PER_WINDOW_MIN} the workers ` +
        'mostly wait for each other; use fewer workers, spread replications over threads, ' +
        'or declare a longer lookahead',
    );
  }
  return {
    workers: parts.length,
    queue: of[0]!.form,
    windows,
    eventsPerWindow,
    barrierShare: sum((figures) => figures.barrierMs) / sum((figures) => figures.wallMs),
    imbalance: events === 0 ? 1 : (busiest * parts.length) / events,
    lookaheadNs,
    lookaheadSeenNs: Math.min(...of.map((figures) => figures.lookaheadSeenNs)),
    remoteShare: events === 0 ? 0 : sum((figures) => figures.sent) / events,
    warnings,
  };
}
