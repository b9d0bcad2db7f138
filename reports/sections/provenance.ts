/** How far to trust it and how to do it again: checks, environment, speed, raw data. */
import type { Environment } from '../../src/results/types.ts';
import type { Block, Section, Text } from '../document/types.ts';
import { capitalise, fixed, formatValue } from '../../src/results/format.ts';
import type { CellData, RunData } from '../input/run.ts';
import { cellNamer } from '../input/select.ts';
import { foldLong, sortCells } from './tables.ts';

export function checksSection(run: RunData): Section {
  const { checks } = run.summary;
  if (checks.length === 0) {
    const text = 'The run made no online checks.';
    return { id: 'checks', title: 'Checks', blocks: [{ kind: 'paragraph', text }] };
  }
  const byName = Map.groupBy(checks, (check) => check.name);
  const rows = [...byName].map(([name, all]): Text[] => {
    const failed = all.filter((check) => !check.ok);
    const sample = failed[0] ?? all[0];
    const verdict = failed.length === 0 ? 'ok' : 'violated';
    const count = `${all.length - failed.length} of ${all.length}`;
    const place = `${sample?.cell ?? ''}, replication ${sample?.replication ?? 0}`;
    return [name, [{ verdict }], count, sample?.detail ?? '', place];
  });
  const columns = ['Check', 'Verdict', 'Passed', 'Both sides', 'In cell'];
  const caption = 'Conservation laws checked in every replication; a failed one is shown first.';
  return {
    id: 'checks',
    title: 'Checks',
    blocks: [{ kind: 'table', caption, columns: columns.map((title) => ({ title })), rows }],
  };
}

/** Twelve digits are enough to find it; `+dirty` stays. */
function shortCommit(commit: string): string {
  return commit.replace(/^([\da-f]{12})[\da-f]*/, '$1');
}

export function environmentFacts(environment: Environment): (readonly [string, Text])[] {
  const { calibration } = environment;
  return [
    ['Stormglass', environment.stormglass],
    [
      'Commit',
      environment.commit === null
        ? 'unknown (not a checkout)'
        : [{ code: shortCommit(environment.commit) }],
    ],
    ['Node.js', environment.node],
    ['Platform', environment.platform],
    ['Processor', `${environment.cpu}, ${environment.cores} cores`],
    ['Memory', formatValue(environment.memoryBytes, 'bytes')],
    ['Calibration', [`${calibration.name} `, { code: calibration.sha256.slice(0, 12) }]],
  ];
}

export function reproductionSection(run: RunData): Section {
  const { manifest, summary } = run;
  const overrides = manifest.overrides.length === 0 ? 'none' : manifest.overrides.join(' ');
  const facts: (readonly [string, Text])[] = [
    ['Tier', manifest.tier],
    ['Seed', [{ code: String(manifest.seed) }]],
    ['Settings × replications', `${manifest.cells.length} × ${manifest.replications}`],
    ['Overrides', overrides],
    ['Started', manifest.startedAt.replace(/T(\d\d:\d\d).*$/, ' $1 UTC')],
    ['Digest', [{ code: summary.digest }]],
  ];
  const text =
    'Equal workload, seed and code give the same digest, on any machine and any number of workers.';
  return {
    id: 'reproduce',
    title: 'Reproduce',
    blocks: [
      { kind: 'code', text: manifest.command },
      { kind: 'paragraph', tone: 'note', text },
      { kind: 'facts', pairs: [...facts, ...environmentFacts(summary.environment)] },
    ],
  };
}

export function performanceSection(run: RunData): Section {
  const records = run.cells.flatMap((cell) => cell.records);
  const events = records.reduce((sum, record) => sum + record.result.events, 0);
  const busy = records.reduce((sum, record) => sum + record.performance.wallSeconds, 0);
  const peak = Math.max(0, ...records.map((record) => record.performance.peakMemoryBytes ?? 0));
  const facts: (readonly [string, Text])[] = [
    ['Events', fixed(events, 0)],
    ['Wall time of the whole run', formatValue(run.manifest.wallSeconds, 's')],
    ['Time in replications', formatValue(busy, 's')],
    ['Events per second of a replication', busy > 0 ? formatValue(events / busy, '/s') : '–'],
  ];
  if (peak > 0) facts.push(['Peak memory', formatValue(peak, 'bytes')]);
  const text = 'Of the simulator, not of what it simulates. These figures differ between machines.';
  return {
    id: 'performance',
    title: 'Speed of the simulator',
    blocks: [
      { kind: 'paragraph', tone: 'note', text },
      { kind: 'facts', pairs: facts },
      performanceTable(run.cells),
    ],
  };
}

function performanceTable(cells: readonly CellData[]): Block {
  const name = cellNamer(cells);
  const parallel = cells.some((cell) => cell.records.some((one) => one.performance.workers > 1));
  const extra = parallel ? ['Windows', 'Events per window', 'At the barrier', 'Imbalance'] : [];
  const titles = ['Events', 'Wall time', 'Events per second', 'Workers', 'Queue', ...extra];
  const table = {
    kind: 'table' as const,
    caption: 'Means over replications.',
    columns: [{ title: 'Setting' }, ...titles.map((title) => ({ title, align: 'right' as const }))],
    rows: sortCells(cells).map((cell) => [
      capitalise(name(cell)),
      ...performanceRow(cell, parallel),
    ]),
  };
  const summary = 'Speed by setting';
  return table.rows.length > 6
    ? { kind: 'details', summary, blocks: [table] }
    : foldLong(table, summary);
}

function performanceRow(cell: CellData, parallel: boolean): string[] {
  const all = cell.records.map((record) => record.performance);
  const mean = (pick: (one: (typeof all)[number]) => number | undefined): number | null => {
    const values = all.flatMap((one) => pick(one) ?? []);
    return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  };
  const events = cell.records.reduce((sum, one) => sum + one.result.events, 0) / all.length;
  const row = [
    formatValue(events, ''),
    formatValue(
      mean((one) => one.wallSeconds),
      's',
    ),
    formatValue(
      mean((one) => one.eventsPerSecond),
      '/s',
    ),
    formatValue(
      mean((one) => one.workers),
      '',
    ),
    [...new Set(all.map((one) => one.queue))].join(', '),
  ];
  if (!parallel) return row;
  return [
    ...row,
    formatValue(
      mean((one) => one.windows),
      '',
    ),
    formatValue(
      mean((one) => one.eventsPerWindow),
      '',
    ),
    formatValue(
      mean((one) => one.barrierShare),
      'share',
    ),
    formatValue(
      mean((one) => one.imbalance),
      '',
    ),
  ];
}

export function rawDataSection(): Section {
  const links: readonly (readonly [string, string])[] = [
    ['summary.json', 'settings × metrics with intervals, expectations, verdict'],
    ['measurements.csv', 'every metric of every replication'],
    ['cells/', 'one JSON file per replication: histograms, series, checks'],
    ['workload.yaml', 'the workload as it was read'],
    ['manifest.json', 'what ran, and what is needed to run it again'],
    ['charts/', 'the figures as PNG'],
  ];
  const items = links.map(([link, what]): Text => [{ link, text: link }, `: ${what}`]);
  return { id: 'data', title: 'Raw data', blocks: [{ kind: 'list', items }] };
}
