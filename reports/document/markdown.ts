/** Markdown for pull requests and code hosts. Data cannot become markup. */
import type { Verdict } from '../../src/results/types.ts';
import type { Block, Report, TableBlock, Text } from './types.ts';
import { inlines } from './types.ts';

const marks: Readonly<Record<Verdict, string>> = {
  ok: '✅ ok',
  violated: '❌ violated',
  unknown: '❔ unknown',
};

export function toMarkdown(report: Report): string {
  const parts = [
    `# ${plain(report.title)}`,
    plain(report.kicker),
    ...report.intro.map((block) => blockText(block, report)),
    ...report.sections.flatMap((section) => [
      `## ${plain(section.title)}`,
      ...section.blocks.map((block) => blockText(block, report)),
    ]),
    '---',
    text(report.footer),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function blockText(block: Block, report: Report): string {
  switch (block.kind) {
    case 'banner':
      return banner(block.verdict, block.text, block.reasons);
    case 'paragraph':
      return text(block.text);
    case 'heading':
      return `### ${plain(block.text)}`;
    case 'list':
      return block.items.map((item) => `- ${text(item)}`).join('\n');
    case 'facts':
      return block.pairs.map(([name, value]) => `- **${plain(name)}:** ${text(value)}`).join('\n');
    case 'code':
      return fence(block.text);
    case 'table':
      return table(block);
    case 'figure':
      return figure(block, report);
    case 'details':
      return details(block, report);
  }
}

function banner(verdict: Verdict, sentence: string, reasons: readonly Text[]): string {
  const lines = [`> **${marks[verdict]}** ${plain(sentence)}`];
  for (const reason of reasons) lines.push('>', `> - ${text(reason)}`);
  return lines.join('\n');
}

function figure(block: Extract<Block, { kind: 'figure' }>, report: Report): string {
  const { figure, number } = block;
  const image = `![${plain(figure.title)}](${report.chartFolder}${figure.id}.png)`;
  const caption = `**Figure ${number}. ${plain(withStop(figure.title))}** ${plain(figure.caption)}`;
  return `${image}\n\n${caption}`;
}

function details(block: Extract<Block, { kind: 'details' }>, report: Report): string {
  const inside = block.blocks.map((one) => blockText(one, report)).join('\n\n');
  return `<details><summary>${plain(block.summary)}</summary>\n\n${inside}\n\n</details>`;
}

function table(block: TableBlock): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = block.columns.map((column) => (column.align === 'right' ? '---:' : '---'));
  const lines = [
    row(block.columns.map((column) => cell(column.title))),
    row(rule),
    ...block.rows.map((cells) => row(cells.map((one) => cell(one)))),
  ];
  const caption = block.caption === '' ? '' : `${plain(block.caption)}\n\n`;
  return caption + lines.join('\n');
}

function cell(value: Text): string {
  return text(value).replaceAll('\n', ' ');
}

function text(value: Text): string {
  return inlines(value)
    .map((part) => {
      if (typeof part === 'string') return plain(part);
      if ('code' in part) return inlineCode(part.code);
      if ('strong' in part) return `**${plain(part.strong)}**`;
      if ('verdict' in part) return marks[part.verdict];
      return `[${plain(part.text)}](${encodeURI(part.link)})`;
    })
    .join('');
}

/** Backslashes before everything that Markdown or HTML would read as markup; no line breaks. */
export function plain(value: string): string {
  return value
    .replaceAll(/[\\`*_[\]#|~]/g, (mark) => `\\${mark}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/\s*\n\s*/g, ' ');
}

function inlineCode(value: string): string {
  const ticks = fenceFor(value, 1);
  const room = value.includes('`') ? ' ' : '';
  return ticks + room + value.replaceAll('\n', ' ').replaceAll('|', '\\|') + room + ticks;
}

function fence(value: string): string {
  const ticks = fenceFor(value, 3);
  return `${ticks}sh\n${value}\n${ticks}`;
}

/** One backtick more than the longest run inside. */
function fenceFor(value: string, least: number): string {
  const runs = value.match(/`+/g) ?? [];
  return '`'.repeat(Math.max(least, ...runs.map((run) => run.length + 1)));
}

function withStop(title: string): string {
  return /[.?!]$/.test(title) ? title : `${title}.`;
}
