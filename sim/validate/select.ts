/** Which cases a pattern means. */
import { type CaseResult } from './run.ts';
import { type Study } from './study.ts';

/**
 * True when the pattern occurs in the name, letter case aside; `*` stands for anything, so
 * `mm1*wait` selects the waits of all M/M/1 queues.
 */
export function caseMatcher(pattern: string): (caseName: string) => boolean {
  const parts = pattern
    .toLowerCase()
    .split('*')
    .filter((part) => part !== '');
  return (caseName) => {
    let from = 0;
    return parts.every((part) => {
      const at = caseName.toLowerCase().indexOf(part, from);
      from = at + part.length;
      return at >= 0;
    });
  };
}

export function caseNames(study: Study): string[] {
  return Object.keys(study.measures).map((measure) => `${study.name}/${measure}`);
}

/** Studies with at least one case that matches. */
export function selectStudies(studies: readonly Study[], pattern: string): Study[] {
  const matches = caseMatcher(pattern);
  return studies.filter((study) => caseNames(study).some(matches));
}

/** A study yields all its measures; keeps those that were asked for. */
export function selectCases(cases: readonly CaseResult[], pattern: string): CaseResult[] {
  const matches = caseMatcher(pattern);
  return cases.filter(({ name }) => matches(name));
}
