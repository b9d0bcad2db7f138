/** What leaves a group for the outbox: entries for local queues, and for other homeservers. */
import { sha256 } from '../../crypto/hash.ts';
import { encode } from '../../protocol/codec/index.ts';
import type {
  ClientQueueConfig,
  QueueConfig,
  SealedQueueConfig,
} from '../../protocol/wire/queue-config.ts';
import {
  fanOutMessageV2,
  queuePayload,
  type FanOutMessage,
} from '../../protocol/wire/queue-messages.ts';
import type { Outgoing } from '../../store/port.ts';
import type { Env } from '../core.ts';
import { localFanOut, type LocalConfig } from './records.ts';

/**
 * Streams per destination: messages of one group keep their order, groups do not wait for each
 * other.
 */
const streams = 16;
/** Recipients per outbox entry: bounds what a step decodes. */
const recipientsPerEntry = 512;

export const localPrefix = 'queue/';
export const remotePrefix = 'remote/';
export const reportsDestination = 'ds/queue-deleted';

export const streamOf = (group: Uint8Array): number =>
  (sha256.digest(group)[0] as number) % streams;

/** The message in parts of so many recipients that a step can decode one. */
function partsOf(message: FanOutMessage): FanOutMessage[] {
  const { client_queue_configs: configs } = message;
  if (configs.length <= recipientsPerEntry) return [message];
  const count = Math.ceil(configs.length / recipientsPerEntry);
  return Array.from({ length: count }, (_, i) => ({
    ...message,
    client_queue_configs: configs.slice(i * recipientsPerEntry, (i + 1) * recipientsPerEntry),
  }));
}

/** A message of the DS of `source` for queues of this homeserver. */
export function toQueues(source: string, message: FanOutMessage): Outgoing[] {
  const { group_id, message_content, client_queue_configs } = message;
  const payload = encode(queuePayload, { kind: 'message', group_id, message_content });
  const common = { source, group_id, payload, recipients: client_queue_configs.length };
  return partsOf(message).map((part) => ({
    destination: `${localPrefix}${streamOf(group_id)}`,
    payload: encode(localFanOut, { ...common, configs: part.client_queue_configs.map(toLocal) }),
  }));
}

const toLocal = (config: ClientQueueConfig): LocalConfig =>
  config.kind === 'sealed'
    ? { kind: 'sealed', ...config.sealed_config }
    : { kind: 'plain', ...config.queue_config };

/** The config as it came, for a report. */
export function fromLocal(
  config: LocalConfig,
  client_homeserver_domain: string,
): ClientQueueConfig {
  const { kind, ...fields } = config;
  return kind === 'sealed'
    ? { kind, client_homeserver_domain, sealed_config: fields as SealedQueueConfig }
    : { kind, client_homeserver_domain, queue_config: fields as QueueConfig };
}

const toRemote = (domain: string, message: FanOutMessage): Outgoing[] =>
  partsOf(message).map((part) => ({
    destination: `${remotePrefix}${domain}/${streamOf(message.group_id)}`,
    payload: encode(fanOutMessageV2, part),
  }));

/** Outbox entries that bring a message to all its recipients, here and elsewhere. */
export function fanOut(message: FanOutMessage, env: Pick<Env, 'domain'>): Outgoing[] {
  const configs = message.client_queue_configs;
  const byDomain = Map.groupBy(configs, (config) => config.client_homeserver_domain);
  return [...byDomain].flatMap(([domain, client_queue_configs]) => {
    const part = { ...message, client_queue_configs };
    return domain === env.domain ? toQueues(domain, part) : toRemote(domain, part);
  });
}
