/** Prices of a commit's way: at its creator, at the delivery service, at the members. */
import { suites } from '../../../src/suites/registry.ts';
import type { Workload } from '../../../src/workload/types.ts';
import { costOf, sizeOf, type Calibration, type Cost, type Operation } from '../costs.ts';
import { sizes, type Sizes } from '../tree/sizes.ts';
import type { CommitCost } from '../tree/ratchet-tree.ts';

export class CommitPrices {
  readonly mls: Sizes;
  private readonly create: Cost;
  private readonly seal: number;
  private readonly process: Cost;
  private readonly parse: Cost;
  private readonly verify: number;
  private readonly read: number;
  private readonly write: number;
  private readonly load: Cost;
  private readonly store: Cost;
  private readonly validate: Cost;
  private readonly validateAdds: Cost;
  private readonly open: number;
  private readonly encrypt: Cost;
  private readonly overhead: number;

  constructor(workload: Workload, calibration: Calibration) {
    const { suite } = workload.policy;
    this.mls = sizes(suites[suite]);
    const client = (name: Operation): Cost => costOf(calibration, name, suite, 1);
    const server = (name: Operation): Cost =>
      costOf(calibration, name, suite, workload.homeserver.slowdown);
    this.create = client('create-commit');
    this.seal = client('hpke-seal').at(1);
    this.process = client('process-commit');
    this.parse = server('parse-request');
    this.verify = server('verify-signature').at(1);
    this.read = server('store-read').at(1);
    this.write = server('store-write').at(1);
    this.load = server('load-group-state');
    this.store = server('store-group-state');
    this.validate = server('validate-commit');
    this.validateAdds = server('validate-adds');
    this.open = server('hpke-open').at(1);
    this.encrypt = server('queue-encrypt');
    this.overhead = sizeOf(calibration, 'request-overhead');
  }

  /** Bytes of a request that carries an MLS message. */
  requestBytes(messageBytes: number): number {
    return messageBytes + this.overhead;
  }

  /** Client: making a commit, ns. */
  createNs(cost: CommitCost): number {
    return this.create.at(cost.members) + this.seal * cost.encryptedPathSecrets;
  }

  /** Client: taking in a commit of somebody else, ns. */
  processNs(members: number): number {
    return this.process.at(members);
  }

  /** Delivery service: up to the comparison of epochs, which a rejected commit pays, ns. */
  rejectNs(bytes: number, members: number): number {
    return this.parse.at(bytes) + this.verify + this.read + this.load.at(members);
  }

  /** Delivery service: an accepted commit, ns. */
  acceptNs(bytes: number, cost: CommitCost): number {
    const adds = cost.added.length === 0 ? 0 : this.validateAdds.at(cost.added.length);
    return (
      this.rejectNs(bytes, cost.members) +
      this.validate.at(cost.members) +
      adds +
      this.store.at(cost.members) +
      this.write
    );
  }

  /** Queue service: one recipient, without waiting, ns. */
  enqueueNs(bytes: number): number {
    return this.open + this.read + this.encrypt.at(bytes) + this.write;
  }
}
