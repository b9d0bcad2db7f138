/**
 * Authentication service. The specification registers users by password (OPAQUE), which is outside
 * this lab: `register` carries a key instead, and says so by its name.
 */
import {
  empty,
  opaque,
  opaqueV,
  struct,
  uint16,
  uint32,
  union,
  uint8,
  vector,
} from '../codec/index.ts';
import {
  asCredential,
  asIntermediateCredential,
  clientCredential,
  clientCsr,
  connectionPackage,
  connectionPackagePayload,
  credentialFingerprint,
} from '../wire/credentials.ts';
import {
  alias,
  clientId,
  hpkePublicKey,
  sequence,
  smallCiphertext,
  userId,
  verifyingKey,
} from '../wire/identifiers.ts';
import { queueEntry } from '../wire/queue-messages.ts';
import { tokenKey } from '../wire/well-known.ts';
import { both, type Operation } from './operation.ts';

/** Whose direct queue and packages: a client's, or an alias's, which is not linked to a user. */
const owner = union('DirectQueueOwner', uint8, {
  client: [1, struct('ClientOwner', { client_id: clientId })],
  alias: [2, struct('AliasOwner', { alias })],
});
const target = union('ConnectionTarget', uint8, {
  user: [1, struct('UserTarget', { user_id: userId })],
  alias: [2, struct('AliasTarget', { alias })],
});
const published = union('PublishedConnectionPackage', uint8, {
  user: [1, struct('UserPackage', { connection_package: connectionPackage })],
  alias: [2, struct('AliasPackage', { payload: connectionPackagePayload })],
});

const element = opaque(32);
const issueTokens = struct('IssueTokensParams', {
  client_credential: clientCredential,
  /** Blinded elements, 1 to 128. */
  blinded: vector(element, { min: 1, max: 128 }),
});

const open = { service: 'as', senders: [], anonymousToken: false, inGroup: false } as const;
const client = { ...open, senders: ['client'], anonymousToken: true } as const;
const ownerOf = { ...client, senders: ['client', 'alias'] } as const;

export const asOperations = {
  register: {
    ...open,
    id: 0x0301,
    name: 'register',
    summary: 'Registers a user with the key of its first client and signs its credential.',
    bodies: both(
      struct('RegisterParams', {
        client_csr: clientCsr,
        queue_encryption_key: hpkePublicKey,
        connection_packages: vector(connectionPackage, { max: 128 }),
      }),
      struct('RegisterResponse', { client_credential: clientCredential }),
    ),
  },
  issueClientCredential: {
    ...client,
    id: 0x0302,
    name: 'issue-client-credential',
    summary: 'Signs a new credential for a registered client.',
    bodies: both(
      struct('IssueClientCredentialParams', { client_csr: clientCsr }),
      struct('IssueClientCredentialResponse', { client_credential: clientCredential }),
    ),
  },
  credentials: {
    ...open,
    id: 0x0303,
    name: 'credentials',
    summary: 'Returns the valid AS and intermediate credentials and the revoked ones.',
    bodies: both(
      empty,
      struct('AsCredentialsResponse', {
        as_credentials: vector(asCredential, { max: 64 }),
        as_intermediate_credentials: vector(asIntermediateCredential, { max: 64 }),
        revoked_certs: vector(credentialFingerprint),
      }),
    ),
  },
  issueTokens: {
    ...client,
    id: 0x0304,
    name: 'issue-tokens',
    anonymousToken: false,
    summary: "Evaluates blinded elements within the client's allowance; for remote clients too.",
    bodies: both(
      issueTokens,
      struct('IssueTokensResponse', {
        token_key: tokenKey,
        evaluated: vector(element, { min: 1, max: 128 }),
        proof: opaque(64),
        /** Tokens the client may still take in this epoch. */
        remaining: uint32,
      }),
    ),
  },
  publishConnectionPackages: {
    ...ownerOf,
    id: 0x0305,
    name: 'publish-connection-packages',
    summary: 'Replaces the published connection packages of a client or an alias.',
    bodies: both(
      struct('PublishConnectionPackagesParams', {
        owner,
        packages: vector(published, { min: 1, max: 128 }),
      }),
      empty,
    ),
  },
  getConnectionPackage: {
    ...open,
    id: 0x0306,
    name: 'get-connection-package',
    anonymousToken: true,
    summary: 'Returns a connection package of a user or an alias.',
    bodies: both(
      struct('GetConnectionPackageParams', { target }),
      struct('GetConnectionPackageResponse', { package: published }),
    ),
  },
  enqueue: {
    ...open,
    id: 0x0307,
    name: 'enqueue',
    anonymousToken: true,
    summary: 'Puts an encrypted connection establishment package into a direct queue.',
    bodies: both(
      struct('EnqueueMessageParams', {
        owner,
        suite: uint16,
        connection_establishment_ctxt: opaqueV(64 * 1024),
      }),
      empty,
    ),
  },
  dequeue: {
    ...ownerOf,
    id: 0x0308,
    name: 'dequeue',
    summary: 'Deletes the entries of a direct queue below a sequence number, returns the rest.',
    bodies: both(
      struct('DequeueDirectParams', {
        owner,
        sequence_number_start: sequence,
        max_message_number: uint32,
      }),
      struct('DequeueDirectResponse', {
        entries: vector(queueEntry, { max: 500 }),
        remaining: uint32,
      }),
    ),
  },
  registerAlias: {
    ...open,
    id: 0x0309,
    name: 'register-alias',
    anonymousToken: true,
    summary: 'Registers an alias with its own key and queue.',
    bodies: both(
      struct('RegisterAliasParams', {
        alias,
        alias_auth_key: verifyingKey,
        queue_encryption_key: hpkePublicKey,
      }),
      empty,
    ),
  },
  deleteAlias: {
    ...client,
    id: 0x030a,
    name: 'delete-alias',
    senders: ['alias'],
    summary: 'Deletes an alias, its queue and its packages.',
    bodies: both(struct('DeleteAliasParams', { alias }), empty),
  },
  updateUserProfile: {
    ...client,
    id: 0x030b,
    name: 'update-user-profile',
    summary: 'Replaces the encrypted profile of the own user.',
    bodies: both(struct('UpdateUserProfileParams', { new_user_profile: smallCiphertext }), empty),
  },
  userProfile: {
    ...open,
    id: 0x030c,
    name: 'user-profile',
    anonymousToken: true,
    summary: 'Returns the encrypted profile of a user.',
    bodies: both(
      struct('UserProfileParams', { user_id: userId }),
      struct('UserProfileResponse', { user_profile: smallCiphertext }),
    ),
  },
  deleteUser: {
    ...client,
    id: 0x030d,
    name: 'delete-user',
    summary: 'Deletes the own user with its client, packages and direct queue.',
    bodies: both(struct('DeleteUserParams', { user_id: userId }), empty),
  },
} as const satisfies Record<string, Operation>;
