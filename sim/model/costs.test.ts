import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ValidationError, DependencyError } from '../../src/errors.ts';
import { suiteIds } from '../../src/suites/ids.ts';
import {
  calibrationPaths,
  Cost,
  costOf,
  loadCalibration,
  operations,
  parseCalibration,
} from './costs.ts';

/** A calibration that may be broken anywhere. */
interface Loose {
  operations: Record<string, { costs: Record<string, { a: number; source: string }> }>;
  extra?: number;
}

const text = readFileSync(calibrationPaths['reference']!, 'utf8');
const altered = (change: (data: Loose) => void): string => {
  const data = JSON.parse(text) as Loose;
  change(data);
  return JSON.stringify(data);
};

test('the reference prices every operation in every suite, with a source', () => {
  const calibration = loadCalibration('reference');
  for (const operation of operations) {
    for (const suite of suiteIds) {
      expect(costOf(calibration, operation, suite, 1).at(100)).toBeGreaterThan(0);
    }
    for (const cost of Object.values(calibration.operations[operation].costs)) {
      expect(cost.source.length).toBeGreaterThan(20);
    }
  }
});

test.each([
  [10, 0.21, 0.44],
  [100, 0.66, 2.77],
  [1000, 4.99, 25.6],
])(
  'the fit of commit validation goes through the published times at n = %i',
  (n, classic, hybrid) => {
    const calibration = loadCalibration('reference');
    const ms = (suite: '0x0001' | '0xf00d'): number =>
      costOf(calibration, 'validate-commit', suite, 1).at(n) / 1e6;
    expect(ms('0x0001')).toBeCloseTo(classic, 2);
    expect(ms('0xf00d')).toBeCloseTo(hybrid, 2);
  },
);

test('a slowdown multiplies every part', () => {
  const calibration = loadCalibration('reference');
  const fast = costOf(calibration, 'validate-commit', '0x0001', 1).at(64);
  expect(costOf(calibration, 'validate-commit', '0x0001', 3).at(64)).toBeCloseTo(3 * fast, -1);
});

test('cost = a + b log2 n + c n', () => {
  expect(new Cost(100, 10, 2).at(8)).toBe(100 + 30 + 16);
});

test('a wrong file is refused with every place at once', () => {
  const broken = altered((data) => {
    data.operations['hpke-open']!.costs['0x0001']!.a = -1;
    data.operations['store-read']!.costs['any']!.source = 'me';
    data.extra = 1;
  });
  expect(() => parseCalibration(broken, 'mine.json')).toThrow(ValidationError);
  try {
    parseCalibration(broken, 'mine.json');
  } catch (error) {
    const { message } = error as ValidationError;
    expect(message).toContain('mine.json operations.hpke-open.costs.0x0001.a');
    expect(message).toContain('operations.store-read.costs.any.source');
    expect(message).toContain('reference.json shows the form');
  }
});

test('an operation without a price for a suite is named', () => {
  const broken = altered((data) => delete data.operations['validate-commit']!.costs['0xf00d']);
  expect(() => parseCalibration(broken, 'mine.json')).toThrow(/no cost for suite 0xf00d/);
});

test('no JSON, and no file', () => {
  expect(() => parseCalibration('{', 'mine.json')).toThrow(/mine.json: not JSON/);
  expect(() => loadCalibration('nowhere.json')).toThrow(DependencyError);
});
