/**
 * Connection packages: what somebody fetches to start a connection. Each is handed out once; the
 * one that expires last is the last resort, which is handed out again and again when it is the only
 * one left. They are entries under their owner's record, sorted by expiry, so that a request reads
 * two entries whatever the stock is, and the expired are never among them.
 */
import { encode, decode, type Decoded } from '../../protocol/codec/index.ts';
import { struct } from '../../protocol/codec/index.ts';
import { signWithLabel, verifyWithLabel } from '../../crypto/signature.ts';
import { schemeOf } from '../../protocol/auth/schemes.ts';
import { operations } from '../../protocol/operations/index.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import {
  clientCredential,
  connectionPackagePayload,
  type ClientCredential,
  type ConnectionPackage,
} from '../../protocol/wire/credentials.ts';
import { entryKey, numberKey, prefixEnd } from '../../store/keys.ts';
import type { Entry, Head, Key } from '../../store/port.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import {
  handler,
  type AnyHandler,
  type Done,
  type Env,
  type RequestOf,
  type ResponseOf,
} from '../core.ts';
import { isValidAt, nests, type SigningKey } from './credentials.ts';
import {
  aliasKey,
  aliasRecord,
  putUser,
  stored,
  storedUser,
  userKey,
  type AliasRecord,
  type LiveUser,
} from './records.ts';
import { clientKey, ownOwner, refuseExpired, type Owner } from './senders.ts';

const { publishConnectionPackages, getConnectionPackage } = operations.as;

type Published = RequestOf<typeof publishConnectionPackages>['packages'][number];
type Payload = Decoded<typeof connectionPackagePayload>;

const label = 'ConnectionPackage';
const tbs = struct('ConnectionPackageTbs', {
  payload: connectionPackagePayload,
  client_credential: clientCredential,
});

/** The package a client publishes under its user id. */
export function signConnectionPackage(
  payload: Payload,
  client_credential: ClientCredential,
  key: SigningKey,
): ConnectionPackage {
  const content = encode(tbs, { payload, client_credential });
  const options = { reproducible: true };
  const signature = signWithLabel(key.scheme, key.privateKey, label, content, options);
  return { payload, client_credential, signature };
}

/** Whether the package is signed by the credential inside it. */
export function connectionPackageHolds(published: ConnectionPackage): boolean {
  const { payload, client_credential, signature } = published;
  const signer = client_credential.signed_payload.payload;
  const content = encode(tbs, { payload, client_credential });
  const scheme = schemeOf(signer.credential_ciphersuite);
  return verifyWithLabel(scheme, signer.public_key, label, content, signature);
}

const prefix: Key = 'p';
/** Entries by expiry, then by place in the publication. */
const suffixOf = (notAfter: number, index: number): Key =>
  prefix + numberKey(notAfter) + numberKey(index);

/** A record that owns packages, by kind. */
type PackageOwner =
  | { readonly kind: 'client'; readonly user: LiveUser }
  | { readonly kind: 'alias'; readonly alias: AliasRecord };

const recordKeyOf = (owner: Owner): Key =>
  owner.kind === 'client' ? userKey(owner.client_id.user_id) : aliasKey(owner.alias);

function recordOf(kind: Owner['kind'], head: Head | undefined): PackageOwner | undefined {
  if (kind === 'client') {
    const user = storedUser(head);
    return user && { kind, user };
  }
  const alias = stored(aliasRecord, head);
  return alias && { kind, alias };
}

/** The head changes with its packages, so that no two requests get the same one. */
function touched(key: Key, record: PackageOwner, given: number) {
  if (record.kind === 'client') {
    const { user } = record;
    return putUser(key, { ...user, packages_given: user.packages_given + given });
  }
  const { alias } = record;
  const changed = { ...alias, packages_given: alias.packages_given + given };
  return { key, value: encode(aliasRecord, changed) };
}

const payloadOf = (published: Published): Payload =>
  published.kind === 'user' ? published.connection_package.payload : published.payload;

