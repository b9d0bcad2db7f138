/** The table that `stormglass validate` prints. */
import type { CaseResult } from '../../sim/validate/run.ts';

/** Columns of text, numbers to the right; the last line counts the verdicts. */
export function validationTable(cases: readonly CaseResult[]): string {
  const header = ['case', 'expected', 'simulated', 'interval', 'tolerance', 'n', 'verdict'];
  const rows = [header, ...cases.map(cells)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => width(row, column))));
  const lines = rows.map((row) =>
    row
      .map((text, column) => {
        const size = widths[column] ?? 0;
        return column === 0 || column === 6 ? text.padEnd(size) : text.padStart(size);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n\n${tally(cases)}\n`;
}

function width(row: readonly string[], column: number): number {
  return row[column]?.length ?? 0;
}

function cells(result: CaseResult): string[] {
  const { name, expected, actual, interval, tolerance, n, verdict } = result;
  const range = interval === null ? '-' : `[${digits(interval[0])}, ${digits(interval[1])}]`;
  const allowed = tolerance === 0 ? 'exact' : `± ${digits(tolerance, 2)}`;
  return [name, digits(expected), digits(actual), range, allowed, String(n), verdict];
}

/** Five significant digits; whole numbers as they are. */
function digits(value: number, significant = 5): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(significant)));
}

function tally(cases: readonly CaseResult[]): string {
  const count = (verdict: string): number =>
    cases.filter((result) => result.verdict === verdict).length;
  const counts = ['ok', 'violated', 'unknown'].map((verdict) => `${count(verdict)} ${verdict}`);
  return `${cases.length} cases: ${counts.join(', ')}`;
}
