/** The report of a suite: one section per workload with answer, verdict and its first figure. */
import type { Suite } from '../../src/results/types.ts';
import { figuresOf } from '../charts/figures.ts';
import type { Block, Report, Section, Text } from '../document/types.ts';
import type { RunData } from '../input/run.ts';
import { environmentFacts } from './provenance.ts';
import { sentence, verdictBanner } from './verdict.ts';

export interface SuiteRun {
  readonly folder: string;
  readonly run: RunData;
}

export function suiteReport(suite: Suite, runs: readonly SuiteRun[]): Report {
  const counts = (['ok', 'violated', 'unknown'] as const).flatMap((verdict) => {
    const count = runs.filter(({ run }) => run.summary.verdict === verdict).length;
    return count === 0 ? [] : `${count} ${verdict}`;
  });
  const plural = runs.length === 1 ? 'workload' : 'workloads';
  return {
    title: 'Suite report',
    kicker: `Stormglass · ${runs.length} ${plural}`,
    intro: [
      {
        kind: 'banner',
        verdict: suite.verdict,
        text: `${runs.length} ${plural}: ${counts.join(', ')}.`,
        reasons: [],
      },
      overview(runs),
    ],
    sections: [...runs.map((one, index) => workloadSection(one, index + 1)), provenance(suite)],
    footer: ['Every number comes from the run folders beside this file.'],
    chartFolder: 'charts/',
  };
}

function reportLink(one: SuiteRun): string {
  return `${one.folder.replaceAll('\\', '/').replace(/\/+$/, '')}/report.html`;
}

function overview(runs: readonly SuiteRun[]): Block {
  return {
    kind: 'table',
    caption: '',
    columns: ['Workload', 'Verdict', 'Answer'].map((title) => ({ title })),
    rows: runs.map((one): Text[] => {
      const { summary, manifest } = one.run;
      return [
        [{ link: reportLink(one), text: manifest.workload }],
        [{ verdict: summary.verdict }],
        sentence(summary.findings[0]?.text ?? 'No findings stated'),
      ];
    }),
  };
}

function workloadSection(one: SuiteRun, number: number): Section {
  const { summary, manifest } = one.run;
  const figure = figuresOf(one.run).figures[0];
  const id = slug(manifest.workload, number);
  const blocks: Block[] = [
    { kind: 'paragraph', tone: 'lead', text: summary.question },
    verdictBanner(summary),
    { kind: 'list', items: summary.findings.map((finding) => sentence(finding.text)) },
  ];
  if (figure !== undefined) {
    blocks.push({ kind: 'figure', number, figure: { ...figure, id: `${id}-${figure.id}` } });
  }
  const link: Text = [
    { link: reportLink(one), text: `Full report of ${manifest.workload}` },
    ` (${manifest.cells.length} settings × ${manifest.replications} replications)`,
  ];
  blocks.push({ kind: 'paragraph', text: link });
  return { id, title: manifest.workload, blocks };
}

function slug(name: string, number: number): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return `w${number}-${words === '' ? 'workload' : words}`;
}

function provenance(suite: Suite): Section {
  return {
    id: 'reproduce',
    title: 'Reproduce',
    blocks: [
      { kind: 'code', text: suite.command },
      { kind: 'facts', pairs: environmentFacts(suite.environment) },
    ],
  };
}
