/** `stormglass phold`: the usual benchmark of simulation engines, on this machine. */

import { totalmem } from 'node:os';

import { Command } from 'commander';

import { formatProblem, type Problem, UsageError } from '../errors.ts';
import * as model from '../../sim/parallel/phold.ts';
import type { QueueChoice } from '../../sim/parallel/outcome.ts';
import { simulate } from '../../sim/parallel/run.ts';
import { formatValue } from '../results/format.ts';
import { readMemory } from './memory.ts';

/** One simulated second in the engine's unit. */
const SECOND_NS = 1e9;
/** Bytes of a pending event at least: time, key and payload. */
const eventBytes = 24;
const queues: readonly string[] = ['auto', 'window', 'bucketed', 'heap'];

type Flags = Readonly<Record<string, string | boolean>>;

interface Request {
  readonly model: model.PholdOptions;
  readonly workers: number;
  readonly queue: QueueChoice;
  /** Without a rehearsal. */
  readonly cold: boolean;
}

/** What `--json` prints. */
interface PholdReport {
  readonly events: number;
  readonly wallSeconds: number;
  readonly eventsPerSecond: number;
  readonly digest: string;
}

/** Reads numbers from flags, collecting everything that is wrong with them. */
class FlagReader {
  private readonly problems: Problem[] = [];
  private readonly flags: Flags;

  constructor(flags: Flags) {
    this.flags = flags;
  }

  number(name: string, rule: string, accepts: (value: number) => boolean): number {
    const text = String(this.flags[name]);
    const value = text.trim() === '' ? NaN : Number(text);
    if (!accepts(value)) this.problem(name, `${text} is not ${rule}`, `give ${rule}`);
    return value;
  }

  integer(name: string, min: number, max: number): number {
    return this.number(
      name,
      `an integer in ${min}..${max}`,
      (value) => Number.isInteger(value) && value >= min && value <= max,
    );
  }

  problem(name: string, message: string, remedy: string): void {
    this.problems.push({ file: `--${name}`, message, remedy });
  }

  throwIfAny(): void {
    if (this.problems.length === 0) return;
    throw new UsageError(this.problems.map(formatProblem).join('\n'));
  }
}

function checkMemory(reader: FlagReader, lps: number, population: number): void {
  const needed = lps * population * eventBytes;
  const { total } = readMemory(totalmem());
  if (needed <= total) return;
  const events = `${lps} x ${population} events in flight need at least ${formatValue(needed, 'B')}`;
  const message = `${events} of memory, and there are ${formatValue(total, 'B')}`;
  reader.problem('population', message, 'fewer LPs, or fewer events for each');
}

/**
 * Turns flags into a request.
 *
 * @throws {UsageError} with all problems at once
 */
function parseFlags(flags: Flags): Request {
  const reader = new FlagReader(flags);
  const lps = reader.integer('lps', 1, 2 ** 27);
  const population = reader.integer('population', 1, 2 ** 20);
  const isShare = (value: number): boolean => value >= 0 && value <= 1;
  const remoteShare = reader.number('remote', 'a probability in 0..1', isShare);
  const isTime = (value: number): boolean => value >= 0 && value <= 1e4;
  const lookahead = reader.number('lookahead', 'a time in 0..10000 s', isTime);
  const mean = reader.number('mean', 'a time in 0..10000 s', isTime);
  const workers = reader.integer('workers', 1, 64);
  const events = reader.integer('events', 1, 1e12);
  const seed = reader.integer('seed', 0, Number.MAX_SAFE_INTEGER);
  const queue = String(flags['queue']);
  if (!queues.includes(queue)) {
    reader.problem('queue', `there is no queue ${queue}`, `one of ${queues.join(', ')}`);
  }
  reader.throwIfAny();
  const lookaheadNs = Math.round(lookahead * SECOND_NS);
  const meanNs = mean * SECOND_NS;
  if (lookaheadNs + meanNs < 1) {
    reader.problem(
      'mean',
      'lookahead and mean are both 0: time would stand still',
      'a mean above 0',
    );
  }
  if (lookaheadNs === 0 && (workers > 1 || queue === 'window')) {
    reader.problem('lookahead', 'several workers and the window queue need one', 'a time above 0');
  }
  checkMemory(reader, lps, population);
  const endNs = Math.round((events / (lps * population)) * (lookaheadNs + meanNs));
  if (endNs > Number.MAX_SAFE_INTEGER) {
    reader.problem('events', 'so many take longer than 104 simulated days', 'fewer, or more LPs');
  }
  reader.throwIfAny();
  const options = { seed, lps, population, remoteShare, lookaheadNs, meanNs, endNs };
  return { model: options, workers, queue: queue as QueueChoice, cold: flags['cold'] === true };
}

/** Long enough for the compiler to have seen every hot path, a twentieth of a second. */
const REHEARSAL_EVENTS = 500_000;

/** The same model for that many events or so. */
function shortened(options: model.PholdOptions): model.PholdOptions {
  const { lps, population, lookaheadNs, meanNs } = options;
  const endNs = Math.round((REHEARSAL_EVENTS / (lps * population)) * (lookaheadNs + meanNs));
  return { ...options, endNs: Math.min(options.endNs, endNs) };
}

async function run(request: Request): Promise<PholdReport> {
  const { events, wallSeconds, digest } = await simulate({
    module: model,
    moduleUrl: new URL('../../sim/parallel/phold.ts', import.meta.url),
    options: request.model,
    workers: request.workers,
    queue: request.queue,
    ...(request.cold ? {} : { rehearsal: shortened(request.model) }),
  });
  return { events, wallSeconds, eventsPerSecond: events / wallSeconds, digest };
}

function describe(report: PholdReport): string {
  const millions = (report.eventsPerSecond / 1e6).toFixed(2);
  const { events, wallSeconds, digest } = report;
  const speed = `${events} events in ${wallSeconds.toFixed(3)} s: ${millions} million events/s`;
  return `${speed}, digest ${digest}\n`;
}

export const phold: Command = new Command('phold')
  .description(
    'benchmark the engine: every event schedules one, after the lookahead plus Exp(mean)',
  )
  .option('--lps <n>', 'logical processes', '1024')
  .option('--population <n>', 'events in flight per LP', '16')
  .option('--remote <share>', 'probability that an event goes to a random LP', '1')
  .option('--lookahead <s>', 'smallest delay, simulated seconds', '0.1')
  .option('--mean <s>', 'mean of the exponential part of the delay, simulated seconds', '0.9')
  .option('--workers <n>', 'worker threads; 1 runs in the main thread', '1')
  .option('--events <n>', 'about how many events to run', '4000000')
  .option('--queue <name>', `pending events: ${queues.join(', ')}`, 'auto')
  .option('--cold', 'no rehearsal: time the compilation of the engine too')
  .option('--seed <n>', 'seed of all random draws', '1')
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nWall time is that of the event loop: construction, first events and start of threads' +
      '\nare left out. A rehearsal of about half a million events comes first, so that compiled' +
      '\ncode is timed; --cold leaves it out.' +
      '\nThe digest is equal for all queues and workers.',
  )
  .action(async (flags: Flags) => {
    const report = await run(parseFlags(flags));
    process.stdout.write(flags['json'] === true ? `${JSON.stringify(report)}\n` : describe(report));
  });
