/**
 * What the QS stores.
 *
 *   qu <user id>                     user record: keys, friendship token, what is public of clients
 *     p <rank> <client id>           one single-use AddPackage
 *   qt <friendship token>            index to the user record
 *   qc <user id> <client id>         client record: keys, policy, two lanes
 *     g <tag>                        what the queue knows of a group; the tag hides which
 *     m / n <sequence>               entries of the HAM lane / the SPAM lane
 *   qa: <day> <record key>           index of client records by the day of their last activity
 *   qf <domain> <stream>             federation: what was received of a stream
 *   qd <domain>                      federation: queues to report as gone
 */
import { concat } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/hash.ts';
import {
  decode,
  opaque,
  opaqueV,
  optional,
  struct,
  uint16,
  uint32,
  uint53,
  uint8,
  union,
  vector,
  type Codec,
  type Decoded,
} from '../../protocol/codec/index.ts';
import {
  fqdn,
  friendshipToken,
  groupId,
  hpkePublicKey,
  lanes,
  sequence,
  smallCiphertext,
  timestamp,
  uuid,
  verifyingKey,
  type Lane,
  type QsCid,
} from '../../protocol/wire/identifiers.ts';
import { queueConfig, sealedQueueConfig } from '../../protocol/wire/queue-config.ts';
import { queueDeletedV2 } from '../../protocol/wire/queue-messages.ts';
import { bytesKey, entryKey, keyBytes, numberAt, numberKey, recordKey } from '../../store/keys.ts';
import type { Key } from '../../store/port.ts';

/** The value of bytes that this homeserver wrote; throws `CodecError` when the store is damaged. */
export function stored<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const decoded = decode(codec, bytes);
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

const clientKeys = {
  client_record_auth_key: verifyingKey,
  queue_encryption_key: hpkePublicKey,
  encrypted_push_token: optional(smallCiphertext),
};

export const userRecord = struct('StoredUserRecord', {
  user_record_auth_key: verifyingKey,
  friendship_token: friendshipToken,
  clients: vector(
    struct('StoredClientSummary', {
      client_id: uuid,
      ...clientKeys,
      /** Single-use packages stand at the ranks from here on, `remaining` of them. */
      first_rank: uint53,
      remaining: uint16,
      /** An encoded AddPackage of v2's form. */
      last_resort: optional(opaqueV()),
    }),
  ),
});

/** A stretch of a lane that begins with a start of its ratchet, and can be dropped as a whole. */
const segment = struct('LaneSegment', {
  started_at: timestamp,
  first: sequence,
  /** Bytes ever enqueued in the lane before it. */
  bytes_before: uint53,
});
export const laneSegments = vector(segment, { max: 64 });

export const clientRecord = struct('StoredClientRecord', {
  ...clientKeys,
  /** Days since 1970 of the last request of the owner. */
  active_day: uint32,
  blocked: uint32,
  /** Homeservers of accepted groups. */
  known_sources: vector(fqdn, { max: 1024 }),
});

/** Behind the fixed part of a client head: what few requests need. */
export const clientParts = struct('StoredClientParts', {
  ham_segments: opaqueV(),
  spam_segments: opaqueV(),
  record: opaqueV(),
});

/** A config of this homeserver, without the domain that goes without saying. */
const localConfig = union('LocalConfig', uint8, {
  sealed: [1, sealedQueueConfig],
  plain: [2, queueConfig],
});

/** A message on its way to queues of this homeserver, in the outbox. */
export const localFanOut = struct('LocalFanOut', {
  source: fqdn,
  group_id: groupId,
  /** Recipients of the message on this homeserver, in all its parts. */
  recipients: uint32,
  /** The encoded QueuePayload, the same for all. */
  payload: opaqueV(),
  configs: vector(localConfig),
});

/** What the QS tells the DS. */
export const queueDeletedReport = queueDeletedV2;

export const receivedStream = struct('ReceivedStream', {
  life: opaque(3),
  /** Sequence of the last message that was taken. */
  last: sequence,
  /** Digests of the last messages, eight bytes each, the newest first. */
  digests: opaqueV(512),
});

export const pendingReports = struct('PendingReports', {
  reports: vector(queueDeletedV2, { max: 1024 }),
});

export type UserRecord = Decoded<typeof userRecord>;
export type ClientSummary = UserRecord['clients'][number];
export type LaneSegments = Decoded<typeof laneSegments>;
export type LocalConfig = Decoded<typeof localFanOut>['configs'][number];
export type ClientRecord = Decoded<typeof clientRecord>;

export const userKey = (user: Uint8Array): Key => recordKey('qu', user);
export const tokenKey = (token: Uint8Array): Key => recordKey('qt', token);
export const clientKey = (cid: QsCid): Key => recordKey('qc', cid.qs_uid.user_id, cid.client_id);
export const streamKey = (domain: string, stream: number): Key =>
  recordKey('qf', Buffer.from(domain), Uint8Array.of(stream));
export const reportsKey = (domain: string): Key => recordKey('qd', Buffer.from(domain));

const dayMs = 86_400_000;
export const dayOf = (nowMs: number): number => Math.floor(nowMs / dayMs);
const activityPrefix = 'qa:';
export const activityKey = (day: number, client: Key): Key =>
  `${activityPrefix}${numberKey(day)}${client}`;
/** Range of the activity index below `day`, over whole keys. */
export const activityBefore = (day: number, limit: number) => ({
  from: activityPrefix,
  to: activityPrefix + numberKey(day),
  limit,
});
/** Day and record key of an activity key. */
export const activityOf = (key: Key): { readonly day: number; readonly client: Key } => ({
  day: numberAt(key, activityPrefix.length),
  client: key.slice(activityPrefix.length + 8),
});

export const packageSuffix = (rank: number, client: Uint8Array): Key =>
  `p${numberKey(rank)}${bytesKey(client)}`;

const laneLetters: Readonly<Record<Lane, string>> = { [lanes.ham]: 'm', [lanes.spam]: 'n' };
export const messageSuffix = (of: Lane, number: number): Key => laneLetters[of] + numberKey(number);

/**
 * The tag of a group in one queue. It cannot be computed from the store without the homeserver's
 * secret, and it differs between queues, so the store does not show who shares a group.
 * (The specification's salt, derived instead of drawn: so that it is known before the one read.)
 */
export function groupKey(secret: Uint8Array, client: Key, group: Uint8Array): Key {
  const tag = sha256.mac(secret, concat(keyBytes(client), group)).subarray(0, 16);
  return entryKey(client, `g${bytesKey(tag)}`);
}
