/**
 * Run folders for tests of reports: shaped as a fan-out run, drawn from a seed, in the format of
 * `src/results/types.ts`. The numbers mean nothing; no result of the project comes from here.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { meanInterval } from '../../src/statistics/interval.ts';
import type {
  CellRecord,
  Environment,
  HeatData,
  HistogramData,
  Manifest,
  MetricValue,
  SeriesData,
  Summary,
} from '../../src/results/types.ts';
import type { Parameters } from '../input/run.ts';

export interface FixtureOptions {
  readonly seed: number;
  readonly name?: string;
  readonly verdict?: Summary['verdict'];
  readonly replications?: number;
  readonly sizes?: readonly number[];
  /** Text that goes everywhere a user's text can go. */
  readonly text?: string;
  /** YAML of `charts:`; the default asks for one of each kind. */
  readonly charts?: string;
}

const environment: Environment = {
  stormglass: '0.1.0',
  commit: '0123456789abcdef0123456789abcdef01234567',
  node: '26.10.0',
  platform: 'linux x64',
  cpu: 'Example CPU @ 2.50GHz',
  cores: 2,
  memoryBytes: 25_769_803_776,
  calibration: { name: 'reference', sha256: 'ab'.repeat(32) },
};

export const everyChart = `charts:
  - {kind: line, title: Delivery delay grows with the group, caption: Mean delay of all deliveries.,
     metric: delivery_delay_mean, x: groups.size, series: policy.queueConfig,
     xScale: log, yScale: log}
  - {kind: bar, title: Server CPU per message, caption: Delivery and queue service together.,
     metric: cpu_per_message, x: groups.size, series: policy.queueConfig}
  - {kind: ccdf, title: Tail of the delivery delay, caption: All deliveries.,
     metric: delivery_delay, series: groups.size, where: {policy.queueConfig: sealed}}
  - {kind: timeline, title: Messages waiting, caption: All queues., metric: queued_messages,
     series: policy.queueConfig, where: {groups.size: 100}}
  - {kind: heatmap, title: Delay over the day, caption: Every delivery., metric: delivery_delay,
     where: {groups.size: 1000, policy.queueConfig: sealed}}
  - {kind: matrix, title: CPU by size and config, caption: Mean., metric: cpu_per_message,
     x: groups.size, series: policy.queueConfig}
`;

/** Numbers in [0, 1) from a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Writes a complete run folder and returns its directory. */
export function writeFixture(directory: string, options: FixtureOptions): string {
  const cells = parametersOf(options);
  const records = cells.flatMap(({ id, parameters }, index) =>
    Array.from({ length: options.replications ?? 4 }, (_, replication) =>
      recordOf(
        id,
        parameters,
        replication,
        generator(options.seed * 1009 + index * 31 + replication),
      ),
    ),
  );
  mkdirSync(path.join(directory, 'cells'), { recursive: true });
  const write = (file: string, value: unknown): void =>
    writeFileSync(path.join(directory, file), JSON.stringify(value));
  for (const record of records) write(`cells/${record.cell}.r${record.replication}.json`, record);
  write('manifest.json', manifestOf(cells, options));
  write('summary.json', summaryOf(cells, records, options));
  writeFileSync(path.join(directory, 'workload.yaml'), options.charts ?? everyChart);
  writeFileSync(path.join(directory, 'measurements.csv'), 'cell,replication,metric,value,unit\n');
  return directory;
}

interface Cell {
  readonly id: string;
  readonly parameters: Parameters;
}

function parametersOf(options: FixtureOptions): Cell[] {
  const sizes = options.sizes ?? [10, 30, 100, 300, 1000];
  return sizes.flatMap((size) =>
    ['sealed', options.text ?? 'plain-when-local'].map((queueConfig, index) => ({
      id: `size-${size}-${index}`,
      parameters: { 'groups.size': size, 'policy.queueConfig': queueConfig },
    })),
  );
}

