/** What messages weigh and what reading them costs a phone. */
import { suites } from '../../../src/suites/registry.ts';
import type { Workload } from '../../../src/workload/types.ts';
import { costOf, sizeOf, type Calibration, type Cost } from '../costs.ts';
import { RatchetTree } from '../tree/ratchet-tree.ts';
import { applicationMessageBytes, sizes, type Sizes } from '../tree/sizes.ts';

/** Messages per dequeue request, as deployed. */
export const dequeueBatch = 32;

/** A phone's core against the calibration's (Lighthouse: mobile CPU 4x slower). */
const phoneSlowdown = 4;

export class FloodPrices {
  private readonly mls: Sizes;
  private readonly overhead: number;
  private readonly decrypt: number;
  private readonly process: Cost;
  private readonly commits = new Map<number, number>();

  constructor(workload: Workload, calibration: Calibration) {
    const { suite } = workload.policy;
    this.mls = sizes(suites[suite]);
    this.overhead = sizeOf(calibration, 'queue-entry-overhead');
    this.decrypt = costOf(calibration, 'decrypt-message', suite, phoneSlowdown).at(1);
    this.process = costOf(calibration, 'process-commit', suite, phoneSlowdown);
  }

  /** Queue entry of an application message. */
  messageBytes(plaintextBytes: number): number {
    return applicationMessageBytes(this.mls, plaintextBytes) + this.overhead;
  }

  /** Queue entry of a self-update in a healed group. */
  commitBytes(members: number): number {
    const known = this.commits.get(members);
    if (known !== undefined) return known;
    const { commitBytes } = RatchetTree.healed(members, this.mls).update(0);
    this.commits.set(members, commitBytes + this.overhead);
    return commitBytes + this.overhead;
  }

  /** Reading one entry, ns. */
  readNs(commit: boolean, members: number): number {
    return commit ? this.process.at(members) : this.decrypt;
  }
}
