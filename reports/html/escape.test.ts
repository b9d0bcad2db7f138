import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, escapeJson, safeLink } from './escape.ts';

describe('escapeHtml', () => {
  it('leaves nothing that opens a tag, an entity or an attribute', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bare = escapeHtml(text).replaceAll(/&(amp|lt|gt|quot|#39);/g, '');
        expect(bare).not.toMatch(/[<>"'&]/);
      }),
    );
  });
});

describe('escapeJson', () => {
  it('cannot end a script element and reads back', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const json = escapeJson({ text: `${text}</script><!--` });
        expect(json).not.toContain('<');
        expect(JSON.parse(json)).toEqual({ text: `${text}</script><!--` });
      }),
    );
  });
});

describe('safeLink', () => {
  it.each([
    'javascript:alert(1)',
    ' JAVASCRIPT:x',
    'https://example.org',
    '//example.org',
    '\\\\x',
  ])('refuses %s', (link) => {
    expect(safeLink(link)).toBe('#');
  });

  it('keeps relative paths', () => {
    expect(safeLink('fan out/report.html')).toBe('fan%20out/report.html');
  });
});
