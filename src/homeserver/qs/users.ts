/** User and client records: create, update, get, delete. */
import { encode } from '../../protocol/codec/index.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { refuse, success } from '../../protocol/protocol-error.ts';
import type { QsCid } from '../../protocol/wire/identifiers.ts';
import { keyBytes } from '../../store/keys.ts';
import { wholeRecord } from '../../store/keys.ts';
import { lanes } from '../../protocol/wire/identifiers.ts';
import type { Batch, Key } from '../../store/port.ts';
import { handler, type AnyHandler, type Call, type Env, type RequestOf } from '../core.ts';
import {
  byUser,
  checkKeys,
  cidOf,
  clientAuthKey,
  loadedQueue,
  loadedUser,
  merge,
  summaryOf,
  touch,
  userAuthKey,
} from './checks.ts';
import { changesOf, createQueue, startChain, tellLanesApart } from './queue.ts';
import {
  activityKey,
  clientKey,
  dayOf,
  packageSuffix,
  tokenKey,
  userKey,
  userRecord,
  type ClientRecord,
  type ClientSummary,
  type UserRecord,
} from './records.ts';

type ClientKeys = Pick<
  ClientSummary,
  'client_record_auth_key' | 'queue_encryption_key' | 'encrypted_push_token'
>;

const keysOf = (from: ClientKeys): ClientKeys => ({
  client_record_auth_key: from.client_record_auth_key,
  queue_encryption_key: from.queue_encryption_key,
  encrypted_push_token: from.encrypted_push_token,
});

/** Lanes are told apart for owners that speak v2. */
const twoLanes = (call: Call<unknown>): 0 | 1 => (call.version >= 2 ? 1 : 0);

const newSummary = (client: Uint8Array, keys: ClientKeys): ClientSummary => ({
  client_id: client,
  ...keysOf(keys),
  first_rank: 0,
  remaining: 0,
  last_resort: undefined,
});

const putUser = (key: Key, user: UserRecord): Pick<Batch, 'puts'> => ({
  puts: [{ key, value: encode(userRecord, user) }],
});

/** A client record with its queue and its place in the index of activity. */
function newClient(cid: QsCid, call: Call<ClientKeys>, env: Env): Omit<Batch, 'expect'> {
  const key = clientKey(cid);
  const record: ClientRecord = {
    ...keysOf(call.body),
    active_day: dayOf(env.nowMs),
    blocked: 0,
    known_sources: [],
  };
  const active = { key: activityKey(record.active_day, key), value: new Uint8Array() };
  return merge(changesOf(createQueue(key, record, env, twoLanes(call))), { puts: [active] });
}

const createUserRecord = handler<
  typeof qsOperations.createUserRecord,
  { readonly user: Uint8Array; readonly client: Uint8Array }
>(qsOperations.createUserRecord, {
  plan(call, env) {
    const checked = checkKeys(call.body, env);
    if (!checked.ok) return checked;
    const carry = { user: env.random.bytes(16), client: env.random.bytes(16) };
    const heads = [userKey(carry.user), tokenKey(call.body.friendship_token)];
    return success({ access: { heads }, carry });
  },
  run(loaded, call, { user, client }, env) {
    const [own, token] = loaded.heads;
    if (own?.value !== undefined) return refuse('unavailable', { retry_after_ms: 1 });
    // Whoever knows another user's token could otherwise answer in its place.
    if (token?.value !== undefined) return refuse('bad_key', { field: 'friendship_token' });
    const { user_record_auth_key, friendship_token } = call.body;
    const key = userKey(user);
    const clients = [newSummary(client, call.body)];
    const batch = merge(
      putUser(key, { user_record_auth_key, friendship_token, clients }),
      { puts: [{ key: tokenKey(friendship_token), value: keyBytes(key) }] },
      newClient(cidOf(user, client), call, env),
    );
    const reply = { qs_uid: { user_id: user }, qs_cid: cidOf(user, client) };
    return success({ reply, batch });
  },
});

const updateUserRecord = handler(qsOperations.updateUserRecord, {
  plan(call, env) {
    const checked = checkKeys(call.body, env);
    if (!checked.ok) return checked;
    const { qs_uid, friendship_token } = call.body;
    const heads = [userKey(qs_uid.user_id), tokenKey(friendship_token)];
    return success({ access: { heads }, carry: undefined });
  },
  senderKey: userAuthKey,
  run(loaded, call) {
    const user = loadedUser(loaded);
    const [head, token] = loaded.heads;
    if (user === undefined || head === undefined) return refuse('record_unknown', {});
    const { user_record_auth_key, friendship_token } = call.body;
    const oldKey = tokenKey(user.friendship_token);
    const newKey = tokenKey(friendship_token);
    if (newKey !== oldKey && token?.value !== undefined) {
      return refuse('bad_key', { field: 'friendship_token' });
    }
    const index = { deletes: [oldKey], puts: [{ key: newKey, value: keyBytes(head.key) }] };
    const next = putUser(head.key, { ...user, user_record_auth_key, friendship_token });
    return success({ reply: {}, batch: merge(index, next) });
  },
});

const getUserRecord = handler(qsOperations.getUserRecord, {
  plan: byUser,
  senderKey: userAuthKey,
  run(loaded, call) {
    const user = loadedUser(loaded);
    if (user === undefined) return refuse('record_unknown', {});
    const { user_record_auth_key, friendship_token, clients } = user;
    const client_records = clients.map((client) => ({
      qs_cid: { qs_uid: call.body.qs_uid, client_id: client.client_id },
      ...keysOf(client),
    }));
    return success({ reply: { user_record_auth_key, friendship_token, client_records } });
  },
});

