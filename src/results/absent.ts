/**
 * Sentences and expectations about cells that a run does not have: `--set vary=[]` and the like
 * leave them without an object. They stay in the summary as `unknown`; people are told once.
 */
import type { ExpectationResult, FindingResult, Summary } from './types.ts';

/** Starts the reason of a finding without a cell; `findings.ts` writes it. */
export const noCellWith = 'no cell with ';
/** Starts the reason of an expectation without a cell; `expectations.ts` writes it. */
export const noCellMatches = 'no cell matches ';

export function isFindingAbsent({ value, text }: FindingResult): boolean {
  return value === null && text.includes(noCellWith);
}

export function isExpectationAbsent({ verdict, detail }: ExpectationResult): boolean {
  return verdict === 'unknown' && detail.startsWith(noCellMatches);
}

/** One sentence for all of them; undefined when there are none. */
export function absentNote({ findings, expectations }: Summary): string | undefined {
  const sentences = findings.filter(isFindingAbsent).length;
  const bounds = expectations.filter(isExpectationAbsent).length;
  if (sentences + bounds === 0) return undefined;
  const parts = [
    ...(sentences === 0 ? [] : [`${sentences} of its ${findings.length} findings`]),
    ...(bounds === 0 ? [] : [`${bounds} of its ${expectations.length} expectations`]),
  ];
  return (
    `The workload states ${parts.join(' and ')} for cells that this run does not have ` +
    '(its sweep was changed).'
  );
}
