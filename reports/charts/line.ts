/** `line`: a metric over a swept parameter, one line per setting, whiskers for intervals. */
import type { ChartRequest } from '../../src/workload/types.ts';
import type { RunData } from '../input/run.ts';
import type { FigureBody } from './kind.ts';
import { joinSentences, seriesTable } from './kind.ts';
import { intervalSentence } from './captions.ts';
import { sweepData } from './sweep.ts';

export function lineFigure(run: RunData, request: ChartRequest): FigureBody | null {
  const found = sweepData(run, request, false);
  if (found === null) return null;
  const { note, ...data } = found;
  return {
    title: request.title,
    caption: joinSentences(request.caption, note, intervalSentence(run, 'Whiskers')),
    aspect: 0.52,
    plot: { type: 'xy', look: 'marker', ...data },
    table: seriesTable(data.x, data.y, data.series),
  };
}
