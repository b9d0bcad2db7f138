/** Who speaks which version when: drawn once, known to all. */
import type { Workload } from '../../../src/workload/types.ts';
import { float, stream } from '../../kernel/random.ts';
import { Sampler } from '../sampler.ts';
import { msPerDay, nsPerMs, toNs } from '../units.ts';

/** A day after its upgrade a homeserver may find that it has to go back. */
const rollbackAfterNs = msPerDay * nsPerMs;

export interface Timeline {
  /** When homeserver h begins to speak version 2. */
  readonly upgradeNs: Float64Array;
  /** When it returns to version 1; Infinity for never. */
  readonly backNs: Float64Array;
  readonly backLengthNs: number;
  /** How long after its upgrade it refuses version 1. */
  readonly dropNs: number;
  /** When client c begins to speak version 2. */
  readonly clientNs: Float64Array;
}

function sharedFloat64(length: number): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(8 * length));
}

export function drawTimeline({ rollout, population }: Workload, seed: number): Timeline {
  const upgradeNs = sharedFloat64(population.homeservers);
  const backNs = sharedFloat64(population.homeservers);
  const upgrade = new Sampler(rollout.homeserverUpgrade, nsPerMs);
  for (let h = 0; h < upgradeNs.length; h++) {
    const random = stream(seed, h, 'version-rollout.homeserver');
    upgradeNs[h] = upgrade.sampleInteger(random);
    const back = float(random) < rollout.rollback;
    backNs[h] = back ? upgradeNs[h]! + rollbackAfterNs : Infinity;
  }
  const clientNs = sharedFloat64(population.clients);
  const client = new Sampler(rollout.clientUpgrade, nsPerMs);
  const random = stream(seed, 0, 'version-rollout.clients');
  for (let c = 0; c < clientNs.length; c++) clientNs[c] = client.sampleInteger(random);
  return {
    upgradeNs,
    backNs,
    backLengthNs: toNs(rollout.rollbackLength),
    dropNs: toNs(rollout.dropV1),
    clientNs,
  };
}

/** Whether a homeserver speaks version 2 at a time. */
export function speaksV2(timeline: Timeline, homeserver: number, nowNs: number): boolean {
  if (nowNs < timeline.upgradeNs[homeserver]!) return false;
  const back = timeline.backNs[homeserver]!;
  return nowNs < back || nowNs >= back + timeline.backLengthNs;
}

/** Whether it speaks version 1: until it drops it, and whenever it has gone back. */
export function speaksV1(timeline: Timeline, homeserver: number, nowNs: number): boolean {
  const dropped = nowNs >= timeline.upgradeNs[homeserver]! + timeline.dropNs;
  return !dropped || !speaksV2(timeline, homeserver, nowNs);
}
