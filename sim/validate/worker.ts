/** What a thread of the pool runs: it is told replications by study name and answers with rows. */
import { parentPort } from 'node:worker_threads';
import { findStudy } from './registry.ts';
import { type Task, replicateTask } from './run.ts';

parentPort?.on('message', (task: Task) => {
  try {
    reply({ rows: replicateTask(findStudy(task.study), task) });
  } catch (error) {
    reply({ error });
  }
});

function reply(message: object): void {
  parentPort?.postMessage(message);
}
