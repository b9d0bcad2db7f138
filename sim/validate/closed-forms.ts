/**
 * What theory says, computed here and independently of every simulation: nothing in this file may
 * import from `sim/model`. Times are in units of the mean service time unless a name says
 * otherwise, loads are per server.
 */
import { exp, log, pow } from '../kernel/math.ts';

/** Mean wait of M/M/1, in service times: rho / (1 - rho). Kleinrock I (1975), section 3.2. */
export function mm1Wait(rho: number): number {
  return rho / (1 - rho);
}

/** Mean number in an M/M/1 system: rho / (1 - rho). Kleinrock I, 3.24. */
export function mm1Number(rho: number): number {
  return rho / (1 - rho);
}

/** Quantile of the M/M/1 sojourn time, which is exponential with mean 1 / (1 - rho). */
export function mm1SojournQuantile(rho: number, p: number): number {
  return -log(1 - p) / (1 - rho);
}

/**
 * Mean wait of M/G/1 by Pollaczek and Khinchine: rho / (1 - rho) * (1 + cs2) / 2. Kleinrock I,
 * 5.71.
 *
 * @param cs2 squared coefficient of variation of the service time: 0 constant, 1 exponential.
 */
export function mg1Wait(rho: number, cs2: number): number {
  return ((rho / (1 - rho)) * (1 + cs2)) / 2;
}

/**
 * Blocking of M/M/c/c (and, being insensitive, M/G/c/c) at `erlangs` offered load, by the recursion
 * B(0) = 1, B(c) = a B(c-1) / (c + a B(c-1)). Erlang 1917.
 */
export function erlangB(servers: number, erlangs: number): number {
  let blocking = 1;
  for (let c = 1; c <= servers; c++) {
    blocking = (erlangs * blocking) / (c + erlangs * blocking);
  }
  return blocking;
}

/** Probability of waiting in M/M/c at load `rho` per server, from Erlang B. Erlang 1917. */
export function erlangC(servers: number, rho: number): number {
  const blocking = erlangB(servers, servers * rho);
  return blocking / (1 - rho * (1 - blocking));
}

/** Mean wait of M/M/c over all jobs, in service times: C / (c (1 - rho)). */
export function mmcWait(servers: number, rho: number): number {
  return erlangC(servers, rho) / (servers * (1 - rho));
}

/**
 * Share of jobs refused by M/M/1/K, K places including the one in service:
 * (1 - rho) rho^K / (1 - rho^(K+1)), and 1 / (K+1) at rho = 1. Kleinrock I, 3.6.
 */
export function mm1kBlocking(places: number, rho: number): number {
  if (rho === 1) {
    return 1 / (places + 1);
  }
  const top = pow(rho, places);
  return ((1 - rho) * top) / (1 - top * rho);
}

/**
 * Balanced two-phase hyperexponential with mean 1: both phases carry half of the mean, which makes
 * the third parameter definite. Tijms (1994), appendix B.
 *
 * @param cs2 squared coefficient of variation, above 1.
 * @returns probability of the first phase and the means of both.
 */
export function balancedHyperexponential(cs2: number): {
  probability: number;
  means: readonly [number, number];
} {
  const probability = 0.5 * (1 + Math.sqrt((cs2 - 1) / (cs2 + 1)));
  return { probability, means: [0.5 / probability, 0.5 / (1 - probability)] };
}

/** H_n = 1 + 1/2 + ... + 1/n: mean of the largest of n exponentials of mean 1. Feller II, I.6. */
export function harmonic(n: number): number {
  let sum = 0;
  for (let k = n; k >= 1; k--) {
    sum += 1 / k;
  }
  return sum;
}

/**
 * Share of commits refused when attempts are Poisson and an accepted one is unseen for `load` =
 * lambda tau mean attempts: x / (1 + x), the loss of a counter with dead time (type I). Feller II,
 * XI.10.
 */
export function raceRejected(load: number): number {
  return load / (1 + load);
}

/**
 * Share refused when each of n members commits with probability p in a window and one per window is
 * accepted: 1 - (1 - (1-p)^n) / (n p).
 */
export function slottedRejected(members: number, p: number): number {
  return 1 - (1 - pow(1 - p, members)) / (members * p);
}

/** Limit of `slottedRejected` for many members at g = n p: 1 - (1 - e^-g) / g. */
export function slottedRejectedLimit(g: number): number {
  return 1 - (1 - exp(-g)) / g;
}

/** Attempts until all of n contenders are through, one per round: n (n+1) / 2. */
export function contentionAttempts(contenders: number): number {
  return (contenders * (contenders + 1)) / 2;
}

/** Share of those attempts that fail: 1 - 2 / (n+1), that is (n-1) / (n+1). */
export function contentionFailed(contenders: number): number {
  return (contenders - 1) / (contenders + 1);
}

/**
 * Expected share of commits accepted when n are spread uniformly and independently over a window
 * and an accepted one blocks for `tau`, both in one unit. Exact for finite n, where `raceRejected`
 * is the limit of a long window.
 *
 * The k-th acceptance needs k - 1 dead times to fit before it: with the blocked stretches cut out
 * of the time axis, acceptance k happens by the window's end iff the cut axis of length
 * s = window - (k-1) tau has at least one attempt left, counting those lost. For Poisson attempts
 * of rate r the gaps between acceptances are tau + Exp(r), so P(k-th by T) = P(Poisson(r s) >= k);
 * given the number n of attempts the same argument gives P(Binomial(n, s / window) >= k).
 */
export function uniformAccepted(n: number, window: number, tau: number): number {
  let expected = 0;
  for (let k = 1; k <= n; k++) {
    const live = window - (k - 1) * tau;
    if (live <= 0) {
      break;
    }
    expected += binomialTail(n, live / window, k);
  }
  return expected / n;
}

/** P(Binomial(n, p) >= k), summing the terms below k by their recursion in logarithms. */
export function binomialTail(n: number, p: number, k: number): number {
  if (p >= 1) {
    return 1;
  }
  const odds = log(p) - log(1 - p);
  let logTerm = n * log(1 - p);
  let below = 0;
  for (let i = 0; i < k; i++) {
    below += exp(logTerm);
    logTerm += log((n - i) / (i + 1)) + odds;
  }
  return Math.max(0, 1 - below);
}
