/**
 * The queue in total order for models without a useful lookahead: a ladder queue (W. T. Tang, R. S.
 * M. Goh and I. L.-J. Thng 2005) with buckets by value.
 *
 * Far events lie unsorted in the *top*. When needed they are dealt out over the buckets of a
 * *rung*; a bucket that is still too full becomes a finer rung; a small one goes to a heap, from
 * which events are popped. The widths follow the density at the time of dealing, so no delay
 * distribution is bad for it (a calendar queue collapses on constant delays, one bucket width on
 * bimodal ones).
 */

import { ChunkPool } from './chunk-pool.ts';
import { HeapQueue } from './heap-queue.ts';
import type { OrderedQueue } from './ordered-queue.ts';
import { KIND, PAYLOAD, SEQUENCE, SOURCE, TARGET } from './records.ts';

/** 16 records per chunk: a bucket usually takes one. */
const CHUNK_BITS = 4;
/** Events per bucket that dealing aims at. */
const BUCKET_EVENTS = 12;
/** Buckets with more become a rung, others go to the heap. */
const SPLIT_ABOVE = 48;
const RUNGS_MAX = 10;
const BUCKETS_MAX = 1 << 20;

/** A row of buckets of equal width. */
class Rung {
  startNs = 0.5;
  widthNs = 0.5;
  buckets = 0;
  /** First bucket that was not taken yet, and its start. */
  current = 0;
  currentNs = 0.5;
  cursors = new Int32Array(16);
  counts = new Int32Array(16);

  /** Lays out empty buckets over `spanNs` from `startNs` for about `events` events. */
  open(startNs: number, spanNs: number, events: number): void {
    const wanted = Math.min(BUCKETS_MAX, Math.max(1, Math.ceil(events / BUCKET_EVENTS)));
    this.startNs = startNs;
    this.widthNs = Math.max(1, Math.ceil(spanNs / wanted));
    this.buckets = Math.ceil(spanNs / this.widthNs);
    this.current = 0;
    this.currentNs = startNs;
    if (this.buckets > this.cursors.length) {
      const capacity = 2 ** (32 - Math.clz32(this.buckets - 1));
      this.cursors = new Int32Array(capacity);
      this.counts = new Int32Array(capacity);
    }
  }
}

export class BucketedQueue implements OrderedQueue {
  size = 0;
  private readonly heap: HeapQueue;
  private readonly pool: ChunkPool;
  private readonly payloadWords: number;
  private readonly rungs: Rung[] = Array.from({ length: RUNGS_MAX }, () => new Rung());
  /** Rungs in use, coarse to fine. */
  private depth = 0;
  private top = 0;
  private topCount = 0;
  private topMinNs = Infinity;
  private topMaxNs = -Infinity;
  /** Events from here on go to the top. */
  private topStartNs = 0.5;

  constructor(payloadWords: number) {
    this.payloadWords = payloadWords;
    this.heap = new HeapQueue(payloadWords);
    this.pool = new ChunkPool(payloadWords, CHUNK_BITS);
    this.topStartNs = 0;
  }

  get doubles(): Float64Array {
    return this.heap.doubles;
  }

  get ints(): Int32Array {
    return this.heap.ints;
  }

  // eslint-disable-next-line max-params -- see OrderedQueue
  push(
    timeNs: number,
    target: number,
    source: number,
    sequence: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void {
    this.size++;
    const pool = this.pool;
    if (timeNs >= this.topStartNs) {
      this.top = pool.append(this.top, timeNs, target, source, sequence, kind, a, b, c);
      this.topCount++;
      if (timeNs < this.topMinNs) this.topMinNs = timeNs;
      if (timeNs > this.topMaxNs) this.topMaxNs = timeNs;
      return;
    }
    for (let r = 0; r < this.depth; r++) {
      const rung = this.rungs[r]!;
      if (timeNs < rung.currentNs) continue;
      const i = Math.floor((timeNs - rung.startNs) / rung.widthNs);
      const cursor = rung.cursors[i]!;
      rung.cursors[i] = pool.append(cursor, timeNs, target, source, sequence, kind, a, b, c);
      rung.counts[i]!++;
      return;
    }
    this.heap.push(timeNs, target, source, sequence, kind, a, b, c);
  }

  minTimeNs(): number {
    if (this.heap.size === 0) this.refill();
    return this.heap.minTimeNs();
  }

  pop(): number {
    if (this.heap.size === 0) this.refill();
    this.size--;
    return this.heap.pop();
  }

  /** Brings the next events into the heap. */
  private refill(): void {
    while (this.heap.size === 0 && this.size > 0) {
      if (this.depth > 0) this.takeBucket(this.rungs[this.depth - 1]!);
      else this.takeTop();
    }
  }

  private takeTop(): void {
    const { top, topCount, topMinNs, topMaxNs } = this;
    this.top = 0;
    this.topCount = 0;
    this.topMinNs = Infinity;
    this.topMaxNs = -Infinity;
    this.topStartNs = topMaxNs + 1;
    this.spread(top, topCount, topMinNs, topMaxNs + 1 - topMinNs);
  }

  private takeBucket(rung: Rung): void {
    const { counts, buckets } = rung;
    let i = rung.current;
    while (i < buckets && counts[i] === 0) i++;
    if (i === buckets) {
      this.depth--;
      return;
    }
    const cursor = rung.cursors[i]!;
    const count = counts[i]!;
    rung.cursors[i] = 0;
    counts[i] = 0;
    rung.current = i + 1;
    const startNs = rung.startNs + i * rung.widthNs;
    rung.currentNs = startNs + rung.widthNs;
    this.spread(cursor, count, startNs, rung.widthNs);
  }

  /** Puts a bag into the heap when it is small or cannot be divided, else into a new rung. */
  private spread(cursor: number, count: number, startNs: number, spanNs: number): void {
    if (count <= SPLIT_ABOVE || spanNs === 1 || this.depth === RUNGS_MAX) {
      this.visit(cursor, null);
    } else {
      const rung = this.rungs[this.depth++]!;
      rung.open(startNs, spanNs, count);
      this.visit(cursor, rung);
    }
    this.pool.release(cursor);
  }

  private visit(cursor: number, rung: Rung | null): void {
    const pool = this.pool;
    let count = pool.lastCount(cursor);
    for (let chunk = pool.lastChunk(cursor); chunk !== 0; chunk = pool.chunkBefore(chunk)) {
      let at = pool.firstWord(chunk);
      for (let i = 0; i < count; i++, at += pool.words) {
        if (rung === null) this.heapOne(at);
        else this.deal(rung, at);
      }
      count = pool.chunkRecords;
    }
  }

  private deal(rung: Rung, at: number): void {
    const i = Math.floor((this.pool.doubles[at]! - rung.startNs) / rung.widthNs);
    rung.cursors[i] = this.pool.copy(rung.cursors[i]!, at);
    rung.counts[i]!++;
  }

  private heapOne(at: number): void {
    const { doubles, ints } = this.pool;
    const half = at * 2;
    const payload = this.payloadWords;
    this.heap.push(
      doubles[at]!,
      ints[half + TARGET]!,
      ints[half + SOURCE]!,
      ints[half + SEQUENCE]!,
      ints[half + KIND]!,
      payload > 0 ? doubles[at + PAYLOAD]! : 0,
      payload > 1 ? doubles[at + PAYLOAD + 1]! : 0,
      payload > 2 ? doubles[at + PAYLOAD + 2]! : 0,
    );
  }
}
