/**
 * Delays of the three link classes: access (client to homeserver), inside (service to service
 * within one homeserver) and federation (between homeservers).
 *
 * Round-trip times between regions are the medians of SimBlock's 2019 measurement (region list
 * North America, Europe, Asia-Pacific, Japan, South America, Australia); a one-way delay is half of
 * that times a lognormal jitter. Inside a homeserver a round trip takes 1 ms (Azure 2019).
 *
 * The jitter has a floor of e^(-2 sigma): signals have a fastest path, and a floor that the sampler
 * respects is what lets homeservers be simulated in parallel (the lookahead). It cuts 2.3 % of
 * draws.
 */
import { UsageError } from '../../src/errors.ts';
import { regions, type Distribution, type Network, type Region } from '../../src/workload/types.ts';
import { exp } from '../kernel/math.ts';
import { float, type RandomSource } from '../kernel/random.ts';
import { normal } from '../kernel/samplers.ts';
import { Sampler } from './sampler.ts';
import { nsPerMs, toNs, transferNs } from './units.ts';

/** Round-trip times in ms, rows and columns in the order of `regions` (NA EU AP JP SA AU). */
export const regionRttMs: readonly (readonly number[])[] = [
  [32, 124, 198, 151, 184, 189],
  [124, 11, 237, 252, 227, 294],
  [198, 237, 85, 58, 325, 198],
  [151, 252, 58, 12, 301, 126],
  [184, 227, 325, 301, 88, 322],
  [189, 294, 198, 126, 322, 16],
];

/** One way between two services of a homeserver. */
export const insideDelayNs = 500_000;

/** First retransmission after a lost request: the initial timeout of TCP (RFC 6298 section 2). */
export const retransmissionTimeoutNs = 1_000_000_000;

/** Retry-After of a request that a full station answers with 503. */
export const retryAfterNs = 1_000_000_000;

/** Sigmas below the median at which jitter and unbounded distributions are cut. */
const floorSigmas = 2;

/** Hours that a region's clocks are ahead of UTC, for the diurnal rate. */
export const regionUtcOffsetHours: Readonly<Record<Region, number>> = {
  NA: -6,
  EU: 1,
  AP: 8,
  JP: 9,
  SA: -3,
  AU: 10,
};

/** Smallest value that a federation distribution is allowed to yield, in ms. */
function distributionFloorMs(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'lognormal':
      return distribution.median * exp(-floorSigmas * distribution.sigma);
    case 'normal':
      return Math.max(0, distribution.mean - floorSigmas * distribution.sd);
    default:
      return new Sampler(distribution).min;
  }
}

/**
 * Smallest federation delay in ns: the lookahead between homeservers.
 *
 * @param present - indices of the regions that have homeservers
 */
export function lookaheadNs(network: Network, present: readonly number[]): number {
  const { federation } = network;
  if (federation !== 'regions') return Math.floor(distributionFloorMs(federation) * nsPerMs);
  const rtts = present.flatMap((from) => present.map((to) => regionRttMs[from]![to]!));
  const fastest = Math.min(...rtts) / 2;
  return Math.floor(fastest * nsPerMs * exp(-floorSigmas * network.jitter));
}

/** @throws {UsageError} when several workers are asked for and homeservers have no distance */
export function requireLookahead(lookahead: number, workers: number): void {
  if (lookahead > 0 || workers <= 1) return;
  throw new UsageError(
    `${workers} workers need a smallest delay between homeservers above 0; network.federation allows 0`,
    'use --workers 1, or a distribution with a floor such as "regions", "constant(20 ms)" or "lognormal(20 ms, 0.3)"',
  );
}

/** Draws delays; one per worker. All results are integer ns. */
export class Links {
  private readonly access: Sampler;
  private readonly accessLoss: number;
  private readonly uplink: number;
  private readonly downlink: number;
  private readonly federation: Sampler | undefined;
  private readonly floorNs: number;
  private readonly sigma: number;
  private readonly jitterFloor: number;
  private readonly oneWayNs: Float64Array;

  constructor(network: Network) {
    this.access = new Sampler(network.access, nsPerMs);
    this.accessLoss = network.loss;
    this.uplink = network.uplink;
    this.downlink = network.downlink;
    const { federation } = network;
    this.federation = federation === 'regions' ? undefined : new Sampler(federation, nsPerMs);
    // Rounded up, so that a draw at the floor is not below a lookahead that was rounded down.
    this.floorNs = federation === 'regions' ? 0 : Math.ceil(distributionFloorMs(federation) * 1e6);
    this.sigma = network.jitter;
    this.jitterFloor = exp(-floorSigmas * network.jitter);
    this.oneWayNs = Float64Array.from(regionRttMs.flat(), (rtt) => toNs(rtt / 2));
  }

  /** Client to homeserver: delay and transfer time of one request that is not lost. */
  up(source: RandomSource, bytes: number): number {
    return this.accessDelay(source) + transferNs(bytes, this.uplink);
  }

  /** Homeserver to client. */
  down(source: RandomSource, bytes: number): number {
    return this.accessDelay(source) + transferNs(bytes, this.downlink);
  }

  /** One-way delay of the access link without transfer time. */
  accessDelay(source: RandomSource): number {
    return this.access.sampleInteger(source);
  }

  downTransfer(bytes: number): number {
    return transferNs(bytes, this.downlink);
  }

  /** How often a request is lost before it gets through (geometric); at most 20. */
  losses(source: RandomSource): number {
    if (this.accessLoss === 0) return 0;
    let lost = 0;
    while (lost < 20 && float(source) < this.accessLoss) lost++;
    return lost;
  }

  /** Between homeservers of two regions; never below `lookaheadNs`. */
  between(source: RandomSource, from: number, to: number): number {
    if (this.federation !== undefined) {
      return Math.max(this.floorNs, this.federation.sampleInteger(source));
    }
    const base = this.oneWayNs[from * regions.length + to]!;
    if (this.sigma === 0) return base;
    const jitter = Math.max(this.jitterFloor, exp(this.sigma * normal(source)));
    return Math.ceil(base * jitter);
  }
}
