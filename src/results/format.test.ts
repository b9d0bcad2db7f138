import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeParameters,
  formatEstimate,
  formatInterval,
  formatMeasured,
  formatParameter,
  formatRange,
  formatSpan,
  formatValue,
  powerOfTen,
} from './format.ts';

describe('formatValue', () => {
  it.each([
    [0, 'ms', '0 ms'],
    [1.2345, 'ms', '1.23 ms'],
    [0.000_5, 'ms', '500 ns'],
    [61, 'us', '61 µs'],
    [2500, 'us', '2.5 ms'],
    [999.96, 'ms', '1 s'],
    [90_000, 'ms', '90 s'],
    [7_200_000, 'ms', '2 h'],
    [172_800_000, 'ms', '2 d'],
    [1_234_567, 'B', '1.23 MB'],
    [1500, 'bytes/message', '1.5 kB/message'],
    [0.1234, 'share', '12.3 %'],
    [0.9995, 'share', '99.95 %'],
    [1, 'share', '100 %'],
    [12_345, 'count', '12,345'],
    [2_345_678, 'count', '2.35 M'],
    [12_345, '1/s', '12.3 k/s'],
    [3.2e-5, '', '3.2×10⁻⁵'],
    [-4, 'count', '−4'],
  ])('%d %s is written %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });

  it('shows what was not observed as a dash', () => {
    expect(formatValue(null, 'ms')).toBe('–');
    expect(formatValue(Number.NaN, 'ms')).toBe('–');
  });

  it('never loses more than half a percent of a duration', () => {
    const factors: Record<string, number> = {
      ns: 1e-6,
      µs: 1e-3,
      ms: 1,
      s: 1e3,
      min: 6e4,
      h: 3.6e6,
      d: 8.64e7,
    };
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e10, noNaN: true }), (value) => {
        const [number = '', unit = ''] = formatValue(value, 'ms').split(' ');
        const back = Number(number.replaceAll(',', '')) * (factors[unit] ?? Number.NaN);
        expect(Math.abs(back / value - 1)).toBeLessThan(0.0051);
      }),
    );
  });
});

describe('intervals', () => {
  it('gives the error one or two digits and the value as many decimals', () => {
    expect(formatInterval(12.345, [12.1, 12.59], 'ms')).toBe('12.35 ± 0.25 ms');
    expect(formatInterval(319.02, [311.8, 326.24], 'ms')).toBe('319 ± 7 ms');
    expect(formatInterval(0.2, [0.19, 0.21], 'share')).toBe('20.0 ± 1.0 %');
  });

  it('writes both ends when they are not symmetric', () => {
    expect(formatInterval(2, [1.5, 4], 'ms')).toBe('2 ms [1.5, 4.0] ms');
  });

  it('does not claim an error of zero', () => {
    expect(formatInterval(205.92, [205.916, 205.924], 'us')).toBe('205.9 ± <0.1 µs');
    expect(formatInterval(3, [3, 3], 'count')).toBe('3 ± 0');
  });

  it('writes the value alone without an interval', () => {
    expect(formatInterval(2, null, 's')).toBe('2 s');
  });

  it('tells close ends apart', () => {
    expect(formatRange([1000.1, 1000.4], 'count')).toBe('[1,000.1, 1,000.4]');
  });
});

describe('small parts', () => {
  it('keeps significant zeros of measured values', () => {
    expect(formatMeasured(3.2, 'ms')).toBe('3.20 ms');
    expect(formatMeasured(5, 'count')).toBe('5');
  });

  it('raises signs and digits', () => {
    expect(powerOfTen(-12)).toBe('10⁻¹²');
  });

  it('separates thousands of parameters and leaves words alone', () => {
    expect(formatParameter(100_000)).toBe('100,000');
    expect(formatParameter('2 h')).toBe('2 h');
  });
});

describe('sentences', () => {
  it('give as many digits of an interval as tell its ends apart', () => {
    expect(formatSpan([900, 2100], 'ms')).toBe('0.9 to 2.1 s');
    expect(formatSpan([1.1178, 1.1192], 'ratio')).toBe('1.1178 to 1.1192');
    expect(formatSpan([0.58299, 0.58563], 'ratio')).toBe('0.5830 to 0.5856');
    expect(formatSpan([0.21, 0.2543], 'share')).toBe('21.0 to 25.4 %');
    expect(formatSpan([98.04, 101.26], 'ms')).toBe('98.0 to 101.3 ms');
    expect(formatSpan([1, 1], 'ratio')).toBe('1 to 1');
    expect(formatSpan([1.2e-6, 3.4e-6], '')).toBe('1.2×10⁻⁶ to 3.4×10⁻⁶');
    expect(formatSpan([-0.01, 0.03], 'share')).toBe('−1 to 3 %');
  });

  it('give a value the digits of its interval', () => {
    expect(formatEstimate(110.4795, [110.441, 110.518], 'ms')).toBe('110.48 ms');
    expect(formatEstimate(1.10598, [1.10582, 1.10615], 'ms')).toBe('1.1060 ms');
    expect(formatEstimate(0.265, [0.246, 0.285], 'share')).toBe('26.5 %');
    expect(formatEstimate(14.332, null, 'ratio')).toBe('14.3');
  });

  it('never put a value outside the interval beside it', () => {
    const number = (text: string): number => Number(text.replaceAll(',', '').split(' ')[0]);
    const arbitrary = fc.tuple(
      fc.double({ min: 1e-3, max: 900, noNaN: true }),
      fc.double({ min: 1e-5, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(arbitrary, ([middle, relative]) => {
        const range: [number, number] = [middle * (1 - relative), middle * (1 + relative)];
        const [low = '', high = ''] = formatSpan(range, '').split(' to ');
        const value = number(formatEstimate(middle, range, ''));
        expect(value).toBeGreaterThanOrEqual(number(low));
        expect(value).toBeLessThanOrEqual(number(high));
      }),
    );
  });

  it('name the parameters of a cell', () => {
    expect(describeParameters({})).toBe('base');
    expect(describeParameters({ 'a.b': 1, c: 'x' })).toBe('a.b = 1, c = x');
  });
});
