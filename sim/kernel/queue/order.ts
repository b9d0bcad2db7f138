/** The total order of events, in one place. */

import { KernelBugError } from '../errors.ts';
import { KIND, SEQUENCE, SOURCE, TARGET } from './records.ts';

/**
 * Whether the event at word `p` comes before that at word `q`, given that their times are equal: by
 * class (upper bits of the kind), target, source, and the source's sequence. Sequences wrap around
 * at 2^32, so they are compared by their difference; a source cannot have 2^31 events at one time.
 *
 * @throws {KernelBugError} when the keys are equal
 */
export function comesBefore(ints: Int32Array, p: number, q: number): boolean {
  const i = p * 2;
  const j = q * 2;
  const byClass = (ints[i + KIND]! >> 8) - (ints[j + KIND]! >> 8);
  if (byClass !== 0) return byClass < 0;
  const byTarget = ints[i + TARGET]! - ints[j + TARGET]!;
  if (byTarget !== 0) return byTarget < 0;
  return sourceComesBefore(ints, i, ints, j);
}

/**
 * The same among events of one LP, whose target field may have become a link; `q` lies in `others`.
 */
export function comesBeforeInLp(
  ints: Int32Array,
  p: number,
  others: Int32Array,
  q: number,
): boolean {
  const i = p * 2;
  const j = q * 2;
  const byClass = (ints[i + KIND]! >> 8) - (others[j + KIND]! >> 8);
  if (byClass !== 0) return byClass < 0;
  return sourceComesBefore(ints, i, others, j);
}

function sourceComesBefore(ints: Int32Array, i: number, others: Int32Array, j: number): boolean {
  const bySource = ints[i + SOURCE]! - others[j + SOURCE]!;
  if (bySource !== 0) return bySource < 0;
  const bySequence = (ints[i + SEQUENCE]! - others[j + SEQUENCE]!) | 0;
  if (bySequence === 0) {
    throw new KernelBugError(
      `two events from LP ${ints[i + SOURCE]} carry the sequence ${ints[i + SEQUENCE]}: ` +
        'please report this',
    );
  }
  return bySequence < 0;
}
