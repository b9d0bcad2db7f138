/**
 * From samples to verdicts.
 *
 * **Two demands** on a case with a closed form: theory lies inside the 99 % interval of the
 * simulated mean, and the mean is within the case's tolerance of it. The first finds small errors
 * in long runs, the second keeps a wide interval from passing everything. So that no mean passes by
 * luck, the 90 % interval of the sample must be narrower than the tolerance.
 *
 * **Many cases.** Some 90 comparisons at 99 % each would raise a false alarm in six of ten runs of
 * a perfect simulator. So the 99 % holds for the family: each interval has confidence 1 - 0.01 / m
 * for m comparisons (Bonferroni), m being that of the whole registry whatever was selected. That
 * still fails one run in a hundred, so a case that does not pass is drawn again from fresh
 * replications (never pooled with those that raised the suspicion), and `violated` needs two
 * samples that exclude theory: by chance below one run in 10^5. A real defect is there in every
 * sample.
 *
 * **Three values.** A sample that neither excludes theory nor lies within the tolerance is too
 * short to tell: `unknown`, after it was lengthened twice.
 */
import { meanInterval, moments } from '../../src/statistics/interval.ts';
import type { Measure } from './study.ts';

export type Verdict = 'ok' | 'violated' | 'unknown';

export interface Judgement {
  readonly actual: number;
  /** Null when one replication leaves no interval, and for exact cases. */
  readonly interval: readonly [number, number] | null;
  /** Largest |actual - expected| allowed, in the unit of the case. */
  readonly tolerance: number;
  readonly verdict: Verdict;
}

/** Confidence that all intervals of a run hold theory at once. */
export const familyConfidence = 0.99;

/** Confidence of one interval among `comparisons` (Bonferroni). */
export function caseConfidence(comparisons: number): number {
  return 1 - (1 - familyConfidence) / Math.max(1, comparisons);
}

/** Judges one sample. `values` holds one number per independent replication. */
export function judge(measure: Measure, values: readonly number[], confidence: number): Judgement {
  const { expected, tolerance } = measure;
  if (values.some((value) => !Number.isFinite(value))) {
    return { actual: Number.NaN, interval: null, tolerance: 0, verdict: 'violated' };
  }
  switch (tolerance.kind) {
    case 'exact':
      return judgeExact(expected, values);
    case 'published':
      return judgePublished(expected, tolerance, values);
    case 'absolute':
      return judgeTheory(expected, tolerance.value, values, confidence);
    case 'relative':
      return judgeTheory(expected, tolerance.value * Math.abs(expected), values, confidence);
  }
}

function judgeExact(expected: number, values: readonly number[]): Judgement {
  const wrong = values.find((value) => value !== expected);
  const verdict = wrong === undefined ? 'ok' : 'violated';
  return { actual: wrong ?? expected, interval: null, tolerance: 0, verdict };
}

function judgeTheory(
  expected: number,
  margin: number,
  values: readonly number[],
  confidence: number,
): Judgement {
  const { mean, lo, hi, n } = meanInterval(values, confidence);
  if (n < 2) {
    return { actual: mean, interval: null, tolerance: margin, verdict: 'unknown' };
  }
  // A mean within the tolerance by luck shows nothing: the sample must be able to resolve it.
  const resolved = mean - meanInterval(values, 0.9).lo <= margin;
  const within = Math.abs(mean - expected) < margin && resolved;
  const covered = lo <= expected && expected <= hi;
  const verdict = covered ? (within ? 'ok' : 'unknown') : 'violated';
  return { actual: mean, interval: [lo, hi], tolerance: margin, verdict };
}

/**
 * Both sides are experiments: the tolerance is `errors` standard errors of the difference, and the
 * interval shown is where the published mean may then lie.
 */
function judgePublished(
  expected: number,
  published: { readonly errors: number; readonly sd: number; readonly runs: number },
  values: readonly number[],
): Judgement {
  const ours = moments(values);
  if (ours.n < 2) {
    return { actual: ours.mean, interval: null, tolerance: 0, verdict: 'unknown' };
  }
  const theirError = published.sd ** 2 / published.runs;
  const margin = published.errors * Math.sqrt(theirError + ours.sd ** 2 / ours.n);
  const verdict = Math.abs(ours.mean - expected) <= margin ? 'ok' : 'violated';
  const interval = [ours.mean - margin, ours.mean + margin] as const;
  return { actual: ours.mean, interval, tolerance: margin, verdict };
}

/**
 * The verdict after one, two or three samples, by the rules above; undefined while another is
 * needed. The last sample is the one to report.
 */
export function conclude(verdicts: readonly Verdict[]): Verdict | undefined {
  const last = verdicts.at(-1);
  if (last === 'ok') {
    return 'ok';
  }
  const excluded = verdicts.filter((verdict) => verdict === 'violated').length;
  if (last === 'violated' && excluded >= 2) {
    return 'violated';
  }
  return verdicts.length >= samplesMax ? 'unknown' : undefined;
}

export const samplesMax = 3;
