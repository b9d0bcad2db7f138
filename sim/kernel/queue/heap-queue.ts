/**
 * The reference queue: a 4-ary implicit heap of times with positions of records. Four children
 * share a cache line of times, so a level costs one miss. Also serves as the small heap of the
 * other two queues (the current bucket, and events of the running LP within a window).
 */

import { comesBefore, comesBeforeInLp } from './order.ts';
import type { OrderedQueue } from './ordered-queue.ts';
import { KIND, PAYLOAD, RecordBuffer, SEQUENCE, SOURCE, TARGET } from './records.ts';

export class HeapQueue implements OrderedQueue {
  doubles: Float64Array;
  ints: Int32Array;
  size = 0;
  private times: Float64Array;
  private positions: Int32Array;
  private readonly records: RecordBuffer;
  private readonly payloadWords: number;
  /** Stack of positions that were used and are free. */
  private free: Int32Array;
  private freeCount = 0;
  /** Records ever used; those beyond are free too. */
  private used = 0;

  constructor(payloadWords: number, capacity = 64) {
    this.payloadWords = payloadWords;
    this.records = new RecordBuffer(payloadWords, capacity);
    this.doubles = this.records.doubles;
    this.ints = this.records.ints;
    this.times = new Float64Array(capacity);
    this.positions = new Int32Array(capacity);
    this.free = new Int32Array(capacity);
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
    const at = this.allocate();
    const doubles = this.doubles;
    const ints = this.ints;
    const half = at * 2;
    doubles[at] = timeNs;
    ints[half + TARGET] = target;
    ints[half + SOURCE] = source;
    ints[half + SEQUENCE] = sequence;
    ints[half + KIND] = kind;
    const payload = this.payloadWords;
    if (payload > 0) {
      doubles[at + PAYLOAD] = a;
      if (payload > 1) doubles[at + PAYLOAD + 1] = b;
      if (payload > 2) doubles[at + PAYLOAD + 2] = c;
    }
    this.siftUp(timeNs, at);
  }

  private siftUp(timeNs: number, at: number): void {
    const times = this.times;
    const positions = this.positions;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      const above = times[parent]!;
      if (above < timeNs) break;
      if (above === timeNs && comesBefore(this.ints, positions[parent]!, at)) break;
      times[i] = above;
      positions[i] = positions[parent]!;
      i = parent;
    }
    times[i] = timeNs;
    positions[i] = at;
  }

  minTimeNs(): number {
    return this.size === 0 ? Infinity : this.times[0]!;
  }

  /**
   * Whether the smallest event comes before the one at word `at` of other records of the same LP.
   */
  topComesBefore(doubles: Float64Array, ints: Int32Array, at: number): boolean {
    const top = this.times[0]!;
    const other = doubles[at]!;
    if (top !== other) return top < other;
    return comesBeforeInLp(this.ints, this.positions[0]!, ints, at);
  }

  pop(): number {
    const top = this.positions[0]!;
    const size = --this.size;
    if (size > 0) this.siftDown(this.times[size]!, this.positions[size]!, size);
    // The freed record keeps its contents: its number goes to a stack beside the records.
    this.free[this.freeCount++] = top;
    return top;
  }

  private siftDown(timeNs: number, at: number, size: number): void {
    const times = this.times;
    const positions = this.positions;
    const ints = this.ints;
    let i = 0;
    for (;;) {
      let child = (i << 2) + 1;
      if (child >= size) break;
      const end = child + 4 < size ? child + 4 : size;
      let least = times[child]!;
      for (let k = child + 1; k < end; k++) {
        const time = times[k]!;
        if (
          time < least ||
          (time === least && comesBefore(ints, positions[k]!, positions[child]!))
        ) {
          least = time;
          child = k;
        }
      }
      if (least > timeNs) break;
      if (least === timeNs && comesBefore(ints, at, positions[child]!)) break;
      times[i] = least;
      positions[i] = positions[child]!;
      i = child;
    }
    times[i] = timeNs;
    positions[i] = at;
  }

  private allocate(): number {
    if (this.freeCount > 0) return this.free[--this.freeCount]!;
    if (this.used === this.times.length) this.grow();
    return this.used++ * this.records.words;
  }

  private grow(): void {
    const capacity = this.times.length * 2;
    const times = new Float64Array(capacity);
    times.set(this.times);
    this.times = times;
    const positions = new Int32Array(capacity);
    positions.set(this.positions);
    this.positions = positions;
    // Growth happens when nothing is free, so the stack starts afresh.
    this.free = new Int32Array(capacity);
    this.records.grow();
    this.doubles = this.records.doubles;
    this.ints = this.records.ints;
  }
}
