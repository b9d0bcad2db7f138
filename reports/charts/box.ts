/** Boxes of a histogram by setting: a default figure, where a sweep has distributions to compare. */
import { formatMeasured } from '../../src/results/format.ts';
import { histogramsOf, mergeHistograms, quantile } from '../input/distribution.ts';
import { metricLabel } from '../input/labels.ts';
import type { RunData } from '../input/run.ts';
import { linesOf } from '../input/select.ts';
import type { BoxPlot } from '../plot/spec.ts';
import type { FigureBody } from './kind.ts';
import { joinSentences, niceAbove, niceBelow } from './kind.ts';

const shares = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

export function boxFigure(run: RunData, name: string): FigureBody | null {
  const measured = run.cells.filter((cell) => histogramsOf([cell], name).length > 0);
  const { lines, note } = linesOf(measured, { where: {} });
  const boxes = lines.flatMap(({ label, cells }): BoxPlot['boxes'] => {
    const all = mergeHistograms(histogramsOf(cells, name));
    if (all === null) return [];
    const [a, b, c, d, e] = shares.map((share) => quantile(all, share));
    return [{ label, quantiles: [a ?? 0, b ?? 0, c ?? 0, d ?? 0, e ?? 0] }];
  });
  const unit = measured[0] === undefined ? '' : (histogramsOf([measured[0]], name)[0]?.unit ?? '');
  if (boxes.length < 2) return null;
  const values = boxes.flatMap((box) => [...box.quantiles]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0 && high / low > 20;
  const title = metricLabel(name);
  return {
    title: `${title} by setting`,
    caption: joinSentences(
      `${title}: box from the first to the third quartile, line at the median, whiskers at the ` +
        '5th and 95th percentile.',
      note,
    ),
    aspect: Math.min(0.7, 0.16 + boxes.length * 0.05),
    plot: {
      type: 'box',
      x: log
        ? { title, unit, scale: 'log', min: niceBelow(low / 1.05), max: niceAbove(high * 1.05) }
        : { title, unit, scale: 'linear', min: 0, max: high * 1.05 },
      y: { title: '', unit: '', scale: 'category', categories: boxes.map((box) => box.label) },
      boxes,
    },
    table: {
      columns: ['Setting', 'p5', 'p25', 'p50', 'p75', 'p95'],
      rows: boxes.map((box) => [
        box.label,
        ...box.quantiles.map((one) => formatMeasured(one, unit)),
      ]),
    },
  };
}
