/**
 * Registration by key (a password, OPAQUE, is outside this lab), renewal of the credential, the
 * published credentials, and the user's profile and deletion.
 */
import { encode } from '../../protocol/codec/index.ts';
import { operations } from '../../protocol/operations/index.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import type { ClientCredential } from '../../protocol/wire/credentials.ts';
import type { ClientId } from '../../protocol/wire/identifiers.ts';
import { wholeRecord } from '../../store/keys.ts';
import { handler, type AnyHandler, type Env } from '../core.ts';
import {
  csrHolds,
  isValidAt,
  issueClientCredential,
  nests,
  type ClientCsr,
} from './credentials.ts';
import { lifetimes, publishedCredentials, signerOf } from './keyring.ts';
import type { AsPorts } from './ports.ts';
import { putUser, storedUser, userKey, userRecord, type LiveUser } from './records.ts';
import { ownRecordHandler } from './own-record.ts';
import { createDirectQueue, directQueueKey } from './direct-queue.ts';

const as = operations.as;
const noBytes = new Uint8Array();

/** Signs a request of a client of this AS, or says what is wrong with it. */
function certify(csr: ClientCsr, ports: AsPorts, env: Env): Outcome<ClientCredential> {
  const bad = (reason: string) => refuse('bad_credential', { reason });
  const { client_id, expiration_data, signer_fingerprint } = csr.payload;
  if (client_id.user_id.as_domain !== env.domain) return bad('another domain');
  const signer = signerOf(ports.keyring(env.nowMs), signer_fingerprint, env.nowMs);
  if (signer === undefined) return bad('unknown signer');
  if (!isValidAt(expiration_data, env.nowMs)) return bad('expired or not yet valid');
  const { expiration_data: outer } = signer.credential.signed_payload.payload;
  const lifetimeMs = expiration_data.not_after - env.nowMs;
  if (!nests(expiration_data, outer) || lifetimeMs > lifetimes.clientMs) {
    return bad('validity exceeds that of the signer');
  }
  env.counters.add('crypto.asymmetric', 2);
  if (!csrHolds(csr)) return bad('bad signature');
  return success(issueClientCredential(csr, signer.key));
}

const newUser = (client: ClientId, credential: ClientCredential): LiveUser => ({
  client_uuid: client.client_uuid,
  credential,
  encrypted_profile: noBytes,
  issuance: { epoch: 0, taken: 0 },
  packages_given: 0,
});

const register = (ports: AsPorts): AnyHandler =>
  handler(as.register, {
    plan({ body }) {
      const { client_id } = body.client_csr.payload;
      // A connection package holds the credential that only this answer brings.
      if (body.connection_packages.length > 0) {
        return refuse('bad_credential', { reason: 'publish packages once registered' });
      }
      const heads = [userKey(client_id.user_id), directQueueKey({ kind: 'client', client_id })];
      return success({ access: { heads }, carry: undefined });
    },
    run({ heads: [user] }, { body: { client_csr, queue_encryption_key } }, _carry, env) {
      const { client_id, public_key, credential_ciphersuite } = client_csr.payload;
      // A deleted user is still there, as a name that nobody can take again.
      if (user?.value !== undefined) return refuse('user_exists', {});
      const credential = certify(client_csr, ports, env);
      if (!credential.ok) return credential;
      const owner = { kind: 'client', client_id } as const;
      const authKey = { scheme: credential_ciphersuite, key: public_key };
      const queue = createDirectQueue(owner, authKey, queue_encryption_key, env);
      if (!queue.ok) return queue;
      const record = putUser(userKey(client_id.user_id), newUser(client_id, credential.value));
      return success({
        reply: { client_credential: credential.value },
        batch: { ...queue.value, puts: [record, ...queue.value.puts] },
      });
    },
  });

const issueCredential = (ports: AsPorts): AnyHandler =>
  ownRecordHandler(
    as.issueClientCredential,
    ({ key, user }, { client_csr }, env) => {
      const credential = certify(client_csr, ports, env);
      if (!credential.ok) return credential;
      return success({
        reply: { client_credential: credential.value },
        batch: { puts: [putUser(key, { ...user, credential: credential.value })] },
      });
    },
    { evenExpired: true, about: ({ client_csr }) => client_csr.payload.client_id },
  );

const credentials = (ports: AsPorts): AnyHandler =>
  handler(as.credentials, {
    plan: () => success({ access: { heads: [] }, carry: undefined }),
    run: (_loaded, _call, _carry, { nowMs }) =>
      success({ reply: publishedCredentials(ports.keyring(nowMs), nowMs) }),
  });

const updateProfile: AnyHandler = ownRecordHandler(
  as.updateUserProfile,
  ({ key, user }, { new_user_profile }) => {
    const changed = { ...user, encrypted_profile: new_user_profile };
    return success({ reply: {}, batch: { puts: [putUser(key, changed)] } });
  },
);

/** The name stays taken (`userRecord`); everything else goes. */
const deleteUser: AnyHandler = ownRecordHandler(
  as.deleteUser,
  ({ key, client }) => {
    const queue = directQueueKey({ kind: 'client', client_id: client });
    const tombstone = { key, value: encode(userRecord, { kind: 'deleted' }) };
    return success({
      reply: {},
      batch: { deleteRanges: [key, queue].map(wholeRecord), puts: [tombstone] },
    });
  },
  { evenExpired: true, about: ({ user_id }) => user_id },
);

const profile: AnyHandler = handler(as.userProfile, {
  plan: ({ body }) => success({ access: { heads: [userKey(body.user_id)] }, carry: undefined }),
  run({ heads: [head] }, { body }, _carry, env) {
    const user = storedUser(head);
    if (user === undefined || body.user_id.as_domain !== env.domain) {
      return refuse('record_unknown', {});
    }
    return success({ reply: { user_profile: user.encrypted_profile } });
  },
});

export const registrationHandlers = (ports: AsPorts): readonly AnyHandler[] => [
  register(ports),
  issueCredential(ports),
  credentials(ports),
  updateProfile,
  profile,
  deleteUser,
];
