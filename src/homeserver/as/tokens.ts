/**
 * Issuing anonymous tokens, within a daily allowance per user. Clients of other homeservers take
 * tokens too, to use this homeserver's groups: their credential chain is verified up to their AS,
 * and all users of one homeserver share an allowance, against homeservers that register anybody.
 *
 * What is spent elsewhere cannot be linked to what is issued here; only the count per user is kept.
 */
import { encode } from '../../protocol/codec/index.ts';
import { operations } from '../../protocol/operations/index.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import type { ClientCredential } from '../../protocol/wire/credentials.ts';
import type { ClientId, VerifyingKey } from '../../protocol/wire/identifiers.ts';
import type { Head, Key, Loaded } from '../../store/port.ts';
import { handler, type AnyHandler, type Done, type Env, type ResponseOf } from '../core.ts';
import { chainFault } from './chain.ts';
import { localKey } from './own-record.ts';
import type { AsPorts } from './ports.ts';
import {
  putUser,
  remoteDomainKey,
  remoteRecord,
  remoteUserKey,
  stored,
  storedUser,
  userKey,
  type Issuance,
} from './records.ts';
import { clientOf, refuseExpired, sameClient } from './senders.ts';

const { issueTokens } = operations.as;

type Issuer = NonNullable<AsPorts['issuer']>;
type Reply = ResponseOf<typeof issueTokens>;
type Put = { readonly key: Key; readonly value: Uint8Array };

const keyOf = ({ signed_payload: { payload } }: ClientCredential): VerifyingKey => ({
  scheme: payload.credential_ciphersuite,
  key: payload.public_key,
});

/** The issuance after `count` more tokens, or `allowance_used`. */
function take(
  before: Issuance,
  count: number,
  limit: number,
  issuer: Issuer,
  nowMs: number,
): Outcome<Issuance> {
  const { epoch } = issuer.currentKey(nowMs);
  const taken = (before.epoch === epoch ? before.taken : 0) + count;
  if (taken <= limit) return success({ epoch, taken });
  return refuse('allowance_used', { retry_after_ms: (epoch + 1) * issuer.epochMs - nowMs });
}

/** Evaluates the blinded elements; the dearest thing any request can ask for. */
function evaluate(
  blinded: readonly Uint8Array[],
  remaining: number,
  issuer: Issuer,
  env: Env,
): Outcome<Reply> {
  env.counters.add('crypto.evaluate', blinded.length);
  const answer = issuer.issue(env.nowMs, blinded, env.random);
  if (answer === undefined) {
    return refuse('malformed_request', { path: 'IssueTokensParams.blinded', offset: 0 });
  }
  const { epoch, keyId: key_id, publicKey: public_key } = issuer.currentKey(env.nowMs);
  const { evaluated, proof } = answer;
  return success({ token_key: { epoch, key_id, public_key }, evaluated, proof, remaining });
}

function answered(reply: Outcome<Reply>, puts: readonly Put[]): Outcome<Done<Reply>> {
  return reply.ok ? success({ reply: reply.value, batch: { puts } }) : reply;
}

interface Issue {
  readonly blinded: readonly Uint8Array[];
  readonly issuer: Issuer;
  readonly ports: AsPorts;
  readonly env: Env;
}

function issueLocal(head: Head | undefined, issue: Issue): Outcome<Done<Reply>> {
  const { blinded, issuer, ports, env } = issue;
  const user = storedUser(head);
  if (head === undefined || user === undefined) return refuse('record_unknown', {});
  const valid = refuseExpired(user, env.nowMs);
  if (!valid.ok) return valid;
  const { perUser } = ports.allowance;
  const issuance = take(user.issuance, blinded.length, perUser, issuer, env.nowMs);
  if (!issuance.ok) return issuance;
  const reply = evaluate(blinded, perUser - issuance.value.taken, issuer, env);
  return answered(reply, [putUser(head.key, { ...user, issuance: issuance.value })]);
}

const none: Issuance = { epoch: 0, taken: 0 };

function issueRemote({ heads }: Loaded, issue: Issue): Outcome<Done<Reply>> {
  const { blinded, issuer, ports, env } = issue;
  const { perRemoteUser, perRemoteDomain } = ports.allowance;
  const count = (head: Head | undefined, limit: number): Outcome<Issuance> => {
    const before = stored(remoteRecord, head)?.issuance ?? none;
    return take(before, blinded.length, limit, issuer, env.nowMs);
  };
  const user = count(heads[0], perRemoteUser);
  if (!user.ok) return user;
  const domain = count(heads[1], perRemoteDomain);
  if (!domain.ok) return domain;
  const puts = [user.value, domain.value].map((issuance, index) => ({
    key: heads[index]?.key as Key,
    value: encode(remoteRecord, { issuance }),
  }));
  return answered(evaluate(blinded, perRemoteUser - user.value.taken, issuer, env), puts);
}

/** Why the credential of a remote client is not believed, as an answer. */
function refuseRemote(
  client: ClientId,
  credential: ClientCredential,
  ports: AsPorts,
  env: Env,
): Outcome<undefined> {
  const domain = client.user_id.as_domain;
  const published = ports.remoteCredentials(domain);
  if (published === undefined) {
    return refuse('remote_unreachable', { domain, retry_after_ms: env.policy.limits.skewMs });
  }
  env.counters.add('crypto.asymmetric', 5);
  const reason = chainFault(credential, published, env.nowMs);
  return reason === undefined ? success(undefined) : refuse('bad_credential', { reason });
}

const isLocal = (client: ClientId, env: Env): boolean => client.user_id.as_domain === env.domain;

/** `issue-tokens`, where the homeserver has an issuer. */
export function tokenHandlers(ports: AsPorts): readonly AnyHandler[] {
  const { issuer } = ports;
  if (issuer === undefined) return [];
  const issuing = handler<typeof issueTokens, ClientId>(issueTokens, {
    plan({ sender, body }, env) {
      const client = clientOf(sender);
      if (!client.ok) return client;
      const named = body.client_credential.signed_payload.payload.client_id;
      if (!sameClient(named, client.value)) return refuse('sender_not_allowed', {});
      const user = client.value.user_id;
      const heads = isLocal(client.value, env)
        ? [userKey(user)]
        : [remoteUserKey(user), remoteDomainKey(user.as_domain)];
      return success({ access: { heads }, carry: client.value });
    },
    // A remote client signs with the key of the credential it brings, which `run` then verifies.
    senderKey: ({ heads }, { body }, client, env) =>
      isLocal(client, env)
        ? localKey(storedUser(heads[0]), client, env)
        : keyOf(body.client_credential),
    run(loaded, { body }, client, env) {
      const issue = { blinded: body.blinded, issuer, ports, env };
      if (isLocal(client, env)) return issueLocal(loaded.heads[0], issue);
      const believed = refuseRemote(client, body.client_credential, ports, env);
      return believed.ok ? issueRemote(loaded, issue) : believed;
    },
  });
  return [issuing];
}
