/**
 * Direct queues: where offers of a connection wait, for a client or an alias. A direct queue is a
 * fan-out queue (same ratchet, quota, retention and dequeue) of which only the first lane is used.
 */
import { encode } from '../../protocol/codec/index.ts';
import { operations } from '../../protocol/operations/index.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import { directQueuePayload } from '../../protocol/wire/direct-queue.ts';
import { lanes, type HpkePublicKey, type VerifyingKey } from '../../protocol/wire/identifiers.ts';
import { recordKey } from '../../store/keys.ts';
import type { Batch, Key, Loaded } from '../../store/port.ts';
import { handler, type AnyHandler, type Env } from '../core.ts';
import { checkKeys } from '../qs/checks.ts';
import { acknowledge, encodeReply, fitting } from '../qs/dequeue.ts';
import { append, changesOf, createQueue, heldBy, openQueue, type Queue } from '../qs/queue.ts';
import { dayOf, messageSuffix } from '../qs/records.ts';
import { aliasKey, aliasRecord, stored, storedUser, userKey } from './records.ts';
import { clientKey, ownOwner, refuseExpired, type Owner } from './senders.ts';

const { enqueue, dequeue } = operations.as;
const lane = lanes.ham;

/** Record of the direct queue of a client of this homeserver, or of an alias. */
export function directQueueKey(owner: Owner): Key {
  if (owner.kind === 'alias') return recordKey('as-alias-queue', owner.alias);
  const { user_id, client_uuid } = owner.client_id;
  return recordKey('as-queue', user_id.user_id, client_uuid);
}

const isForeign = (owner: Owner, env: Env): boolean =>
  owner.kind === 'client' && owner.client_id.user_id.as_domain !== env.domain;

/** What a new owner's queue adds to the batch, or `bad_key`. */
export function createDirectQueue(
  owner: Owner,
  authKey: VerifyingKey,
  queue_encryption_key: HpkePublicKey,
  env: Env,
): Outcome<Required<Pick<Batch, 'puts' | 'deleteRanges'>>> {
  const checked = checkKeys({ queue_encryption_key }, env);
  if (!checked.ok) return checked;
  const record = {
    client_record_auth_key: authKey,
    queue_encryption_key,
    encrypted_push_token: undefined,
    active_day: dayOf(env.nowMs),
    two_lanes: 0,
    tracked_from: 0,
    policy: {
      default_label: 1,
      max_messages_per_hour: undefined,
      max_group_size: undefined,
      unknown_source_is_spam: 0,
    },
    groups: 0,
    blocked: 0,
    known_sources: [],
  } as const;
  return success(changesOf(createQueue(directQueueKey(owner), record, env)));
}

/** The queue among the loaded heads, as a working copy. */
function queueOf({ heads }: Loaded, at: number): Queue | undefined {
  const head = heads[at];
  return head?.value && openQueue(head.key, head.value);
}

const enqueueing: AnyHandler = handler(enqueue, {
  plan({ body: { owner } }, env) {
    if (isForeign(owner, env)) return refuse('record_unknown', {});
    return success({ access: { heads: [directQueueKey(owner)] }, carry: undefined });
  },
  run(loaded, { body: { suite, connection_establishment_ctxt } }, _carry, env) {
    const queue = queueOf(loaded, 0);
    if (queue === undefined) return refuse('record_unknown', {});
    const payload = encode(directQueuePayload, { suite, connection_establishment_ctxt });
    if (append(queue, lane, [payload], env) === 'full') {
      env.counters.add('as.queue_full');
      return refuse('queue_full', { limit: env.policy.limits.laneMessages });
    }
    env.counters.add('as.enqueued');
    return success({ reply: {}, batch: changesOf(queue) });
  },
});

/** Loads the queue with its entries, and the record that holds the owner's key. */
const dequeueing: AnyHandler = handler<typeof dequeue, Owner>(dequeue, {
  plan({ sender, body }, env) {
    const owner = ownOwner(sender, body.owner);
    if (!owner.ok) return owner;
    if (isForeign(owner.value, env)) return refuse('unknown_sender', {});
    const key =
      owner.value.kind === 'client'
        ? userKey(owner.value.client_id.user_id)
        : aliasKey(owner.value.alias);
    const range = {
      from: messageSuffix(lane, body.sequence_number_start),
      to: messageSuffix(lane, Number.MAX_SAFE_INTEGER),
      // One entry tells how many bytes were before it, even when none is wanted.
      limit: Math.max(1, Math.min(body.max_message_number, env.policy.limits.dequeueMessages)),
    };
    const heads = [directQueueKey(owner.value), key];
    return success({ access: { heads, range }, carry: owner.value });
  },
  senderKey: ({ heads: [, head] }, _call, owner) =>
    owner.kind === 'alias'
      ? stored(aliasRecord, head)?.auth_key
      : clientKey(storedUser(head), owner.client_id),
  run(loaded, { body }, owner, env) {
    const queue = queueOf(loaded, 0);
    if (queue === undefined) return refuse('record_unknown', {});
    const user = owner.kind === 'client' ? storedUser(loaded.heads[1]) : undefined;
    const valid = user === undefined ? success(undefined) : refuseExpired(user, env.nowMs);
    if (!valid.ok) return valid;
    acknowledge(queue, lane, body.sequence_number_start, loaded.entries);
    const taken = fitting(loaded.entries.slice(0, body.max_message_number));
    const remaining = Math.max(0, heldBy(queue.lane(lane)) - taken.length);
    const encoded = encodeReply(undefined, taken, remaining);
    const today = dayOf(env.nowMs);
    const record = queue.record();
    if (record.active_day < today) queue.setRecord({ ...record, active_day: today });
    const batch = changesOf(queue);
    const done = { reply: undefined as never, encoded };
    return success(batch.puts.length === 0 ? done : { ...done, batch });
  },
});

export const directQueueHandlers: readonly AnyHandler[] = [enqueueing, dequeueing];
