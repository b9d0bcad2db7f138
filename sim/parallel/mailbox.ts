/**
 * Events between workers: one mailbox per ordered pair, in two halves. A window writes one half
 * while the other is read, so a half has one writer or one reader and needs no lock; the barrier
 * between makes it visible.
 *
 * A full half is replaced by one twice as large, sent through the pair's message port, which works
 * while both threads are busy. Nothing is ever dropped.
 */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

import { KernelBugError } from '../kernel/errors.ts';
import type { Kernel, Outbox } from '../kernel/kernel.ts';
import { KIND, PAYLOAD, recordWords, SEQUENCE, SOURCE, TARGET } from '../kernel/queue/records.ts';
import type { Control } from './control.ts';

/** Records that a half holds at first. */
export const FIRST_CAPACITY = 512;

/** Bytes of a half for a number of records. */
export function halfBytes(records: number, payloadWords: number): number {
  return records * recordWords(payloadWords) * 8;
}

interface Replacement {
  readonly parity: number;
  readonly generation: number;
  readonly buffer: SharedArrayBuffer;
}

/** One half, as its writer or its reader sees it. */
class Half {
  doubles: Float64Array;
  ints: Int32Array;
  count = 0;
  generation = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.doubles = new Float64Array(buffer);
    this.ints = new Int32Array(buffer);
  }

  replace(buffer: SharedArrayBuffer, generation: number): void {
    this.doubles = new Float64Array(buffer);
    this.ints = new Int32Array(buffer);
    this.generation = generation;
  }
}

export interface MailOptions {
  readonly control: Control;
  readonly self: number;
  readonly payloadWords: number;
  readonly lookaheadNs: number;
  /** [from][to][parity], flattened; null where from = to. */
  readonly buffers: readonly (SharedArrayBuffer | null)[];
  readonly workers: number;
  /** By peer; null for this worker. */
  readonly ports: readonly (MessagePort | null)[];
}

/** All mailboxes of one worker. */
export class Mail implements Outbox {
  /** Earliest window of an event sent since the last `post`. */
  earliestWindow = Infinity;
  /** Events sent to other workers. */
  sent = 0;
  private parity = 0;
  private readonly control: Control;
  private readonly self: number;
  private readonly workers: number;
  private readonly words: number;
  private readonly payloadWords: number;
  private readonly lookaheadNs: number;
  private readonly ports: readonly (MessagePort | null)[];
  /** By peer and parity: index 2 peer + parity. */
  private readonly out: Half[] = [];
  private readonly in: Half[] = [];

  constructor(options: MailOptions) {
    this.control = options.control;
    this.self = options.self;
    this.workers = options.workers;
    this.payloadWords = options.payloadWords;
    this.words = recordWords(options.payloadWords);
    this.lookaheadNs = options.lookaheadNs;
    this.ports = options.ports;
    const empty = new SharedArrayBuffer(0);
    for (let peer = 0; peer < options.workers; peer++) {
      for (let parity = 0; parity < 2; parity++) {
        const to = (this.self * this.workers + peer) * 2 + parity;
        const from = (peer * this.workers + this.self) * 2 + parity;
        this.out.push(new Half(options.buffers[to] ?? empty));
        this.in.push(new Half(options.buffers[from] ?? empty));
      }
    }
  }

  // eslint-disable-next-line max-params -- one event by value, without an object
  send(
    worker: number,
    timeNs: number,
    target: number,
    source: number,
    sequence: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void {
    const half = this.out[worker * 2 + this.parity]!;
    const at = half.count * this.words;
    if (at + this.words > half.doubles.length) this.enlarge(half, worker);
    half.count++;
    const doubles = half.doubles;
    const ints = half.ints;
    const int = at * 2;
    doubles[at] = timeNs;
    ints[int + TARGET] = target;
    ints[int + SOURCE] = source;
    ints[int + SEQUENCE] = sequence;
    ints[int + KIND] = kind;
    const payload = this.payloadWords;
    if (payload > 0) {
      doubles[at + PAYLOAD] = a;
      if (payload > 1) doubles[at + PAYLOAD + 1] = b;
      if (payload > 2) doubles[at + PAYLOAD + 2] = c;
    }
    const window = Math.floor(timeNs / this.lookaheadNs);
    if (window < this.earliestWindow) this.earliestWindow = window;
  }

  private enlarge(half: Half, worker: number): void {
    const buffer = new SharedArrayBuffer(half.doubles.length * 16);
    new Float64Array(buffer).set(half.doubles);
    half.replace(buffer, half.generation + 1);
    const replacement: Replacement = { parity: this.parity, generation: half.generation, buffer };
    this.ports[worker]!.postMessage(replacement);
  }

  /** Before the barrier: publishes what was sent. */
  post(): void {
    const ints = this.control.ints;
    for (let peer = 0; peer < this.workers; peer++) {
      if (peer === this.self) continue;
      const half = this.out[peer * 2 + this.parity]!;
      ints[this.control.mailCountIndex(this.self, peer, this.parity)] = half.count;
      ints[this.control.mailGenerationIndex(this.self, peer, this.parity)] = half.generation;
      this.sent += half.count;
      half.count = 0;
    }
    this.earliestWindow = Infinity;
  }

  /** After the barrier: hands over what arrived, and turns to the other halves. */
  collect(kernel: Kernel): void {
    const { control, parity } = this;
    for (let peer = 0; peer < this.workers; peer++) {
      if (peer === this.self) continue;
      const count = control.ints[control.mailCountIndex(peer, this.self, parity)]!;
      if (count === 0) continue;
      const half = this.in[peer * 2 + parity]!;
      const generation = control.ints[control.mailGenerationIndex(peer, this.self, parity)]!;
      if (generation !== half.generation) this.takeReplacements(peer, half, generation);
      this.deliver(kernel, half, count);
    }
    this.parity = 1 - parity;
  }

  private takeReplacements(peer: number, wanted: Half, generation: number): void {
    while (wanted.generation !== generation) {
      const received = receiveMessageOnPort(this.ports[peer]!);
      if (received === undefined) {
        throw new KernelBugError(`worker ${peer} announced a larger mailbox that never came`);
      }
      const replacement = received.message as Replacement;
      const half = this.in[peer * 2 + replacement.parity]!;
      half.replace(replacement.buffer, replacement.generation);
    }
  }

  private deliver(kernel: Kernel, half: Half, count: number): void {
    const { doubles, ints } = half;
    const payload = this.payloadWords;
    const words = this.words;
    for (let i = 0, at = 0; i < count; i++, at += words) {
      const int = at * 2;
      kernel.receive(
        doubles[at]!,
        ints[int + TARGET]!,
        ints[int + SOURCE]!,
        ints[int + SEQUENCE]!,
        ints[int + KIND]!,
        payload > 0 ? doubles[at + PAYLOAD]! : 0,
        payload > 1 ? doubles[at + PAYLOAD + 1]! : 0,
        payload > 2 ? doubles[at + PAYLOAD + 2]! : 0,
      );
    }
  }
}