/** Everything of a user: its record with the packages, its index, its clients with their queues. */
function deleteUser(key: Key, id: Uint8Array, user: UserRecord): Omit<Batch, 'expect'> {
  const clients = user.clients.map((client) => clientKey(cidOf(id, client.client_id)));
  return {
    deleteRanges: [key, ...clients].map(wholeRecord),
    deletes: [tokenKey(user.friendship_token)],
  };
}

const deleteUserRecord = handler(qsOperations.deleteUserRecord, {
  plan: byUser,
  senderKey: userAuthKey,
  run(loaded, call) {
    const user = loadedUser(loaded);
    const key = loaded.heads[0]?.key;
    if (user === undefined || key === undefined) return refuse('record_unknown', {});
    // The activity index still names the clients; expiry forgets entries without a record.
    return success({ reply: {}, batch: deleteUser(key, call.body.qs_uid.user_id, user) });
  },
});

const createClientRecord = handler<typeof qsOperations.createClientRecord, Uint8Array>(
  qsOperations.createClientRecord,
  {
    plan(call, env) {
      const checked = checkKeys(call.body, env);
      if (!checked.ok) return checked;
      const client = env.random.bytes(16);
      const { user_id } = call.body.qs_uid;
      const heads = [userKey(user_id), clientKey(cidOf(user_id, client))];
      return success({ access: { heads }, carry: client });
    },
    senderKey: userAuthKey,
    run(loaded, call, client, env) {
      const user = loadedUser(loaded);
      const [head, taken] = loaded.heads;
      if (user === undefined || head === undefined) return refuse('record_unknown', {});
      if (taken?.value !== undefined) return refuse('unavailable', { retry_after_ms: 1 });
      const limit = env.policy.limits.clientsPerUser;
      if (user.clients.length >= limit) return refuse('too_many_clients', { limit });
      const qs_cid = cidOf(call.body.qs_uid.user_id, client);
      const clients = [...user.clients, newSummary(client, call.body)];
      const batch = merge(putUser(head.key, { ...user, clients }), newClient(qs_cid, call, env));
      return success({ reply: { qs_cid }, batch });
    },
  },
);

/** Client record and user record: what is public of a client stands in both. */
const byClientAndUser = ({ body: { qs_cid } }: Call<{ qs_cid: QsCid }>) => ({
  access: { heads: [clientKey(qs_cid), userKey(qs_cid.qs_uid.user_id)] },
  carry: undefined,
});

const sameHpkeKey = (a: ClientKeys, b: ClientKeys): boolean =>
  a.queue_encryption_key.suite === b.queue_encryption_key.suite &&
  Buffer.compare(a.queue_encryption_key.key, b.queue_encryption_key.key) === 0;

const updateClientRecord = handler(qsOperations.updateClientRecord, {
  plan(call, env) {
    const checked = checkKeys(call.body, env);
    return checked.ok ? success(byClientAndUser(call)) : checked;
  },
  senderKey: clientAuthKey,
  run(loaded, call: Call<RequestOf<typeof qsOperations.updateClientRecord>>, _carry, env) {
    const queue = loadedQueue(loaded);
    const user = loadedUser(loaded, 1);
    const head = loaded.heads[1];
    if (queue === undefined || user === undefined || head === undefined) {
      return refuse('record_unknown', {});
    }
    const before = queue.record();
    if (twoLanes(call) === 1) tellLanesApart(queue);
    queue.setRecord({ ...before, ...keysOf(call.body) });
    if (!sameHpkeKey(before, call.body)) {
      // From here on the new key opens the queue; what is in it stays under the old one.
      for (const lane of [lanes.ham, lanes.spam]) startChain(queue, lane, env);
    }
    const clients = user.clients.map((summary) =>
      Buffer.compare(summary.client_id, call.body.qs_cid.client_id) === 0
        ? { ...summary, ...keysOf(call.body) }
        : summary,
    );
    const activity = touch(queue, env);
    const batch = merge(changesOf(queue), activity, putUser(head.key, { ...user, clients }));
    return success({ reply: {}, batch });
  },
});

/** Removes a client; the user goes with its last one. */
export function removeClient(
  cid: QsCid,
  userHead: { readonly key: Key; readonly user: UserRecord },
  activeDay: number,
): Omit<Batch, 'expect'> {
  const { key, user } = userHead;
  const record = clientKey(cid);
  const gone = summaryOf(user, cid.client_id);
  const clients = user.clients.filter((summary) => summary !== gone);
  const forget = { deletes: [activityKey(activeDay, record)] };
  if (clients.length === 0) return merge(deleteUser(key, cid.qs_uid.user_id, user), forget);
  const ranks = Array.from({ length: gone?.remaining ?? 0 }, (_, i) => (gone?.first_rank ?? 0) + i);
  return merge(forget, putUser(key, { ...user, clients }), {
    deleteRanges: [wholeRecord(record)],
    deletes: ranks.map((rank) => key + packageSuffix(rank, cid.client_id)),
  });
}

const deleteClientRecord = handler(qsOperations.deleteClientRecord, {
  plan: (call) => success(byClientAndUser(call)),
  senderKey: clientAuthKey,
  run(loaded, call) {
    const queue = loadedQueue(loaded);
    const user = loadedUser(loaded, 1);
    const key = loaded.heads[1]?.key;
    if (queue === undefined || user === undefined || key === undefined) {
      return refuse('record_unknown', {});
    }
    const batch = removeClient(call.body.qs_cid, { key, user }, queue.record().active_day);
    return success({ reply: {}, batch });
  },
});

export const userHandlers: readonly AnyHandler[] = [
  createUserRecord,
  updateUserRecord,
  getUserRecord,
  deleteUserRecord,
  createClientRecord,
  updateClientRecord,
  deleteClientRecord,
];
