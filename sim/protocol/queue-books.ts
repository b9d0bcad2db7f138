/**
 * Account of one client's queues, kept by the observer: what stands in them, since when, and
 * whether its owner was online when it came. The model tier counts the same by the same rules.
 */
import { lanes, type Lane } from '../../src/protocol/wire/identifiers.ts';
import { counterIndex } from '../model/fan-out/counts.ts';
import type { PutEntry } from './entries.ts';
import type { World } from './world.ts';

/** An entry of a queue until its owner has read it. */
interface Waiting {
  readonly enqueuedNs: number;
  /** Its owner was offline, or had not read earlier ones yet. */
  readonly isQueued: boolean;
}

export class QueueBooks {
  private readonly world: World;
  private readonly waiting: Readonly<Record<Lane, Map<number, Waiting>>> = {
    [lanes.ham]: new Map(),
    [lanes.spam]: new Map(),
  };
  private queuedCount = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Entries that wait for an owner who was not there. */
  get queued(): number {
    return this.queuedCount;
  }

  wasQueued(lane: Lane, sequence: number): boolean {
    return this.waiting[lane].get(sequence)?.isQueued === true;
  }

  /** An entry was enqueued. */
  add({ lane, sequence }: PutEntry, isOnline: boolean): void {
    const { engine, tally } = this.world;
    const isQueued = !isOnline || this.queuedCount > 0;
    this.waiting[lane].set(sequence, { enqueuedNs: engine.nowNs, isQueued });
    if (!isQueued) return;
    this.queuedCount++;
    this.world.measured('queued', engine.nowNs);
    tally.sums.queueIn.add(engine.nowNs);
    tally.series.queued.add(engine.nowNs, 1);
    tally.maxima.queueDepth = Math.max(tally.maxima.queueDepth, this.queuedCount);
  }

  /** The owner has read a lane up to a sequence number (exclusive). */
  readUpTo(lane: Lane, end: number): void {
    for (const [sequence, entry] of this.waiting[lane]) {
      if (sequence >= end) return;
      this.waiting[lane].delete(sequence);
      if (entry.isQueued) this.left(entry);
    }
  }

  private left({ enqueuedNs }: Waiting): void {
    const { engine, tally, span } = this.world;
    const { nowNs } = engine;
    this.queuedCount--;
    tally.sums.queueOut.add(nowNs);
    tally.sums.queueWaited.add(nowNs - enqueuedNs);
    tally.series.queued.add(nowNs, -1);
    if (!this.world.isMeasured(nowNs)) return;
    tally.histograms.queueWait.record(nowNs - enqueuedNs);
    tally.sums.queueArea.add(nowNs - Math.max(enqueuedNs, span.warmUpNs));
    this.world.measured('drained', nowNs);
  }

  /** At the end of the run: what still waits counts for the mean depth. */
  close(): void {
    const { tally, span } = this.world;
    for (const lane of [lanes.ham, lanes.spam]) {
      for (const { enqueuedNs, isQueued } of this.waiting[lane].values()) {
        if (!isQueued) continue;
        tally.counters.values[counterIndex.queuedAtEnd]! += 1;
        tally.sums.queueArea.add(span.endNs - Math.max(enqueuedNs, span.warmUpNs));
        tally.sums.queueLeft.add(span.endNs - enqueuedNs);
      }
    }
  }
}
