/**
 * Distribution of LPs over workers by expected load. Deterministic, and results do not depend on
 * it.
 */

/** Contiguous blocks are kept when the busiest worker has at most this much more than the mean. */
const CONTIGUOUS_TOLERANCE = 1.03;

/**
 * The worker of every LP. Contiguous blocks where they balance (neighbours in memory stay
 * together), otherwise the heaviest LP first to the least loaded worker (R. Graham 1969, at most
 * 4/3 of the optimum).
 *
 * @param workers - 1..256
 */
export function partition(weights: Float64Array, workers: number): Uint8Array {
  const blocks = contiguous(weights, workers);
  if (imbalanceOf(weights, blocks, workers) <= CONTIGUOUS_TOLERANCE) return blocks;
  const greedy = heaviestFirst(weights, workers);
  const better = imbalanceOf(weights, greedy, workers) < imbalanceOf(weights, blocks, workers);
  return better ? greedy : blocks;
}

/** Load of the busiest worker against the mean. */
export function imbalanceOf(weights: Float64Array, owner: Uint8Array, workers: number): number {
  const loads = new Float64Array(workers);
  weights.forEach((weight, lp) => {
    loads[owner[lp]!]! += weight;
  });
  const total = loads.reduce((sum, load) => sum + load, 0);
  return total === 0 ? 1 : (Math.max(...loads) * workers) / total;
}

/** Blocks of about equal weight; every worker gets at least one LP. */
function contiguous(weights: Float64Array, workers: number): Uint8Array {
  const owner = new Uint8Array(weights.length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let worker = 0;
  let seen = 0;
  let taken = 0;
  weights.forEach((weight, lp) => {
    const left = weights.length - lp;
    const full = seen + weight / 2 > (total * (worker + 1)) / workers;
    const needed = left <= workers - 1 - worker;
    if (taken > 0 && worker < workers - 1 && (full || needed)) {
      worker++;
      taken = 0;
    }
    owner[lp] = worker;
    taken++;
    seen += weight;
  });
  return owner;
}

function heaviestFirst(weights: Float64Array, workers: number): Uint8Array {
  const order = Array.from(weights.keys()).sort((p, q) => weights[q]! - weights[p]! || p - q);
  const loads = new Float64Array(workers);
  const counts = new Int32Array(workers);
  const owner = new Uint8Array(weights.length);
  for (const lp of order) {
    let least = 0;
    for (let worker = 1; worker < workers; worker++) {
      const lighter = loads[worker]! - loads[least]! || counts[worker]! - counts[least]!;
      if (lighter < 0) least = worker;
    }
    owner[lp] = least;
    loads[least]! += weights[lp]!;
    counts[least]!++;
  }
  return owner;
}

/** The LPs of one worker, ascending. */
export function ownedLps(owner: Uint8Array, worker: number): Int32Array {
  const lps: number[] = [];
  owner.forEach((of, lp) => {
    if (of === worker) lps.push(lp);
  });
  return Int32Array.from(lps);
}
