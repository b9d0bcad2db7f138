/** Figures as PNG: Chart.js on a canvas without a browser, byte-identical between two builds. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { BoxAndWiskers, BoxPlotController } from '@sgratzl/chartjs-chart-boxplot';
import { GlobalFonts, createCanvas } from '@napi-rs/canvas';
import { Chart, registerables } from 'chart.js';
import { MatrixController, MatrixElement } from 'chartjs-chart-matrix';
import annotation from 'chartjs-plugin-annotation';
import { DependencyError } from '../src/errors.ts';
import { chartConfig } from './plot/config.ts';
import type { Figure } from './plot/spec.ts';
import { lightTheme } from './plot/theme.ts';

/** CSS pixels; the picture has `density` times as many. */
const width = 860;
const density = 2;
/** Own family name, so that no font of the machine can take its place. */
const family = 'Stormglass Sans';

let ready = false;

function prepare(): void {
  if (ready) return;
  const require = createRequire(import.meta.url);
  const fonts = path.join(path.dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  for (const file of ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']) {
    if (GlobalFonts.registerFromPath(path.join(fonts, file), family) === null) {
      throw new DependencyError(`Cannot load the font ${file}.`, 'Run `npm ci` again.');
    }
  }
  Chart.register(...registerables, MatrixController, MatrixElement);
  Chart.register(BoxPlotController, BoxAndWiskers, annotation);
  ready = true;
}

/** PNG bytes of a figure: title on top, white background, twice the pixels of its layout. */
export function renderPng(figure: Figure): Buffer {
  prepare();
  const height = Math.round(width * figure.aspect) + 30;
  const canvas = createCanvas(width, height);
  const config = chartConfig(figure.plot, {
    theme: { ...lightTheme, font: `"${family}"` },
    title: figure.title,
    fixed: true,
    pixelRatio: density,
    width,
  });
  const chart = new Chart(canvas as never, config as never);
  try {
    return canvas.toBuffer('image/png');
  } finally {
    chart.destroy();
  }
}
