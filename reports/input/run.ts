/** A finished run as reports see it: the folder's content with cells joined to their records. */
import { parse } from 'yaml';
import { readRunFolder } from '../../src/results/read-folder.ts';
import type { CellRecord, Manifest, MetricValue, Summary } from '../../src/results/types.ts';
import type { ChartRequest, ParameterValue } from '../../src/workload/types.ts';

export type Parameters = Readonly<Record<string, ParameterValue>>;

export interface CellData {
  readonly id: string;
  readonly parameters: Parameters;
  readonly metrics: Readonly<Record<string, MetricValue>>;
  /** One per replication, in order. */
  readonly records: readonly CellRecord[];
}

export interface RunData {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly summary: Summary;
  readonly cells: readonly CellData[];
  readonly charts: readonly ChartRequest[];
}

/**
 * Reads a run folder.
 *
 * @throws {UsageError} when it is no finished run folder.
 * @throws {ValidationError} when its files are damaged.
 */
export function readRun(directory: string): RunData {
  const { manifest, summary, workloadText, records } = readRunFolder(directory);
  const summaries = new Map(summary.cells.map((cell) => [keyOf(cell.parameters), cell]));
  const cells = manifest.cells.map(({ id, parameters }) => ({
    id,
    parameters,
    metrics: summaries.get(keyOf(parameters))?.metrics ?? {},
    records: records.filter((record) => record.cell === id),
  }));
  return { directory, manifest, summary, cells, charts: chartRequests(workloadText) };
}

/** Equal for equal parameters, whatever their order. */
function keyOf(parameters: Parameters): string {
  return JSON.stringify(Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The figures that the workload asks for. Only this section is read, so that folders outlive
 * changes elsewhere in the schema; tails are log-log unless the file says otherwise.
 */
export function chartRequests(workloadText: string): ChartRequest[] {
  const document: unknown = parse(workloadText);
  if (!isRecord(document) || !Array.isArray(document['charts'])) return [];
  return document['charts'].filter(isRecord).map((chart) => request(chart));
}

function request(chart: Readonly<Record<string, unknown>>): ChartRequest {
  const text = (name: string): string => String(chart[name] ?? '');
  const logByDefault = chart['kind'] === 'ccdf' ? 'log' : 'linear';
  const scale = (name: string): 'linear' | 'log' =>
    chart[name] === 'log' || chart[name] === 'linear' ? chart[name] : logByDefault;
  return {
    kind: text('kind') as ChartRequest['kind'],
    title: text('title'),
    caption: text('caption'),
    metric: text('metric'),
    ...(chart['x'] === undefined ? {} : { x: text('x') }),
    ...(chart['series'] === undefined ? {} : { series: text('series') }),
    where: isRecord(chart['where']) ? (chart['where'] as Parameters) : {},
    xScale: scale('xScale'),
    yScale: scale('yScale'),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
