/** Sentences that captions share. */
import type { RunData } from '../input/run.ts';

/** What whiskers and bands mean; nothing where there are none. */
export function intervalSentence(run: RunData, what: 'Whiskers' | 'Bands'): string {
  const n = run.manifest.replications;
  if (n < 2) return 'One replication, so no intervals.';
  return `${what}: 95 % confidence intervals over ${n} replications.`;
}

/** Where intervals are left out of a picture. */
export function meanSentence(run: RunData): string {
  const n = run.manifest.replications;
  return n < 2 ? 'One replication.' : `Means over ${n} replications.`;
}
