import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain, toMarkdown } from './markdown.ts';
import type { Block, Report } from './types.ts';

function render(block: Block): string {
  const report: Report = {
    title: 't',
    kicker: 'k',
    intro: [block],
    sections: [],
    footer: '',
    chartFolder: 'charts/',
  };
  return toMarkdown(report).split('\n\n').slice(2, -1).join('\n\n');
}

describe('plain', () => {
  it('leaves no mark that Markdown or HTML would read', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bare = plain(text).replaceAll(/\\[\\`*_[\]#|~]|&(amp|lt|gt);/g, '');
        expect(bare).not.toMatch(/[\\`*_[\]#|~<>&\n]/);
      }),
    );
  });
});

describe('blocks', () => {
  it('fence code that has fences inside', () => {
    expect(render({ kind: 'code', text: 'a\n```\nb' })).toBe('````sh\na\n```\nb\n````');
  });

  it('keep tables rectangular whatever their cells hold', () => {
    const rows = [[[{ code: 'a|b' }], 'c|d\ne']];
    const columns = [{ title: 'A' }, { title: 'B', align: 'right' as const }];
    const lines = render({ kind: 'table', caption: '', columns, rows }).split('\n');
    expect(lines).toEqual(['| A | B |', '| --- | ---: |', '| `a\\|b` | c\\|d e |']);
  });

  it('put verdicts of all three values into words', () => {
    const text = (['ok', 'violated', 'unknown'] as const).map((verdict) =>
      render({ kind: 'paragraph', text: [{ verdict }] }),
    );
    expect(text).toEqual(['✅ ok', '❌ violated', '❔ unknown']);
  });
});
