/** Valid bodies for every operation, about a given party. */
import { requestTokens, type TokenIssuer } from '../crypto/tokens.ts';
import { seededRandom } from '../crypto/random.ts';
import { encode, type Pick } from '../protocol/codec/index.ts';
import { bodiesOf, operations, type Operation } from '../protocol/operations/index.ts';
import { signQsToQs } from '../protocol/auth/federation.ts';
import { lanes, type ProtocolVersion } from '../protocol/wire/identifiers.ts';
import { clientQueueConfigV1, fromV1 } from '../protocol/wire/queue-config.ts';
import type { FanOutMessage } from '../protocol/wire/queue-messages.ts';
import { signConnectionPackage } from '../homeserver/as/connection-packages.ts';
import { makeClientCsr } from '../homeserver/as/credentials.ts';
import { lifetimes, signerAt, type AsKeyring } from '../homeserver/as/keyring.ts';
import { newHpkeKey, newKey, type AsClient } from './parties.ts';
import type { Party } from './types.ts';

export interface BodyContext {
  readonly nowMs: number;
  readonly keyring: AsKeyring;
  readonly issuer: TokenIssuer;
  readonly domain: string;
}

/** A small deterministic source of choices for samples. */
function pickFrom(seed: number): Pick {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that name what the request is about. */
function subjectFields({ sender }: Party): Fields {
  switch (sender.kind) {
    case 'leaf':
    case 'keyPackage':
      return { group_id: sender.group_id };
    case 'qsUser':
      return { qs_uid: sender.qs_uid };
    case 'qsClient':
      return { qs_cid: sender.qs_cid, qs_uid: sender.qs_cid.qs_uid };
    case 'client':
      return {
        owner: { kind: 'client', client_id: sender.client_id },
        user_id: sender.client_id.user_id,
      };
    case 'alias':
      return { owner: sender, alias: sender.alias };
    case 'homeserver':
      return { source: sender.domain };
  }
}

/** Fields that a service checks: keys must be keys. */
function makeValidFields(variant: number): Fields {
  const random = seededRandom(`attack body ${variant}`);
  const verifying = () => ({ scheme: 0x0807, key: newKey(random).publicKey });
  return {
    user_record_auth_key: verifying(),
    client_record_auth_key: verifying(),
    queue_encryption_key: newHpkeKey(random),
    friendship_token: random.bytes(32),
    encrypted_push_token: random.bytes(24),
    lane: lanes.ham,
    sequence_number_start: 0,
    max_message_number: 10 + variant,
    new_user_profile: random.bytes(40),
  };
}

const validByVariant = [0, 1].map(makeValidFields);

const validFields = (variant: number): Fields =>
  validByVariant[variant] ?? makeValidFields(variant);

function csrOf(subject: Party, variant: number, { nowMs, keyring }: BodyContext): Fields {
  const validity = { not_before: nowMs - 1, not_after: nowMs + lifetimes.clientMs };
  const signer = signerAt(keyring, nowMs, validity.not_after);
  if (signer === undefined || subject.sender.kind !== 'client') return {};
  const key = newKey(seededRandom(`attack csr ${variant}`));
  return { client_csr: makeClientCsr(subject.sender.client_id, validity, key, signer.credential) };
}

function tokensOf(subject: Party, variant: number, context: BodyContext): Fields {
  const random = seededRandom(`attack tokens ${variant}`);
  const key = context.issuer.currentKey(context.nowMs);
  const { blinded } = requestTokens(key, context.domain, 1, random);
  const client_credential = (subject as AsClient).credential;
  return { client_credential, blinded: blinded.map((one) => one.blinded) };
}

function packagesOf(subject: Party, variant: number, { nowMs }: BodyContext): Fields {
  const encryption_key = newHpkeKey(seededRandom(`attack package ${variant}`)).key;
  const lifetime = { not_before: nowMs - 1, not_after: nowMs + lifetimes.clientMs / 2 };
  const payload = { encryption_key, lifetime };
  if (subject.sender.kind === 'alias') return { packages: [{ kind: 'alias', payload }] };
  const { credential, key } = subject as AsClient;
  const connection_package = signConnectionPackage(payload, credential, key);
  return { packages: [{ kind: 'user', connection_package }] };
}

/** A message between homeservers, signed as a whole by its source. */
function messageOf(
  subject: Party,
  version: ProtocolVersion,
  variant: number,
  sample: Fields,
  { domain }: BodyContext,
): Fields {
  if (subject.sender.kind !== 'homeserver') return {};
  const payload = sample['payload'] as FanOutMessage;
  // Plain configs may not leave their homeserver.
  const config = clientQueueConfigV1.sample(pickFrom(variant));
  const client_queue_configs = [version === 1 ? config : fromV1(config)];
  const ends = { source: subject.sender.domain, destination: domain };
  const message = { ...ends, payload: { ...payload, client_queue_configs } };
  const content = { version, message } as Parameters<typeof signQsToQs>[0];
  return { ...message, signature: signQsToQs(content, subject.key.scheme, subject.key.privateKey) };
}

const { as, federation } = operations;

function specialFields(
  operation: Operation,
  subject: Party,
  variant: number,
  c: BodyContext,
): Fields {
  if (operation === as.issueClientCredential) return csrOf(subject, variant, c);
  if (operation === as.issueTokens) return tokensOf(subject, variant, c);
  if (operation === as.publishConnectionPackages) return packagesOf(subject, variant, c);
  return {};
}

/**
 * An encoded body of an operation about `subject`, or undefined when the operation does not take
 * this kind of sender or the version does not have it. Different variants are different bodies.
 */
export function makeBody(
  operation: Operation,
  version: ProtocolVersion,
  subject: Party,
  variant: number,
  context: BodyContext,
): Uint8Array | undefined {
  const bodies = bodiesOf(operation, version);
  if (bodies === undefined) return undefined;
  const sample = bodies.request.sample(pickFrom(operation.id + variant)) as Fields;
  const fits = operation.senders.includes(subject.sender.kind);
  const fields = {
    ...validFields(variant),
    ...(fits ? specialFields(operation, subject, variant, context) : {}),
    ...(operation === federation.enqueue
      ? messageOf(subject, version, variant, sample, context)
      : {}),
    ...subjectFields(subject),
  };
  const known = Object.entries(fields).filter(([name]) => Object.hasOwn(sample, name));
  return encode(bodies.request, { ...sample, ...Object.fromEntries(known) });
}
