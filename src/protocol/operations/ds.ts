/** Delivery service: groups. */
import { empty, opaqueV, optional, struct, uint16, vector, type Codec } from '../codec/index.ts';
import {
  epoch,
  groupId,
  identityKind,
  keyPackageRef,
  mlsMessage,
  signature,
  smallCiphertext,
  suiteNumber,
  symmetricKey,
} from '../wire/identifiers.ts';
import { addPackageV2 } from '../wire/key-packages.ts';
import { clientQueueConfigV1, clientQueueConfigV2 } from '../wire/queue-config.ts';
import { both, each, onlyV2, type Operation } from './operation.ts';

/** Every request about a group names it and brings the key to its encrypted state. */
const group = { group_id: groupId, group_state_ear_key: symmetricKey };
/** A commit with the sender's signature over the new GroupInfo; the DS has the rest. */
const commit = { commit: mlsMessage, group_info_update: signature };
/** Credential ciphertexts of all members, in the order of the leaves. */
const credentialChains = vector(optional(smallCiphertext));

const createGroup = <C>(name: string, config: Codec<C>) =>
  struct(name, {
    ...group,
    key_package: mlsMessage,
    encrypted_credential_chain: smallCiphertext,
    creator_queue_config: config,
    group_info: mlsMessage,
  });
const updateQueueInfo = <C>(name: string, config: Codec<C>) =>
  struct(name, { ...group, new_queue_config: config });

const welcomeInfoResponse = struct('WelcomeInfoResponse', {
  public_tree: mlsMessage,
  credential_chains: credentialChains,
});

const addUsers = struct('AddUsersParams', {
  ...group,
  ...commit,
  welcome: mlsMessage,
  encrypted_welcome_attribution_infos: vector(smallCiphertext, { min: 1, max: 1024 }),
  key_package_refs: vector(keyPackageRef, { min: 1, max: 1024 }),
});

const member = { service: 'ds', senders: ['leaf'], anonymousToken: true, inGroup: true } as const;

export const dsOperations = {
  requestGroupId: {
    id: 0x0101,
    service: 'ds',
    name: 'request-group-id',
    senders: [],
    anonymousToken: true,
    inGroup: false,
    summary: 'Reserves a fresh group id.',
    bodies: both(empty, struct('RequestGroupIdResponse', { group_id: groupId })),
  },
  createGroup: {
    ...member,
    id: 0x0102,
    name: 'create-group',
    summary: 'Creates a group under a reserved id; the creator signs as leaf 0.',
    bodies: each(
      { request: createGroup('CreateGroupParamsV1', clientQueueConfigV1), response: empty },
      { request: createGroup('CreateGroupParamsV2', clientQueueConfigV2), response: empty },
    ),
  },
  welcomeInfo: {
    ...member,
    id: 0x0103,
    name: 'welcome-info',
    senders: ['keyPackage'],
    summary: 'Gives a joiner the tree of the epoch it was added in.',
    bodies: both(struct('WelcomeInfoParams', { ...group, epoch }), welcomeInfoResponse),
  },
  externalCommitInfo: {
    ...member,
    id: 0x0104,
    name: 'external-commit-info',
    summary: 'Gives GroupInfo and tree for a join by external commit.',
    bodies: both(
      struct('ExternalCommitInfoParams', group),
      struct('ExternalCommitInfoResponse', {
        group_info: mlsMessage,
        public_tree: mlsMessage,
        credential_chains: credentialChains,
      }),
    ),
  },
  addUsers: {
    ...member,
    id: 0x0105,
    name: 'add-users',
    summary: 'Commits inline Add proposals and hands out the Welcomes.',
    bodies: both(addUsers, empty),
  },
  removeUsers: {
    ...member,
    id: 0x0106,
    name: 'remove-users',
    summary: 'Commits Remove proposals; for admins.',
    bodies: both(struct('RemoveUsersParams', { ...group, ...commit }), empty),
  },
  updateClient: {
    ...member,
    id: 0x0107,
    name: 'update-client',
    summary: "Commits the sender's new key material and all stored proposals.",
    bodies: both(struct('UpdateClientParams', { ...group, ...commit }), empty),
  },
  resync: {
    ...member,
    id: 0x0108,
    name: 'resync',
    summary: 'Replaces the own leaf by an external commit.',
    bodies: both(struct('ResyncClientParams', { ...group, ...commit }), empty),
  },
  selfRemove: {
    ...member,
    id: 0x0109,
    name: 'self-remove',
    summary: 'Stores the proposal to remove the sender.',
    bodies: both(struct('SelfRemoveUserParams', { ...group, remove_proposal: mlsMessage }), empty),
  },
  sendMessage: {
    ...member,
    id: 0x010a,
    name: 'send-message',
    summary: 'Fans an application message out to the group.',
    bodies: both(struct('SendMessageParams', { ...group, application_message: mlsMessage }), empty),
  },
  updateQueueInfo: {
    ...member,
    id: 0x010b,
    name: 'update-queue-info',
    summary: "Replaces the sender's queue config.",
    bodies: each(
      { request: updateQueueInfo('UpdateQueueInfoParamsV1', clientQueueConfigV1), response: empty },
      { request: updateQueueInfo('UpdateQueueInfoParamsV2', clientQueueConfigV2), response: empty },
    ),
  },
  joinConnectionGroup: {
    ...member,
    id: 0x010c,
    name: 'join-connection-group',
    senders: [],
    inGroup: false,
    summary: 'Joins a group of one member by external commit; the key to the state is the proof.',
    bodies: both(struct('JoinConnectionGroupParams', { ...group, ...commit }), empty),
  },
  deleteGroup: {
    ...member,
    id: 0x010d,
    name: 'delete-group',
    summary: 'Commits the removal of everybody else, then deletes the group.',
    bodies: both(struct('DeleteGroupParams', { ...group, ...commit }), empty),
  },
  announceReinit: {
    ...member,
    id: 0x010e,
    name: 'announce-reinit',
    summary: 'Announces re-initialization: reserves the successor, asks for AddPackages.',
    bodies: onlyV2(
      struct('AnnounceReinitParams', {
        ...group,
        suite: suiteNumber,
        protocol_version: uint16,
        identity: identityKind,
        /** The announcer's own AddPackage for the successor, encrypted for the group. */
        encrypted_add_package: opaqueV(64 * 1024),
      }),
      struct('AnnounceReinitResponse', { successor: groupId }),
    ),
  },
  commitReinit: {
    ...member,
    id: 0x010f,
    name: 'commit-reinit',
    summary: 'Commits the ReInit proposal alone; the group freezes.',
    bodies: onlyV2(
      struct('CommitReinitParams', { ...group, ...commit }),
      struct('CommitReinitResponse', { encrypted_add_packages: vector(opaqueV(64 * 1024)) }),
    ),
  },
  createSuccessor: {
    ...member,
    id: 0x0110,
    name: 'create-successor',
    summary: 'Creates the successor of a frozen group; the first valid one is accepted.',
    bodies: onlyV2(
      struct('CreateSuccessorParams', {
        ...group,
        epoch,
        successor: createGroup('SuccessorGroup', clientQueueConfigV2),
        commit: mlsMessage,
        welcome: mlsMessage,
        add_packages: vector(addPackageV2, { max: 65_536 }),
      }),
      struct('CreateSuccessorResponse', { successor: groupId }),
    ),
  },
} as const satisfies Record<string, Operation>;
