import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Dimension,
  dimensions,
  formatQuantity,
  parseQuantity,
  quantityPattern,
} from './units.ts';
import { ValueError } from './value-error.ts';

/** Message and remedy of the refusal, on one line. */
function refusal(raw: unknown, dimension: Dimension): string {
  try {
    return `accepted as ${parseQuantity(raw, dimension)}`;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return `${error.message} (${error.remedy})`;
  }
}

describe('quantities', () => {
  test.each<[string, Dimension, number]>([
    ['50 ms', 'duration', 50],
    ['2 h', 'duration', 7_200_000],
    ['1.5 s', 'duration', 1500],
    ['30 us', 'duration', 0.03],
    ['35us', 'duration', 0.035],
    ['1 d', 'duration', 86_400_000],
    ['1e3 ms', 'duration', 1000],
    ['1.5 MB', 'size', 1_500_000],
    ['200 B', 'size', 200],
    ['4 KiB', 'size', 4096],
    ['4 kB', 'size', 4000],
    ['30/s', 'rate', 30],
    ['56/d', 'rate', 56 / 86_400],
    ['1/min', 'rate', 1 / 60],
    ['1.6 Mbit/s', 'bandwidth', 1_600_000],
    ['95 %', 'share', 0.95],
    ['95%', 'share', 0.95],
    ['0.95', 'share', 0.95],
    ['100_000', 'count', 100_000],
  ])('%s is a %s of %d', (text, dimension, value) => {
    expect(parseQuantity(text, dimension)).toBe(value);
  });

  test.each<[unknown, Dimension, string]>([
    [50, 'duration', '`50` is a duration without a unit (write `50 ms` or `50 s`)'],
    ['50', 'size', '`50` is a size without a unit (write `50 B` or `50 kB`)'],
    [0, 'rate', '`0` is a rate without a unit (write `0/s` or `0/d`)'],
    [3, 'bandwidth', '`3` is a bandwidth without a unit (write `3 kbit/s` or `3 Mbit/s`)'],
    ['5 sec', 'duration', '`5 sec` has the unknown unit `sec` (write `5 s`)'],
    ['5 MS', 'duration', '`5 MS` has the unknown unit `MS` (write `5 ms`)'],
    ['5 kb', 'size', '`5 kb` has the unknown unit `kb` (write `5 kB`)'],
    ['2 per day', 'rate', '`2 per day` has the unknown unit `per day` (write `2/d`)'],
    [
      '5 kB',
      'duration',
      '`5 kB` is a size, expected a duration ' +
        '(write a duration such as `50 ms` (units: d, h, min, s, ms, us, ns))',
    ],
    [
      '5 lightyears',
      'size',
      '`5 lightyears` has the unknown unit `lightyears`, expected a size ' +
        '(write a size such as `1.5 kB` (units: GiB, GB, MiB, MB, KiB, kB, B))',
    ],
    ['5 ms', 'count', '`5 ms` is a duration, expected a number (write a number such as `20`)'],
    ['soon', 'duration', '`soon` is not a duration (write a duration such as `50 ms`)'],
    ['1e999 s', 'duration', '`1e999 s` is not a duration (write a duration such as `50 ms`)'],
    [Number.NaN, 'share', '`NaN` is not a share (write a share such as `95 %`)'],
    [true, 'count', '`true` is not a number (write a number such as `20`)'],
    [['1 s'], 'duration', 'a list is not a duration (write a duration such as `50 ms`)'],
    ['5 constructor', 'size', expect.stringContaining('unknown unit `constructor`') as string],
  ])('%j is no %s', (raw, dimension, message) => {
    expect(refusal(raw, dimension)).toEqual(message);
  });

  const anyDimension = fc.constantFrom(...(Object.keys(dimensions) as Dimension[]));
  const anyValue = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc
      .tuple(fc.integer({ min: 1, max: 9999 }), fc.constantFrom(1, 10, 1000))
      .map(([a, b]) => a / b),
  );

  test('what is printed is read back exactly, and fits the pattern of the JSON Schema', () => {
    fc.assert(
      fc.property(anyValue, anyDimension, (value, dimension) => {
        const text = formatQuantity(value, dimension);
        expect(parseQuantity(text, dimension)).toBe(value + 0);
        expect(text).toMatch(new RegExp(`^(?:${quantityPattern(dimension)})$`));
      }),
    );
  });

  test.each([
    [7_200_000, 'duration', '2 h'],
    [0.03, 'duration', '30 us'],
    [0, 'duration', '0 ms'],
    [1500, 'duration', '1.5 s'],
    [100_000_000, 'size', '100 MB'],
    [4096, 'size', '4 KiB'],
    [56 / 86_400, 'rate', '56/d'],
    [750_000, 'bandwidth', '750 kbit/s'],
  ] as const)('%d %s is printed as %s', (value, dimension, text) => {
    expect(formatQuantity(value, dimension)).toBe(text);
  });
});
