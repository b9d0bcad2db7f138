import { expect, test } from 'vitest';
import { describeParameters, formatInterval, formatValue } from './format.ts';

test.each([
  [0, 'ms', '0 ms'],
  [0.035, 'ms', '35 µs'],
  [0.0000004, 'ms', '4.00e-4 µs'],
  [12.345, 'ms', '12.3 ms'],
  [999.9, 'ms', '1 s'],
  [1500, 'ms', '1.5 s'],
  [90_000, 'ms', '1.5 min'],
  [7_200_000, 'ms', '2 h'],
  [86_400_000, 'ms', '1 d'],
  [-1500, 'ms', '-1.5 s'],
  [12.3, 'us', '12.3 µs'],
  [1500, 'B', '1.5 kB'],
  [0.123, 'share', '12.3 %'],
  [0, 'share', '0 %'],
  [1, 'share', '100 %'],
  [1234.5, 'count', '1,235'],
  [123_456, 'count', '123,456'],
  [1.5e12, 'count', '1.50e+12'],
  [0.25, '1/s', '0.25/s'],
  [56, '1/d', '56/d'],
  [1.8512, '', '1.85'],
  [3, 'apples', '3 apples'],
])('%d %s is %s', (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text);
});

test('both ends of an interval use the scale of the value', () => {
  expect(formatInterval([900, 2100], 'ms', 1500)).toBe('0.9 to 2.1 s');
  expect(formatInterval([-0.01, 0.03], 'share', 0.01)).toBe('-1 to 3 %');
});

test('describeParameters', () => {
  expect(describeParameters({})).toBe('base');
  expect(describeParameters({ 'a.b': 1, c: 'x' })).toBe('a.b = 1, c = x');
});
