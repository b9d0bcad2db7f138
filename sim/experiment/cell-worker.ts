/**
 * The thread that runs tasks one after another. It does not listen while a run computes, so it is
 * stopped by terminating it; the threads of a parallel run end with it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { toPortable } from './failure.ts';
import type { CellWorkerData, Job, Reply, RunModel } from './messages.ts';

const { moduleUrl } = workerData as CellWorkerData;

parentPort?.on('message', (job: Job) => {
  void run(job).then(reply);
});

async function run(job: Job): Promise<Reply> {
  try {
    const { runModel } = (await import(moduleUrl)) as { runModel: RunModel };
    const output = await runModel(job.workload, {
      seed: job.seed,
      workers: job.workers,
      reproduce: job.reproduce,
      onProgress: (progress) => reply({ kind: 'progress', progress }),
    });
    return { kind: 'done', output };
  } catch (error) {
    return { kind: 'failed', error: toPortable(error) };
  }
}

function reply(message: Reply): void {
  parentPort?.postMessage(message);
}
