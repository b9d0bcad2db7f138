/**
 * Who is online when: each client alternates between sessions and gaps (an alternating renewal
 * process, started in its steady state). A client's state is advanced only when somebody looks at
 * it, so a client without mail costs no events. Each client has its own random stream, so its
 * sessions are the same whatever the policy under study does.
 *
 * 12 bytes per client: the end of the current interval, negative while offline, and the state of
 * the stream.
 *
 * **Invariant:** queries about one client do not go back in time.
 */
import type { Population } from '../../src/workload/types.ts';
import { float, StreamTable } from '../kernel/random.ts';
import { exponential } from '../kernel/samplers.ts';
import { Sampler } from './sampler.ts';
import { nsPerMs } from './units.ts';

/** Rows of all clients; each row has one writer, the worker that owns the client's homeserver. */
export interface SessionRows {
  readonly edges: Float64Array;
  readonly counters: Int32Array;
}

export function allocateSessions(clients: number): SessionRows {
  return {
    edges: new Float64Array(new SharedArrayBuffer(8 * clients)),
    counters: new Int32Array(new SharedArrayBuffer(4 * clients)),
  };
}

export class Sessions {
  private readonly edges: Float64Array;
  private readonly streams: StreamTable;
  private readonly length: Sampler;
  private readonly gapMeanNs: number;
  private readonly offline: number;

  constructor(sessions: Population['sessions'], rows: SessionRows, seed: number) {
    this.edges = rows.edges;
    this.streams = new StreamTable(seed, 'sessions', rows.counters);
    this.length = new Sampler(sessions.length, nsPerMs);
    this.offline = sessions.offline;
    // Of length + gap, the gap must be the share `offline`.
    this.gapMeanNs = (this.length.mean * sessions.offline) / (1 - sessions.offline);
  }

  /** Draws the state at time 0 of the clients from..to-1. */
  start(from: number, to: number): void {
    for (let client = from; client < to; client++) {
      const source = this.streams.select(client);
      const online = float(source) >= this.offline;
      const rest = online
        ? this.length.residual(source)
        : Math.round(this.gapMeanNs * exponential(source));
      const edge = Math.max(1, Math.round(rest));
      if (this.offline === 0) this.edges[client] = Infinity;
      else this.edges[client] = online ? edge : -edge;
    }
  }

  /** Whether a client is online at a time. */
  isOnline(client: number, nowNs: number): boolean {
    const edge = this.edges[client]!;
    if (edge > nowNs) return true;
    if (edge < -nowNs) return false;
    return this.advance(client, edge, nowNs);
  }

  private advance(client: number, from: number, nowNs: number): boolean {
    const source = this.streams.select(client);
    let online = from > 0;
    let edge = Math.abs(from);
    while (edge <= nowNs) {
      online = !online;
      const span = online ? this.length.sample(source) : this.gapMeanNs * exponential(source);
      edge += Math.max(1, Math.round(span));
    }
    this.edges[client] = online ? edge : -edge;
    return online;
  }

  /** End of the interval that holds the time of the last query, ns. */
  intervalEnd(client: number): number {
    return Math.abs(this.edges[client]!);
  }
}
