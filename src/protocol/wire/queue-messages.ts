/** What fans out from a group, what stands in a queue, and what travels between homeservers. */
import { opaqueV, struct, uint8, union, vector } from '../codec/index.ts';
import type { Codec, Decoded } from '../codec/index.ts';
import {
  fqdn,
  groupId,
  hpkeCiphertext,
  lane,
  mlsMessage,
  sequence,
  signature,
} from './identifiers.ts';
import { welcomeBundle } from './key-packages.ts';
import { clientQueueConfigV1, clientQueueConfigV2 } from './queue-config.ts';

const message = (name: string) => struct(name, { message: mlsMessage });

export const messageContent = union('MessageContent', uint8, {
  commit: [1, message('CommitContent')],
  application: [2, message('ApplicationContent')],
  welcomeBundle: [3, welcomeBundle],
  /** Self-removal of a user, or removals the DS induces. */
  proposal: [4, message('ProposalContent')],
});

/** Most recipients of one message on one homeserver. */
export const maxRecipients = 65_536;

const fanOut = <C>(name: string, config: Codec<C>) =>
  struct(name, {
    group_id: groupId,
    client_queue_configs: vector(config, { min: 1, max: maxRecipients }),
    message_content: messageContent,
  });

export const fanOutMessageV1 = fanOut('FanOutMessageV1', clientQueueConfigV1);
export const fanOutMessageV2 = fanOut('FanOutMessageV2', clientQueueConfigV2);

/** QS to QS; the signature covers the three fields before it. */
const betweenServers = <C>(name: string, payload: Codec<C>) =>
  struct(name, { source: fqdn, destination: fqdn, payload, signature });
export const qsToQsMessageV1 = betweenServers('QsToQsMessageV1', fanOutMessageV1);
export const qsToQsMessageV2 = betweenServers('QsToQsMessageV2', fanOutMessageV2);

const tbs = <C>(name: string, payload: Codec<C>) =>
  struct(name, { source: fqdn, destination: fqdn, payload });
export const qsToQsTbsV1 = tbs('QsToQsTbsV1', fanOutMessageV1);
export const qsToQsTbsV2 = tbs('QsToQsTbsV2', fanOutMessageV2);

/** A queue that is gone; the DS proposes the removal of the member it belonged to. */
const deleted = <C>(name: string, config: Codec<C>) =>
  struct(name, { client_queue_config: config, group_id: groupId });
export const queueDeletedV1 = deleted('QueueDeletedV1', clientQueueConfigV1);
export const queueDeletedV2 = deleted('QueueDeletedV2', clientQueueConfigV2);

/** Plaintext of a sealed queue entry. */
export const queuePayload = union('QueuePayload', uint8, {
  message: [1, struct('QueuedMessage', { group_id: groupId, message_content: messageContent })],
  /**
   * The group's label changed (idea 3): before reading on in this lane, read `old_lane` up to and
   * including `up_to_sequence`, so that order within the group holds.
   */
  laneMarker: [
    2,
    struct('LaneMarker', { group_id: groupId, old_lane: lane, up_to_sequence: sequence }),
  ],
});

/** One entry of a queue as it is stored and dequeued. */
export const queueEntry = union('QueueEntry', uint8, {
  /** Sealed under the message key that the ratchet gave for this sequence number. */
  sealed: [1, struct('SealedEntry', { sequence, ciphertext: opaqueV() })],
  /** Fresh randomness for the ratchet, under the owner's HPKE key (post-compromise security). */
  ratchetUpdate: [2, struct('RatchetUpdate', { sequence, sealed: hpkeCiphertext })],
});

export type MessageContent = Decoded<typeof messageContent>;
export type FanOutMessage = Decoded<typeof fanOutMessageV2>;
export type QsToQsMessage = Decoded<typeof qsToQsMessageV2>;
export type QueueDeleted = Decoded<typeof queueDeletedV2>;
export type QueuePayload = Decoded<typeof queuePayload>;
export type QueueEntry = Decoded<typeof queueEntry>;
