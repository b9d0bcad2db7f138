import { describe, expect, it } from 'vitest';
import { darkTheme, dashes, heatColour, inkOn, lightTheme, shapes } from './theme.ts';

function luminance(colour: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function parse(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

describe.each([lightTheme, darkTheme])('the $name theme', (theme) => {
  it('has text that meets WCAG AA on its background', () => {
    for (const colour of [theme.text, theme.muted, theme.limit]) {
      expect(contrast(parse(colour), parse(theme.background))).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('has lines that stand out, and as many dashes and shapes as colours', () => {
    for (const colour of theme.series) {
      expect(contrast(parse(colour), parse(theme.background)), colour).toBeGreaterThanOrEqual(2);
    }
    expect(new Set(theme.series).size).toBe(theme.series.length);
    expect(new Set(dashes.map(String)).size).toBe(theme.series.length);
    expect(new Set(shapes).size).toBe(theme.series.length);
  });

  it('prints cell texts that can be read on every colour of the scale', () => {
    for (let share = 0; share <= 1; share += 0.05) {
      const colour = heatColour(share, theme);
      expect(contrast(parse(inkOn(colour)), colour)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('gets steadily further from the background along the scale', () => {
    const steps = Array.from({ length: 11 }, (_, index) =>
      contrast(heatColour(index / 10, theme), parse(theme.background)),
    );
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });
});
