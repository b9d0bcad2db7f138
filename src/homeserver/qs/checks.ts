/** Checks and small parts that several operations of the QS share. */
import { schemeOf } from '../../protocol/auth/schemes.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import type { HpkePublicKey, QsCid, VerifyingKey } from '../../protocol/wire/identifiers.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import type { Batch, Loaded } from '../../store/port.ts';
import type { Call, Env, Plan } from '../core.ts';
import { openQueue, type Queue } from './queue.ts';
import {
  activityKey,
  clientKey,
  dayOf,
  stored,
  userKey,
  userRecord,
  type ClientSummary,
  type UserRecord,
} from './records.ts';

/** `bad_key` for the first key that is none of its scheme or suite. */
export function checkKeys(
  keys: {
    readonly user_record_auth_key?: VerifyingKey;
    readonly client_record_auth_key?: VerifyingKey;
    readonly queue_encryption_key?: HpkePublicKey;
  },
  env: Env,
): Outcome<undefined> {
  for (const field of ['user_record_auth_key', 'client_record_auth_key'] as const) {
    const key = keys[field];
    if (key !== undefined && !schemeOf(key.scheme).isPublicKey(key.key)) {
      return refuse('bad_key', { field });
    }
  }
  const { queue_encryption_key: queueKey } = keys;
  if (queueKey === undefined) return success(undefined);
  const kem = env.suite(queueKey.suite)?.kem;
  return kem?.isPublicKey(queueKey.key) === true
    ? success(undefined)
    : refuse('bad_key', { field: 'queue_encryption_key' });
}

/** Loads the user record that a body names. */
export const byUser = (call: Call<{ qs_uid: { user_id: Uint8Array } }>): Outcome<Plan<undefined>> =>
  success({ access: { heads: [userKey(call.body.qs_uid.user_id)] }, carry: undefined });

/** Loads the client record that a body names. */
export const byClient = (call: Call<{ qs_cid: QsCid }>): Outcome<Plan<undefined>> =>
  success({ access: { heads: [clientKey(call.body.qs_cid)] }, carry: undefined });

/** The loaded user record, at position `at` of the heads. */
export function loadedUser(loaded: Loaded, at = 0): UserRecord | undefined {
  const value = loaded.heads[at]?.value;
  return value && stored(userRecord, value);
}

export const userAuthKey = (loaded: Loaded): VerifyingKey | undefined =>
  loadedUser(loaded)?.user_record_auth_key;

/** A working copy of the loaded client record. */
export function loadedQueue(loaded: Loaded, at = 0): Queue | undefined {
  const head = loaded.heads[at];
  return head?.value && openQueue(head.key, head.value);
}

export const clientAuthKey = (loaded: Loaded): VerifyingKey | undefined =>
  loadedQueue(loaded)?.record().client_record_auth_key;

export const summaryOf = (user: UserRecord, client: Uint8Array): ClientSummary | undefined =>
  user.clients.find((summary) => equalBytes(summary.client_id, client));

/**
 * What a request of the owner changes in the index of activity; the queue's record learns the day.
 */
export function touch(queue: Queue, env: Env): Required<Pick<Batch, 'puts' | 'deletes'>> {
  const record = queue.record();
  const today = dayOf(env.nowMs);
  if (record.active_day >= today) return { puts: [], deletes: [] };
  queue.setRecord({ ...record, active_day: today });
  return {
    puts: [{ key: activityKey(today, queue.key), value: new Uint8Array() }],
    deletes: [activityKey(record.active_day, queue.key)],
  };
}

/** One batch of several parts. */
export function merge(...parts: readonly Omit<Batch, 'expect'>[]): Omit<Batch, 'expect'> {
  return {
    deleteRanges: parts.flatMap((part) => part.deleteRanges ?? []),
    deletes: parts.flatMap((part) => part.deletes ?? []),
    puts: parts.flatMap((part) => part.puts ?? []),
    outbox: parts.flatMap((part) => part.outbox ?? []),
    outboxUpdates: parts.flatMap((part) => part.outboxUpdates ?? []),
  };
}

export const cidOf = (user: Uint8Array, client: Uint8Array): QsCid => ({
  qs_uid: { user_id: user },
  client_id: client,
});
