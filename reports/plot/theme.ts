/**
 * Colours, dashes and shapes. Series colours are Okabe and Ito's (distinct for the colour-blind;
 * yellow left out on white, black and dark blue replaced on dark), and no series is told apart by
 * colour alone.
 */

export interface Theme {
  readonly name: 'light' | 'dark';
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly axis: string;
  readonly limit: string;
  readonly series: readonly string[];
  readonly font: string;
}

const systemFont = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

export const lightTheme: Theme = {
  name: 'light',
  background: '#ffffff',
  text: '#1b1f24',
  muted: '#57606a',
  grid: '#e4e7eb',
  axis: '#8c959f',
  limit: '#b3261e',
  series: [
    '#0072b2',
    '#d55e00',
    '#009e73',
    '#cc79a7',
    '#e69f00',
    '#56b4e9',
    '#000000',
    '#7f7f7f',
    '#882255',
    '#117733',
  ],
  font: systemFont,
};

export const darkTheme: Theme = {
  name: 'dark',
  background: '#14181d',
  text: '#e6e9ed',
  muted: '#a5aeb8',
  grid: '#2b323a',
  axis: '#6b7682',
  limit: '#ff8a80',
  series: [
    '#56b4e9',
    '#ff8c42',
    '#2fc99b',
    '#e39bc4',
    '#e69f00',
    '#f0e442',
    '#ffffff',
    '#a0a0a0',
    '#ff9aa2',
    '#a6a6ff',
  ],
  font: systemFont,
};

export const dashes: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 2.5],
  [9, 3, 2, 3],
  [4, 2],
  [12, 3],
  [1.5, 4],
  [6, 2, 2, 2, 2, 2],
  [14, 3, 2, 3],
  [3, 6],
];

export const shapes: readonly string[] = [
  'circle',
  'rect',
  'triangle',
  'rectRot',
  'star',
  'crossRot',
  'rectRounded',
  'cross',
  'dash',
  'line',
];

export function seriesColour(theme: Theme, style: number): string {
  return theme.series[style % theme.series.length] ?? theme.text;
}

/** `#rrggbb` with an opacity 0..1. */
export function withAlpha(colour: string, alpha: number): string {
  const byte = Math.round(alpha * 255);
  return `${colour}${byte.toString(16).padStart(2, '0')}`;
}

/** ColorBrewer's YlGnBu (Brewer), for white pages: empty paper runs on into the lowest colour. */
const yellowGreenBlue: readonly (readonly [number, number, number])[] = [
  [247, 252, 195],
  [237, 248, 177],
  [199, 233, 180],
  [127, 205, 187],
  [65, 182, 196],
  [29, 145, 192],
  [34, 94, 168],
  [37, 52, 148],
  [8, 29, 88],
];

/** Viridis (Smith and van der Walt), for dark pages. */
const viridis: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** Colour of a share 0..1, the further from the background the more. Even in lightness. */
export function heatColour(share: number, theme: Theme): readonly [number, number, number] {
  const clipped = Math.min(1, Math.max(0, share));
  const ramp = theme.name === 'light' ? yellowGreenBlue : viridis;
  const place = clipped * (ramp.length - 1);
  const index = Math.min(ramp.length - 2, Math.floor(place));
  const from = ramp[index] ?? [0, 0, 0];
  const to = ramp[index + 1] ?? from;
  const part = place - index;
  const mix = (a: number, b: number): number => Math.round(a + (b - a) * part);
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

export function rgb(colour: readonly [number, number, number]): string {
  return `rgb(${colour.join(', ')})`;
}

/** Black or white, whichever reads better on the colour (WCAG relative luminance). */
export function inkOn(colour: readonly [number, number, number]): string {
  const linear = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance =
    0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
