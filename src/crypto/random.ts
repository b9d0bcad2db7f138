/** The Random port: every byte of randomness in the lab comes through it. */
import { hash, randomFillSync } from 'node:crypto';
import { noBytes, plain } from './bytes.ts';

export interface Random {
  /** `length` fresh bytes, which the caller may keep and overwrite. */
  bytes(length: number): Uint8Array;
}

/** The operating system's generator, for the live tier. */
export const systemRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};

/**
 * A stream that is a function of its seed: SHA-256 in counter mode. For the virtual tiers and for
 * tests; equal seeds give equal keys, nonces and signatures on every machine.
 */
export function seededRandom(seed: string): Random {
  let counter = 0;
  let rest: Uint8Array = noBytes;
  return {
    bytes(length) {
      const out = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        if (rest.length === 0) rest = plain(hash('sha256', `${seed}|${counter++}`, 'buffer'));
        const part = rest.subarray(0, length - filled);
        out.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
      }
      return out;
    },
  };
}
