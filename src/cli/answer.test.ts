import { expect, test } from 'vitest';
import type { Summary } from '../results/types.ts';
import { formatAnswer } from './answer.ts';

const summary = {
  workload: 'w',
  question: 'Why?',
  verdict: 'unknown',
  findings: [
    { text: 'It is 3 ms.', metric: 'm', unit: 'ms', value: 3, ci95: null },
    {
      text: 'It is unknown (no cell with a = 1).',
      metric: 'm',
      unit: 'ms',
      value: null,
      ci95: null,
    },
  ],
  expectations: [
    { metric: 'm', where: {}, max: 4, because: '', verdict: 'unknown', detail: 'base: 3 ms' },
    {
      metric: 'm',
      where: {},
      max: 4,
      because: '',
      verdict: 'unknown',
      detail: 'no cell matches a = 1',
    },
  ],
  checks: [],
} as unknown as Summary;

test('what is about cells that the run does not have is said once', () => {
  expect(formatAnswer(summary)).toBe(
    [
      'w: Why?',
      '  - It is 3 ms.',
      '  The workload states 1 of its 2 findings and 1 of its 2 expectations for cells that this ' +
        'run does not have (its sweep was changed).',
      '  verdict: unknown; expectations: 0 ok, 0 violated, 2 unknown; checks: 0 held, 0 failed',
      '  unknown: m should be at most 4; base: 3 ms',
    ].join('\n'),
  );
});
