/**
 * When a homeserver works on which destination of its outbox: one step at a time for each, after a
 * failure not before its backoff is over. Of one life; a restart finds the destinations in the
 * store.
 */
import { afterFailure, isDue, noBackoff, type Backoff } from '../../src/homeserver/backoff.ts';
import { localPrefix, remotePrefix } from '../../src/homeserver/qs/fan-out.ts';
import type { Random } from '../../src/crypto/random.ts';
import { insideDelayNs } from '../model/network.ts';
import { clockMs, timeOfMs } from './clock.ts';

export interface ScheduleOptions {
  readonly random: Random;
  readonly nowNs: () => number;
  /** Has the destination of an index worked on at a time. */
  readonly at: (index: number, timeNs: number) => void;
}

export class OutboxSchedule {
  private readonly options: ScheduleOptions;
  private readonly names: string[] = [];
  private readonly touched = new Set<string>();
  private readonly busy = new Set<string>();
  private readonly backoffs = new Map<string, Backoff>();

  constructor(options: ScheduleOptions) {
    this.options = options;
  }

  nameOf(index: number): string {
    return this.names[index] ?? '';
  }

  /** Something was put there. */
  touch(destination: string): void {
    this.touched.add(destination);
  }

  /** Has what was touched worked on from a time on. */
  startTouched(atNs: number): void {
    for (const destination of this.touched) {
      const isLocal = destination.startsWith(localPrefix);
      if (this.busy.has(destination) || !(isLocal || destination.startsWith(remotePrefix)))
        continue;
      const backoff = this.backoffs.get(destination) ?? noBackoff;
      const isNow = isDue(backoff, clockMs(atNs));
      const later = timeOfMs(Math.ceil(backoff.notBeforeMs));
      this.again(destination, isNow ? atNs + (isLocal ? insideDelayNs : 0) : later);
    }
    this.touched.clear();
  }

  /** The next step of a destination. */
  again(destination: string, atNs: number): void {
    let index = this.names.indexOf(destination);
    if (index < 0) index = this.names.push(destination) - 1;
    this.busy.add(destination);
    this.options.at(index, Math.max(this.options.nowNs(), atNs));
  }

  /** Nothing waits there any more. */
  idle(destination: string): void {
    this.busy.delete(destination);
  }

  /** The other side took an entry. */
  settled(destination: string): void {
    this.backoffs.delete(destination);
  }

  /** It failed; `askedMs` is a delay that the other side asked for. */
  failed(destination: string, askedMs: number): void {
    const { random, nowNs } = this.options;
    const state = this.backoffs.get(destination) ?? noBackoff;
    const next = afterFailure(state, clockMs(nowNs()), random, askedMs);
    this.backoffs.set(destination, next);
    this.again(destination, timeOfMs(Math.ceil(next.notBeforeMs)));
  }
}
