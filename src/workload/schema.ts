/**
 * The one schema of workload files. It reads the plain object that `document.ts` makes of the YAML
 * and yields exactly the `Workload` of `types.ts`; the JSON Schema for editors and the reference
 * page are generated from it.
 */
import type * as z from 'zod';
import { replay, rollout, spam } from './schema-ideas.ts';
import { charts, expect, findings, vary } from './schema-report.ts';
import {
  commits,
  groups,
  homeserver,
  network,
  policy,
  population,
  section,
  traffic,
} from './schema-world.ts';
import { choice, integer, list, quantity, text } from './fields.ts';
import { scenarios, tiers, type Workload } from './types.ts';

const day = 86_400_000;
/** Nanoseconds in a double are exact to 104 days; the kernel counts in them. */
export const longestMs = 104 * day;

const name = text('Name of the workload; run folders are called after it.', {
  test: /^[a-z\d][a-z\d-]{0,62}$/,
  wrong: 'is no name for a workload',
  words: 'up to 63 lower-case letters, digits and hyphens, such as `fan-out`',
});

export const workloadSchema = section('One question, and the simulated world that answers it.', {
  name,
  scenario: choice(scenarios, 'Which model answers the question.'),
  question: text('The question that the workload answers, for its report.'),
  hypothesis: text('What arithmetic says that the answer should be.').default(''),
  sources: list(text('One source.'), 'Where parameters come from.').prefault([]),
  tiers: list(choice(tiers, 'One tier.'), 'Tiers that can run the workload.', {
    min: 1,
    max: tiers.length,
  }).prefault(['model']),
  seed: integer('Root of all random streams; equal seeds give equal results.', {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  }).prefault(1),
  duration: quantity('duration', 'Simulated time, warm-up included.', {
    above: 0,
    max: longestMs,
  }),
  warmUp: quantity('duration', 'Simulated time at the start that is not measured.', {
    min: 0,
    max: longestMs,
  }).prefault('0 s'),
  replications: integer('Runs of each cell with streams of their own; intervals need at least 2.', {
    min: 1,
    max: 10_000,
  }).prefault(5),
  population: population.prefault({}),
  groups: groups.prefault({}),
  traffic: traffic.prefault({}),
  commits: commits.prefault({}),
  spam: spam.prefault({}),
  replay: replay.prefault({}),
  rollout: rollout.prefault({}),
  policy: policy.prefault({}),
  homeserver: homeserver.prefault({}),
  network: network.prefault({}),
  calibration: text(
    'Costs of operations: the name of a calibration that comes with the program, or a path.',
  ).prefault('reference'),
  vary,
  measure: section('How results are recorded.', {
    bin: quantity('duration', 'Width of a bin of time series and heat maps.', {
      above: 0,
      max: longestMs,
    }).prefault('1 min'),
  }).prefault({}),
  expect,
  findings,
  charts,
}) satisfies z.ZodType<Workload>;
