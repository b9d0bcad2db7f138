/**
 * What runs in the page: Chart.js with the plug-ins that its figures need, and this folder's own
 * plot code. The latter is the very source that draws the PNGs, with its types taken out and its
 * modules joined in order, so that no bundler is needed at run time.
 */
import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { startPage } from '../plot/page.ts';
import type { Plot } from '../plot/spec.ts';

const require = createRequire(import.meta.url);

/** By package: the file that defines browser globals. */
const files = {
  chart: ['chart.js', 'dist/chart.umd.min.js'],
  annotation: ['chartjs-plugin-annotation', 'dist/chartjs-plugin-annotation.min.js'],
  matrix: ['chartjs-chart-matrix', 'dist/chartjs-chart-matrix.min.js'],
  box: ['@sgratzl/chartjs-chart-boxplot', 'build/index.umd.min.js'],
} as const;

/** Chart.js first, then the plug-ins that some plot of the page uses. */
export function libraries(plots: readonly Plot[]): string[] {
  if (plots.length === 0) return [];
  const types = new Set(plots.map((plot) => plot.type));
  const names: (keyof typeof files)[] = ['chart'];
  if (types.has('xy') || types.has('bar')) names.push('annotation');
  if (types.has('grid')) names.push('matrix');
  if (types.has('box')) names.push('box');
  return names.map(librarySource);
}

function librarySource(name: keyof typeof files): string {
  const [packageName, file] = files[name];
  const main = require.resolve(packageName);
  const marker = path.join('node_modules', ...packageName.split('/'));
  const root = main.slice(0, main.lastIndexOf(marker) + marker.length);
  return asInline(readFileSync(path.join(root, file), 'utf8'));
}

/** No source map to fetch, and nothing that would end the script element. */
function asInline(source: string): string {
  return source
    .replaceAll(/\/\/# sourceMappingURL=.*/g, '')
    .replaceAll(/<\/(script)/gi, String.raw`<\/$1`)
    .replaceAll('<!--', String.raw`<\!--`);
}

/** Each after what it imports. */
const modules: readonly string[] = [
  '../../src/results/format.ts',
  '../plot/theme.ts',
  '../plot/ticks.ts',
  '../plot/draw.ts',
  '../plot/frame.ts',
  '../plot/xy.ts',
  '../plot/bar.ts',
  '../plot/box.ts',
  '../plot/grid.ts',
  '../plot/config.ts',
  '../plot/page.ts',
];

let program: string | undefined;

/** One function that holds all modules, each in its own scope, and starts the page. */
export function pageProgram(): string {
  if (program !== undefined) return program;
  const bodies = modules.map((file) => moduleScope(file));
  const start = `modules['page'].${startPage.name}(globalThis);`;
  program = asInline(
    ['(() => {', "'use strict';", 'const modules = {};', ...bodies, start, '})();'].join('\n'),
  );
  return program;
}

/** `modules.x = (() => { const { a } = modules['y']; ...; return { b }; })();` */
function moduleScope(file: string): string {
  const source = withoutTypes(readFileSync(new URL(file, import.meta.url), 'utf8'));
  const exported = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map(
    (match) => match[1] ?? '',
  );
  const body = source
    .replaceAll(
      /^import (\{[^}]*\}) from '\.[^']*?([\w-]+)\.ts';$/gm,
      (_, names: string, from: string) => `const ${names} = modules['${from}'];`,
    )
    .replaceAll(/^export (?=const|function)/gm, '')
    .replaceAll(/^[ \t]*(?:\/\*\*[\s\S]*?\*\/|\/\/.*)$/gm, '')
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\n{2,}/g, '\n');
  const name = path.basename(file, '.ts');
  return `modules['${name}'] = (() => {${body}return { ${exported.join(', ')} };\n})();`;
}

/**
 * Node's own type stripping. It runs these very files every day, but as a function it still warns
 * that it is experimental: once per process, in the middle of a user's output, so not here.
 */
function withoutTypes(source: string): string {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
