/**
 * The files of a run folder as zod schemas. `types.ts` is the contract; the annotations here make
 * the compiler hold the two together.
 */
import { z } from 'zod';
import { tiers } from '../workload/types.ts';
import type {
  CellRecord,
  CheckResult,
  Environment,
  Manifest,
  Performance,
  ReplicationResult,
  Suite,
  Summary,
} from './types.ts';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const verdict = z.enum(['ok', 'violated', 'unknown']);
const pair = z.tuple([z.number(), z.number()]);
const count = z.int().min(0);

const histogram = z.object({
  unit: z.string(),
  count,
  sum: z.number(),
  min: z.number(),
  max: z.number(),
  buckets: z.array(z.tuple([z.number(), z.number(), z.number()])),
});

const series = z.object({
  unit: z.string(),
  startMs: z.number(),
  binMs: z.number().positive(),
  values: z.array(z.number().nullable()),
});

const heat = z.object({
  unit: z.string(),
  startMs: z.number(),
  binMs: z.number().positive(),
  edges: z.array(z.number()),
  counts: z.array(z.array(z.number())),
});

const check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });
check satisfies z.ZodType<CheckResult>;

/** The result of one replication; also the gate that no NaN or Infinity of a model passes. */
export const replicationResultSchema: z.ZodType<ReplicationResult> = z.object({
  metrics: z.record(z.string(), z.number()),
  histograms: z.record(z.string(), histogram),
  series: z.record(z.string(), series),
  heat: z.record(z.string(), heat),
  checks: z.array(check),
  digest: z.string().min(1),
  events: count,
});

const performance: z.ZodType<Performance> = z.object({
  wallSeconds: z.number(),
  eventsPerSecond: z.number(),
  workers: z.int(),
  queue: z.string(),
  windows: z.number().exactOptional(),
  eventsPerWindow: z.number().exactOptional(),
  barrierShare: z.number().exactOptional(),
  imbalance: z.number().exactOptional(),
  lookaheadNs: z.number().exactOptional(),
  peakMemoryBytes: z.number().exactOptional(),
});

export const cellRecordSchema: z.ZodType<CellRecord> = z.object({
  schema: z.literal('stormglass.cell/1'),
  cell: z.string(),
  parameters,
  replication: count,
  seed: z.number(),
  result: replicationResultSchema,
  performance,
});

const environment: z.ZodType<Environment> = z.object({
  stormglass: z.string(),
  commit: z.string().nullable(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  calibration: z.object({ name: z.string(), sha256: z.string() }),
});

const metricValue = z.object({
  value: z.number(),
  unit: z.string(),
  ci95: pair.nullable(),
  n: z.int().min(1),
});

const expectation = z.object({
  metric: z.string(),
  where: parameters,
  min: z.number().exactOptional(),
  max: z.number().exactOptional(),
  because: z.string(),
  verdict,
  detail: z.string(),
});

const finding = z.object({
  text: z.string(),
  metric: z.string(),
  value: z.number().nullable(),
  ci95: pair.nullable(),
  unit: z.string(),
});

export const summarySchema: z.ZodType<Summary> = z.object({
  schema: z.literal('stormglass.summary/1'),
  workload: z.string(),
  tier: z.enum(tiers),
  seed: z.number(),
  digest: z.string(),
  verdict,
  question: z.string(),
  hypothesis: z.string(),
  findings: z.array(finding),
  cells: z.array(z.object({ parameters, metrics: z.record(z.string(), metricValue) })),
  expectations: z.array(expectation),
  checks: z.array(z.object({ ...check.shape, cell: z.string(), replication: count })),
  environment,
});

export const manifestSchema: z.ZodType<Manifest> = z.object({
  schema: z.literal('stormglass.manifest/1'),
  workload: z.string(),
  workloadFile: z.string(),
  configuration: z.string(),
  code: z.string(),
  overrides: z.array(z.string()),
  tier: z.enum(tiers),
  seed: z.number(),
  replications: z.int().min(1),
  command: z.string(),
  environment,
  status: z.enum(['running', 'interrupted', 'complete', 'failed']),
  startedAt: z.string(),
  wallSeconds: z.number(),
  cells: z.array(z.object({ id: z.string(), parameters })),
});

export const suiteSchema: z.ZodType<Suite> = z.object({
  schema: z.literal('stormglass.suite/1'),
  verdict,
  environment,
  command: z.string(),
  runs: z.array(
    z.object({ workload: z.string(), folder: z.string(), verdict, digest: z.string() }),
  ),
});
