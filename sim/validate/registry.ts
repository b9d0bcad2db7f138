/** All studies of `stormglass validate`: the one place that knows every group's table. */
import { type Study, comparisons, groupOf } from './study.ts';
import { queueStudies } from './queues.ts';
import { fanOutStudies } from './fan-out.ts';
import { commitRaceStudies } from './commit-race.ts';
import { backoffStudies } from './backoff.ts';
import { modelRaceStudies } from './model-race.ts';
import { samplerStudies } from './samplers.ts';
import { treeStudies } from './trees.ts';

export const studies: readonly Study[] = [
  ...samplerStudies,
  ...queueStudies,
  ...fanOutStudies,
  ...commitRaceStudies,
  ...modelRaceStudies,
  ...backoffStudies,
  ...treeStudies,
];

/** Size of the family for simultaneous confidence, also when only a part of it is run. */
export const registryComparisons = comparisons(studies);

/** The groups in the order of the registry. */
export function groups(): string[] {
  return [...new Set(studies.map(groupOf))];
}

export function findStudy(name: string): Study {
  const study = studies.find((candidate) => candidate.name === name);
  if (study === undefined) {
    throw new Error(`no study is called ${name}`);
  }
  return study;
}
