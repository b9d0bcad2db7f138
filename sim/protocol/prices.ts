/** Prices of single operations, from the same calibration as the model's compiled ones. */
import { suites } from '../../src/suites/registry.ts';
import type { Workload } from '../../src/workload/types.ts';
import { costOf, type Calibration, type Cost } from '../model/costs.ts';
import { applicationMessageBytes, keyPackageMessageBytes, sizes } from '../model/tree/sizes.ts';

/** Nanoseconds of one core on the homeserver; `encrypt` on the client. */
export interface Prices {
  readonly parse: Cost;
  readonly loadGroupState: Cost;
  /** A signature made or checked, with the second encoding where the policy asks for it. */
  readonly signature: number;
  readonly openConfig: number;
  readonly sealConfig: number;
  readonly encryptEntry: Cost;
  readonly storeRead: number;
  readonly storeWrite: number;
  readonly encrypt: number;
  /** Bytes. */
  readonly keyPackage: number;
  readonly messageBytes: (plaintext: number) => number;
}

export function compilePrices(workload: Workload, calibration: Calibration): Prices {
  const { suite, auth } = workload.policy;
  const { slowdown } = workload.homeserver;
  const price = (name: Parameters<typeof costOf>[1]): Cost =>
    costOf(calibration, name, suite, slowdown);
  const reencode = auth === 'reencoded' ? price('reencode-request').a : 0;
  const mls = sizes(suites[suite]);
  return {
    parse: price('parse-request'),
    loadGroupState: price('load-group-state'),
    signature: price('verify-signature').a + reencode,
    openConfig: price('hpke-open').at(1),
    sealConfig: price('hpke-seal').at(1),
    encryptEntry: price('queue-encrypt'),
    storeRead: price('store-read').at(1),
    storeWrite: price('store-write').at(1),
    encrypt: costOf(calibration, 'encrypt-message', suite, 1).at(1),
    keyPackage: keyPackageMessageBytes(mls),
    messageBytes: (plaintext) => applicationMessageBytes(mls, plaintext),
  };
}
