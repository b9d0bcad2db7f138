/**
 * The fingerprint of a run. Every LP hashes the events it executes, in its order, into 64 bits of
 * state; the states are combined by sums, so neither the order of LPs nor their distribution over
 * workers shows. Two runs with equal digests executed the same events with the same payloads.
 */

/** Bound once: smaller bytecode, see the note on inlining in kernel.ts. */
const { imul } = Math;

const GOLDEN = 0x9e3779b1 | 0;

/** Two 32-bit lanes per LP. Hot code updates `lanes` through `absorb`. */
export function createLanes(lps: number): Int32Array {
  return new Int32Array(lps * 2);
}

/** One round of a lane; two rounds in different lanes run side by side in the processor. */
export function absorb(lane: number, word: number): number {
  const x = imul(lane ^ word, 0x85ebca6b);
  return ((x ^ (x >>> 15)) + GOLDEN) | 0;
}

function finish(x: number): number {
  x = imul(x ^ (x >>> 16), 0x21f0aaad);
  x = imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/** Four 32-bit sums over LPs; structured-cloneable. */
export type DigestSums = readonly [number, number, number, number];

/** Sums over the LPs of one worker; LPs that ran nothing count nothing. */
export function digestOf(lanes: Int32Array): DigestSums {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (let lp = 0; lp * 2 < lanes.length; lp++) {
    const even = lanes[lp * 2]!;
    const odd = lanes[lp * 2 + 1]!;
    if (even === 0 && odd === 0) continue;
    const key = finish(imul(lp + 1, GOLDEN));
    sums[0] = (sums[0] + finish(even ^ key)) | 0;
    sums[1] = (sums[1] + finish(odd + key)) | 0;
    sums[2] = (sums[2] + finish(imul(even, 0xc2b2ae35) + odd - key)) | 0;
    sums[3] = (sums[3] + finish(imul(odd, 0x27d4eb2f) ^ (even + key))) | 0;
  }
  return sums;
}

/** Combines the sums of several workers, in any order. */
export function combineDigests(parts: readonly DigestSums[]): DigestSums {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (const part of parts) for (let i = 0; i < 4; i++) sums[i] = (sums[i]! + part[i]!) | 0;
  return sums;
}

/** 32 hexadecimal digits. */
export function formatDigest(sums: DigestSums): string {
  return sums.map((sum) => (sum >>> 0).toString(16).padStart(8, '0')).join('');
}