/** What is wrong with one package of a user's publication; `bad_credential`'s reason. */
function faultOf(published: Published, record: PackageOwner, env: Env): string | undefined {
  const { lifetime } = payloadOf(published);
  if (!isValidAt(lifetime, env.nowMs)) return 'expired or not yet valid';
  if (record.kind === 'alias') {
    // The alias must not be linkable to a user: the credential stays out.
    return published.kind === 'alias' ? undefined : 'an alias publishes payloads only';
  }
  if (published.kind !== 'user') return 'a user publishes signed packages';
  const { client_credential } = published.connection_package;
  const isOwn = equalBytes(
    encode(clientCredential, client_credential),
    encode(clientCredential, record.user.credential),
  );
  if (!isOwn) return 'not the credential of this client';
  const { expiration_data } = client_credential.signed_payload.payload;
  if (!nests(lifetime, expiration_data)) return 'validity exceeds that of the signer';
  env.counters.add('crypto.asymmetric');
  return connectionPackageHolds(published.connection_package) ? undefined : 'bad signature';
}

function publishInto(
  head: Head,
  record: PackageOwner,
  packages: readonly Published[],
  env: Env,
): Outcome<Done<object>> {
  for (const published of packages) {
    const reason = faultOf(published, record, env);
    if (reason !== undefined) return refuse('bad_credential', { reason });
  }
  const puts = packages.map((published, index) => ({
    key: entryKey(head.key, suffixOf(payloadOf(published).lifetime.not_after, index)),
    value: encode(getConnectionPackage.bodies[2].response, { package: published }),
  }));
  const all = { from: head.key + prefix, to: prefixEnd(head.key + prefix) };
  return success({
    reply: {},
    batch: { deleteRanges: [all], puts: [touched(head.key, record, 0), ...puts] },
  });
}

const publish: AnyHandler = handler<typeof publishConnectionPackages, Owner>(
  publishConnectionPackages,
  {
    plan({ sender, body }, env) {
      const owner = ownOwner(sender, body.owner);
      if (!owner.ok) return owner;
      const isForeign =
        owner.value.kind === 'client' && owner.value.client_id.user_id.as_domain !== env.domain;
      if (isForeign) return refuse('unknown_sender', {});
      return success({ access: { heads: [recordKeyOf(owner.value)] }, carry: owner.value });
    },
    senderKey({ heads: [head] }, _call, owner) {
      const record = recordOf(owner.kind, head);
      if (record?.kind === 'alias') return record.alias.auth_key;
      return clientKey(record?.user, owner.kind === 'client' ? owner.client_id : undefined);
    },
    run({ heads: [head] }, { body }, owner, env) {
      const record = recordOf(owner.kind, head);
      if (head === undefined || record === undefined) return refuse('record_unknown', {});
      const valid =
        record.kind === 'client' ? refuseExpired(record.user, env.nowMs) : success(undefined);
      return valid.ok ? publishInto(head, record, body.packages, env) : valid;
    },
  },
);

/** The package to hand out, and what to delete: all but the last resort go once. */
function handOut(
  head: Head,
  record: PackageOwner,
  entries: readonly Entry[],
): Outcome<Done<ResponseOf<typeof getConnectionPackage>>> {
  const [first, second] = entries;
  if (first === undefined) return refuse('no_connection_package', {});
  const decoded = decode(getConnectionPackage.bodies[2].response, first.value);
  if (!decoded.ok) throw new Error('damaged connection package', { cause: decoded.error });
  const deletes = second === undefined ? [] : [entryKey(head.key, first.suffix)];
  return success({
    reply: decoded.value,
    batch: { deletes, puts: [touched(head.key, record, 1)] },
  });
}

const get: AnyHandler = handler<typeof getConnectionPackage, Owner['kind']>(getConnectionPackage, {
  plan({ body: { target } }, env) {
    const isUser = target.kind === 'user';
    if (isUser && target.user_id.as_domain !== env.domain) return refuse('record_unknown', {});
    const key = isUser ? userKey(target.user_id) : aliasKey(target.alias);
    const range = { from: prefix + numberKey(env.nowMs + 1), to: prefixEnd(prefix), limit: 2 };
    return success({ access: { heads: [key], range }, carry: isUser ? 'client' : 'alias' });
  },
  run({ heads: [head], entries }, _call, kind) {
    const record = recordOf(kind, head);
    if (head === undefined || record === undefined) return refuse('record_unknown', {});
    return handOut(head, record, entries);
  },
});

export const connectionPackageHandlers: readonly AnyHandler[] = [publish, get];
