/**
 * Unordered bags of events by value, as chains of equal chunks in one growing buffer. A bag is
 * named by its *cursor*: the number of the record after its last one, 0 when empty. One buffer, not
 * an array per bag: there are thousands of bags, and each array would keep the capacity of its
 * fullest moment.
 */

import { KIND, PAYLOAD, RecordBuffer, SEQUENCE, SOURCE, TARGET } from './records.ts';

export class ChunkPool {
  doubles: Float64Array;
  ints: Int32Array;
  readonly words: number;
  readonly chunkRecords: number;
  private readonly bits: number;
  private readonly mask: number;
  readonly payloadWords: number;
  private readonly records: RecordBuffer;
  /**
   * Chunk before each chunk in its chain, or next free chunk; 0 ends a chain (chunk 0 is never
   * used).
   */
  private previous: Int32Array;
  private freeChunk = 0;
  private usedChunks = 1;

  /** @param bits - a chunk holds 2^bits records */
  constructor(payloadWords: number, bits: number) {
    this.payloadWords = payloadWords;
    this.bits = bits;
    this.chunkRecords = 1 << bits;
    this.mask = this.chunkRecords - 1;
    this.records = new RecordBuffer(payloadWords, 4 * this.chunkRecords);
    this.words = this.records.words;
    this.doubles = this.records.doubles;
    this.ints = this.records.ints;
    this.previous = new Int32Array(4);
  }

  /** Adds an event to the bag; returns its new cursor. */
  // eslint-disable-next-line max-params -- one event by value, without an object
  append(
    cursor: number,
    timeNs: number,
    target: number,
    source: number,
    sequence: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): number {
    const record = (cursor & this.mask) === 0 ? this.addChunk(cursor) : cursor;
    const at = record * this.words;
    const half = at * 2;
    const doubles = this.doubles;
    const ints = this.ints;
    doubles[at] = timeNs;
    ints[half + TARGET] = target;
    ints[half + SOURCE] = source;
    ints[half + SEQUENCE] = sequence;
    ints[half + KIND] = kind;
    if (this.payloadWords > 0) this.setPayload(at, a, b, c);
    return record + 1;
  }

  setPayload(at: number, a: number, b: number, c: number): void {
    const doubles = this.doubles;
    const payload = this.payloadWords;
    doubles[at + PAYLOAD] = a;
    if (payload > 1) doubles[at + PAYLOAD + 1] = b;
    if (payload > 2) doubles[at + PAYLOAD + 2] = c;
  }

  /** First record number of a new chunk at the end of a chain. */
  addChunk(cursor: number): number {
    let chunk = this.freeChunk;
    if (chunk !== 0) {
      this.freeChunk = this.previous[chunk]!;
    } else {
      chunk = this.usedChunks++;
      if (chunk === this.previous.length) this.grow();
    }
    this.previous[chunk] = this.lastChunk(cursor);
    return chunk << this.bits;
  }

  private grow(): void {
    const previous = new Int32Array(this.previous.length * 2);
    previous.set(this.previous);
    this.previous = previous;
    this.records.grow();
    this.doubles = this.records.doubles;
    this.ints = this.records.ints;
  }

  /** Copies the event at word `at` of this pool into a bag of it. */
  copy(cursor: number, at: number): number {
    const { doubles, ints } = this;
    const half = at * 2;
    const payload = this.payloadWords;
    return this.append(
      cursor,
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

  /** Last chunk of a bag; 0 for an empty one. */
  lastChunk(cursor: number): number {
    return cursor === 0 ? 0 : (cursor - 1) >> this.bits;
  }

  /** Records in the last chunk of a bag that is not empty. All others are full. */
  lastCount(cursor: number): number {
    return ((cursor - 1) & this.mask) + 1;
  }

  /** Records in a bag. */
  countOf(cursor: number): number {
    if (cursor === 0) return 0;
    let count = this.lastCount(cursor);
    for (let chunk = this.previous[this.lastChunk(cursor)]!; chunk !== 0;) {
      count += this.chunkRecords;
      chunk = this.previous[chunk]!;
    }
    return count;
  }

  /** Chunk before this one in its bag; 0 at the end. */
  chunkBefore(chunk: number): number {
    return this.previous[chunk]!;
  }

  /** Word of a chunk's first record. */
  firstWord(chunk: number): number {
    return chunk * this.chunkRecords * this.words;
  }

  /** Gives a bag's chunks back. Their contents stay readable until the next `append`. */
  release(cursor: number): void {
    for (let chunk = this.lastChunk(cursor); chunk !== 0;) {
      const before = this.previous[chunk]!;
      this.previous[chunk] = this.freeChunk;
      this.freeChunk = chunk;
      chunk = before;
    }
  }
}