function recordOf(
  cell: string,
  parameters: Parameters,
  replication: number,
  draw: () => number,
): CellRecord {
  const size = Number(parameters['groups.size']);
  const sealed = parameters['policy.queueConfig'] === 'sealed';
  const median = 60 * size ** 0.35 * (sealed ? 1.3 : 1);
  const delays = Array.from({ length: 1500 }, () => median * Math.exp(1.1 * normal(draw)));
  const sorted = delays.toSorted((a, b) => a - b);
  const noise = (): number => 1 + 0.06 * (draw() - 0.5);
  return {
    schema: 'stormglass.cell/1',
    cell,
    parameters,
    replication,
    seed: replication + 1,
    result: {
      metrics: {
        delivery_delay_mean: delays.reduce((sum, delay) => sum + delay, 0) / delays.length,
        delivery_delay_p99: sorted[1485] ?? 0,
        cpu_per_message: (0.4 + size * (sealed ? 0.092 : 0.031)) * noise(),
        online_share: 0.2 * noise(),
        access_bytes_per_message: (900 + 460 * size) * noise(),
        queue_depth_peak: Math.round(4000 * noise()),
      },
      histograms: { delivery_delay: histogram(delays, 'ms') },
      series: { queued_messages: waves(size * (sealed ? 1.2 : 1), draw) },
      heat: { delivery_delay: heat(median, draw) },
      checks: [
        { name: 'conservation', ok: true, detail: 'sent 4000 = delivered 3990 + queued 10' },
      ],
      digest: `${size.toString(16)}${replication}`,
      events: 120_000 + size,
    },
    performance: {
      wallSeconds: 0.4 + draw() * 0.1,
      eventsPerSecond: 290_000,
      workers: 1,
      queue: 'bucketed',
      peakMemoryBytes: 180_000_000,
    },
  };
}

function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/** Buckets a twentieth of a decade wide. */
function histogram(values: readonly number[], unit: string): HistogramData {
  const counts = new Map<number, number>();
  for (const value of values) {
    const bucket = Math.floor(Math.log10(value) * 20);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return {
    unit,
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    min: Math.min(...values),
    max: Math.max(...values),
    buckets: [...counts]
      .toSorted(([a], [b]) => a - b)
      .map(([bucket, count]) => [10 ** (bucket / 20), 10 ** ((bucket + 1) / 20), count] as const),
  };
}

const bins = 96;
const binMs = 900_000;

function waves(level: number, draw: () => number): SeriesData {
  const values = Array.from({ length: bins }, (_, bin) =>
    Math.round(
      level * 50 * (1 + 0.7 * Math.sin((bin / bins) * 2 * Math.PI)) * (0.9 + draw() * 0.2),
    ),
  );
  return { unit: 'count', startMs: 0, binMs, values };
}

function heat(median: number, draw: () => number): HeatData {
  const edges = Array.from({ length: 31 }, (_, index) => 10 ** (index / 6));
  const counts = Array.from({ length: bins }, (_, bin) => {
    const column = edges.slice(1).map(() => 0);
    const shift = 1 + 0.6 * Math.sin((bin / bins) * 2 * Math.PI);
    for (let index = 0; index < 200; index += 1) {
      const value = median * shift * Math.exp(1.1 * normal(draw));
      const row = edges.findLastIndex((edge) => value >= edge);
      if (row >= 0 && row < column.length) column[row] = (column[row] ?? 0) + 1;
    }
    return column;
  });
  return { unit: 'ms', startMs: 0, binMs, edges, counts };
}

function manifestOf(cells: readonly Cell[], options: FixtureOptions): Manifest {
  return {
    schema: 'stormglass.manifest/1',
    workload: options.text ?? options.name ?? 'fixture',
    workloadFile: 'workloads/fixture.yaml',
    configuration: 'c'.repeat(64),
    code: 'd'.repeat(64),
    overrides: options.text === undefined ? [] : [`a=${options.text}`],
    tier: 'model',
    seed: options.seed,
    replications: options.replications ?? 4,
    command: `stormglass run workloads/fixture.yaml --seed ${options.seed}${options.text ?? ''}`,
    environment,
    status: 'complete',
    startedAt: '2026-01-01T00:00:00.000Z',
    wallSeconds: 12.5,
    cells,
  };
}

const units: Readonly<Record<string, string>> = {
  delivery_delay_mean: 'ms',
  delivery_delay_p99: 'ms',
  cpu_per_message: 'ms',
  online_share: 'share',
  access_bytes_per_message: 'B',
  queue_depth_peak: 'count',
};

function metricsOf(records: readonly CellRecord[]): Record<string, MetricValue> {
  const names = Object.keys(records[0]?.result.metrics ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const interval = meanInterval(records.map((record) => record.result.metrics[name] ?? 0));
      const ci95: [number, number] | null = interval.n > 1 ? [interval.lo, interval.hi] : null;
      return [name, { value: interval.mean, unit: units[name] ?? '', ci95, n: interval.n }];
    }),
  );
}

