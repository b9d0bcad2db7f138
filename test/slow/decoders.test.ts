/** Every decoder under random and mutated bytes, at the size that CI affords. */
import { expect, test } from 'vitest';
import { fuzzDecoders } from '../../src/protocol/fuzz.ts';

/** Inputs per decoder; `FUZZ_INPUTS=1000000 npm run test:slow` for the long run. */
const inputs = Number(process.env['FUZZ_INPUTS'] ?? 4000);

test(
  'decoders refuse with typed errors and hold bounded memory',
  () => {
    const before = process.memoryUsage().rss;
    const outcome = fuzzDecoders(inputs, 20_261_122);
    expect(outcome.failures).toEqual([]);
    expect(outcome.inputs).toBeGreaterThanOrEqual(inputs * outcome.decoders);
    // Both sides must be reached, or the inputs test nothing.
    expect(outcome.accepted).toBeGreaterThan(0);
    expect(outcome.refused).toBeGreaterThan(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 * 1024);
  },
  Math.max(300_000, inputs * 60),
);
