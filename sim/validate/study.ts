/**
 * A study is one simulated situation of which theory knows one or more numbers; each such number is
 * a case of `stormglass validate`, named `<study>/<measure>`.
 *
 * To add a study, append it to the table of its group's file (queues.ts, backoff.ts, ...) and list
 * the table in registry.ts if it is a new one. The model's own parts must do the work: a study that
 * programs the mechanism again checks nothing.
 */

/**
 * How far a simulated mean may lie from what theory says.
 * - `relative`: a share of the expected value.
 * - `absolute`: in the unit of the case.
 * - `exact`: every replication must give the expected value itself.
 * - `published`: `errors` combined standard errors, for a value that is itself the mean of a
 *   published experiment with standard deviation `sd` over `runs` runs.
 */
export type Tolerance =
  | { readonly kind: 'relative'; readonly value: number }
  | { readonly kind: 'absolute'; readonly value: number }
  | { readonly kind: 'exact' }
  | {
      readonly kind: 'published';
      readonly errors: number;
      readonly sd: number;
      readonly runs: number;
    };

export interface Measure {
  readonly expected: number;
  readonly unit: string;
  readonly tolerance: Tolerance;
  /** Textbook or paper, with section. */
  readonly source: string;
}

export interface Study {
  /** `queue/mm1/rho-0.8`: the group is the part before the first slash. */
  readonly name: string;
  readonly measures: Readonly<Record<string, Measure>>;
  /** Independent replications of the first sample, when the user does not say. */
  readonly replications: number;
  /** Expected seconds of one replication on one core, for scheduling: longest first. */
  readonly seconds: number;
  /**
   * One independent replication: the same numbers for the same seed and replication, a value for
   * every measure.
   */
  replicate(seed: number, replication: number): Readonly<Record<string, number>>;
}

/** Replications when theory needs an interval; the reference asks for at least 30. */
export const defaultReplications = 30;

export function groupOf(study: Pick<Study, 'name'>): string {
  return study.name.slice(0, study.name.indexOf('/'));
}

/** Number of statistical comparisons in a set of studies; exact cases cannot fail by chance. */
export function comparisons(studies: readonly Study[]): number {
  const measures = studies.flatMap((study) => Object.values(study.measures));
  return measures.filter((measure) => measure.tolerance.kind !== 'exact').length;
}
