/** Where ticks stand and what is written at them. Runs in Node and in the page. */
import {
  formatNumber,
  formatValue,
  isDuration,
  isShare,
  scaleFor,
  splitUnit,
} from '../../src/results/format.ts';
import type { Scale } from '../../src/results/format.ts';
import type { Axis } from './spec.ts';

/** Decades of a clock: 10 s is followed by 1 min, not by 100 s. In ms. */
const clockTicks: readonly number[] = [
  1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000, 10_000, 60_000, 600_000, 3_600_000,
  36_000_000, 86_400_000, 864_000_000, 8_640_000_000,
];

/** Ticks inside [min, max] of a log axis, at most about eight. */
export function logTicks(min: number, max: number, unit: string): number[] {
  const factor = isDuration(unit) ? splitUnit(unit).factor : 1;
  const clock = isDuration(unit) && max / min > 30 && max * factor > 20_000;
  const onClock = clock
    ? clockTicks.map((tick) => tick / factor).filter((tick) => inside(tick, min, max))
    : [];
  const ticks = onClock.length >= 3 ? onClock : decades(min, max);
  if (ticks.length <= 9) return ticks;
  const every = Math.ceil(ticks.length / 8);
  return ticks.filter((_, index) => index % every === 0);
}

function decades(min: number, max: number): number[] {
  const span = Math.log10(max / min);
  const steps = span > 3 ? [1] : span > 1 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power += 1) {
    for (const step of steps) {
      const tick = Number(`${step}e${power}`);
      if (inside(tick, min, max)) ticks.push(tick);
    }
  }
  return ticks.length >= 2 ? ticks : [min, Math.sqrt(min * max), max];
}

function inside(value: number, min: number, max: number): boolean {
  return value >= min * 0.999 && value <= max * 1.001;
}

/** Drops ticks of swept values that would stand closer than a tenth of the axis. */
export function spreadTicks(values: readonly number[], axis: Axis): number[] {
  const place = axis.scale === 'log' ? Math.log10 : (value: number): number => value;
  const sorted = values.toSorted((a, b) => a - b);
  const first = sorted[0] ?? 0;
  const span = place(sorted.at(-1) ?? 1) - place(first) || 1;
  const kept: number[] = [];
  for (const value of sorted) {
    const last = kept.at(-1);
    if (last === undefined || (place(value) - place(last)) / span >= 0.07) kept.push(value);
  }
  return kept;
}

/** Steps in which people count hours and minutes. */
const clockSteps: readonly number[] = [1, 2, 3, 6, 12, 24, 48];
const sixties: readonly number[] = [1, 2, 5, 10, 15, 30, 60];

/** Step of a linear axis in display units, for about six intervals. */
export function linearStep(span: number, suffix: string): number {
  const wanted = span / 6;
  const clock = suffix === ' h' ? clockSteps : suffix === ' min' ? sixties : [];
  const choice = clock.find((step) => step >= wanted * 0.8);
  if (wanted >= 0.8 && choice !== undefined) return choice;
  const power = 10 ** Math.floor(Math.log10(wanted || 1));
  const nice = [1, 2, 2.5, 5, 10].find((step) => step * power >= wanted * 0.95) ?? 10;
  return nice * power;
}

/** One scale for a whole linear axis, so that its title can carry the unit. */
export function axisScale(axis: Axis, largest: number): Scale {
  // Just below, so that exactly one day is an axis of 24 hours.
  return scaleFor(largest * 0.9999, axis.unit);
}

/** A log axis spans units: each tick carries its own. */
export function logTickLabel(value: number, unit: string): string {
  const { head } = splitUnit(unit);
  if (isShare(unit) || carriesUnit(head)) return formatValue(value, unit);
  const scale = scaleFor(value, '');
  return `${formatNumber(value / scale.factor)}${scale.suffix}`;
}

function carriesUnit(head: string): boolean {
  return head === 'ms' || head === 'bytes' || head === 'bit';
}

const multiples: Readonly<Record<string, string>> = {
  k: 'thousands',
  M: 'millions',
  G: 'billions',
};

/** `Delivery delay (ms)`; on log axes with units at the ticks only the words. */
export function axisTitle(axis: Axis, suffix: string): string {
  const { head, tail } = splitUnit(axis.unit);
  const selfExplaining = carriesUnit(head) || isShare(axis.unit);
  if (axis.scale === 'category') return axis.title;
  if (axis.scale === 'log') {
    const words = head === '' && tail !== '' ? `1${tail}` : `${head}${tail}`;
    const said = words === '' || (head === '' && / per \w+$/.test(axis.title));
    return selfExplaining || said ? axis.title : `${axis.title} (${words})`;
  }
  const bare = multiples[suffix.trim()] ?? suffix.trim();
  const unit = bare.startsWith('/') ? `1${bare}` : bare;
  const said = unit === '' || (unit.startsWith('1/') && / per \w+$/.test(axis.title));
  return said ? axis.title : `${axis.title} (${unit})`;
}
