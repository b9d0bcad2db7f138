import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BucketedQueue } from './bucketed-queue.ts';
import { HeapQueue } from './heap-queue.ts';
import type { OrderedQueue } from './ordered-queue.ts';
import { KIND, PAYLOAD, SEQUENCE, SOURCE, TARGET } from './records.ts';

const implementations: readonly [string, (payloadWords: number) => OrderedQueue][] = [
  ['heap', (words) => new HeapQueue(words)],
  ['bucketed', (words) => new BucketedQueue(words)],
];

/** Time, target, source, sequence, kind. */
type Event = readonly [number, number, number, number, number];

/** The order that engine.ts promises, written out. */
function compare(p: Event, q: Event): number {
  const classes = (p[4] >> 8) - (q[4] >> 8);
  return p[0] - q[0] || classes || p[1] - q[1] || p[2] - q[2] || p[3] - q[3];
}

function push(queue: OrderedQueue, event: Event): void {
  const [time, target, source, sequence, kind] = event;
  queue.push(time, target, source, sequence, kind, time + 0.5, -target, 1 / (sequence + 1));
}

function pop(queue: OrderedQueue): Event {
  const time = queue.minTimeNs();
  const at = queue.pop();
  const { doubles, ints } = queue;
  expect(doubles[at]).toBe(time);
  const target = ints[at * 2 + TARGET]!;
  const sequence = ints[at * 2 + SEQUENCE]!;
  const payload = [...doubles.subarray(at + PAYLOAD, at + PAYLOAD + 3)];
  expect(payload).toEqual([time + 0.5, -target, 1 / (sequence + 1)]);
  return [time, target, ints[at * 2 + SOURCE]!, sequence, ints[at * 2 + KIND]!];
}

/** Delays of very different scales, with many ties. */
const delay = fc.oneof(
  fc.constantFrom(0, 1, 1000),
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 1e6 }),
  fc.integer({ min: 0, max: 1e14 }),
);

const step = fc.record({
  pops: fc.integer({ min: 0, max: 4 }),
  pushes: fc.array(fc.tuple(delay, fc.nat(3), fc.nat(3), fc.constantFrom(0, 1, 256, 512)), {
    maxLength: 80,
  }),
});

describe.each(implementations)('%s queue', (_name, create) => {
  it('yields events in the total order, whatever was pushed between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const queue = create(3);
        const model: Event[] = [];
        let now = 0;
        let sequence = 0;
        const popBoth = (): void => {
          model.sort(compare);
          const expected = model.shift()!;
          expect(pop(queue)).toEqual(expected);
          now = expected[0];
        };
        for (const { pops, pushes } of steps) {
          for (const [after, target, source, kind] of pushes) {
            const event: Event = [now + after, target, source, sequence++, kind];
            model.push(event);
            push(queue, event);
          }
          for (let i = 0; i < pops && model.length > 0; i++) popBoth();
          expect(queue.size).toBe(model.length);
        }
        while (model.length > 0) popBoth();
        expect(queue.minTimeNs()).toBe(Infinity);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it.each([
    ['constant', () => 1000],
    ['bimodal', (i: number) => (i % 10 === 0 ? 1e12 : 1 + (i % 7))],
    ['growing', (i: number) => i * i],
    ['all equal', () => 0],
  ])('holds ten thousand events with %s delays', (_delays, delayOf) => {
    const queue = create(3);
    for (let i = 0; i < 10_000; i++) push(queue, [delayOf(i), i & 15, 0, i, 0]);
    let last = 0;
    for (let i = 10_000; i < 40_000; i++) {
      const event = pop(queue);
      expect(event[0]).toBeGreaterThanOrEqual(last);
      last = event[0];
      push(queue, [event[0] + delayOf(i), i & 15, 0, i, 1 + (i & 3)]);
    }
    expect(queue.size).toBe(10_000);
  });

  it('compares sequences across their wrap at 2^32', () => {
    const queue = create(0);
    const sequences = [2147483647, -2147483648, 2147483646, -2147483647];
    for (const sequence of sequences) queue.push(5, 0, 0, sequence, 0, 0, 0, 0);
    const out = sequences.map(() => queue.ints[queue.pop() * 2 + SEQUENCE]);
    expect(out).toEqual([2147483646, 2147483647, -2147483648, -2147483647]);
  });

  it('reports equal keys as a bug of the kernel', () => {
    const queue = create(0);
    expect(() => {
      for (let i = 0; i < 3; i++) queue.push(5, 1, 2, 3, 4, 0, 0, 0);
      queue.pop();
    }).toThrow('sequence 3');
  });
});
