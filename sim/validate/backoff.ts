/**
 * The experiment of the AWS Architecture Blog ("Exponential Backoff And Jitter", Brooker 2015),
 * with the model's retry policies: N clients each want to update one versioned row once. A client
 * reads the version, then writes on the condition that it is still the same; when it is not, the
 * client waits as its policy says and starts again. Every message takes |Normal(10, 2)| ms one way.
 *
 * Published are means and standard deviations over 100 runs of the time until the last client knows
 * of its success, and of the number of writes.
 */
import type { RetryPolicy } from '../../src/workload/types.ts';
import type { Engine, Model } from '../kernel/engine.ts';
import { kind } from '../kernel/engine.ts';
import { type RandomSource, stream } from '../kernel/random.ts';
import { normal } from '../kernel/samplers.ts';
import { backoffMs } from '../model/retry.ts';
import { nsPerMs, toNs } from '../model/units.ts';
import { simulate, untilQuietNs } from './simulation.ts';
import type { Measure, Study } from './study.ts';

const server = 0;
/** To the server: read and write (a = client, b = version). To a client: its answers. */
const kinds = { read: kind(0, 1), write: kind(0, 2), version: kind(0, 3), result: kind(0, 4) };

export interface RowRace {
  readonly clients: number;
  readonly policy: RetryPolicy;
  readonly delays: RandomSource;
  readonly backoff: RandomSource;
  /** The model's rule, unless a test wants another. */
  readonly waitMs: typeof backoffMs;
}

class VersionedRow implements Model<{ completion: number; calls: number }> {
  readonly #engine: Engine;
  readonly #race: RowRace;
  readonly #failures: Int32Array;
  readonly #waitedMs: Float64Array;
  #version = 0;
  #writes = 0;

  constructor(engine: Engine, race: RowRace) {
    this.#engine = engine;
    this.#race = race;
    this.#failures = new Int32Array(race.clients + 1);
    this.#waitedMs = new Float64Array(race.clients + 1);
  }

  start(lp: number): void {
    if (lp !== server) {
      this.#send(server, kinds.read, lp, 0);
    }
  }

  handle(lp: number, what: number, a: number, b: number): void {
    switch (what) {
      case kinds.read:
        this.#send(a, kinds.version, a, this.#version);
        break;
      case kinds.version:
        this.#send(server, kinds.write, lp, b);
        break;
      case kinds.write:
        this.#writes++;
        this.#send(a, kinds.result, a, b === this.#version ? 1 : 0);
        this.#version += b === this.#version ? 1 : 0;
        break;
      default:
        if (b === 0) this.#retry(lp);
    }
  }

  #retry(client: number): void {
    const { policy, backoff, waitMs } = this.#race;
    const failures = ++this.#failures[client]!;
    const waited = waitMs(policy, failures, this.#waitedMs[client]!, backoff);
    this.#waitedMs[client] = waited;
    this.#send(server, kinds.read, client, 0, waited);
  }

  // eslint-disable-next-line max-params -- an event by value, as the engine's own
  #send(to: number, what: number, client: number, value: number, afterMs = 0): void {
    const delayMs = afterMs + Math.abs(10 + 2 * normal(this.#race.delays));
    const at = this.#engine.nowNs + toNs(delayMs);
    this.#engine.schedule(to, at, what, client, value, 0);
  }

  finish(): { completion: number; calls: number } {
    return { completion: this.#engine.nowNs / nsPerMs, calls: this.#writes };
  }
}

type Published = readonly [mean: number, sd: number];

const source = 'AWS Architecture Blog, "Exponential Backoff And Jitter" (2015), 100 runs';

function published([mean, sd]: Published, unit: string): Measure {
  return {
    expected: mean,
    unit,
    tolerance: { kind: 'published', errors: 3, sd, runs: 100 },
    source,
  };
}

const jitter = { base: 5, cap: 2000, attempts: Number.POSITIVE_INFINITY } as const;

const policies = {
  none: { kind: 'immediate', attempts: Number.POSITIVE_INFINITY },
  'full-jitter': { kind: 'full-jitter', ...jitter },
  'decorrelated-jitter': { kind: 'decorrelated-jitter', ...jitter },
  'equal-jitter': { kind: 'equal-jitter', ...jitter },
  exponential: { kind: 'exponential', ...jitter },
} as const satisfies Record<string, RetryPolicy>;

type PolicyName = keyof typeof policies;

/** Policy, clients, published completion in ms and published calls. */
const table: readonly (readonly [PolicyName, number, Published, Published])[] = [
  ['none', 10, [374, 35], [50.4, 4.3]],
  ['full-jitter', 10, [463, 110], [39.2, 2.4]],
  ['decorrelated-jitter', 10, [443, 108], [37.5, 2.5]],
  ['equal-jitter', 10, [724, 162], [42.4, 2.4]],
  ['exponential', 10, [3486, 1261], [50.8, 4]],
  ['none', 50, [1138, 42], [689.9, 16.4]],
  ['full-jitter', 50, [2970, 562], [332.8, 4.4]],
  ['decorrelated-jitter', 50, [2228, 523], [373.1, 14.1]],
  ['equal-jitter', 50, [4311, 635], [346.8, 6.6]],
  ['exponential', 50, [36606, 2980], [623.9, 25.9]],
];

/**
 * A study of one line of the table. Our side has many more runs than the published hundred, so that
 * only the published error is left in the comparison.
 */
export function backoffStudy(
  [name, clients, completion, calls]: (typeof table)[number],
  waitMs = backoffMs,
): Study {
  return {
    name: `backoff/${name}/clients-${clients}`,
    measures: { completion: published(completion, 'ms'), calls: published(calls, 'calls') },
    replications: clients > 10 ? 400 : 2000,
    seconds: clients > 10 ? 2e-3 : 2e-4,
    replicate: (seed, replication) => {
      const race = {
        clients,
        policy: policies[name],
        delays: stream(seed, replication, 'validate.backoff.network'),
        backoff: stream(seed, replication, 'validate.backoff.wait'),
        waitMs,
      };
      const setting = { lps: clients + 1, endNs: untilQuietNs, payloadWords: 2 } as const;
      return simulate(setting, (engine) => new VersionedRow(engine, race));
    },
  };
}

export const backoffTable = table;
export const backoffStudies: readonly Study[] = table.map((line) => backoffStudy(line));
