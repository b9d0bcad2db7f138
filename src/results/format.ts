/** Numbers with units for sentences: three digits, the scale that reads best, a real space. */
import type { ParameterValue } from '../workload/types.ts';

interface Scale {
  readonly factor: number;
  readonly suffix: string;
}

/** Ascending scales of the units of the metric table; the largest that is not too large wins. */
const scales: Readonly<Record<string, readonly Scale[]>> = {
  ms: [
    { factor: 1e-3, suffix: ' µs' },
    { factor: 1, suffix: ' ms' },
    { factor: 1e3, suffix: ' s' },
    { factor: 6e4, suffix: ' min' },
    { factor: 3.6e6, suffix: ' h' },
    { factor: 8.64e7, suffix: ' d' },
  ],
  us: [
    { factor: 1, suffix: ' µs' },
    { factor: 1e3, suffix: ' ms' },
    { factor: 1e6, suffix: ' s' },
  ],
  B: [
    { factor: 1, suffix: ' B' },
    { factor: 1e3, suffix: ' kB' },
    { factor: 1e6, suffix: ' MB' },
    { factor: 1e9, suffix: ' GB' },
  ],
  share: [{ factor: 0.01, suffix: ' %' }],
  count: [{ factor: 1, suffix: '' }],
  '1/s': [{ factor: 1, suffix: '/s' }],
  '1/d': [{ factor: 1, suffix: '/d' }],
};

/** `12.3 ms`, `1.85 kB`, `45.6 %`, `1,230`. A unit we do not know is put behind the number. */
export function formatValue(value: number, unit: string): string {
  const { factor, suffix } = scaleOf(value, unit);
  return `${formatNumber(value / factor)}${suffix}`;
}

/** `1.2 to 1.4 ms`: both ends in the scale of the value they belong to. */
export function formatInterval(
  interval: readonly [number, number],
  unit: string,
  value: number,
): string {
  const { factor, suffix } = scaleOf(value, unit);
  const [low, high] = interval;
  return `${formatNumber(low / factor)} to ${formatNumber(high / factor)}${suffix}`;
}

function scaleOf(value: number, unit: string): Scale {
  const known = scales[unit] ?? [{ factor: 1, suffix: unit === '' ? '' : ` ${unit}` }];
  const fits = known.filter((scale) => Math.abs(value) >= scale.factor * 0.9995);
  // 0 is shown in the base unit, other values below the smallest scale in the smallest.
  const base = value === 0 ? known.find((scale) => scale.factor === 1) : undefined;
  return fits.at(-1) ?? base ?? known[0] ?? { factor: 1, suffix: '' };
}

/** Three significant digits; whole numbers up to a million keep all of theirs. */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-3)) return value.toExponential(2);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** `groups.size = 100, policy.queueConfig = sealed`, or `base` for a workload without a sweep. */
export function describeParameters(parameters: Readonly<Record<string, ParameterValue>>): string {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return 'base';
  return entries.map(([path, value]) => `${path} = ${value}`).join(', ');
}
