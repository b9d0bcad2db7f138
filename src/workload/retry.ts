/**
 * Retry policies as text, so that a sweep can list them: `none`, `immediate(attempts 5)`,
 * `full-jitter(base 100 ms, cap 10 s, attempts 5)`, `elected-committer(timeout 10 s)`, ...
 */
import { type Parameter, bindArguments, formatCall, parseCall } from './call.ts';
import { nearest } from './suggest.ts';
import type { RetryPolicy } from './types.ts';
import { ValueError, shown } from './value-error.ts';

type Kind = RetryPolicy['kind'];

const hour = 3_600_000;
const attempts: Parameter = {
  label: 'attempts',
  dimension: 'count',
  integer: true,
  min: 1,
  max: 1000,
};
const delay = (label: string): Parameter => ({
  label,
  dimension: 'duration',
  above: 0,
  max: 24 * hour,
});
const backoff = [delay('base'), delay('cap'), attempts];

const parameters: Readonly<Record<Kind, readonly Parameter[]>> = {
  none: [],
  immediate: [attempts],
  fixed: [delay('delay'), attempts],
  exponential: backoff,
  'full-jitter': backoff,
  'equal-jitter': backoff,
  'decorrelated-jitter': backoff,
  'random-delay': [delay('spread'), attempts],
  'elected-committer': [delay('timeout')],
};

export const retryKinds = Object.keys(parameters) as readonly Kind[];

const examples: Readonly<Record<string, string>> = {
  base: 'base 100 ms',
  cap: 'cap 10 s',
  attempts: 'attempts 5',
  delay: 'delay 5 s',
  spread: 'spread 2 s',
  timeout: 'timeout 10 s',
};

/** How one writes a policy of this kind. */
export function retryExample(kind: Kind): string {
  const labels = parameters[kind].map(({ label }) => examples[label]);
  return labels.length === 0 ? kind : `${kind}(${labels.join(', ')})`;
}

/** @throws ValueError for an unknown kind, or a wrong or missing argument. */
export function parseRetryPolicy(raw: unknown): RetryPolicy {
  const call = typeof raw === 'string' ? parseCall(raw, retryExample('full-jitter')) : undefined;
  if (call === undefined) {
    const remedy = `write a policy such as \`${retryExample('full-jitter')}\``;
    throw new ValueError(`${shown(raw)} is not a retry policy`, remedy);
  }
  const kind = retryKinds.find((known) => known === call.name);
  if (kind === undefined) throw unknownKind(call.name);
  const values = bindArguments(call, parameters[kind], retryExample(kind));
  const { base = 0, cap = 0 } = values;
  if (base > cap) {
    throw new ValueError('base is longer than cap', `write \`${retryExample(kind)}\``);
  }
  return { kind, ...values } as RetryPolicy;
}

/** Text that `parseRetryPolicy` reads back as exactly the same policy. */
export function formatRetryPolicy(policy: RetryPolicy): string {
  return formatCall(policy.kind, parameters[policy.kind], { ...policy });
}

function unknownKind(name: string): ValueError {
  const likely = nearest(name, retryKinds);
  const remedy =
    likely === undefined
      ? `write one of ${retryKinds.map(retryExample).join(', ')}`
      : `did you mean \`${retryExample(likely as Kind)}\`?`;
  return new ValueError(`there is no retry policy \`${name}\``, remedy);
}
