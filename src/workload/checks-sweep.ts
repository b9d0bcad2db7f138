/** Checks of `vary`: every path can be varied, and every value fits its field. */
import { countCells } from './cells.ts';
import { isPlainObject } from './document.ts';
import { type Finding, findingsOf } from './issues.ts';
import { sweepable } from './paths.ts';
import { nearest } from './suggest.ts';
import { type ParameterValue, type Scenario, type Sweep, scenarios } from './types.ts';

const maxCells = 10_000;

/** The document before defaults. */
type Raw = Readonly<Record<string, unknown>>;

export interface CheckedSweeps {
  readonly findings: readonly Finding[];
  /** What is right of the sweeps, so that the other checks can go on. */
  readonly sound: readonly Sweep[];
}

/** What a scenario has no use for: to vary it would make cells that differ in name only. */
const unread: Readonly<Record<Scenario, readonly string[]>> = {
  'fan-out': ['commits.', 'spam.', 'replay.', 'rollout.', 'policy.spam'],
  'commit-throughput': [
    'traffic.',
    'population.sessions.',
    'homeserver.quota',
    'spam.',
    'replay.',
    'rollout.',
    'policy.spam',
  ],
  'spam-flood': [
    'commits.',
    'replay.',
    'rollout.',
    'groups.count',
    'groups.locality',
    'traffic.diurnal',
    'traffic.receipts',
    'policy.queueConfig',
    'policy.forwarding',
    'policy.auth',
    'homeserver.cores',
    'homeserver.slowdown',
    'homeserver.queueLimit',
    'network.federation',
    'network.jitter',
    'network.loss',
    'network.uplink',
  ],
  'replay-attack': [
    'commits.',
    'spam.',
    'rollout.',
    'groups.',
    'traffic.',
    'population.sessions.',
    'policy.spam',
    'policy.queueConfig',
    'policy.forwarding',
    'homeserver.cores',
    'homeserver.queueLimit',
    'homeserver.quota',
    'network.federation',
    'network.jitter',
    'network.loss',
    'network.downlink',
  ],
  'version-rollout': [
    'commits.',
    'spam.',
    'replay.',
    'traffic.',
    'population.sessions.',
    'policy.',
    'homeserver.',
    'network.',
  ],
};

/** Reads the raw `vary`, of which the schema has said already whether its shape is right. */
export function checkSweeps({ vary, scenario }: Raw): CheckedSweeps {
  const findings: Finding[] = [];
  const grids = Array.isArray(vary) ? vary : [];
  findings.push(...grids.flatMap((grid, index) => checkUse(grid, index, scenario)));
  const sound = grids.map((grid, index) =>
    isPlainObject(grid) ? checkGrid(grid, index, findings) : {},
  );
  const count = countCells({ vary: sound });
  if (count <= maxCells) return { findings, sound };
  const message = `the sweeps make ${count} cells, more than ${maxCells}`;
  findings.push({ path: ['vary'], message, remedy: 'vary fewer values at a time' });
  return { findings, sound: [] };
}

function checkUse(grid: unknown, index: number, scenario: unknown): Finding[] {
  const known = scenarios.find((one) => one === scenario);
  if (known === undefined || !isPlainObject(grid)) return [];
  return Object.keys(grid)
    .filter((path) => unread[known].some((start) => path.startsWith(start)))
    .filter((path) => sweepable.has(path))
    .map((path) => ({
      path: ['vary', index, path],
      message: `the scenario \`${known}\` does not read this: its cells would all be equal`,
      remedy: 'leave it out, or choose another scenario',
    }));
}

function checkGrid(grid: Record<string, unknown>, index: number, findings: Finding[]): Sweep {
  const sound: Record<string, readonly ParameterValue[]> = {};
  for (const [path, values] of Object.entries(grid)) {
    const field = sweepable.get(path);
    if (field === undefined) {
      findings.push({ path: ['vary', index, path], ...notSweepable(path) });
      continue;
    }
    if (!Array.isArray(values)) continue;
    const good = values.filter((value: unknown, at) => {
      if (typeof value === 'object' || insideTorn(values, at)) return false;
      const parsed = field.schema.safeParse(value);
      if (parsed.success) return true;
      const place = ['vary', index, path, at];
      findings.push(...findingsOf(parsed.error.issues).map((one) => ({ ...one, path: place })));
      return false;
    });
    if (good.length > 0) sound[path] = good as ParameterValue[];
  }
  return sound;
}

function notSweepable(path: string): { message: string; remedy: string } {
  const likely = nearest(path, sweepable.keys());
  const ending = [...sweepable.keys()].find((known) => known.endsWith(`.${path}`));
  const guess = likely ?? ending;
  return {
    message: 'there is no such field, or none that can be varied',
    remedy:
      guess === undefined
        ? 'docs/reference/workload.md lists the fields that can be varied'
        : `did you mean \`${guess}\`?`,
  };
}

/**
 * Whether the item is a later piece of a value such as `uniform(1 ms, 5 ms)` that stands in `[ ]`
 * without quotes, where a comma ends it. The first piece is reported, the others would be noise.
 */
function insideTorn(values: readonly unknown[], at: number): boolean {
  const opens = (value: unknown): boolean => /\([^)]*$/.test(String(value));
  const closes = (value: unknown): boolean => /^[^(]*\)/.test(String(value));
  const opened = values.slice(0, at).findLastIndex(opens);
  return opened !== -1 && !values.slice(opened + 1, at).some(closes);
}
