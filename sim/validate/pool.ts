/** A small pool of worker threads for tasks of `stormglass validate`. */
import { Worker } from 'node:worker_threads';
import type { Executor, Row, Task } from './run.ts';

export interface Pool {
  readonly execute: Executor;
  /** Ends the threads; tasks under way are abandoned. */
  close(): Promise<void>;
}

type Reply = { readonly rows: Row[] } | { readonly error: unknown };

interface Pending {
  readonly task: Task;
  resolve(rows: Row[]): void;
  reject(reason: unknown): void;
}

/**
 * Starts `jobs` threads that take tasks in the order they were handed in. Results do not depend on
 * the number of threads: a replication's stream is keyed by its own number. A failing replication,
 * or a thread that dies, rejects every task still waiting with the thread's error.
 */
export function openPool(jobs: number): Pool {
  const waiting: Pending[] = [];
  const running = new Map<Worker, Pending>();
  const idle: Worker[] = [];
  let failure: unknown;

  const fail = (reason: unknown): void => {
    failure ??= reason;
    for (const pending of [...running.values(), ...waiting.splice(0)]) {
      pending.reject(failure);
    }
    running.clear();
  };
  const dispatch = (): void => {
    while (waiting.length > 0 && idle.length > 0) {
      const worker = idle.pop() as Worker;
      const pending = waiting.shift() as Pending;
      running.set(worker, pending);
      worker.postMessage(pending.task);
    }
  };
  const receive = (worker: Worker, reply: Reply): void => {
    const pending = running.get(worker);
    running.delete(worker);
    if ('error' in reply) {
      pending?.reject(reply.error);
      fail(reply.error);
      return;
    }
    idle.push(worker);
    pending?.resolve(reply.rows);
    dispatch();
  };
  const workers = Array.from({ length: jobs }, () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    worker.on('message', (reply: Reply) => receive(worker, reply));
    worker.on('error', fail);
    worker.on('exit', (code) => {
      if (code !== 0) {
        fail(new Error(`a validation thread ended with code ${code}`));
      }
    });
    idle.push(worker);
    return worker;
  });

  return {
    execute: (task) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        waiting.push({ task, resolve, reject });
        dispatch();
      }),
    close: async () => {
      for (const worker of workers) {
        worker.removeAllListeners('exit');
      }
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
