/** Queuing service: user and client records, KeyPackages, queues. */
import { empty, oneOf, optional, struct, uint32, uint8, vector } from '../codec/index.ts';
import {
  friendshipToken,
  groupId,
  hpkePublicKey,
  lane,
  qsCid,
  qsUid,
  sequence,
  smallCiphertext,
  verifyingKey,
} from '../wire/identifiers.ts';
import {
  addPackageBatchV1,
  addPackageBatchV2,
  addPackageV1,
  addPackageV2,
} from '../wire/key-packages.ts';
import { queueEntry } from '../wire/queue-messages.ts';
import { both, each, onlyV2, type Operation } from './operation.ts';

const clientRecord = {
  client_record_auth_key: verifyingKey,
  queue_encryption_key: hpkePublicKey,
  encrypted_push_token: optional(smallCiphertext),
};
const byUser = { qs_uid: qsUid };
const byClient = { qs_cid: qsCid };

/** Most entries of one answer (specification: 500); the homeserver may configure less. */
export const maxDequeued = 500;

const dequeueResponse = {
  entries: vector(queueEntry, { max: maxDequeued }),
  /** Entries left behind those returned. */
  remaining: uint32,
};

/** Idea 3: what becomes of groups without a label of their own. */
export const defaultLabels = { accepted: 1, pending: 2 } as const;

const policy = struct('QueuePolicy', {
  default_label: oneOf('DefaultLabel', uint8, defaultLabels),
  /** Above this many messages per hour a group without a label goes to SPAM; none: no limit. */
  max_messages_per_hour: optional(uint32),
  /** Above this many recipients a group without a label goes to SPAM; none: no limit. */
  max_group_size: optional(uint32),
  /** Groups of homeservers the owner has no accepted group on go to SPAM. */
  unknown_source_is_spam: oneOf('Flag', uint8, { no: 0, yes: 1 }),
});

const user = { service: 'qs', senders: ['qsUser'], anonymousToken: true, inGroup: false } as const;
const client = { ...user, senders: ['qsClient'] } as const;
const open = { ...user, senders: [], anonymousToken: false } as const;

