/**
 * Reports from run folders: HTML, Markdown, PNGs. Reads what a run left behind and never runs
 * anything; equal folders give byte-identical files.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DependencyError } from '../src/errors.ts';
import { readSuite } from '../src/results/read-folder.ts';
import type { Report } from './document/types.ts';
import { figuresIn } from './document/types.ts';
import { toMarkdown } from './document/markdown.ts';
import { toHtml } from './html/page.ts';
import { readRun } from './input/run.ts';
import { readValidation } from './input/validation.ts';
import { renderPng } from './png.ts';
import { runReport } from './sections/run-report.ts';
import { suiteReport } from './sections/suite-report.ts';
import { validationReport } from './sections/validation-report.ts';

/** Paths of the files that were written. */
export interface BuiltReport {
  readonly html: string;
  readonly markdown: string;
  readonly charts: string[];
}

/**
 * Rebuilds report.html, report.md and charts/*.png of a run folder.
 *
 * @throws {UsageError} when it is no finished run folder.
 * @throws {ValidationError} when its files are damaged.
 * @throws {DependencyError} when the disk refuses.
 */
export async function buildReport(directory: string): Promise<BuiltReport> {
  return writeReport(directory, runReport(readRun(directory)));
}

/** The index of a suite folder. The reports of its runs are not touched. Errors as `buildReport`. */
export async function buildSuiteReport(directory: string): Promise<BuiltReport> {
  const suite = readSuite(directory);
  const runs = suite.runs.map(({ folder }) => ({
    folder,
    run: readRun(path.join(directory, folder)),
  }));
  return writeReport(directory, suiteReport(suite, runs));
}

/** The report of `stormglass validate`, from validation.json in the folder. Errors as above. */
export async function buildValidationReport(directory: string): Promise<BuiltReport> {
  return writeReport(directory, validationReport(readValidation(directory)));
}

function writeReport(directory: string, report: Report): BuiltReport {
  const charts = path.join(directory, 'charts');
  const html = path.join(directory, 'report.html');
  const markdown = path.join(directory, 'report.md');
  const pictures = figuresIn(report).map(
    (figure) => [path.join(charts, `${figure.id}.png`), renderPng(figure)] as const,
  );
  const page = toHtml(report);
  const text = toMarkdown(report);
  try {
    mkdirSync(charts, { recursive: true });
    removeStale(charts, new Set(pictures.map(([file]) => path.basename(file))));
    for (const [file, bytes] of pictures) writeFileSync(file, bytes);
    writeFileSync(html, page);
    writeFileSync(markdown, text);
  } catch (error) {
    throw new DependencyError(
      `Cannot write the report into ${directory}.`,
      'Check the free space and the rights of the folder.',
      { cause: error },
    );
  }
  return { html, markdown, charts: pictures.map(([file]) => file) };
}

/** PNGs of figures that an earlier build made and this one does not. */
function removeStale(charts: string, kept: ReadonlySet<string>): void {
  for (const name of readdirSync(charts)) {
    if (name.endsWith('.png') && !kept.has(name)) rmSync(path.join(charts, name));
  }
}
