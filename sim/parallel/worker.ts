/**
 * Entry of a worker thread: conservative synchronous windows (D. Nicol 1993, "YAWNS"). In every
 * round each worker runs one window of its LPs, publishes its mail and proposes the next window;
 * all meet, agree on the earliest proposal, and read their mail. Empty windows are skipped by
 * everybody.
 */

import { parentPort, workerData } from 'node:worker_threads';

import type { Model, ModelModule } from '../kernel/engine.ts';
import { Kernel } from '../kernel/kernel.ts';
import { Barrier, RunAborted } from './barrier.ts';
import { Control } from './control.ts';
import { FormChooser } from './form-chooser.ts';
import { Mail } from './mailbox.ts';
import { ownedLps } from './partition.ts';
import { wallNowMs } from './wall-clock.ts';
import type { WorkerFigures, WorkerMessage, WorkerTask } from './worker-protocol.ts';

type AnyModule = ModelModule<unknown, unknown, unknown>;

class WorkerRun {
  private readonly task: WorkerTask;
  private readonly control: Control;
  private readonly barrier: Barrier;
  private readonly mail: Mail;
  private readonly chooser: FormChooser;
  private readonly kernel: Kernel;
  private readonly model: Model<unknown>;
  private readonly sentBefore: number;
  private windows = 0;
  private barrierMs = 0;
  private wallMs = 0;
  private round = 0;

  constructor(task: WorkerTask, module: AnyModule, mail: Mail) {
    const { plan, self, workers } = task;
    this.task = task;
    this.control = new Control(workers, task.control);
    this.barrier = new Barrier(this.control, workers, task.maySpin);
    this.mail = mail;
    this.sentBefore = mail.sent;
    this.chooser = new FormChooser(task.queue, plan);
    this.kernel = new Kernel({
      lps: plan.lps,
      lookaheadNs: plan.lookaheadNs,
      endNs: plan.endNs,
      payloadWords: plan.payloadWords,
      form: this.chooser.form,
      partition: { owner: task.owner, self, outbox: this.mail },
    });
    const owned = ownedLps(task.owner, self);
    const { options } = task;
    this.model = module.create({
      engine: this.kernel,
      options,
      shared: plan.shared,
      ownedLps: owned,
    });
    this.kernel.start(this.model, owned);
  }

  run(): void {
    const { kernel, chooser } = this;
    const { lookaheadNs, endNs } = this.task.plan;
    // Nobody starts the clock before all have built their models.
    this.barrier.meet();
    const startedMs = wallNowMs();
    let window = this.agree(0);
    while (window * lookaheadNs <= endNs) {
      if (chooser.form !== kernel.form) kernel.useForm(chooser.form, window);
      this.mail.collect(kernel);
      const events = kernel.runWindow(window);
      this.windows++;
      chooser.observe(events, 1);
      window = this.agree(window + 1);
    }
    this.wallMs = wallNowMs() - startedMs;
  }

  /** Publishes mail and the proposal, meets the others; the window that all run next. */
  private agree(from: number): number {
    const { control, mail } = this;
    const { self } = this.task;
    const parity = this.round & 1;
    this.round++;
    control.propose(self, parity, Math.min(this.kernel.nextWindow(from), mail.earliestWindow));
    control.report(self, this.kernel.nowNs, this.kernel.events);
    mail.post();
    const beforeMs = wallNowMs();
    this.barrier.meet();
    this.barrierMs += wallNowMs() - beforeMs;
    return control.agreed(parity);
  }

  report(): WorkerMessage {
    const { kernel } = this;
    const figures: WorkerFigures = {
      events: kernel.events,
      windows: this.windows,
      sent: this.mail.sent - this.sentBefore,
      wallMs: this.wallMs,
      barrierMs: this.barrierMs,
      lookaheadSeenNs: kernel.lookaheadSeenNs,
      form: kernel.form,
    };
    return { type: 'done', result: this.model.finish(), digest: kernel.digest(), figures };
  }
}

/** Mailboxes stay open between rehearsal and run: what lies in them was sent past the end. */
function openMail(task: WorkerTask): Mail {
  const { self, workers, plan } = task;
  return new Mail({
    control: new Control(workers, task.control),
    self,
    workers,
    payloadWords: plan.payloadWords,
    lookaheadNs: plan.lookaheadNs,
    buffers: task.mail,
    ports: task.ports,
  });
}

async function main(): Promise<void> {
  const task = workerData as WorkerTask;
  try {
    const module = (await import(task.moduleUrl)) as AnyModule;
    const mail = openMail(task);
    if (task.rehearsal !== null) {
      new WorkerRun({ ...task, ...task.rehearsal }, module, mail).run();
    }
    const run = new WorkerRun(task, module, mail);
    run.run();
    say(run.report());
  } catch (error) {
    say(failure(error));
    // Those at the barrier would wait for this worker for ever.
    new Control(task.workers, task.control).abort();
  } finally {
    for (const port of task.ports) port?.close();
  }
}

function failure(error: unknown): WorkerMessage {
  if (error instanceof RunAborted) return { type: 'aborted' };
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { type: 'failed', name, message, stack: stack ?? '' };
}

function say(message: WorkerMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
  parentPort!.postMessage(message);
}

await main();
