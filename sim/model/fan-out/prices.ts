/**
 * Prices of the fan-out path, compiled from the calibration: nanoseconds of one core and bytes on a
 * link. This is where an idea that makes a request cheaper or dearer shows.
 */
import { suites } from '../../../src/suites/registry.ts';
import type { Workload } from '../../../src/workload/types.ts';
import { Cost, costOf, sizeOf, type Calibration } from '../costs.ts';
import { applicationMessageBytes, sizes } from '../tree/sizes.ts';

/** Messages per dequeue request, as deployed. */
export const dequeueBatch = 32;

export interface Prices {
  /** Without the group's state. */
  readonly request: Cost;
  readonly loadGroupState: Cost;
  /** Per request to the queue service, by size. */
  readonly parse: Cost;
  /** Opening a sealed queue config, ns. */
  readonly openConfig: number;
  /** Read queue, encrypt entry by size, write queue. */
  readonly enqueue: Cost;
  /** A dequeue request without its batches, and one batch, ns. */
  readonly dequeue: number;
  readonly dequeueBatch: number;
  /** Encrypting a message at its sender, ns. */
  readonly encrypt: number;
  readonly requestOverhead: number;
  readonly sealedConfig: number;
  readonly plainConfig: number;
  readonly entryOverhead: number;
  readonly acknowledgement: number;
  /** A receipt as an MLS message, bytes. */
  readonly receipt: number;
  /** MLS message of a plaintext, bytes. */
  messageBytes(plaintextBytes: number): number;
}

/** Signature check over a token, over re-encoded content, or over the received bytes (idea 4). */
function authentication(
  workload: Workload,
  price: (name: 'verify-signature' | 'reencode-request') => Cost,
) {
  const verify = price('verify-signature');
  const encode = price('reencode-request');
  const again = workload.policy.auth === 'reencoded';
  return { fixed: verify.a + (again ? encode.a : 0), perByte: again ? encode.c : 0 };
}

export function compilePrices(workload: Workload, calibration: Calibration): Prices {
  const { suite } = workload.policy;
  const { slowdown } = workload.homeserver;
  const price = (name: Parameters<typeof costOf>[1]): Cost =>
    costOf(calibration, name, suite, slowdown);
  const parse = price('parse-request');
  const read = price('store-read').at(1);
  const write = price('store-write').at(1);
  const encrypt = price('queue-encrypt');
  const auth = authentication(workload, price);
  const mls = sizes(suites[suite]);
  const cost = (a: number, c: number): Cost => new Cost(a, 0, c);
  return {
    request: cost(parse.a + auth.fixed + read, parse.c + auth.perByte),
    loadGroupState: price('load-group-state'),
    parse,
    openConfig: price('hpke-open').at(1),
    enqueue: cost(read + encrypt.a + write, encrypt.c),
    dequeue: Math.round(parse.a + auth.fixed),
    dequeueBatch: read + write,
    encrypt: costOf(calibration, 'encrypt-message', suite, 1).at(1),
    requestOverhead: sizeOf(calibration, 'request-overhead'),
    sealedConfig: sizeOf(calibration, 'sealed-config'),
    plainConfig: sizeOf(calibration, 'plain-config'),
    entryOverhead: sizeOf(calibration, 'queue-entry-overhead'),
    acknowledgement: sizeOf(calibration, 'acknowledgement'),
    receipt: applicationMessageBytes(mls, sizeOf(calibration, 'receipt')),
    messageBytes: (plaintext) => applicationMessageBytes(mls, plaintext),
  };
}
