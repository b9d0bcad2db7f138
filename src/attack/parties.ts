/** Who takes part: a victim and another party for every kind of sender, registered for real. */
import type { Random } from '../crypto/random.ts';
import { seededRandom } from '../crypto/random.ts';
import { ed25519 } from '../crypto/signature.ts';
import { cryptoSuites } from '../crypto/suites.ts';
import { decode, encode } from '../protocol/codec/index.ts';
import { plainRequest } from '../protocol/auth/sign.ts';
import { operations, bodiesOf, type Operation } from '../protocol/operations/index.ts';
import type { SenderKind } from '../protocol/wire/authentication.ts';
import { response } from '../protocol/wire/envelope.ts';
import type { ClientCredential } from '../protocol/wire/credentials.ts';
import type { ProtocolVersion } from '../protocol/wire/identifiers.ts';
import { makeClientCsr, type SigningKey } from '../homeserver/as/credentials.ts';
import { lifetimes, signerAt, type AsKeyring } from '../homeserver/as/keyring.ts';
import { makePolicy } from '../homeserver/policy.ts';
import { documentOf } from '../homeserver/wellknown/document.ts';
import type { HomeserverDocument } from '../protocol/wire/well-known.ts';
import type { Home } from './home.ts';
import { loneKeyRecord } from './home.ts';
import { verifyingKeyOf, type Pair, type Party } from './types.ts';

const random = seededRandom('attack parties');

export const newKey = (source: Random = random): SigningKey => ({
  scheme: ed25519,
  ...ed25519.generateKeyPair(source),
});

/** A public HPKE key of suite 0x0001. */
export function newHpkeKey(source: Random = random) {
  const suite = cryptoSuites.get(1);
  if (suite === undefined) throw new RangeError('suite 0x0001 is gone');
  return { suite: 1, key: suite.kem.generateKeyPair(source).publicKey };
}

const configKey = (() => {
  const pair = cryptoSuites.get(1)?.kem.generateKeyPair(random);
  if (pair === undefined) throw new RangeError('suite 0x0001 is gone');
  return { suite: 1, ...pair };
})();

