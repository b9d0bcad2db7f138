/** Blocks as HTML. */
import type { Verdict } from '../../src/results/types.ts';
import type { Block, Inline, TableBlock, Text } from '../document/types.ts';
import { inlines } from '../document/types.ts';
import type { DataTable, Figure } from '../plot/spec.ts';
import { escapeHtml, safeLink } from './escape.ts';

const verdictWords: Readonly<Record<Verdict, string>> = {
  ok: 'ok',
  violated: 'violated',
  unknown: 'unknown',
};

/** Shapes, so that the verdict is not told by colour alone. */
const verdictSigns: Readonly<Record<Verdict, string>> = { ok: '✓', violated: '✕', unknown: '?' };

export function blockHtml(block: Block, chartFolder: string): string {
  switch (block.kind) {
    case 'banner':
      return banner(block);
    case 'paragraph':
      return `<p${block.tone === undefined ? '' : ` class="${block.tone}"`}>${text(block.text)}</p>`;
    case 'heading':
      return `<h3>${escapeHtml(block.text)}</h3>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${text(item)}</li>`).join('')}</ul>`;
    case 'facts':
      return facts(block.pairs);
    case 'code':
      return `<pre tabindex="0"><code>${escapeHtml(block.text)}</code></pre>`;
    case 'table':
      return table(block);
    case 'figure':
      return figureHtml(block.figure, block.number, chartFolder);
    case 'details':
      return details(
        block.summary,
        block.blocks.map((one) => blockHtml(one, chartFolder)).join(''),
      );
  }
}

function banner(block: Extract<Block, { kind: 'banner' }>): string {
  const reasons = block.reasons.map((reason) => `<li>${text(reason)}</li>`).join('');
  return `<div class="banner ${block.verdict}" role="status">
<p><span class="sign" aria-hidden="true">${verdictSigns[block.verdict]}</span>
<strong>Verdict: ${verdictWords[block.verdict]}.</strong> ${escapeHtml(block.text)}</p>
${reasons === '' ? '' : `<ul>${reasons}</ul>`}</div>`;
}

function facts(pairs: readonly (readonly [string, Text])[]): string {
  const items = pairs.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${text(value)}</dd></div>`,
  );
  return `<dl>${items.join('')}</dl>`;
}

function details(summary: string, inside: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>${inside}</details>`;
}

export function text(value: Text): string {
  return inlines(value).map(inline).join('');
}

function inline(part: Inline): string {
  if (typeof part === 'string') return escapeHtml(part);
  if ('code' in part) return `<code>${escapeHtml(part.code)}</code>`;
  if ('strong' in part) return `<strong>${escapeHtml(part.strong)}</strong>`;
  if ('verdict' in part) {
    const { verdict } = part;
    const sign = `<span aria-hidden="true">${verdictSigns[verdict]}</span>`;
    return `<span class="verdict ${verdict}">${sign} ${verdictWords[verdict]}</span>`;
  }
  return `<a href="${safeLink(part.link)}">${escapeHtml(part.text)}</a>`;
}

function table(block: TableBlock): string {
  const side = (index: number): string =>
    block.columns[index]?.align === 'right' ? ' class="number"' : '';
  const head = block.columns.map(
    (column, index) => `<th scope="col"${side(index)}>${escapeHtml(column.title)}</th>`,
  );
  const rows = block.rows.map((cells) => {
    const entries = cells.map((cell, index) => {
      const style = side(index) || widthClass(cell);
      return index === 0
        ? `<th scope="row"${style}>${text(cell)}</th>`
        : `<td${style}>${text(cell)}</td>`;
    });
    return `<tr>${entries.join('')}</tr>`;
  });
  const caption = block.caption === '' ? '' : `<caption>${escapeHtml(block.caption)}</caption>`;
  const label = escapeHtml(block.caption === '' ? 'Table' : block.caption);
  return `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>${caption}
<thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

/** Words that must not break at their hyphens, and sentences that need room. */
function widthClass(cell: Text): string {
  if (typeof cell !== 'string') return '';
  return cell.length <= 30 ? ' class="short"' : cell.length > 50 ? ' class="long"' : '';
}

function figureHtml(figure: Figure, number: number, chartFolder: string): string {
  const id = escapeHtml(figure.id);
  const label = escapeHtml(`Figure ${number}: ${figure.title}. ${figure.caption}`);
  const png = safeLink(`${chartFolder}${figure.id}.png`);
  const shape = `shape-${Math.round(figure.aspect * 20) * 5}`;
  return `<figure id="figure-${id}">
<div class="plot ${shape}"><canvas id="${id}" role="img" aria-label="${label}"></canvas></div>
<figcaption><strong>Figure ${number}. ${escapeHtml(withStop(figure.title))}</strong>
${escapeHtml(figure.caption)} <a class="png" href="${png}">PNG</a></figcaption>
${details(`Data of figure ${number}`, dataTable(figure.table, `Data of figure ${number}`))}
</figure>`;
}

function dataTable(data: DataTable, caption: string): string {
  const columns = data.columns.map((title, index) => ({
    title,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }));
  const note = data.note === undefined ? '' : `<p class="note">${escapeHtml(data.note)}</p>`;
  return table({ kind: 'table', caption, columns, rows: data.rows }) + note;
}

function withStop(title: string): string {
  return /[.?!]$/.test(title) ? title : `${title}.`;
}