function summaryOf(
  cells: readonly Cell[],
  records: readonly CellRecord[],
  options: FixtureOptions,
): Summary {
  const verdict = options.verdict ?? 'ok';
  const extra = options.text ?? '';
  return {
    schema: 'stormglass.summary/1',
    workload: options.text ?? options.name ?? 'fixture',
    tier: 'model',
    seed: options.seed,
    digest: 'feedface',
    verdict,
    question: `What do plaintext queue configs save when a group grows?${extra}`,
    hypothesis: `One HPKE opening per recipient, 0.061 ms, is saved for local recipients.${extra}`,
    findings: [
      {
        text: `Plaintext configs save 64 % of the server CPU per message (62 % to 66 %)${extra}`,
        metric: 'cpu_per_message',
        value: 0.36,
        ci95: [0.34, 0.38],
        unit: 'share',
      },
    ],
    cells: cells.map(({ id, parameters }) => ({
      parameters,
      metrics: metricsOf(records.filter((record) => record.cell === id)),
    })),
    expectations: [
      {
        metric: 'cpu_per_message',
        where: { 'groups.size': 1000 },
        max: 100,
        because: `one opening is 61 µs${extra}`,
        verdict,
        detail: `92.3 ms [91.0, 93.1] at sealed${extra}`,
      },
      {
        metric: 'delivery_delay_mean',
        where: {},
        max: 2000,
        because: 'two one-way delays and a service time',
        verdict: 'ok',
        detail: '1.6 s at size 1000',
      },
    ],
    checks: records.map((record) => ({
      name: `conservation${extra}`,
      ok: verdict !== 'violated' || record.replication > 0,
      detail: `sent 4000 = delivered 3990 + queued 10${extra}`,
      cell: record.cell,
      replication: record.replication,
    })),
    environment,
  };
}

/** A suite folder with two runs. */
export function writeSuiteFixture(directory: string, seed: number): string {
  const runs = ['fan-out', 'commit-throughput'].map((workload, index) => {
    writeFixture(path.join(directory, workload), {
      seed: seed + index,
      name: workload,
      sizes: [10, 100],
      replications: 2,
    });
    return { workload, folder: workload, verdict: 'ok', digest: 'feedface' };
  });
  const suite = {
    schema: 'stormglass.suite/1',
    verdict: 'ok',
    environment,
    command: 'npm start',
    runs,
  };
  writeFileSync(path.join(directory, 'suite.json'), JSON.stringify(suite));
  return directory;
}

/** A folder with validation.json: cases that agree, one that does not, one exact. */
export function writeValidationFixture(directory: string, seed: number): string {
  const draw = generator(seed);
  const cases = ['queue', 'fan-out'].flatMap((group) =>
    Array.from({ length: 9 }, (_, index) => {
      const expected = 2 ** index;
      const actual = expected * (1 + 0.02 * (draw() - 0.5));
      return {
        name: `${group}/case-${index}`,
        group,
        expected,
        actual,
        interval: [actual * 0.99, actual * 1.01],
        tolerance: expected * (index === 8 ? 0.001 : 0.03),
        verdict: index === 8 ? 'violated' : 'ok',
        source: 'Erlang 1917',
        unit: 'ms',
      };
    }),
  );
  const exact = { ...cases[0], name: 'tree/exact', group: 'tree', tolerance: 0, interval: null };
  mkdirSync(directory, { recursive: true });
  const record = { schema: 'stormglass.validation/1', cases: [...cases, exact], environment };
  writeFileSync(path.join(directory, 'validation.json'), JSON.stringify(record));
  return directory;
}
