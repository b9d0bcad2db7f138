/**
 * LPs like homeservers: a few of very different load, most events below the lookahead and for
 * oneself (stations), three payload words. Run `node workloads/bench/phold-homeserver.bench.ts
 * [simulated seconds]`.
 */

import type { Engine, Model, ModelContext, Plan } from '../../sim/kernel/engine.ts';
import { StreamTable } from '../../sim/kernel/random.ts';
import { exponential } from '../../sim/kernel/samplers.ts';
import { simulate } from '../../sim/parallel/run.ts';

interface Options {
  readonly homeservers: number;
  /** Requests that the largest homeserver has in flight. */
  readonly clients: number;
  readonly endNs: number;
}

const LOOKAHEAD_NS = 20e6;
const stages = 5;

function clientsOf(options: Options, lp: number): number {
  return Math.max(1, Math.floor(options.clients / (lp + 1)));
}

export function plan(options: Options): Plan<null> {
  const { homeservers, endNs } = options;
  const weights = Float64Array.from({ length: homeservers }, (_, lp) => clientsOf(options, lp));
  return {
    lps: homeservers,
    weights,
    lookaheadNs: LOOKAHEAD_NS,
    endNs,
    payloadWords: 3,
    shared: null,
  };
}

class Homeservers implements Model<number> {
  private readonly engine: Engine;
  private readonly options: Options;
  private readonly draws: StreamTable;
  private served = 0;

  constructor(context: ModelContext<Options, null>) {
    this.engine = context.engine;
    this.options = context.options;
    this.draws = new StreamTable(1, 'homeserver', new Int32Array(context.options.homeservers));
  }

  start(lp: number): void {
    for (let client = clientsOf(this.options, lp); client > 0; client--) this.think(lp, client);
  }

  /** The client's next request, a second later on average. */
  private think(lp: number, client: number): void {
    const wait = Math.floor(exponential(this.draws.select(lp)) * 1e9);
    this.engine.schedule(lp, this.engine.nowNs + wait, 0, client, 0, 0.5);
  }

  handle(lp: number, stage: number, client: number, bytes: number, cost: number): void {
    const { engine, draws } = this;
    if (stage < stages) {
      // Station after station, half a millisecond each.
      const wait = Math.floor(exponential(draws.select(lp)) * 5e5);
      engine.schedule(lp, engine.nowNs + wait, stage + 1, client, bytes + 100, cost * 1.5);
      return;
    }
    this.served++;
    if (stage > stages) return;
    if (draws.u32Of(lp) % 5 === 0) {
      const peer = draws.u32Of(lp) % this.options.homeservers;
      const latency = LOOKAHEAD_NS + Math.floor(exponential(draws.select(lp)) * 3e7);
      engine.schedule(peer, engine.nowNs + latency, stages + 1, client, bytes, cost);
    }
    this.think(lp, client);
  }

  finish(): number {
    return this.served;
  }
}

export function create(context: ModelContext<Options, null>): Model<number> {
  return new Homeservers(context);
}

export function merge(parts: number[]): number {
  return parts.reduce((sum, part) => sum + part, 0);
}

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 10);
  const options: Options = { homeservers: 50, clients: 20_000, endNs: seconds * 1e9 };
  const module = { plan, create, merge };
  const moduleUrl = new URL(import.meta.url);
  console.log('queue      workers  M events/s  CPU ns/event  events/window');
  for (const workers of [1, 2]) {
    for (const queue of ['window', 'bucketed', 'heap'] as const) {
      const before = process.cpuUsage();
      const run = await simulate({ module, moduleUrl, options, queue, workers });
      const used = process.cpuUsage(before);
      const rate = (run.events / run.wallSeconds / 1e6).toFixed(2).padStart(10);
      const cpu = (((used.user + used.system) * 1e3) / run.events).toFixed(0).padStart(14);
      const density = run.figures.eventsPerWindow.toFixed(0).padStart(15);
      console.log(`${queue.padEnd(11)}${String(workers).padEnd(9)}${rate}${cpu}${density}`);
    }
  }
}

if (import.meta.main) await main();
