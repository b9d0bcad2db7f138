/** Between homeservers, and the public document. */
import { empty, struct, vector } from '../codec/index.ts';
import {
  qsToQsMessageV1,
  qsToQsMessageV2,
  queueDeletedV1,
  queueDeletedV2,
} from '../wire/queue-messages.ts';
import { signedDocument } from '../wire/well-known.ts';
import { both, each, type Operation } from './operation.ts';

export const federationOperations = {
  /**
   * The message is signed by its source; the request around it as well, against replay (v1: the
   * specification's InterQsAuthToken, good for an hour).
   */
  enqueue: {
    id: 0x0401,
    service: 'federation',
    name: 'enqueue',
    senders: ['homeserver'],
    anonymousToken: false,
    inGroup: false,
    summary:
      "Hands a fan-out message to the recipients' QS; answers with the queues that are gone.",
    bodies: each(
      {
        request: qsToQsMessageV1,
        response: struct('FederatedEnqueueResponseV1', { deleted: vector(queueDeletedV1) }),
      },
      {
        request: qsToQsMessageV2,
        response: struct('FederatedEnqueueResponseV2', { deleted: vector(queueDeletedV2) }),
      },
    ),
  },
} as const satisfies Record<string, Operation>;

export const wellKnownOperations = {
  document: {
    id: 0x0501,
    service: 'well-known',
    name: 'mls-homeserver',
    senders: [],
    anonymousToken: false,
    inGroup: false,
    summary: 'The signed document of a homeserver; also at `/.well-known/mls-homeserver`.',
    bodies: both(empty, signedDocument),
  },
} as const satisfies Record<string, Operation>;
