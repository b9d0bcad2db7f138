/** Names and small types that many structures share. Field names follow the specification. */
import {
  ascii,
  oneOf,
  opaque,
  opaqueV,
  struct,
  uint16,
  uint32,
  uint53,
  uint8,
} from '../codec/index.ts';
import type { Decoded } from '../codec/index.ts';

/** Versions of the protocol: v1 is the specification as it is, v2 has the seven ideas. */
export const protocolVersions = { v1: 1, v2: 2 } as const;
export type ProtocolVersion = (typeof protocolVersions)[keyof typeof protocolVersions];

/** A domain in lower case, so that equal names are equal bytes; a port may follow. */
const domainPattern =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9]\d{0,4})?$/;
export const fqdn = ascii('Fqdn', 253, domainPattern, ['a', 'one.example', 'x-1.b.example:8443']);

/** Milliseconds since 1970-01-01 UTC. */
export const timestamp = uint53;
export const uuid = opaque(16);
export const requestId = opaque(16);
/** A group id holds the DS's domain and random bytes; the protocol only compares it. */
export const groupId = opaqueV(255);
export const epoch = uint53;
export const sequence = uint53;
export const leafIndex = uint32;
export const keyPackageRef = opaqueV(64);
export const suiteNumber = uint16;

/** Encoded MLS structures, which this layer carries without looking inside. */
export const mlsMessage = opaqueV(4 * 1024 * 1024);
/** Public keys of every suite; X-Wing's has 1,216 bytes. */
export const publicKey = opaqueV(2048);
export const signature = opaqueV(512);
/** A symmetric key of 16 to 32 bytes. */
export const symmetricKey = opaqueV(32);
/** A short ciphertext: credentials, keys, push tokens. */
export const smallCiphertext = opaqueV(16 * 1024);
export const friendshipToken = opaque(32);

export const userId = struct('UserId', { as_domain: fqdn, user_id: uuid });
export const clientId = struct('ClientId', { user_id: userId, client_uuid: uuid });
export const qsUid = struct('QsUid', { user_id: uuid });
export const qsCid = struct('QsCid', { qs_uid: qsUid, client_id: uuid });
/** A name under which a user can be found without its user id. */
export const alias = opaqueV(128);

export const signatureSchemes = { ecdsaP256: 0x0403, ed25519: 0x0807 } as const;
export const signatureScheme = oneOf('SignatureScheme', uint16, signatureSchemes);
export const verifyingKey = struct('VerifyingKey', { scheme: signatureScheme, key: publicKey });
export const hpkePublicKey = struct('HpkePublicKey', { suite: suiteNumber, key: publicKey });
export const hpkeCiphertext = struct('HpkeCiphertext', {
  enc: publicKey,
  ciphertext: smallCiphertext,
});

/** Idea 1: who can be told apart by the homeserver. */
export const identityKinds = { pseudonymous: 1, identified: 2 } as const;
export const identityKind = oneOf('IdentityKind', uint8, identityKinds);

/** Idea 3: the lanes of a fan-out queue; v1 knows only the first. */
export const lanes = { ham: 1, spam: 2 } as const;
export const lane = oneOf('Lane', uint8, lanes);

/** Idea 4. The numbers travel in `Authentication` and in the well-known document. */
export const authSchemes = { none: 0, token: 1, reencoded: 2, raw: 3 } as const;
export const authScheme = oneOf('AuthScheme', uint8, authSchemes);

export type UserId = Decoded<typeof userId>;
export type ClientId = Decoded<typeof clientId>;
export type QsUid = Decoded<typeof qsUid>;
export type QsCid = Decoded<typeof qsCid>;
export type VerifyingKey = Decoded<typeof verifyingKey>;
export type HpkePublicKey = Decoded<typeof hpkePublicKey>;
export type IdentityKind = Decoded<typeof identityKind>;
export type Lane = Decoded<typeof lane>;
export type AuthSchemeName = keyof typeof authSchemes;
