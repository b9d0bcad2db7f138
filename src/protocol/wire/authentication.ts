/**
 * `Authentication` of a request, in the three schemes of idea 4.
 *
 * The signature is the last field of a request, whatever the scheme, so that `raw` can be verified
 * over the received bytes up to it without parsing the body. The group id of DsAuthToken stands in
 * the sender, where it is signed and where the key can be looked up without parsing the body.
 */
import { opaque, optional, struct, uint16, uint8, union, vector } from '../codec/index.ts';
import type { Decoded } from '../codec/index.ts';
import {
  alias,
  authSchemes,
  clientId,
  fqdn,
  groupId,
  keyPackageRef,
  leafIndex,
  qsCid,
  qsUid,
  signature,
  timestamp,
} from './identifiers.ts';

/** Who signs; each operation states which kinds it takes. */
export const sender = union('Sender', uint8, {
  /** DS: a member, by its leaf. */
  leaf: [1, struct('LeafSender', { group_id: groupId, leaf_index: leafIndex })],
  /** DS: a joiner that is still on its way, by the KeyPackage it was added with. */
  keyPackage: [
    2,
    struct('KeyPackageSender', { group_id: groupId, key_package_ref: keyPackageRef }),
  ],
  /** QS: the owner of a user record. */
  qsUser: [3, struct('QsUserSender', { qs_uid: qsUid })],
  /** QS: the owner of a client record. */
  qsClient: [4, struct('QsClientSender', { qs_cid: qsCid })],
  /** AS: a client, by its credential. */
  client: [5, struct('ClientSender', { client_id: clientId })],
  /** AS: the owner of an alias. */
  alias: [6, struct('AliasSender', { alias })],
  /** Federation: another homeserver. */
  homeserver: [7, struct('HomeserverSender', { domain: fqdn })],
});

/** RFC 9578, section 2.2, without the type. */
export const privacyPassToken = struct('PrivacyPassToken', {
  nonce: opaque(32),
  challengeDigest: opaque(32),
  keyId: opaque(32),
  authenticator: opaque(64),
});

const anonymousToken = optional(privacyPassToken);

/**
 * `reencoded` and `raw`: covers the whole request up to the signature, and the versions that the
 * client offered, in order of preference, so that a stripped offer is found out (idea 6).
 */
const requestSignature = (name: string) =>
  struct(name, {
    anonymous_token: anonymousToken,
    sender,
    timestamp,
    offered_versions: vector(uint16, { min: 1, max: 16 }),
    signature,
  });

export const authentication = union('Authentication', uint8, {
  none: [authSchemes.none, struct('NoAuthentication', { anonymous_token: anonymousToken })],
  /** The specification's token: covers sender and timestamp only. */
  token: [
    authSchemes.token,
    struct('AuthToken', { anonymous_token: anonymousToken, sender, timestamp, signature }),
  ],
  reencoded: [authSchemes.reencoded, requestSignature('ReencodedSignature')],
  raw: [authSchemes.raw, requestSignature('RawSignature')],
});

/** What the signature of the `token` scheme covers. */
export const authTokenTbs = struct('AuthTokenTbs', { sender, timestamp });

export type Sender = Decoded<typeof sender>;
export type SenderKind = Sender['kind'];
export type PrivacyPassToken = Decoded<typeof privacyPassToken>;
export type Authentication = Decoded<typeof authentication>;
