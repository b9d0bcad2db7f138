/** Schema of the sections that say what to vary, what to expect and what to draw. */
import * as z from 'zod';
import { heats, histograms, metrics, series } from '../results/metrics.ts';
import { choice, fieldInfo, list, special, text } from './fields.ts';
import { section } from './schema-world.ts';
import { nearest } from './suggest.ts';
import type { Expectation, Finding, ParameterValue } from './types.ts';
import { type Dimension, parseQuantity } from './units.ts';
import { ValueError, shown } from './value-error.ts';

const scalar = special(parseScalar, {
  type: 'value',
  unit: '',
  range: '',
  description: 'A value as the field itself would hold it.',
  json: { type: ['string', 'number', 'boolean'] },
});

function parseScalar(raw: unknown): ParameterValue {
  if (typeof raw === 'string' || typeof raw === 'boolean') return raw;
  if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
  throw new ValueError(`${shown(raw)} is no single value`, 'write a text or a number');
}

/** Names of everything that a chart can show; `checks-report.ts` checks them against its kind. */
const observables = { ...metrics, ...histograms, ...series, ...heats };

function nameOf(table: Readonly<Record<string, unknown>>, what: string, description: string) {
  const parse = (raw: unknown): string => {
    if (typeof raw === 'string' && Object.hasOwn(table, raw)) return raw;
    throw unknownName(raw, Object.keys(table), what);
  };
  return special(parse, {
    type: what,
    unit: '',
    range: 'see metrics.md',
    description,
    json: { enum: Object.keys(table) },
  });
}

/** There is no metric (histogram, series) of this name. */
export function unknownName(raw: unknown, names: readonly string[], what: string): ValueError {
  const likely = typeof raw === 'string' ? nearest(raw, names) : undefined;
  const remedy =
    likely === undefined
      ? `docs/reference/metrics.md lists the names, for example \`${names[0] ?? ''}\``
      : `did you mean \`${likely}\`?`;
  return new ValueError(`${shown(raw)} is no ${what}`, remedy);
}

const metricName = (description: string) => nameOf(metrics, 'metric', description);

const where = (description: string) => cellReference(description).prefault({});

function cellReference(description: string) {
  return z.record(z.string(), scalar).register(fieldInfo, {
    type: 'mapping of paths to values',
    unit: '',
    range: 'paths and values that `vary` lists',
    description,
    json: {},
  });
}

const grid = z.record(z.string(), z.array(scalar).min(1).max(1000)).register(fieldInfo, {
  type: 'mapping of paths to lists of values',
  unit: '',
  range: 'paths marked with *, up to 1000 values each',
  description: 'A grid: all combinations of the values.',
  json: {},
});

export const vary = list(
  grid,
  'What to vary; the cells of the workload are those of all grids, without duplicates.',
).prefault([]);

const bound = special(
  (raw): number | string => {
    if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
    if (typeof raw === 'string') return raw;
    throw new ValueError(`${shown(raw)} is not a number`, 'write a number such as `20`');
  },
  {
    type: 'number or quantity',
    unit: "the metric's",
    range: '',
    description: "A number in the metric's unit, or a quantity with a unit of its own.",
    json: { type: ['number', 'string'] },
  },
);

const expectation = section('A value that the run must confirm, or its verdict is `violated`.', {
  metric: metricName('The metric that the expectation is about.'),
  where: where('Cells that it is about, by the values of varied paths; all cells by default.'),
  min: bound.exactOptional(),
  max: bound.exactOptional(),
  because: text('Why one should expect that: arithmetic, or a source.'),
}).transform((raw, context): Expectation => {
  const bounds: { min?: number; max?: number } = {};
  for (const key of ['min', 'max'] as const) {
    if (raw[key] === undefined) continue;
    try {
      bounds[key] = inUnitOf(raw.metric, raw[key]);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      const params = { remedy: error.remedy };
      context.issues.push({
        code: 'custom',
        message: error.message,
        params,
        path: [key],
        input: raw,
      });
    }
  }
  const { metric, where, because } = raw;
  return { metric, where, ...bounds, because };
});

/** How a metric's unit relates to the base unit of a dimension. */
const metricUnits: Readonly<Record<string, readonly [Dimension, factor: number]>> = {
  ms: ['duration', 1],
  us: ['duration', 1000],
  B: ['size', 1],
  share: ['share', 1],
  '1/s': ['rate', 1],
  '1/d': ['rate', 86_400],
};

/** A bound in the unit of its metric: `2 s` is 2000 for a metric in ms. */
function inUnitOf(metric: string, raw: number | string): number {
  if (typeof raw === 'number') return raw;
  const unit = (metrics as Readonly<Record<string, { unit: string }>>)[metric]?.unit ?? '';
  const [dimension, factor] = metricUnits[unit] ?? ['count', 1];
  return parseQuantity(raw, dimension) * factor;
}

const finding = section('A sentence of the answer with a number of this run in it.', {
  text: text('The sentence, with `{value}` and, if wanted, `{ci95}` where the numbers go.', {
    test: /\{value\}/,
    wrong: 'has no place for the number',
    words: 'a sentence that contains `{value}`',
  }),
  metric: metricName('The metric whose value the sentence states.'),
  compare: choice(
    ['value', 'ratio', 'difference'],
    'The value itself, or the ratio or difference of two cells.',
  ).prefault('value'),
  of: where('The cell of the value, numerator or minuend.'),
  to: cellReference('The cell of the denominator or subtrahend.').exactOptional(),
}).transform((raw): Finding => raw);

const scale = (axis: string) =>
  choice(['linear', 'log'], `Scale of the ${axis} axis.`).prefault('linear');

const path = (description: string) => text(description).exactOptional();

const chart = section('A figure of the report.', {
  kind: choice(
    ['line', 'bar', 'ccdf', 'timeline', 'heatmap', 'matrix'],
    'Kind of figure: line, bar and matrix show metrics; ccdf a histogram; timeline a series.',
  ),
  title: text('Heading of the figure.'),
  caption: text('What to see in it, as a paper would caption it.').default(''),
  metric: nameOf(observables, 'metric, histogram or series', 'What the figure shows.'),
  x: path('Path of the parameter on the x axis (line, bar, matrix).'),
  series: path('Path of the parameter that tells the lines apart, or the y axis of a matrix.'),
  where: where('Cells to draw, by the values of varied paths; all cells by default.'),
  xScale: scale('x'),
  yScale: scale('y'),
});

export const expect = list(expectation, 'What the run must confirm.').prefault([]);
export const findings = list(finding, 'Sentences of the answer.').prefault([]);
export const charts = list(chart, 'Figures of the report.').prefault([]);
