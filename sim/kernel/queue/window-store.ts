/**
 * Pending events by window, for models with a lookahead L between LPs. Window k holds the times
 * [kL, (k+1)L). An event for another LP sent in window k lands in a later one, so nothing needs a
 * priority queue: a window is a heap of records in no order, sorted per LP when it opens.
 *
 * Windows lie in a hierarchy of rings of 1,024 slots (a timing wheel, Varghese and Lauck 1987): the
 * next 1,024 windows each have a slot, then blocks of 1,024 windows, and so on; a block is dealt
 * out to the ring below when it becomes current. A record is moved at most once per level, however
 * far ahead it lies.
 */

import { ChunkPool } from './chunk-pool.ts';
import { KIND, SEQUENCE, SOURCE, TARGET } from './records.ts';

/** 64 records per chunk. */
const CHUNK_BITS = 6;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;
const RING_BITS = 10;
const RING = 1 << RING_BITS;
const RING_MASK = RING - 1;

export class WindowStore {
  readonly pool: ChunkPool;
  /** Pending records. */
  size = 0;
  private readonly widthNs: number;
  /** Bag of each slot, level after level. */
  private readonly cursors: Int32Array;
  /** One bit per slot that is not empty. */
  private readonly occupied: Int32Array;
  private readonly levels: number;
  /** The window that is open, or about to be: every record lies in it or later. */
  private base = 0;

  /**
   * @param widthNs - lookahead, integer > 0
   * @param endNs - no later event will be put
   */
  constructor(payloadWords: number, widthNs: number, endNs: number) {
    this.pool = new ChunkPool(payloadWords, CHUNK_BITS);
    this.widthNs = widthNs;
    let levels = 1;
    for (let span = RING; span < endNs / widthNs + 2; span *= RING) levels++;
    this.levels = levels;
    this.cursors = new Int32Array(levels * RING);
    this.occupied = new Int32Array((levels * RING) / 32);
  }

  // eslint-disable-next-line max-params -- one event by value, without an object
  put(
    timeNs: number,
    target: number,
    source: number,
    sequence: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void {
    // Exact: the quotient of integers below 2^53 never rounds up to the next integer.
    const window = Math.floor(timeNs / this.widthNs);
    const ahead = window - this.base;
    const slot = ahead < RING ? window & RING_MASK : this.slotOf(window);
    const pool = this.pool;
    // `pool.append`, spelt out: see the note on inlining in kernel.ts.
    let record = this.cursors[slot]!;
    if ((record & CHUNK_MASK) === 0) record = this.addChunk(slot, record);
    this.cursors[slot] = record + 1;
    this.size++;
    const at = record * pool.words;
    const doubles = pool.doubles;
    const ints = pool.ints;
    const half = at * 2;
    doubles[at] = timeNs;
    ints[half + TARGET] = target;
    ints[half + SOURCE] = source;
    ints[half + SEQUENCE] = sequence;
    ints[half + KIND] = kind;
    if (pool.payloadWords > 0) pool.setPayload(at, a, b, c);
  }

  private addChunk(slot: number, cursor: number): number {
    if (cursor === 0) this.occupied[slot >> 5]! |= 1 << (slot & 31);
    return this.pool.addChunk(cursor);
  }

  /** Slot of a window: on the lowest level whose ring reaches it. */
  private slotOf(window: number): number {
    let block = window;
    let base = this.base;
    for (let level = 0; level < this.levels; level++) {
      if (block - base < RING) return level * RING + (block & RING_MASK);
      block = Math.floor(block / RING);
      base = Math.floor(base / RING);
    }
    throw new RangeError(`window ${window} lies beyond the end of the run`);
  }

  /**
   * A lower bound of the next window with events, at least `from`; Infinity when there are none. It
   * may name an empty window at the start of a block that has not been dealt out yet.
   */
  nextWindow(from: number): number {
    let next = Infinity;
    let block = from;
    let span = 1;
    for (let level = 0; level < this.levels; level++) {
      const found = this.nextOccupied(level, block & RING_MASK);
      if (found < RING) next = Math.min(next, Math.max(from, (block + found) * span));
      block = Math.floor(block / RING);
      span *= RING;
    }
    return next;
  }

  /** Distance on a level's ring from a slot to the next occupied one; 1,024 when there is none. */
  private nextOccupied(level: number, from: number): number {
    const first = (level * RING) >> 5;
    let word = from >> 5;
    let bits = this.occupied[first + word]! & (-1 << (from & 31));
    for (let i = 0; i <= RING >> 5; i++) {
      if (bits !== 0) {
        const slot = (word << 5) + (31 - Math.clz32(bits & -bits));
        return (slot - from) & RING_MASK;
      }
      word = (word + 1) & ((RING >> 5) - 1);
      bits = this.occupied[first + word]!;
    }
    return RING;
  }

  /**
   * Makes a window current. No pending record may lie before it. Deals out the blocks that it
   * starts.
   */
  advance(window: number): void {
    const old = this.base;
    this.base = window;
    if (this.levels === 1 || Math.floor(window / RING) === Math.floor(old / RING)) return;
    let span = RING ** (this.levels - 1);
    for (let level = this.levels - 1; level >= 1; level--) {
      this.deal(level * RING + (Math.floor(window / span) & RING_MASK));
      span /= RING;
    }
  }

  /** Puts the records of a slot of an upper level where they belong now. */
  private deal(slot: number): void {
    const pool = this.pool;
    const bag = this.takeSlot(slot);
    this.visit(bag, (at) => {
      const to = this.slotOf(Math.floor(pool.doubles[at]! / this.widthNs));
      const cursor = this.cursors[to]!;
      if (cursor === 0) this.occupied[to >> 5]! |= 1 << (to & 31);
      this.cursors[to] = pool.copy(cursor, at);
    });
    pool.release(bag);
  }

  /** Takes the bag of the current window out of the store; its records still count in `size`. */
  takeCurrent(): number {
    return this.takeSlot(this.base & RING_MASK);
  }

  /**
   * Calls back with the word of every pending record, in no order. The store is of no use
   * afterwards.
   */
  drain(callback: (at: number) => void): void {
    for (const cursor of this.cursors) this.visit(cursor, callback);
  }

  private visit(cursor: number, callback: (at: number) => void): void {
    const pool = this.pool;
    let count = pool.lastCount(cursor);
    for (let chunk = pool.lastChunk(cursor); chunk !== 0; chunk = pool.chunkBefore(chunk)) {
      const first = pool.firstWord(chunk);
      for (let i = 0; i < count; i++) callback(first + i * pool.words);
      count = pool.chunkRecords;
    }
  }

  private takeSlot(slot: number): number {
    const cursor = this.cursors[slot]!;
    this.cursors[slot] = 0;
    this.occupied[slot >> 5]! &= ~(1 << (slot & 31));
    return cursor;
  }
}
