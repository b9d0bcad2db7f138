/** Figures, the sweep, percentiles, costs: what was measured. */
import { figuresOf, mainMetrics } from '../charts/figures.ts';
import type { Block, Section, TableBlock } from '../document/types.ts';
import { fixed, formatInterval, formatMeasured } from '../../src/results/format.ts';
import { histogramsOf, overReplications, quantile } from '../input/distribution.ts';
import { describe, metricLabel } from '../input/labels.ts';
import type { CellData, RunData } from '../input/run.ts';
import { varyingPaths } from '../input/select.ts';
import {
  cellTable,
  foldLong,
  metricNames,
  metricTable,
  parameterCells,
  parameterColumns,
  sortCells,
} from './tables.ts';

export function figuresSection(run: RunData): Section {
  const { figures, missing } = figuresOf(run);
  const blocks: Block[] = figures.map((figure, index) => ({
    kind: 'figure',
    figure,
    number: index + 1,
  }));
  if (missing.length > 0) {
    const text = `The run holds no data for: ${missing.join('; ')}.`;
    blocks.push({ kind: 'paragraph', tone: 'note', text });
  }
  return { id: 'figures', title: 'Figures', blocks };
}

export function sweepSection(run: RunData): Section {
  const main = mainMetrics(run, 5);
  const replications = run.manifest.replications;
  const caption =
    replications > 1
      ? `Mean ± half width of the 95 % confidence interval over ${replications} replications.`
      : 'One replication.';
  const grids = gridsOf(run.cells).map((cells) =>
    foldLong(cellTable(cells, main, caption), 'All settings'),
  );
  return {
    id: 'results',
    title: 'Results by setting',
    blocks: [
      ...grids,
      {
        kind: 'details',
        summary: `All ${metricNames(run.cells).length} metrics, with what they mean`,
        blocks: [...allMetrics(run), glossary(run)],
      },
    ],
  };
}

/** Cells of different grids of a sweep have different parameters: each grid is a table. */
function gridsOf(cells: readonly CellData[]): CellData[][] {
  const signature = (cell: CellData): string => Object.keys(cell.parameters).toSorted().join(' ');
  return [...Map.groupBy(cells, signature).values()];
}

function allMetrics(run: RunData): Block[] {
  const names = metricNames(run.cells);
  if (run.cells.length <= 5) return [metricTable(run.cells, names, 'All metrics.')];
  const parts: Block[] = [];
  for (let index = 0; index < names.length; index += 8) {
    parts.push(cellTable(run.cells, names.slice(index, index + 8), 'All metrics.'));
  }
  return parts;
}

function glossary(run: RunData): TableBlock {
  const rows = metricNames(run.cells).map((name) => {
    const known = describe(name);
    return [metricLabel(name), [{ code: name }], known?.description ?? '', known?.formula ?? ''];
  });
  const columns = ['Metric', 'Name', 'Meaning', 'Formula'].map((title) => ({ title }));
  return { kind: 'table', caption: 'What the metrics mean.', columns, rows };
}

const shares: readonly (readonly [string, number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p99.9', 0.999],
];

export function percentilesSection(run: RunData): Section | null {
  const names = [
    ...new Set(
      run.cells.flatMap((cell) =>
        cell.records.flatMap((record) => Object.keys(record.result.histograms)),
      ),
    ),
  ];
  if (names.length === 0) return null;
  const blocks = names.flatMap((name, index): Block[] => {
    const grids = gridsOf(run.cells);
    const tables = grids.flatMap((cells) => percentileTable(cells, name) ?? []);
    const summary = `${metricLabel(name)}: ${(describe(name)?.description ?? name).toLowerCase()}`;
    if (index > 0) return [{ kind: 'details', summary, blocks: tables }];
    return [
      { kind: 'heading', text: summary },
      ...tables.map((table) => foldLong(table, 'All settings')),
    ];
  });
  return { id: 'percentiles', title: 'Percentiles', blocks };
}

function percentileTable(all: readonly CellData[], name: string): TableBlock | null {
  const cells = sortCells(all).filter((cell) => histogramsOf([cell], name).length > 0);
  if (cells.length === 0) return null;
  const paths = varyingPaths(cells);
  const titles = ['Observations', 'Mean', ...shares.map(([share]) => share), 'Maximum'];
  return {
    kind: 'table',
    caption: '',
    columns: [
      ...parameterColumns(paths),
      ...titles.map((title) => ({ title, align: 'right' as const })),
    ],
    rows: cells.map((cell) => [...parameterCells(cell, paths), ...percentileRow(cell, name)]),
  };
}

function percentileRow(cell: CellData, name: string): string[] {
  const all = histogramsOf([cell], name);
  const unit = all[0]?.unit ?? '';
  const show = (estimate: ReturnType<typeof overReplications>): string =>
    formatInterval(estimate?.value, estimate?.ci95, unit);
  return [
    fixed(
      all.reduce((sum, one) => sum + one.count, 0),
      0,
    ),
    show(overReplications(all, (one) => one.sum / one.count)),
    ...shares.map(([, p]) => show(overReplications(all, (one) => quantile(one, p)))),
    formatMeasured(Math.max(...all.map((one) => one.max)), unit),
  ];
}

/** Costs are metrics per operation, not per time. */
const costName = /_per_(?!second|client|day|minute|hour)/;
const costSubject = /cpu|bytes|operations|opens|asymmetric|requests|secrets/;

/** Processors first, then links; a page is not wider than six columns. */
function costs(names: readonly string[]): string[] {
  const first = names.filter((name) => name.includes('cpu'));
  return [...first, ...names.filter((name) => !first.includes(name))].slice(0, 6);
}

export function costSection(run: RunData): Section | null {
  const names = metricNames(run.cells).filter(
    (name) => costName.test(name) && costSubject.test(name),
  );
  if (names.length === 0) return null;
  const caption = 'Servers and links, per operation.';
  const blocks =
    run.cells.length <= 5
      ? [metricTable(run.cells, names, caption)]
      : gridsOf(run.cells).map((cells) =>
          foldLong(cellTable(cells, costs(names), caption), 'Cost by setting'),
        );
  return { id: 'cost', title: 'Cost per operation', blocks };
}
