/** Sorting of a chain of records of one LP by (time, class, source, sequence). */

import { comesBeforeInLp } from './order.ts';
import { LINK } from './records.ts';

/** Chains up to this long are sorted by insertion. */
const INSERTION_MAX = 12;

function before(doubles: Float64Array, ints: Int32Array, p: number, q: number): boolean {
  const left = doubles[p]!;
  const right = doubles[q]!;
  return left < right || (left === right && comesBeforeInLp(ints, p, ints, q));
}

/**
 * Sorts the chain that starts at word `head` (not 0) and returns its new head. In place, without
 * memory: insertion for the usual handful of events, merging for the thousands that a busy
 * homeserver has in a window.
 */
export function sortChain(doubles: Float64Array, ints: Int32Array, head: number): number {
  let sorted = head;
  let at = ints[head * 2 + LINK]!;
  ints[head * 2 + LINK] = 0;
  for (let n = 1; at !== 0; n++) {
    if (n === INSERTION_MAX) return merge(doubles, ints, sorted, mergeSort(doubles, ints, at));
    const next = ints[at * 2 + LINK]!;
    sorted = insert(doubles, ints, sorted, at);
    at = next;
  }
  return sorted;
}

function insert(doubles: Float64Array, ints: Int32Array, sorted: number, at: number): number {
  if (before(doubles, ints, at, sorted)) {
    ints[at * 2 + LINK] = sorted;
    return at;
  }
  let previous = sorted;
  let next = ints[sorted * 2 + LINK]!;
  while (next !== 0 && before(doubles, ints, next, at)) {
    previous = next;
    next = ints[next * 2 + LINK]!;
  }
  ints[at * 2 + LINK] = next;
  ints[previous * 2 + LINK] = at;
  return sorted;
}

/** Merges two sorted chains, neither empty. */
function merge(doubles: Float64Array, ints: Int32Array, p: number, q: number): number {
  let head = p;
  if (before(doubles, ints, q, p)) {
    head = q;
    q = ints[q * 2 + LINK]!;
  } else {
    p = ints[p * 2 + LINK]!;
  }
  let tail = head;
  while (p !== 0 && q !== 0) {
    if (before(doubles, ints, q, p)) {
      ints[tail * 2 + LINK] = q;
      tail = q;
      q = ints[q * 2 + LINK]!;
    } else {
      ints[tail * 2 + LINK] = p;
      tail = p;
      p = ints[p * 2 + LINK]!;
    }
  }
  ints[tail * 2 + LINK] = p !== 0 ? p : q;
  return head;
}

/** Sorted runs of 2^i records waiting for a partner; 0 = none. */
const runs = new Int32Array(32);

/** Merge sort from the bottom up. */
function mergeSort(doubles: Float64Array, ints: Int32Array, head: number): number {
  let at = head;
  let levels = 0;
  while (at !== 0) {
    let run = at;
    at = ints[at * 2 + LINK]!;
    ints[run * 2 + LINK] = 0;
    let level = 0;
    while (level < levels && runs[level] !== 0) {
      run = merge(doubles, ints, runs[level]!, run);
      runs[level++] = 0;
    }
    runs[level] = run;
    if (level === levels) levels++;
  }
  let sorted = 0;
  for (let level = 0; level < levels; level++) {
    const run = runs[level]!;
    runs[level] = 0;
    if (run !== 0) sorted = sorted === 0 ? run : merge(doubles, ints, run, sorted);
  }
  return sorted;
}
