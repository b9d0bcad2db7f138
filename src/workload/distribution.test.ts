import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DistributionContext,
  distributionKinds,
  example,
  formatDistribution,
  parseDistribution,
} from './distribution.ts';
import type { Distribution } from './types.ts';
import { type Dimension, dimensions } from './units.ts';
import { ValueError } from './value-error.ts';

const duration: DistributionContext = { dimension: 'duration' };
const members: DistributionContext = { dimension: 'count', min: 1 };

/** `character: message (remedy)` of the refusal. */
function refusal(raw: unknown, context: DistributionContext): string {
  try {
    return `accepted as ${JSON.stringify(parseDistribution(raw, context))}`;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const place = error.offset === undefined ? '' : `${error.offset}: `;
    return `${place}${error.message} (${error.remedy})`;
  }
}

describe('distributions', () => {
  test.each<[unknown, DistributionContext, Distribution]>([
    ['lognormal(median 50 ms, sigma 0.4)', duration, { kind: 'lognormal', median: 50, sigma: 0.4 }],
    [
      ' lognormal( sigma 0.4 , median 1 s ) ',
      duration,
      { kind: 'lognormal', median: 1000, sigma: 0.4 },
    ],
    ['exponential(mean 2 s)', duration, { kind: 'exponential', mean: 2000 }],
    ['normal(mean 10 ms, sd 2 ms)', duration, { kind: 'normal', mean: 10, sd: 2 }],
    ['uniform(1 ms, 5 ms)', duration, { kind: 'uniform', min: 1, max: 5 }],
    ['zipf(1.2)', { dimension: 'count', kinds: ['zipf'] }, { kind: 'zipf', exponent: 1.2 }],
    ['constant(8)', members, { kind: 'constant', value: 8 }],
    ['8', members, { kind: 'constant', value: 8 }],
    [8, members, { kind: 'constant', value: 8 }],
    ['50 ms', duration, { kind: 'constant', value: 50 }],
    [
      'empirical(2: 60 %, 5: 25 %, 20: 15 %)',
      members,
      { kind: 'empirical', values: [2, 5, 20], weights: [0.6, 0.25, 0.15] },
    ],
    [
      'empirical(2: 3, 5: 1)',
      members,
      { kind: 'empirical', values: [2, 5], weights: [0.75, 0.25] },
    ],
    [
      { '2': '60 %', '5': 0.4 },
      members,
      { kind: 'empirical', values: [2, 5], weights: [0.6, 0.4] },
    ],
    [
      { empirical: { '10 ms': 1, '20 ms': 3 } },
      duration,
      { kind: 'empirical', values: [10, 20], weights: [0.25, 0.75] },
    ],
    [
      { lognormal: { median: '50 ms', sigma: 0.4 } },
      duration,
      { kind: 'lognormal', median: 50, sigma: 0.4 },
    ],
    [{ exponential: '2 s' }, duration, { kind: 'exponential', mean: 2000 }],
  ])('reads %j', (raw, context, expected) => {
    expect(parseDistribution(raw, context)).toEqual(expected);
  });

  const lognormal = 'write `lognormal(median 50 ms, sigma 0.4)`';
  test.each<[unknown, DistributionContext, string]>([
    [
      'lognormal(median 50, sigma 0.4)',
      duration,
      '17: `50` is a duration without a unit (write `50 ms` or `50 s`)',
    ],
    ['lognormal(median 50 ms)', duration, `lognormal needs \`sigma\` (${lognormal})`],
    [
      'lognormal(median 50 ms, sigma 0.4, 3)',
      duration,
      `35: lognormal: one argument too many (${lognormal})`,
    ],
    [
      'lognormal(median 50 ms, median 3 ms)',
      duration,
      `24: lognormal: \`median\` is given twice (${lognormal})`,
    ],
    [
      'lognormal(mean 5 ms, sigma 1)',
      duration,
      `10: lognormal: there is no \`mean\` (${lognormal})`,
    ],
    [
      'lognormal(median 0 ms, sigma 1)',
      duration,
      '17: median `0 ms` is not above `0 ms` (write more than `0 ms`)',
    ],
    [
      'lognormal(median 5 ms, sigma 1',
      duration,
      `30: a closing \`)\` is missing (${lognormal}, in quotes if it stands in \`[ ]\`)`,
    ],
    [
      'uniform(1 ms, 5 ms) ms',
      duration,
      '20: unexpected `ms` after `)` (remove what follows the closing `)`)',
    ],
    [
      'uniform(5 ms, 1 ms)',
      duration,
      'the least value is above the largest (write `uniform(1 ms, 5 ms)`)',
    ],
    [
      'exponental(mean 2 s)',
      duration,
      'there is no distribution `exponental` (did you mean `exponential(mean 50 ms)`?)',
    ],
    ['0', members, 'value `0` is below `1` (write `1` or more)'],
    ['empirical(2: 60 %, 2: 40 %)', members, '19: `2` is given twice (add its weights)'],
    ['empirical(2: 0 %)', members, '13: the weight `0 %` is not positive (leave the value out)'],
    [
      'empirical(2 60 %)',
      members,
      '10: `2 60 %` has no weight (write `empirical(20: 60 %, 920: 40 %)`)',
    ],
    ['empirical()', members, 'empirical needs values (write `empirical(20: 60 %, 920: 40 %)`)'],
    [
      true,
      members,
      '`true` is not a distribution (write a value such as `20`, or `uniform(20, 920)`)',
    ],
    [
      {},
      members,
      'a mapping is not a distribution (write a value such as `20`, or `uniform(20, 920)`)',
    ],
    [
      'zipf(1.2)',
      duration,
      expect.stringContaining('a `zipf` distribution makes no sense here') as string,
    ],
  ])('refuses %j', (raw, context, message) => {
    expect(refusal(raw, context)).toEqual(message);
  });

  const positive = fc.double({ min: 1e-6, max: 1e12, noNaN: true });
  const anyDistribution: fc.Arbitrary<Distribution> = fc.oneof(
    positive.map((value) => ({ kind: 'constant' as const, value })),
    fc.tuple(positive, positive).map(([a, b]) => ({
      kind: 'uniform' as const,
      min: Math.min(a, b),
      max: Math.max(a, b),
    })),
    positive.map((mean) => ({ kind: 'exponential' as const, mean })),
    fc.record({ kind: fc.constant('normal' as const), mean: positive, sd: positive }),
    fc.record({
      kind: fc.constant('lognormal' as const),
      median: positive,
      sigma: fc.double({ min: 0, max: 5, noNaN: true }),
    }),
    fc
      .double({ min: 0, max: 10, noNaN: true })
      .map((exponent) => ({ kind: 'zipf' as const, exponent })),
    fc
      .uniqueArray(fc.tuple(positive, fc.integer({ min: 1, max: 99 })), {
        minLength: 1,
        selector: ([value]) => value,
      })
      .map((entries) => {
        const sum = entries.reduce((total, [, weight]) => total + weight, 0);
        return {
          kind: 'empirical' as const,
          values: entries.map(([value]) => value),
          weights: entries.map(([, weight]) => weight / sum),
        };
      }),
  );

  test('what is printed is read back exactly', () => {
    const anyDimension = fc.constantFrom(...(Object.keys(dimensions) as Dimension[]));
    fc.assert(
      fc.property(anyDistribution, anyDimension, (distribution, dimension) => {
        const text = formatDistribution(distribution, dimension);
        const context = { dimension, kinds: distributionKinds };
        expect(parseDistribution(text, context)).toEqual(distribution);
      }),
    );
  });

  test('every example that a remedy shows is accepted', () => {
    for (const dimension of Object.keys(dimensions) as Dimension[]) {
      const context = { dimension, kinds: distributionKinds };
      for (const kind of distributionKinds) {
        expect(parseDistribution(example(kind, context), context).kind).toBe(kind);
      }
    }
  });
});
