/** What the tests of the loader share. */
import { ValidationError } from '../../errors.ts';
import { parseWorkload } from '../load.ts';
import type { Overrides } from '../overrides.ts';

/** The least that a file needs: four lines. */
export const minimal = `name: small
scenario: fan-out
question: Does it load?
duration: 1 d
`;

/** The messages of a refusal, one per line; the empty text when there is none. */
export function messages(text: string, overrides: Overrides = {}): string {
  try {
    parseWorkload('w.yaml', text, overrides);
    return '';
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.message;
  }
}
