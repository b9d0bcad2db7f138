/** Verdict, question, answer: what a reader in a hurry takes away. */
import type { ExpectationResult, Summary } from '../../src/results/types.ts';
import type { Block, Section, Text } from '../document/types.ts';
import { absentNote, isExpectationAbsent, isFindingAbsent } from '../../src/results/absent.ts';
import { describeParameters, formatValue } from '../../src/results/format.ts';
import { metricLabel, parameterLabel, parameterText } from '../input/labels.ts';
import { unitOf } from '../charts/kind.ts';
import type { Parameters, RunData } from '../input/run.ts';

export function verdictBanner(summary: Summary): Block {
  return {
    kind: 'banner',
    verdict: summary.verdict,
    text: verdictSentence(summary),
    reasons: reasons(summary),
  };
}

function verdictSentence(summary: Summary): string {
  const { expectations, checks } = summary;
  const held = expectations.filter((one) => one.verdict === 'ok').length;
  const passed = checks.filter((check) => check.ok).length;
  const hopes =
    expectations.length === 0
      ? 'The workload states no expectations'
      : `${held} of ${expectations.length} expectations hold`;
  const tests =
    checks.length === 0
      ? 'no online checks ran'
      : `${passed} of ${checks.length} conservation checks passed`;
  return `${hopes}, ${tests}.`;
}

/** What is not as it should be, most serious first. */
function reasons(summary: Summary): Text[] {
  const failed = summary.checks.filter((check) => !check.ok);
  const shown = failed
    .slice(0, 5)
    .map((check): Text => [
      { verdict: 'violated' },
      ` Check ${check.name} in cell ${check.cell}, replication ${check.replication}: `,
      check.detail,
    ]);
  const more = failed.length > 5 ? [`and ${failed.length - 5} more failed checks.`] : [];
  const order = ['violated', 'unknown'] as const;
  const hopes = order.flatMap((verdict) =>
    summary.expectations
      .filter((one) => one.verdict === verdict && !isExpectationAbsent(one))
      .map((one): Text => [
        { verdict },
        ` ${metricLabel(one.metric)}: ${detailText(one.detail, summary.cells)}`,
      ]),
  );
  return [...shown, ...more, ...hopes, ...[absentNote(summary) ?? []].flat()];
}

export function answerSection(run: RunData): Section {
  const { summary } = run;
  const findings = summary.findings
    .filter((finding) => !isFindingAbsent(finding))
    .map((finding) => sentence(finding.text));
  const answer: Block[] =
    findings.length === 0
      ? [{ kind: 'paragraph', text: 'No findings for this run; see the figures.' }]
      : [{ kind: 'list', items: findings }];
  const hypothesis: Block[] =
    summary.hypothesis === ''
      ? []
      : [
          { kind: 'heading', text: 'Hypothesis' },
          { kind: 'paragraph', text: summary.hypothesis },
        ];
  const note: Block = {
    kind: 'paragraph',
    tone: 'note',
    text:
      `Intervals are 95 % confidence intervals over ${run.manifest.replications} ` +
      'independent replications (Student t).',
  };
  const notes = run.manifest.replications > 1 ? [note] : [];
  return { id: 'answer', title: 'Answer', blocks: [...answer, ...notes, ...hypothesis] };
}

export function sentence(text: string): string {
  return /[.?!]$/.test(text.trim()) ? text : `${text}.`;
}

export function expectationsSection(run: RunData): Section {
  const { expectations } = run.summary;
  if (expectations.length === 0) {
    const text = 'The workload states no expectations (`expect:`), so nothing was judged.';
    return section([{ kind: 'paragraph', text }]);
  }
  return section([
    {
      kind: 'table',
      caption: 'A verdict needs the whole confidence interval on one side of the bound.',
      columns: [
        { title: 'Metric' },
        { title: 'Where' },
        { title: 'Expected' },
        { title: 'Verdict' },
        { title: 'Decided by' },
        { title: 'Because' },
      ],
      rows: expectations.map((one): Text[] => [
        metricLabel(one.metric),
        whereText(one.where),
        boundText(one, unitOf(run, one.metric)),
        [{ verdict: one.verdict }],
        detailText(one.detail, run.summary.cells),
        one.because,
      ]),
    },
  ]);
}

function section(blocks: readonly Block[]): Section {
  return { id: 'expectations', title: 'Expectations', blocks };
}

function whereText(where: ExpectationResult['where']): string {
  return Object.keys(where).length === 0 ? 'everywhere' : placeText(where);
}

function placeText(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([path, value]) => `${parameterLabel(path)} ${parameterText(value)}`)
    .join(', ');
}

/**
 * The reason of a verdict begins with the paths and values of its cell, as `--set` takes them; here
 * the cell gets the words of the figures.
 */
export function detailText(detail: string, cells: Summary['cells']): string {
  for (const { parameters } of cells) {
    const place = `${describeParameters(parameters)}: `;
    if (!detail.startsWith(place)) continue;
    const named = Object.keys(parameters).length === 0 ? 'all' : placeText(parameters);
    return `${named}: ${detail.slice(place.length)}`;
  }
  return detail;
}

function boundText(one: ExpectationResult, unit: string): string {
  const low = one.min === undefined ? '' : formatValue(one.min, unit);
  const high = one.max === undefined ? '' : formatValue(one.max, unit);
  if (one.min !== undefined && one.min === one.max) return `exactly ${low}`;
  if (low !== '' && high !== '') return `${low} to ${high}`;
  return low === '' ? `at most ${high}` : `at least ${low}`;
}
