/** Small pieces that every scenario's summary uses. */
import type { MetricName } from '../../src/results/metrics.ts';
import type { CheckResult, ReplicationResult } from '../../src/results/types.ts';

/** A scenario's result before the engine adds digest and number of events. */
export type ModelResult = Omit<ReplicationResult, 'digest' | 'events'>;

/** Drops what was not observed: 0 / 0 and means of nothing. */
export function observed(metrics: Partial<Record<MetricName, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, v]) => Number.isFinite(v)));
}

/** A check that two counts are the same. */
export function equalCheck(
  name: string,
  left: readonly [what: string, count: number],
  right: readonly [what: string, count: number],
): CheckResult {
  return {
    name,
    ok: left[1] === right[1],
    detail: `${left[0]} ${left[1]} = ${right[0]} ${right[1]}`,
  };
}
