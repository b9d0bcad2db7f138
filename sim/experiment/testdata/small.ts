/** A small experiment over the fake model, in a temporary folder. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Files } from '../../../src/results/files.ts';
import { openRunFolder, type RunIdentity } from '../../../src/results/run-folder.ts';
import type { Environment, Summary } from '../../../src/results/types.ts';
import { cells as cellsOf, type Cell } from '../../../src/workload/cells.ts';
import { parseWorkload } from '../../../src/workload/load.ts';
import type { Workload } from '../../../src/workload/types.ts';
import { createCellRunner } from '../cell-runner.ts';
import { runExperiment, type Observer } from '../experiment.ts';

export const environment: Environment = {
  stormglass: '0.1.0',
  commit: null,
  node: 'v26',
  platform: 'test',
  cpu: 'test',
  cores: 2,
  memoryBytes: 1,
  calibration: { name: 'reference', sha256: '00' },
};

/** @param contenders swept values; the fake model takes orders by them. */
export function workloadText(contenders: readonly number[], more = ''): string {
  return `name: small
scenario: commit-throughput
question: Does it run?
duration: 10 min
replications: 3
groups: { count: 1, size: 100 }
vary:
  - commits.contenders: [${contenders.join(', ')}]
${more}`;
}

export interface Small {
  readonly workload: Workload;
  readonly cells: readonly Cell[];
  readonly identity: RunIdentity;
}

export function small(contenders: readonly number[], more = ''): Small {
  const text = workloadText(contenders, more);
  const { workload, configuration } = parseWorkload('small.yaml', text);
  const cells = cellsOf(workload);
  const identity: RunIdentity = {
    workload: workload.name,
    workloadFile: 'small.yaml',
    workloadText: text,
    configuration,
    code: 'code-1',
    overrides: [],
    tier: 'model',
    seed: workload.seed,
    replications: workload.replications,
    command: 'npx stormglass run small.yaml',
    environment,
    startedAt: '2026-01-01T00:00:00.000Z',
    cells: cells.map(({ id, parameters }) => ({ id, parameters })),
  };
  return { workload, cells, identity };
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'stormglass-test-'));
}

export interface SmallRun {
  readonly directory: string;
  readonly jobs?: number;
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly observer?: Partial<Observer>;
  readonly files?: Files;
  readonly force?: boolean;
}

/** Opens the folder, runs what is missing on real worker threads, closes the folder. */
export async function runSmall(experiment: Small, options: SmallRun): Promise<Summary> {
  const { workload, cells, identity } = experiment;
  const folder = openRunFolder(options.directory, identity, {
    force: options.force === true,
    ...(options.files === undefined ? {} : { files: options.files }),
  });
  try {
    return await runExperiment({
      workload,
      cells,
      folder,
      tier: 'model',
      seed: workload.seed,
      replications: workload.replications,
      environment: folder.environment,
      unitOf: (metric) => (metric === 'rejected_share' ? 'share' : 'ms'),
      jobs: options.jobs ?? 2,
      createRunner: (onProgress) =>
        createCellRunner({
          moduleUrl: new URL('fake-model.ts', import.meta.url).href,
          workers: options.workers ?? 1,
          onProgress,
          reproduce: (task) => `${identity.command} --only ${task.cell.id}.r${task.replication}`,
        }),
      observer: { planned() {}, progress() {}, finished() {}, ...options.observer },
      nowMs: () => 0,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } finally {
    folder.close();
  }
}