export const qsOperations = {
  createUserRecord: {
    ...open,
    id: 0x0201,
    name: 'create-user-record',
    anonymousToken: true,
    summary: 'Creates a user record with its first client record.',
    bodies: both(
      struct('CreateUserRecordParams', {
        user_record_auth_key: verifyingKey,
        friendship_token: friendshipToken,
        ...clientRecord,
      }),
      struct('CreateUserRecordResponse', { qs_uid: qsUid, qs_cid: qsCid }),
    ),
  },
  updateUserRecord: {
    ...user,
    id: 0x0202,
    name: 'update-user-record',
    summary: 'Replaces the authentication key and the friendship token.',
    bodies: both(
      struct('UpdateUserRecordParams', {
        ...byUser,
        user_record_auth_key: verifyingKey,
        friendship_token: friendshipToken,
      }),
      empty,
    ),
  },
  getUserRecord: {
    ...user,
    id: 0x0203,
    name: 'get-user-record',
    summary: 'Returns the own user record.',
    bodies: both(
      struct('UserRecordParams', byUser),
      struct('UserRecordResponse', {
        user_record_auth_key: verifyingKey,
        friendship_token: friendshipToken,
        client_records: vector(struct('ClientRecord', { ...byClient, ...clientRecord })),
      }),
    ),
  },
  deleteUserRecord: {
    ...user,
    id: 0x0204,
    name: 'delete-user-record',
    summary: 'Deletes the user record and all its client records.',
    bodies: both(struct('DeleteUserRecordParams', byUser), empty),
  },
  createClientRecord: {
    ...user,
    id: 0x0205,
    name: 'create-client-record',
    summary: 'Adds a client record to the own user record.',
    bodies: both(
      struct('CreateClientRecordParams', { ...byUser, ...clientRecord }),
      struct('CreateClientRecordResponse', byClient),
    ),
  },
  updateClientRecord: {
    ...client,
    id: 0x0206,
    name: 'update-client-record',
    summary: 'Replaces the keys and the push token of a client record.',
    bodies: both(struct('UpdateClientRecordParams', { ...byClient, ...clientRecord }), empty),
  },
  deleteClientRecord: {
    ...client,
    id: 0x0207,
    name: 'delete-client-record',
    summary: 'Deletes a client record and its queue.',
    bodies: both(struct('DeleteClientRecordParams', byClient), empty),
  },
  publishKeyPackages: {
    ...client,
    id: 0x0208,
    name: 'publish-key-packages',
    summary: 'Replaces all published AddPackages of a client.',
    bodies: each(
      {
        request: struct('PublishKeyPackagesParamsV1', { ...byClient, batch: addPackageBatchV1 }),
        response: empty,
      },
      {
        request: struct('PublishKeyPackagesParamsV2', { ...byClient, batch: addPackageBatchV2 }),
        response: empty,
      },
    ),
  },
  getAddPackage: {
    ...open,
    id: 0x0209,
    name: 'get-add-package',
    anonymousToken: true,
    summary: 'Returns an AddPackage per client of the user with this friendship token.',
    bodies: each(
      {
        request: struct('AddPackageParamsV1', { friendship_token: friendshipToken }),
        response: struct('AddPackageResponseV1', { add_packages: vector(addPackageV1) }),
      },
      {
        request: struct('AddPackageParamsV2', { friendship_token: friendshipToken }),
        response: struct('AddPackageResponseV2', { add_packages: vector(addPackageV2) }),
      },
    ),
  },
  dequeue: {
    ...client,
    id: 0x020a,
    name: 'dequeue',
    anonymousToken: false,
    summary: 'Deletes the entries below a sequence number and returns those from it on.',
    bodies: each(
      {
        request: struct('DequeueMessagesParamsV1', {
          ...byClient,
          sequence_number_start: sequence,
          max_message_number: uint32,
        }),
        response: struct('DequeueMessagesResponseV1', dequeueResponse),
      },
      {
        request: struct('DequeueMessagesParamsV2', {
          ...byClient,
          lane,
          sequence_number_start: sequence,
          max_message_number: uint32,
        }),
        response: struct('DequeueMessagesResponseV2', { lane, ...dequeueResponse }),
      },
    ),
  },
  listen: {
    ...client,
    id: 0x020b,
    name: 'listen',
    anonymousToken: false,
    summary: 'Opens a WebSocket that carries a wake-up per enqueued message.',
    bodies: both(struct('WsParams', byClient), empty),
  },
  setPolicy: {
    ...client,
    id: 0x020c,
    name: 'set-policy',
    summary: 'Sets the rules by which groups without a label are sorted into lanes.',
    bodies: onlyV2(struct('SetPolicyParams', { ...byClient, policy }), empty),
  },
  acceptGroup: {
    ...client,
    id: 0x020d,
    name: 'accept-group',
    summary: 'Labels a group as accepted: its messages go to the HAM lane.',
    bodies: onlyV2(struct('AcceptGroupParams', { ...byClient, group_id: groupId }), empty),
  },
  blockGroup: {
    ...client,
    id: 0x020e,
    name: 'block-group',
    summary: 'Puts a group on the blocklist: its messages are not enqueued.',
    bodies: both(struct('BlockGroupParams', { ...byClient, group_id: groupId }), empty),
  },
  verifyingKey: {
    ...open,
    id: 0x020f,
    name: 'verifying-key',
    summary: 'Returns the key that verifies QS-to-QS messages of this homeserver.',
    bodies: both(empty, struct('VerifyingKeyResponse', { verifying_key: verifyingKey })),
  },
  configEncryptionKey: {
    ...open,
    id: 0x0210,
    name: 'config-encryption-key',
    summary: 'Returns the HPKE keys for sealed queue configs.',
    bodies: both(
      empty,
      struct('ConfigEncryptionKeyResponse', { keys: vector(hpkePublicKey, { min: 1, max: 8 }) }),
    ),
  },
} as const satisfies Record<string, Operation>;