/** Runs a request that needs no signature, and returns its decoded answer. */
function ask(home: Home, operation: Operation, body: unknown, nowMs: number): unknown {
  const version: ProtocolVersion = home.options.policy.versions.includes(2) ? 2 : 1;
  const bodies = bodiesOf(operation, version);
  if (bodies === undefined) throw new RangeError(`${operation.name} is not in v${version}`);
  const request = plainRequest({
    version,
    operation,
    requestId: random.bytes(16),
    destination: home.options.domain,
    body: encode(bodies.request, body),
  });
  const answer = home.ask(request, nowMs);
  const envelope = decode(response, answer.response);
  if (!envelope.ok || !answer.executed) {
    throw new Error(`the setting of the attack failed: ${operation.name}: ${answer.code}`);
  }
  const decoded = decode(bodies.response, envelope.value.body);
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

/** A registered client of the AS, with its credential. */
export interface AsClient extends Party {
  readonly credential: ClientCredential;
}

function asClient(home: Home, keyring: AsKeyring, nowMs: number): AsClient {
  const client_id = {
    user_id: { as_domain: home.options.domain, user_id: random.bytes(16) },
    client_uuid: random.bytes(16),
  };
  const key = newKey();
  const validity = { not_before: nowMs - 1, not_after: nowMs + lifetimes.clientMs };
  const signer = signerAt(keyring, nowMs, validity.not_after);
  if (signer === undefined) throw new RangeError('no intermediate signs at this time');
  const body = {
    client_csr: makeClientCsr(client_id, validity, key, signer.credential),
    queue_encryption_key: newHpkeKey(),
    connection_packages: [],
  };
  const answer = ask(home, operations.as.register, body, nowMs) as {
    readonly client_credential: ClientCredential;
  };
  return { sender: { kind: 'client', client_id }, key, credential: answer.client_credential };
}

function aliasOwner(home: Home, name: string, nowMs: number): Party {
  const key = newKey();
  const alias = new TextEncoder().encode(name);
  const party: Party = { sender: { kind: 'alias', alias }, key };
  const body = {
    alias,
    alias_auth_key: verifyingKeyOf(party),
    queue_encryption_key: newHpkeKey(),
  };
  ask(home, operations.as.registerAlias, body, nowMs);
  return party;
}

type QsIds = Extract<Party['sender'], { kind: 'qsClient' }>['qs_cid'];

/** The owner of a QS user record and of its client record, each with its key. */
function qsOwner(home: Home, nowMs: number): { readonly user: Party; readonly client: Party } {
  const [userKey, clientKey] = [newKey(), newKey()];
  const verifying = (key: SigningKey) => ({ scheme: 0x0807, key: key.publicKey }) as const;
  const body = {
    user_record_auth_key: verifying(userKey),
    friendship_token: random.bytes(32),
    client_record_auth_key: verifying(clientKey),
    queue_encryption_key: newHpkeKey(),
    encrypted_push_token: undefined,
  };
  const drawn: QsIds = {
    qs_uid: { user_id: random.bytes(16) },
    client_id: random.bytes(16),
  };
  const isServed = home.layerOf(operations.qs.createUserRecord.id) === 'service';
  const answer = isServed
    ? (ask(home, operations.qs.createUserRecord, body, nowMs) as { readonly qs_cid: QsIds })
    : { qs_cid: drawn };
  const { qs_cid } = answer;
  return {
    user: { sender: { kind: 'qsUser', qs_uid: qs_cid.qs_uid }, key: userKey },
    client: { sender: { kind: 'qsClient', qs_cid }, key: clientKey },
  };
}

/** Members and joiners of two groups: known to the DS by their keys. */
const member = (group: number, leaf_index: number): Party => ({
  sender: { kind: 'leaf', group_id: new Uint8Array(16).fill(group), leaf_index },
  key: newKey(),
});
const joiner = (group: number): Party => ({
  sender: {
    kind: 'keyPackage',
    group_id: new Uint8Array(16).fill(group),
    key_package_ref: random.bytes(32),
  },
  key: newKey(),
});

const homeserver = (domain: string): Party => ({
  sender: { kind: 'homeserver', domain },
  key: newKey(seededRandom(`attack homeserver ${domain}`)),
});

/** Two other homeservers, which send messages. */
export const remotes: Pair = {
  victim: homeserver('three.example'),
  other: homeserver('four.example'),
};

/** The document of one of them, as the attacked homeserver has it in its cache. */
export function remoteDocument(domain: string, nowMs: number): HomeserverDocument | undefined {
  const found = [remotes.victim, remotes.other].find(
    ({ sender }) => sender.kind === 'homeserver' && sender.domain === domain,
  );
  if (found === undefined) return undefined;
  const { scheme, privateKey } = found.key;
  const keys = { signing: { scheme, privateKey }, queueConfig: [configKey] };
  const policy = makePolicy({ versions: [2, 1] });
  return documentOf({ domain, policy, keys, issuedAtMs: nowMs }, nowMs);
}

export type Parties = Readonly<Record<SenderKind, Pair>>;

/** Registers everybody; what no service serves yet is known to the homeserver by its key alone. */
export function registerParties(home: Home, keyring: AsKeyring, nowMs: number): Parties {
  const [victim, other] = [qsOwner(home, nowMs), qsOwner(home, nowMs)];
  const parties: Parties = {
    leaf: { victim: member(1, 3), other: member(2, 5) },
    keyPackage: { victim: joiner(1), other: joiner(2) },
    qsUser: { victim: victim.user, other: other.user },
    qsClient: { victim: victim.client, other: other.client },
    client: { victim: asClient(home, keyring, nowMs), other: asClient(home, keyring, nowMs) },
    alias: { victim: aliasOwner(home, 'victim', nowMs), other: aliasOwner(home, 'other', nowMs) },
    homeserver: remotes,
  };
  for (const pair of Object.values(parties)) {
    for (const party of [pair.victim, pair.other]) {
      const { key, value } = loneKeyRecord(party);
      home.disk.cells.set(key, { value, version: ++home.disk.writes });
    }
  }
  return parties;
}
