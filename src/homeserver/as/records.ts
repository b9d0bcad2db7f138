/**
 * What the AS keeps. One record per user with its client, one per alias, one per remote client and
 * per remote homeserver for their token allowance. Connection packages are entries under the record
 * of their owner; direct queues are records of their own (`direct-queue.ts`).
 */
import {
  decode,
  empty,
  encode,
  opaqueV,
  struct,
  uint32,
  uint53,
  uint8,
  union,
  type Codec,
  type Decoded,
} from '../../protocol/codec/index.ts';
import { clientCredential } from '../../protocol/wire/credentials.ts';
import { uuid, verifyingKey, type UserId } from '../../protocol/wire/identifiers.ts';
import { recordKey } from '../../store/keys.ts';
import type { Head, Key } from '../../store/port.ts';
import { utf8 } from '../../crypto/bytes.ts';

/** Tokens taken in an epoch; other epochs' counts are worth nothing. */
export const issuance = struct('Issuance', { epoch: uint32, taken: uint32 });

const liveUser = struct('LiveUser', {
  client_uuid: uuid,
  credential: clientCredential,
  encrypted_profile: opaqueV(16 * 1024),
  issuance,
  /** Connection packages handed out; every change of the packages changes the head. */
  packages_given: uint53,
});

/**
 * A deleted user stays as a name that cannot be taken again: nobody can become somebody's contact
 * by registering a freed id.
 */
export const userRecord = union('AsUserRecord', uint8, {
  live: [1, liveUser],
  deleted: [2, empty],
});

export const aliasRecord = struct('AsAliasRecord', {
  auth_key: verifyingKey,
  packages_given: uint53,
});

export const remoteRecord = struct('AsRemoteRecord', { issuance });

export type Issuance = Decoded<typeof issuance>;
export type LiveUser = Decoded<typeof liveUser>;
export type AliasRecord = Decoded<typeof aliasRecord>;

export const userKey = ({ user_id }: UserId): Key => recordKey('as-user', user_id);
export const aliasKey = (alias: Uint8Array): Key => recordKey('as-alias', alias);
export const remoteUserKey = ({ as_domain, user_id }: UserId): Key =>
  recordKey('as-remote-user', utf8(as_domain), user_id);
export const remoteDomainKey = (domain: string): Key => recordKey('as-remote', utf8(domain));

/** Our own bytes: that they do not decode is damage, not an answer. */
export function stored<T>(codec: Codec<T>, head: Head | undefined): T | undefined {
  if (head?.value === undefined) return undefined;
  const result = decode(codec, head.value);
  if (!result.ok) throw new Error(`damaged record ${codec.name}`, { cause: result.error });
  return result.value;
}

/** The user of a head, unless there is none or it was deleted. */
export function storedUser(head: Head | undefined): LiveUser | undefined {
  const record = stored(userRecord, head);
  return record?.kind === 'live' ? record : undefined;
}

export const putUser = (key: Key, user: LiveUser) => ({
  key,
  value: encode(userRecord, { kind: 'live', ...user }),
});
