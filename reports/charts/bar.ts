/** `bar`: a metric by category, grouped by setting. */
import type { ChartRequest } from '../../src/workload/types.ts';
import type { RunData } from '../input/run.ts';
import { intervalSentence } from './captions.ts';
import type { FigureBody } from './kind.ts';
import { joinSentences, seriesTable } from './kind.ts';
import { sweepData } from './sweep.ts';

export function barFigure(run: RunData, request: ChartRequest): FigureBody | null {
  const found = sweepData(run, request, true);
  if (found === null) return null;
  const { note, ...data } = found;
  return {
    title: request.title,
    caption: joinSentences(request.caption, note, intervalSentence(run, 'Whiskers')),
    aspect: 0.5,
    plot: { type: 'bar', ...data },
    table: seriesTable(data.x, data.y, data.series),
  };
}
