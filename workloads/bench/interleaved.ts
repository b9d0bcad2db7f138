/**
 * Compares operations with the bare calls they need, in one run: short rounds alternate between all
 * subjects, and each is judged by its tenth percentile, so that what else the machine does falls
 * out. Ratios are to be read, not microseconds.
 */

export interface Subject {
  readonly name: string;
  run(): unknown;
  /** Name of the subject to compare with. */
  readonly baseline?: string;
}

export interface Row {
  readonly name: string;
  /** Tenth percentile over the rounds, in microseconds. */
  readonly microseconds: number;
  /** Own time by that of the baseline. */
  readonly ratio: number | undefined;
}

const rounds = 400;
const roundMs = 0.4;

function tenthPercentile(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 10)] ?? Number.NaN;
}

function timeOf(run: () => unknown, repeat: number): number {
  const start = performance.now();
  for (let i = 0; i < repeat; i++) run();
  return ((performance.now() - start) * 1000) / repeat;
}

/** Warms every subject up, then measures them round by round. */
export function compare(subjects: readonly Subject[]): Row[] {
  const repeats = subjects.map(({ run }) => {
    timeOf(run, 200);
    return Math.max(1, Math.ceil((roundMs * 1000) / timeOf(run, 200)));
  });
  const times = subjects.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    subjects.forEach(({ run }, i) => times[i]?.push(timeOf(run, repeats[i] ?? 1)));
  }
  const fast = times.map(tenthPercentile);
  return subjects.map(({ name, baseline }, i) => {
    const microseconds = fast[i] ?? Number.NaN;
    const base = fast[subjects.findIndex((subject) => subject.name === baseline)];
    return { name, microseconds, ratio: base && microseconds / base };
  });
}

export function print(rows: readonly Row[]): void {
  for (const { name, microseconds, ratio } of rows) {
    const times = `${microseconds.toFixed(2).padStart(10)} us`;
    console.log(`${name.padEnd(52)}${times}${ratio === undefined ? '' : `  x${ratio.toFixed(3)}`}`);
  }
}
