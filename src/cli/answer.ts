/** What a finished run says on the terminal: its answer, and what did not turn out as expected. */
import { absentNote, isExpectationAbsent, isFindingAbsent } from '../results/absent.ts';
import { formatValue } from '../results/format.ts';
import { metrics } from '../results/metrics.ts';
import type { ExpectationResult, Summary, Verdict } from '../results/types.ts';

/** Several lines without a newline at the end. */
export function formatAnswer(summary: Summary): string {
  const unmet = summary.expectations.filter(
    (one) => one.verdict !== 'ok' && !isExpectationAbsent(one),
  );
  const findings = summary.findings.filter((finding) => !isFindingAbsent(finding));
  const note = absentNote(summary);
  const failed = summary.checks.filter(({ ok }) => !ok);
  return [
    `${summary.workload}: ${summary.question.trim()}`,
    ...findings.map(({ text }) => `  - ${text.trim()}`),
    ...(note === undefined ? [] : [`  ${note}`]),
    `  verdict: ${summary.verdict}; expectations: ${countVerdicts(summary.expectations)}; ` +
      `checks: ${summary.checks.length - failed.length} held, ${failed.length} failed`,
    ...unmet.map((expectation) => `  ${expectation.verdict}: ${formatExpectation(expectation)}`),
    ...failed.map(
      ({ name, cell, replication, detail }) =>
        `  violated: check ${name} in ${cell}.r${replication}: ${detail}`,
    ),
  ].join('\n');
}

function countVerdicts(expectations: readonly ExpectationResult[]): string {
  const count = (wanted: Verdict): number =>
    expectations.filter(({ verdict }) => verdict === wanted).length;
  return `${count('ok')} ok, ${count('violated')} violated, ${count('unknown')} unknown`;
}

function formatExpectation({ metric, min, max, detail }: ExpectationResult): string {
  const unit = Object.hasOwn(metrics, metric) ? metrics[metric as keyof typeof metrics].unit : '';
  const bounds = [
    ...(min === undefined ? [] : [`at least ${formatValue(min, unit)}`]),
    ...(max === undefined ? [] : [`at most ${formatValue(max, unit)}`]),
  ].join(' and ');
  return `${metric} should be ${bounds}; ${detail}`;
}
