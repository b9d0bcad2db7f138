/** The report of one run: which sections, in which order. */
import type { Report, Section } from '../document/types.ts';
import type { RunData } from '../input/run.ts';
import {
  checksSection,
  performanceSection,
  rawDataSection,
  reproductionSection,
} from './provenance.ts';
import { costSection, figuresSection, percentilesSection, sweepSection } from './results.ts';
import { answerSection, expectationsSection, verdictBanner } from './verdict.ts';

const sections: readonly ((run: RunData) => Section | null)[] = [
  answerSection,
  expectationsSection,
  figuresSection,
  sweepSection,
  percentilesSection,
  costSection,
  checksSection,
  reproductionSection,
  performanceSection,
  rawDataSection,
];

export function runReport(run: RunData): Report {
  const { manifest, summary } = run;
  return {
    title: manifest.workload,
    kicker: `Stormglass report · ${manifest.tier} tier · seed ${manifest.seed}`,
    intro: [{ kind: 'paragraph', tone: 'lead', text: summary.question }, verdictBanner(summary)],
    sections: sections.flatMap((build) => build(run) ?? []),
    footer: [
      `Built from the run folder by Stormglass ${summary.environment.stormglass}; rebuild with `,
      { code: 'stormglass report <folder>' },
      '.',
    ],
    chartFolder: 'charts/',
  };
}
