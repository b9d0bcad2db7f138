/**
 * Where messages lie between sending and arrival. Events of the kernel carry three numbers; bytes
 * go through one arena per logical process, in shared memory, so that any worker can read them: the
 * sender writes, an event brings offset and length, the receiver copies.
 *
 * A block is used again once nobody can still read it. With lookahead L, when a process is at time
 * t all others have passed t - L, so a block whose message arrived before t - L is free. That
 * depends on simulated time only, so offsets are equal for any number of workers.
 */
import { SimulationError } from '../kernel/errors.ts';

const step = 64 * 1024;
const smallest = 64;
/** Address space of all arenas together; memory is taken as it is used. */
const spaceBytes = 8 * 2 ** 30;
const arenaBytesMax = 256 * 2 ** 20;

export function allocateArenas(lps: number): SharedArrayBuffer[] {
  const share = Math.floor(spaceBytes / lps / step) * step;
  const maxByteLength = Math.min(arenaBytesMax, Math.max(16 * step, share));
  return Array.from({ length: lps }, () => new SharedArrayBuffer(step, { maxByteLength }));
}

interface UsedBlock {
  readonly offset: number;
  readonly freeAfterNs: number;
}

/** First in, first out; the array is cut when half of it is behind the head. */
class Fifo {
  private items: UsedBlock[] = [];
  private head = 0;

  push(item: UsedBlock): void {
    this.items.push(item);
  }

  /** Takes the oldest when it is free. */
  takeFree(nowNs: number): UsedBlock | undefined {
    const item = this.items[this.head];
    if (item === undefined || item.freeAfterNs >= nowNs) return undefined;
    this.head++;
    if (this.head > 64 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}

/** The writing side; one per logical process, owned by its worker. */
export class Arena {
  private readonly buffer: SharedArrayBuffer;
  private readonly lookaheadNs: number;
  private readonly bytes: Uint8Array;
  private readonly used: Fifo[] = [];
  private end = 0;

  constructor(buffer: SharedArrayBuffer, lookaheadNs: number) {
    this.buffer = buffer;
    this.lookaheadNs = lookaheadNs;
    this.bytes = new Uint8Array(buffer);
  }

  /** Writes a message that arrives at `arrivalNs` and returns its offset. */
  put(message: Uint8Array, nowNs: number, arrivalNs: number): number {
    const sizeClass = Math.max(0, 32 - Math.clz32((message.length - 1) >>> 6));
    const fifo = (this.used[sizeClass] ??= new Fifo());
    const offset = fifo.takeFree(nowNs)?.offset ?? this.grow(smallest << sizeClass);
    fifo.push({ offset, freeAfterNs: arrivalNs + this.lookaheadNs });
    this.bytes.set(message, offset);
    return offset;
  }

  private grow(size: number): number {
    const offset = this.end;
    this.end += size;
    if (this.end > this.buffer.maxByteLength) {
      throw new SimulationError(
        `messages under way from one homeserver exceed ${this.buffer.maxByteLength} bytes: ` +
          'send less at once, or use fewer homeservers',
      );
    }
    if (this.end > this.buffer.byteLength) {
      this.buffer.grow(Math.min(this.buffer.maxByteLength, Math.ceil(this.end / step) * step * 2));
    }
    return offset;
  }
}

/** A copy of a message, in memory of its own. */
export function readArena(buffer: SharedArrayBuffer, offset: number, length: number): Uint8Array {
  return new Uint8Array(buffer, offset, length).slice();
}
