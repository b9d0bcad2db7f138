/** Plans of scenarios in which nothing crosses logical processes. */
import type { Workload } from '../../src/workload/types.ts';
import type { Plan } from '../kernel/engine.ts';
import { checkPopulation, homeserverTables } from './population.ts';
import { toNs } from './units.ts';

/** Nothing crosses logical processes, so any lookahead holds; a minute makes barriers rare. */
const separateWindowNs = 60_000_000_000;

/** One logical process per homeserver with its clients, as heavy as they are many. */
export function separatePlan<Shared>(
  workload: Workload,
  share: (clientStart: ReturnType<typeof homeserverTables>['clientStart']) => Shared,
): Plan<Shared> {
  checkPopulation(workload);
  const { clientStart } = homeserverTables(workload);
  const lps = workload.population.homeservers;
  return {
    lps,
    weights: Float64Array.from({ length: lps }, (_, h) => clientStart[h + 1]! - clientStart[h]!),
    lookaheadNs: separateWindowNs,
    endNs: toNs(workload.duration),
    payloadWords: 1,
    shared: share(clientStart),
  };
}
