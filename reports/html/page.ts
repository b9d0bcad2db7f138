/** The page around the blocks: one file, scripts inlined, a policy that allows nothing else. */
import { createHash } from 'node:crypto';
import type { Report } from '../document/types.ts';
import { figuresIn } from '../document/types.ts';
import type { Plot } from '../plot/spec.ts';
import { blockHtml, text } from './blocks.ts';
import { styleSheet } from './css.ts';
import { escapeHtml, escapeJson } from './escape.ts';
import { libraries, pageProgram } from './scripts.ts';

export function toHtml(report: Report): string {
  const figures = figuresIn(report);
  const plots = Object.fromEntries(figures.map((figure) => [figure.id, figure.plot]));
  const scripts = [...libraries(figures.map((figure) => figure.plot)), pageProgram()];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(report.title)} · Stormglass</title>
<link rel="icon" href="data:,">
<style>${styleSheet}</style>
</head>
<body>
<div class="page">
${bodyHtml(report)}
</div>
${dataElement(plots)}
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

function bodyHtml(report: Report): string {
  const block = (one: Report['intro'][number]): string => blockHtml(one, report.chartFolder);
  const links = report.sections.map(
    (section) => `<li><a href="#${escapeHtml(section.id)}">${escapeHtml(section.title)}</a></li>`,
  );
  const sections = report.sections.map(
    (section) => `<section id="${escapeHtml(section.id)}">
<h2>${escapeHtml(section.title)}</h2>
${section.blocks.map(block).join('\n')}
</section>`,
  );
  return `<header><div><p class="kicker">${escapeHtml(report.kicker)}</p>
<h1>${escapeHtml(report.title)}</h1></div>
<button type="button" id="theme" hidden>Dark</button></header>
<main>
${report.intro.map(block).join('\n')}
<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>
<noscript><p class="note">Charts need JavaScript. The PNG link and the data table of every figure
work without.</p></noscript>
${sections.join('\n')}
</main>
<footer><p>${text(report.footer)}</p></footer>`;
}

/** A data block is never executed, so the policy needs no hash for it. */
function dataElement(plots: Readonly<Record<string, Plot>>): string {
  return `<script type="application/json" id="plots">${escapeJson(plots)}</script>`;
}

/** Only the scripts and the style of this very file; no connection, no frame, no form. */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map(hashOf).join(' ');
  return [
    "default-src 'none'",
    `script-src ${hashes}`,
    `style-src ${hashOf(styleSheet)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashOf(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
