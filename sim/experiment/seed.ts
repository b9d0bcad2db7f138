/**
 * The seed of a replication follows from the run's seed and the replication's number alone. All
 * cells of a replication thus see the same random numbers (common random numbers), which is what
 * makes their paired comparison sharp; and adding a cell or a replication changes no other.
 */

/** Unsigned 32-bit seed. @param seed integer in 0..2^53-1. @param replication from 0. */
export function replicationSeed(seed: number, replication: number): number {
  let hash = 0x9e3779b9;
  for (const word of [seed % 0x100000000, Math.floor(seed / 0x100000000), replication]) {
    hash = mix((hash ^ word) >>> 0);
  }
  return hash;
}

/** A bijection of 32-bit words in which every input bit moves every output bit (MurmurHash3). */
function mix(word: number): number {
  let x = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) + 0x9e3779b9) >>> 0;
}
