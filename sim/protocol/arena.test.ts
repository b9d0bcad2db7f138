import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocateArenas, Arena, readArena } from './arena.ts';

const lookaheadNs = 100;

test('what was put is read, whatever is put in between, until it has arrived', () => {
  const message = fc.record({
    size: fc.integer({ min: 1, max: 5000 }),
    delayNs: fc.integer({ min: lookaheadNs, max: 2000 }),
    stepNs: fc.integer({ min: 0, max: 300 }),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 200 }), (messages) => {
      const [buffer] = allocateArenas(1);
      const arena = new Arena(buffer!, lookaheadNs);
      let now = 0;
      const underWay: { at: number; offset: number; size: number; fill: number }[] = [];
      messages.forEach(({ size, delayNs, stepNs }, i) => {
        now += stepNs;
        // A receiver may lag by one lookahead behind the sender.
        const arrived = underWay.filter(({ at }) => at <= now - lookaheadNs);
        for (const one of arrived) underWay.splice(underWay.indexOf(one), 1);
        const fill = i % 251;
        const offset = arena.put(new Uint8Array(size).fill(fill), now, now + delayNs);
        underWay.push({ at: now + delayNs, offset, size, fill });
        for (const one of underWay) {
          const read = readArena(buffer!, one.offset, one.size);
          expect(read.every((byte) => byte === one.fill)).toBe(true);
        }
      });
    }),
    { numRuns: 30 },
  );
});

test('a long run of messages reuses its memory', () => {
  const [buffer] = allocateArenas(1);
  const arena = new Arena(buffer!, lookaheadNs);
  const message = new Uint8Array(1000);
  for (let now = 0; now < 1e6; now += 10) arena.put(message, now, now + 150);
  expect(buffer!.byteLength).toBeLessThan(256 * 1024);
});

test('too much at once is said, with what to do', () => {
  const [buffer] = allocateArenas(8192);
  const arena = new Arena(buffer!, lookaheadNs);
  const fill = (): void => {
    for (;;) arena.put(new Uint8Array(60_000), 0, 1000);
  };
  expect(fill).toThrow(/exceed \d+ bytes: send less at once/);
});
