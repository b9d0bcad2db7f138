import { Script, createContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { themeName } from '../plot/page.ts';
import { libraries, pageProgram } from './scripts.ts';

describe('the program of the page', () => {
  it('is JavaScript without imports that hands every plot to Chart.js', () => {
    const configs: { type: string }[] = [];
    const element = { dataset: {}, hidden: true, textContent: '', addEventListener: () => {} };
    const plot = {
      type: 'xy',
      look: 'plain',
      x: { title: 'x', unit: 'ms', scale: 'linear' },
      y: { title: 'y', unit: 'ms', scale: 'log' },
      series: [{ label: 'a', style: 0, points: [[1, 2]] }],
      marks: [],
    };
    const media = { matches: true, addEventListener: () => {} };
    const elements: Record<string, object> = {
      plots: { textContent: JSON.stringify({ one: plot }) },
      theme: element,
      one: { parentElement: { clientWidth: 600 } },
    };
    const page = {
      document: { documentElement: element, getElementById: (id: string) => elements[id] ?? null },
      matchMedia: () => media,
      addEventListener: () => {},
      Chart: class {
        constructor(_: object, config: { type: string }) {
          configs.push(config);
        }
        destroy(): void {}
      },
    };
    const program = pageProgram();
    expect(program).not.toMatch(/^\s*(import|export)\s/m);
    new Script(program).runInContext(createContext(page));
    expect(configs.map((config) => config.type)).toEqual(['line']);
    expect(element).toMatchObject({ hidden: false, textContent: 'Light colours' });
  });

  it('comes with the libraries that its plots need and no source maps to fetch', () => {
    const axis = { title: '', unit: '', scale: 'category', categories: [] } as const;
    const colour = { title: '', unit: '', scale: 'linear', min: 0, max: 1 } as const;
    const plot = { type: 'grid', x: axis, y: axis, cells: [], colour } as const;
    const sources = libraries([plot]);
    expect(sources).toHaveLength(2);
    expect(sources.join('')).not.toContain('sourceMappingURL');
    expect(libraries([])).toEqual([]);
  });
});

describe('themeName', () => {
  it('lets paper win over the reader, and the reader over the system', () => {
    expect(themeName('dark', true, true)).toBe('light');
    expect(themeName('light', true, false)).toBe('light');
    expect(themeName(undefined, true, false)).toBe('dark');
    expect(themeName(undefined, false, false)).toBe('light');
  });
});
