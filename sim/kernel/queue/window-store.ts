/**
 * Pending events by window, for models with a lookahead L between LPs. Window k holds the times
 * [kL, (k+1)L). An event for another LP sent in window k lands in a later one, so nothing needs a priority
 * queue: a window is a heap of records in no order, sorted per LP when it opens.
 *
 * Windows lie in a hierarchy of rings of 1,024 slots (a timing wheel, Varghese and Lauck 1987): the next 1,024
 * windows each have a slot, then blocks of 1,024 windows, and so on; a block is dealt out to the ring below
 * when it becomes current. A record is moved at most once per level, however far ahead it lies.
 *
 * Slots are chains of chunks of 64 records in one buffer. Chunks, not arrays per slot: an array per slot keeps
 * the capacity of its busiest window, which took 30 times the memory at a million pending events.
 */

import { KIND, PAYLOAD, RecordBuffer, SEQUENCE, SOURCE, TARGET } from './records.ts';

const CHUNK_BITS = 6;
export const CHUNK_RECORDS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_RECORDS - 1;
const RING_BITS = 10;
const RING = 1 << RING_BITS;
const RING_MASK = RING - 1;

export class WindowStore {
  doubles: Float64Array;
  ints: Int32Array;
  /** Pending records. */
  size = 0;
  readonly words: number;
  private readonly widthNs: number;
  private readonly payloadWords: number;
  private readonly records: RecordBuffer;
  /** Record number one past the last of each slot, level after level; 0 = empty. */
  private readonly cursors: Int32Array;
  /** One bit per slot that is not empty. */
  private readonly occupied: Int32Array;
  private readonly levels: number;
  /** Chunk before each chunk in its chain, or next free chunk; 0 ends a chain (chunk 0 is never used). */
  private previous: Int32Array;
  private freeChunk = 0;
  private usedChunks = 1;
  /** The window that is open, or about to be: every record lies in it or later. */
  private base = 0;

  /**
   * @param widthNs - lookahead, integer > 0
   * @param endNs - no later event will be put
   */
  constructor(payloadWords: number, widthNs: number, endNs: number) {
    this.payloadWords = payloadWords;
    this.widthNs = widthNs;
    let levels = 1;
    for (let span = RING; span < endNs / widthNs + 2; span *= RING) levels++;
    this.levels = levels;
    this.records = new RecordBuffer(payloadWords, 4 * CHUNK_RECORDS);
    this.words = this.records.words;
    this.doubles = this.records.doubles;
    this.ints = this.records.ints;
    this.cursors = new Int32Array(levels * RING);
    this.occupied = new Int32Array((levels * RING) / 32);
    this.previous = new Int32Array(4);
  }

  // eslint-disable-next-line max-params -- one event by value; an object would be an allocation per event
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
    const slot = ahead < RING ? window & RING_MASK : this.farSlot(window);
    let record = this.cursors[slot]!;
    if ((record & CHUNK_MASK) === 0) record = this.addChunk(slot, record);
    this.cursors[slot] = record + 1;
    this.size++;
    const at = record * this.words;
    const half = at * 2;
    const doubles = this.doubles;
    const ints = this.ints;
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
  }

  /** Slot of a window 1,024 or more ahead: the lowest level whose ring still reaches it. */
  private farSlot(window: number): number {
    let block = window;
    let base = this.base;
    for (let level = 0; level < this.levels; level++) {
      if (block - base < RING) return level * RING + (block & RING_MASK);
      block = Math.floor(block / RING);
      base = Math.floor(base / RING);
    }
    throw new RangeError(`window ${window} lies beyond the end of the run`);
  }

  /** First record number of a new chunk at the end of a slot's chain. */
  private addChunk(slot: number, cursor: number): number {
    let chunk = this.freeChunk;
    if (chunk !== 0) {
      this.freeChunk = this.previous[chunk]!;
    } else {
      chunk = this.usedChunks++;
      if (chunk === this.previous.length) this.grow();
    }
    this.previous[chunk] = cursor === 0 ? 0 : (cursor - 1) >> CHUNK_BITS;
    if (cursor === 0) this.occupied[slot >> 5]! |= 1 << (slot & 31);
    return chunk << CHUNK_BITS;
  }

  private grow(): void {
    const previous = new Int32Array(this.previous.length * 2);
    previous.set(this.previous);
    this.previous = previous;
    this.records.grow();
    this.doubles = this.records.doubles;
    this.ints = this.records.ints;
  }

  /**
   * A lower bound of the next window with events, at least `from`; Infinity when there are none. It may
   * name an empty window at the start of a block that has not been dealt out yet.
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

  /** Makes a window current. No pending record may lie before it. Deals out the blocks that it starts. */
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
    const cursor = this.takeSlot(slot);
    const words = this.words;
    for (let chunk = this.lastChunk(cursor), n = this.lastCount(cursor); chunk !== 0;) {
      for (let i = 0; i < n; i++) {
        const doubles = this.doubles;
        const ints = this.ints;
        const at = ((chunk << CHUNK_BITS) + i) * words;
        const half = at * 2;
        const payload = this.payloadWords;
        const a = payload > 0 ? doubles[at + PAYLOAD]! : 0;
        const b = payload > 1 ? doubles[at + PAYLOAD + 1]! : 0;
        const c = payload > 2 ? doubles[at + PAYLOAD + 2]! : 0;
        this.size--;
        this.put(
          doubles[at]!,
          ints[half + TARGET]!,
          ints[half + SOURCE]!,
          ints[half + SEQUENCE]!,
          ints[half + KIND]!,
          a,
          b,
          c,
        );
      }
      const before = this.previous[chunk]!;
      this.freeOne(chunk);
      chunk = before;
      n = CHUNK_RECORDS;
    }
  }

  /** Takes the chain of the current window out; read it with the chunk functions, then `release` it. */
  takeCurrent(): number {
    return this.takeSlot(this.base & RING_MASK);
  }

  /** Calls back with the word of every pending record, in no order. The store is of no use afterwards. */
  drain(visit: (at: number) => void): void {
    for (const cursor of this.cursors) {
      let count = this.lastCount(cursor);
      for (let chunk = this.lastChunk(cursor); chunk !== 0; chunk = this.previous[chunk]!) {
        for (let i = 0; i < count; i++) visit(((chunk << CHUNK_BITS) + i) * this.words);
        count = CHUNK_RECORDS;
      }
    }
  }

  private takeSlot(slot: number): number {
    const cursor = this.cursors[slot]!;
    this.cursors[slot] = 0;
    this.occupied[slot >> 5]! &= ~(1 << (slot & 31));
    return cursor;
  }

  /** Last chunk of a chain; 0 for an empty one. */
  lastChunk(cursor: number): number {
    return cursor === 0 ? 0 : (cursor - 1) >> CHUNK_BITS;
  }

  /** Records in the last chunk of a chain. All others are full. */
  lastCount(cursor: number): number {
    return ((cursor - 1) & CHUNK_MASK) + 1;
  }

  /** Chunk before this one in its chain; 0 at the end. */
  chunkBefore(chunk: number): number {
    return this.previous[chunk]!;
  }

  /** Gives the chunks of a chain of `count` records back. */
  release(cursor: number, count: number): void {
    this.size -= count;
    for (let chunk = this.lastChunk(cursor); chunk !== 0;) {
      const before = this.previous[chunk]!;
      this.freeOne(chunk);
      chunk = before;
    }
  }

  private freeOne(chunk: number): void {
    this.previous[chunk] = this.freeChunk;
    this.freeChunk = chunk;
  }
}
