/**
 * Publication of AddPackages. Single-use packages stand in the user record at ranks: a fetch takes,
 * for every client of the user, its package of the lowest rank, so that one read of the first few
 * entries finds them all. A new batch begins at the lowest rank any client stands at, which keeps
 * the clients of a user side by side.
 */
import { encode } from '../../protocol/codec/index.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { refuse, success } from '../../protocol/protocol-error.ts';
import {
  addPackageV2,
  type AddPackageV1,
  type AddPackageV2,
} from '../../protocol/wire/key-packages.ts';
import { suffixesOf } from '../../store/keys.ts';
import type { Batch, Entry, Key } from '../../store/port.ts';
import { handler, type AnyHandler, type Call } from '../core.ts';
import { loadedUser, merge, summaryOf } from './checks.ts';
import {
  packageSuffix,
  stored,
  tokenKey,
  userKey,
  userRecord,
  type ClientSummary,
  type UserRecord,
} from './records.ts';

/** A package in v2's form, which is how all are stored. */
const toV2 = (from: AddPackageV1 | AddPackageV2): AddPackageV2 =>
  'kind' in from ? from : { kind: 'pseudonymous', ...from };

const encoded = (from: AddPackageV1 | AddPackageV2): Uint8Array => encode(addPackageV2, toV2(from));

const keysOf = (record: Key, { client_id, first_rank, remaining }: ClientSummary): Key[] =>
  Array.from({ length: remaining }, (_, i) => record + packageSuffix(first_rank + i, client_id));

/** Where a new batch of `own` begins: side by side with the user's other clients. */
function firstRankFor(user: UserRecord, own: ClientSummary): number {
  const others = user.clients.filter((client) => client !== own && client.remaining > 0);
  const lowest = Math.min(...others.map((client) => client.first_rank));
  return others.length === 0 ? own.first_rank + own.remaining : lowest;
}

function withClient(user: UserRecord, own: ClientSummary, next: ClientSummary): UserRecord {
  return { ...user, clients: user.clients.map((client) => (client === own ? next : client)) };
}

const publishKeyPackages = handler(qsOperations.publishKeyPackages, {
  plan: ({ body }) =>
    success({ access: { heads: [userKey(body.qs_cid.qs_uid.user_id)] }, carry: undefined }),
  senderKey(loaded, { body }) {
    const user = loadedUser(loaded);
    return user && summaryOf(user, body.qs_cid.client_id)?.client_record_auth_key;
  },
  run(loaded, { body }, _carry, env) {
    const user = loadedUser(loaded);
    const own = user && summaryOf(user, body.qs_cid.client_id);
    const key = loaded.heads[0]?.key;
    if (user === undefined || own === undefined || key === undefined) {
      return refuse('record_unknown', {});
    }
    const { add_packages, last_resort } = body.batch;
    const limit = env.policy.limits.addPackages;
    if (add_packages.length > limit) return refuse('request_too_large', { limit_bytes: limit });
    const first_rank = firstRankFor(user, own);
    const next = {
      ...own,
      first_rank,
      remaining: add_packages.length,
      last_resort: encoded(last_resort),
    };
    const puts = add_packages.map((add, i) => ({
      key: key + packageSuffix(first_rank + i, own.client_id),
      value: encoded(add),
    }));
    const head = { key, value: encode(userRecord, withClient(user, own, next)) };
    // Deletes come before puts, so ranks may be used again by the same request.
    return success({ reply: {}, batch: { deletes: keysOf(key, own), puts: [head, ...puts] } });
  },
});

/** What a fetch takes for one client, and how the client stands after it. */
interface Taken {
  readonly found: AddPackageV2 | undefined;
  readonly next: ClientSummary;
  readonly used: Key | undefined;
}

/** v1 carries no package of an identified client; such a one stays for others. */
const readable = (found: AddPackageV2, version: number): boolean =>
  version >= 2 || found.kind === 'pseudonymous';

function take(client: ClientSummary, first: Entry | undefined, call: Call<unknown>): Taken {
  const single = first && stored(addPackageV2, first.value);
  if (first !== undefined && single !== undefined && readable(single, call.version)) {
    const { first_rank, remaining } = client;
    const next = { ...client, first_rank: first_rank + 1, remaining: remaining - 1 };
    return { found: single, next, used: first.suffix };
  }
  const last = client.last_resort && stored(addPackageV2, client.last_resort);
  const usable = last !== undefined && readable(last, call.version);
  return { found: usable ? last : undefined, next: client, used: undefined };
}

/** The entry of a client's lowest rank, when the read reached it. */
const frontOf = (client: ClientSummary, entries: readonly Entry[]): Entry | undefined =>
  client.remaining === 0
    ? undefined
    : entries.find(({ suffix }) => suffix === packageSuffix(client.first_rank, client.client_id));

/** Room for clients that do not stand side by side: after a v1 fetch passed over a package. */
const spareEntries = 4;

const getAddPackage = handler(qsOperations.getAddPackage, {
  plan: ({ body }, env) =>
    success({
      access: {
        heads: [{ via: tokenKey(body.friendship_token) }],
        range: suffixesOf('p', env.policy.limits.clientsPerUser * spareEntries),
      },
      carry: undefined,
    }),
  run(loaded, call, _carry, env) {
    const user = loadedUser(loaded);
    const key = loaded.heads[0]?.key;
    if (user === undefined || key === undefined) return refuse('friendship_token_unknown', {});
    const taken = user.clients.map((client) => take(client, frontOf(client, loaded.entries), call));
    const found = taken.map((each) => each.found).filter((each) => each !== undefined);
    if (found.length === 0) return refuse('no_key_package', {});
    const used = taken.map((each) => each.used).filter((each) => each !== undefined);
    env.counters.add('qs.packages.single_use', used.length);
    env.counters.add('qs.packages.last_resort', found.length - used.length);
    const add_packages = call.version >= 2 ? found : found.map(toV1);
    const reply = { add_packages } as never;
    if (used.length === 0) return success({ reply });
    const clients = taken.map((each) => each.next);
    const batch: Omit<Batch, 'expect'> = merge(
      { deletes: used.map((suffix) => key + suffix) },
      { puts: [{ key, value: encode(userRecord, { ...user, clients }) }] },
    );
    return success({ reply, batch });
  },
});

function toV1(from: AddPackageV2): AddPackageV1 {
  if (from.kind !== 'pseudonymous') throw new TypeError('v1 has no identified packages');
  const { key_package, encrypted_client_credential, encrypted_signature_encryption_key } = from;
  return { key_package, encrypted_client_credential, encrypted_signature_encryption_key };
}

export const keyPackageHandlers: readonly AnyHandler[] = [publishKeyPackages, getAddPackage];
