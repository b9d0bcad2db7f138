/** Where a group member's messages go (idea 2). */
import { optional, struct, uint8, union } from '../codec/index.ts';
import type { Decoded } from '../codec/index.ts';
import {
  fqdn,
  hpkeCiphertext,
  qsCid,
  signature,
  suiteNumber,
  symmetricKey,
} from './identifiers.ts';

/** What the QS needs to find the queue. The DS sees it only in a plain config. */
export const queueConfig = struct('QueueConfig', {
  option_push_token_key: optional(symmetricKey),
  pseudonymous_client_id: qsCid,
});

/**
 * The queue config under the QS's HPKE key. The specification authenticates it by HPKE's asymmetric
 * mode; a signature by the QS client record key does the same with every suite.
 */
export const sealedQueueConfig = struct('SealedQueueConfig', {
  suite: suiteNumber,
  sealed: hpkeCiphertext,
  signature,
});

/** v1: sealed only. */
export const clientQueueConfigV1 = struct('ClientQueueConfigV1', {
  client_homeserver_domain: fqdn,
  sealed_config: sealedQueueConfig,
});

/** v2: plain is admitted where DS and QS are one homeserver; others answer `plain_config_from_remote`. */
export const clientQueueConfigV2 = union('ClientQueueConfigV2', uint8, {
  sealed: [1, clientQueueConfigV1],
  plain: [
    2,
    struct('PlainQueueConfig', { client_homeserver_domain: fqdn, queue_config: queueConfig }),
  ],
});

export type QueueConfig = Decoded<typeof queueConfig>;
export type SealedQueueConfig = Decoded<typeof sealedQueueConfig>;
export type ClientQueueConfigV1 = Decoded<typeof clientQueueConfigV1>;
export type ClientQueueConfigV2 = Decoded<typeof clientQueueConfigV2>;
/** In memory, both versions are the union: a v1 config is a sealed one. */
export type ClientQueueConfig = ClientQueueConfigV2;

/** A v1 config as the union that the cores work with. */
export function fromV1(config: ClientQueueConfigV1): ClientQueueConfig {
  return { kind: 'sealed', ...config };
}

/** The config as v1 carries it, or undefined when v1 cannot (it is plain). */
export function toV1(config: ClientQueueConfig): ClientQueueConfigV1 | undefined {
  if (config.kind !== 'sealed') return undefined;
  const { client_homeserver_domain, sealed_config } = config;
  return { client_homeserver_domain, sealed_config };
}
