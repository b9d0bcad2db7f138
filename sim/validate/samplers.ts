/**
 * Every other result rests on the model's distributions, so these come first: mean and spread of a
 * large sample, and the mean p-value of Kolmogorov-Smirnov tests, 1/2 if the distribution is right.
 */
import type { Distribution } from '../../src/workload/types.ts';
import { kolmogorovSmirnov } from '../../src/statistics/kolmogorov.ts';
import { moments } from '../../src/statistics/interval.ts';
import { normalCdf } from '../../src/statistics/quantiles.ts';
import { exp, log } from '../kernel/math.ts';
import { type RandomSource, stream } from '../kernel/random.ts';
import { Sampler } from '../model/sampler.ts';
import { type Study, defaultReplications } from './study.ts';

export interface Law {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
  readonly cdf: (x: number) => number;
  readonly source: string;
}

const drawsPerReplication = 20_000;

/** A study of one law; `draw` is what the model offers for it. */
export function samplerStudy(law: Law, draw: (source: RandomSource) => number): Study {
  const { source } = law;
  const relative = { kind: 'relative', value: 0.01 } as const;
  return {
    name: `sampler/${law.name}`,
    measures: {
      mean: { expected: law.mean, unit: '1', tolerance: relative, source },
      deviation: { expected: law.sd, unit: '1', tolerance: relative, source },
      'ks-p-value': {
        expected: 0.5,
        unit: '1',
        // 30 p-values uniform on (0, 1) have a mean with standard error 0.053.
        tolerance: { kind: 'absolute', value: 0.25 },
        source: 'Kolmogorov 1933: the p-value of a right distribution is uniform',
      },
    },
    replications: defaultReplications,
    seconds: 0.01,
    replicate: (seed, replication) => {
      const source_ = stream(seed, replication, `validate.sampler.${law.name}`);
      const sample = Array.from({ length: drawsPerReplication }, () => draw(source_));
      const { mean, sd } = moments(sample);
      return { mean, deviation: sd, 'ks-p-value': kolmogorovSmirnov(sample, law.cdf).pValue };
    },
  };
}

export const exponentialLaw: Law = {
  name: 'exponential',
  mean: 1,
  sd: 1,
  cdf: (x) => 1 - exp(-x),
  source: 'Feller II (1971), I.3',
};

/** Lognormal(median 1, sigma 0.4): mean e^(sigma^2/2), cv^2 = e^(sigma^2) - 1. */
const lognormalMean = exp(0.08);

const laws: readonly (readonly [Law, Distribution])[] = [
  [exponentialLaw, { kind: 'exponential', mean: 1 }],
  [
    {
      name: 'normal',
      mean: 10,
      sd: 2,
      cdf: (x) => normalCdf((x - 10) / 2),
      source: 'Feller I (1968), VII.1; five deviations above 0, so that cutting there is unseen',
    },
    { kind: 'normal', mean: 10, sd: 2 },
  ],
  [
    {
      name: 'lognormal',
      mean: lognormalMean,
      sd: lognormalMean * Math.sqrt(exp(0.16) - 1),
      cdf: (x) => normalCdf(log(x) / 0.4),
      source: 'Aitchison and Brown (1957), 2.3',
    },
    { kind: 'lognormal', median: 1, sigma: 0.4 },
  ],
  [
    {
      name: 'uniform',
      mean: 2,
      sd: Math.sqrt(1 / 3),
      cdf: (x) => (x - 1) / 2,
      source: 'Feller II (1971), I.4',
    },
    { kind: 'uniform', min: 1, max: 3 },
  ],
];

export const samplerStudies: readonly Study[] = laws.map(([law, distribution]) => {
  const sampler = new Sampler(distribution);
  return samplerStudy(law, (source) => sampler.sample(source));
});
