/** A report as blocks, from which HTML and Markdown are both made. */
import type { Verdict } from '../../src/results/types.ts';
import type { Figure } from '../plot/spec.ts';

/** Text with a few marks. Plain strings are never interpreted, whatever they hold. */
export type Inline =
  | string
  | { readonly code: string }
  | { readonly strong: string }
  | { readonly verdict: Verdict }
  | { readonly link: string; readonly text: string };

export type Text = string | readonly Inline[];

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

export interface TableBlock {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Text[])[];
}

export type Block =
  | {
      readonly kind: 'banner';
      readonly verdict: Verdict;
      readonly text: string;
      readonly reasons: readonly Text[];
    }
  | { readonly kind: 'paragraph'; readonly text: Text; readonly tone?: 'lead' | 'note' }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  | { readonly kind: 'facts'; readonly pairs: readonly (readonly [string, Text])[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'figure'; readonly figure: Figure; readonly number: number }
  | { readonly kind: 'details'; readonly summary: string; readonly blocks: readonly Block[] }
  | TableBlock;

export interface Section {
  /** Anchor: lower case letters, digits, dashes. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Report {
  readonly title: string;
  /** One line above the title: what kind of report it is. */
  readonly kicker: string;
  readonly sections: readonly Section[];
  /** Shown before the first section, without a heading. */
  readonly intro: readonly Block[];
  readonly footer: Text;
  /** Relative folder of the PNGs, with a slash at its end. */
  readonly chartFolder: string;
}

export function inlines(text: Text): readonly Inline[] {
  return typeof text === 'string' ? [text] : text;
}

/** Every figure of a report in order. */
export function figuresIn(report: Report): Figure[] {
  const collect = (blocks: readonly Block[]): Figure[] =>
    blocks.flatMap((block) => {
      if (block.kind === 'figure') return [block.figure];
      return block.kind === 'details' ? collect(block.blocks) : [];
    });
  return [...collect(report.intro), ...report.sections.flatMap((one) => collect(one.blocks))];
}
