/** Combinations of settings that cannot be: each is checked in every cell of the workload. */
import { type Cell, cells } from './cells.ts';
import type { Path } from './document.ts';
import { typicalLargest } from './distribution.ts';
import type { Finding } from './issues.ts';
import type { Scenario, Tier, Workload } from './types.ts';
import { formatQuantity } from './units.ts';

interface Objection {
  readonly message: string;
  readonly remedy: string;
}

interface Check {
  /** Paths that the check reads; the first is blamed unless another one is swept. */
  readonly reads: readonly string[];
  object(workload: Workload): Objection | undefined;
}

/** Tiers that a scenario has been built for. */
export const supportedTiers: Readonly<Record<Scenario, readonly Tier[]>> = {
  'fan-out': ['model', 'protocol'],
  'commit-throughput': ['model'],
  'spam-flood': ['model'],
  'replay-attack': ['model'],
  'version-rollout': ['model'],
};

const maxBins = 100_000;
const duration = (ms: number): string => formatQuantity(ms, 'duration');

const checks: readonly Check[] = [
  {
    reads: ['warmUp', 'duration'],
    object: ({ warmUp, duration: all }) =>
      warmUp < all
        ? undefined
        : {
            message: `the warm-up of ${duration(warmUp)} leaves nothing of ${duration(all)} to measure`,
            remedy: `write less than \`${duration(all)}\`, such as \`${duration(all / 10)}\``,
          },
  },
  {
    reads: ['measure.bin', 'duration'],
    object: ({ measure, duration: all }) =>
      all / measure.bin <= maxBins
        ? undefined
        : {
            message: `${duration(all)} in bins of ${duration(measure.bin)} are over ${maxBins} bins`,
            remedy: `write \`${duration(Math.ceil(all / maxBins / 1000) * 1000)}\` or more`,
          },
  },
  {
    reads: ['population.homeservers', 'population.clients'],
    object: ({ population: { homeservers, clients } }) =>
      homeservers <= clients
        ? undefined
        : {
            message: `${homeservers} homeservers cannot share ${clients} clients`,
            remedy: `write ${clients} homeservers or fewer, or more clients`,
          },
  },
  {
    reads: ['population.regions'],
    object: ({ population }) => {
      const sum = Object.values(population.regions).reduce((a, b) => a + b, 0);
      if (Math.abs(sum - 1) < 0.001) return undefined;
      const percent = formatQuantity(Math.round(sum * 1e6) / 1e6, 'share');
      return { message: `the shares add up to ${percent}`, remedy: 'make them add up to 1' };
    },
  },
  {
    reads: ['groups.count', 'groups.perClient'],
    object: ({ groups }) =>
      groups.count === undefined || groups.perClient === undefined
        ? undefined
        : {
            message: 'the number of groups is given twice, by `count` and by `perClient`',
            remedy: 'keep one of them',
          },
  },
  {
    reads: ['groups.size', 'population.clients'],
    object: ({ groups, population }) => {
      const size = typicalLargest(groups.size);
      return size <= population.clients
        ? undefined
        : {
            message: `a group of ${size} has more members than there are clients`,
            remedy: `write sizes of ${population.clients} or less, or more clients`,
          };
    },
  },
  {
    reads: ['commits.contenders', 'groups.size', 'scenario'],
    object: ({ scenario, commits, groups }) => {
      const size = typicalLargest(groups.size);
      return scenario !== 'commit-throughput' || commits.contenders <= size
        ? undefined
        : {
            message: `${commits.contenders} contenders do not fit a group of ${size}`,
            remedy: `write ${size} or fewer contenders, or larger groups`,
          };
    },
  },
  {
    reads: ['replay.delay', 'duration', 'warmUp', 'scenario'],
    object: ({ scenario, replay, duration: all, warmUp }) => {
      const longest = typicalLargest(replay.delay);
      return scenario !== 'replay-attack' || warmUp + longest < all
        ? undefined
        : {
            message: `replays up to ${duration(longest)} later leave nothing of ${duration(all)} to measure`,
            remedy: 'write a longer duration, or a shorter delay',
          };
    },
  },
  {
    reads: ['tiers', 'scenario'],
    object: ({ scenario, tiers }) => {
      const supported = supportedTiers[scenario];
      const wrong = tiers.find((tier) => !supported.includes(tier));
      return wrong === undefined
        ? undefined
        : {
            message: `the scenario \`${scenario}\` does not run on the tier \`${wrong}\``,
            remedy: `write \`[${supported.join(', ')}]\``,
          };
    },
  },
];

/**
 * Objections to any cell, each check once.
 * @param tainted paths whose value is known to be wrong; checks that read them are left out.
 */
export function checkWorld(workload: Workload, tainted: ReadonlySet<string>): Finding[] {
  const all = cells(workload);
  return checks
    .filter(({ reads }) => !reads.some((path) => isTainted(path, tainted)))
    .flatMap((check) => {
      const hits = all.flatMap((cell) => {
        const objection = check.object(cell.workload);
        return objection === undefined ? [] : [{ cell, objection }];
      });
      const [first] = hits;
      if (first === undefined) return [];
      return [blame(check, workload, first, { cells: hits.length, of: all.length })];
    });
}

function isTainted(path: string, tainted: ReadonlySet<string>): boolean {
  const parts = path.split('.');
  return parts.some((_, index) => tainted.has(parts.slice(0, index + 1).join('.')));
}

function blame(
  check: Check,
  { vary }: Workload,
  { cell, objection }: { cell: Cell; objection: Objection },
  count: { cells: number; of: number },
): Finding {
  const swept = check.reads.find((path) => Object.hasOwn(cell.parameters, path));
  if (swept === undefined) return { path: (check.reads[0] ?? '').split('.'), ...objection };
  const parameters = Object.entries(cell.parameters).map(([key, value]) => `${key}: ${value}`);
  const where = `in ${count.cells} of ${count.of} cells, such as { ${parameters.join(', ')} }`;
  const grid = vary.findIndex((sweep) => sweep[swept]?.includes(cell.parameters[swept] ?? ''));
  const path: Path = ['vary', Math.max(0, grid), swept];
  return { path, message: `${objection.message} ${where}`, remedy: objection.remedy };
}
