/** The report of `stormglass validate`: by group, a figure of deviations and the table behind it. */
import { caseName, forestFigure } from '../charts/forest.ts';
import type { Block, Report, Section, TableBlock, Text } from '../document/types.ts';
import {
  capitalise,
  formatRange,
  formatValue,
  isDuration,
  isShare,
} from '../../src/results/format.ts';
import type { Validation, ValidationCase } from '../input/validation.ts';
import { environmentFacts } from './provenance.ts';

export function validationReport(validation: Validation): Report {
  const groups = [...Map.groupBy(validation.cases, (one) => one.group)];
  let figures = 0;
  const sections = groups.map(([group, cases], index): Section => {
    const blocks: Block[] = [];
    const body = forestFigure(group, cases);
    if (body !== null) {
      figures += 1;
      const id = `${String(figures).padStart(2, '0')}-${slug(group)}`;
      blocks.push({ kind: 'figure', number: figures, figure: { ...body, id } });
    }
    blocks.push(...caseTable(group, cases));
    return { id: `group-${index + 1}`, title: capitalise(group), blocks };
  });
  return {
    title: 'Validation of the simulator',
    kicker: 'Stormglass · theory and published results against simulation',
    intro: [banner(validation.cases)],
    sections: [...sections, provenance(validation)],
    footer: ['Built from validation.json by Stormglass.'],
    chartFolder: 'charts/',
  };
}

function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z\d]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'group'
  );
}

function banner(cases: readonly ValidationCase[]): Block {
  const count = (verdict: ValidationCase['verdict']): number =>
    cases.filter((one) => one.verdict === verdict).length;
  const verdict = count('violated') > 0 ? 'violated' : count('unknown') > 0 ? 'unknown' : 'ok';
  const reasons = cases
    .filter((one) => one.verdict !== 'ok')
    .map((one): Text => [
      { verdict: one.verdict },
      ` ${one.name}: expected ${value(one.expected, one)}, simulated ${value(one.actual, one)}`,
    ]);
  const text = `${count('ok')} of ${cases.length} cases agree with theory.`;
  return { kind: 'banner', verdict: cases.length === 0 ? 'unknown' : verdict, text, reasons };
}

/** Units with prefixes stand at the numbers, words in a column of their own. */
function scaledUnit(one: ValidationCase): string {
  const unit = one.unit ?? '';
  return isShare(unit) || isDuration(unit) || unit === 'B' ? unit : '';
}

function value(number: number | null, one: ValidationCase): string {
  return number === null ? '–' : formatValue(number, scaledUnit(one), 4);
}

/** The cases, and below them where their expectations come from. */
function caseTable(group: string, cases: readonly ValidationCase[]): Block[] {
  const right = ['Expected', 'Simulated', 'Interval', 'Tolerance'] as const;
  const sources = [...new Set(cases.map((one) => one.source))];
  const table: TableBlock = {
    kind: 'table',
    caption: '',
    columns: [
      { title: 'Case' },
      ...right.map((title) => ({ title, align: 'right' as const })),
      { title: 'Verdict' },
      { title: 'Unit' },
      { title: 'Source' },
    ],
    rows: cases.map((one): Text[] => [
      caseName(group, one),
      value(one.expected, one),
      value(one.actual, one),
      one.interval === null ? '–' : formatRange(one.interval, scaledUnit(one)),
      one.tolerance === 0 ? 'exact' : `± ${value(one.tolerance, one)}`,
      [{ verdict: one.verdict }],
      scaledUnit(one) === '' ? (one.unit ?? '') : '',
      `[${sources.indexOf(one.source) + 1}]`,
    ]),
  };
  const items = sources.map((source, index) => `[${index + 1}] ${source}`);
  return [table, { kind: 'details', summary: 'Sources', blocks: [{ kind: 'list', items }] }];
}

function provenance(validation: Validation): Section {
  const seed: (readonly [string, Text])[] =
    validation.seed === undefined ? [] : [['Seed', String(validation.seed)]];
  const pairs = [...seed, ...environmentFacts(validation.environment)];
  const what: Text = [{ link: 'validation.json', text: 'validation.json' }, ': the numbers above.'];
  return {
    id: 'reproduce',
    title: 'Reproduce',
    blocks: [
      { kind: 'code', text: 'stormglass validate' },
      { kind: 'facts', pairs },
      { kind: 'paragraph', text: what },
    ],
  };
}
