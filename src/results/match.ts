/** Which cells a `where` means. Expectations, findings, charts and reports must agree on it. */
import type { ParameterValue } from '../workload/types.ts';

type Parameters = Readonly<Record<string, ParameterValue>>;

/** True when the cell has every listed parameter with the listed value; `{}` matches all cells. */
export function matches(where: Parameters, parameters: Parameters): boolean {
  return Object.entries(where).every(([path, value]) => parameters[path] === value);
}

/** `groups.size = 100, policy.queueConfig = sealed`, or `base` for a workload without a sweep. */
export function describeParameters(parameters: Parameters): string {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return 'base';
  return entries.map(([path, value]) => `${path} = ${value}`).join(', ');
}
