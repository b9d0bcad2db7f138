/** The setting of the attacks: two homeservers, everybody registered, one captured request each. */
import { seededRandom } from '../crypto/random.ts';
import { ed25519 } from '../crypto/signature.ts';
import { cryptoSuites } from '../crypto/suites.ts';
import { makeTokenIssuer } from '../crypto/tokens.ts';
import { signRequest } from '../protocol/auth/sign.ts';
import { allOperations, operations, type Operation } from '../protocol/operations/index.ts';
import type { ProtocolVersion } from '../protocol/wire/identifiers.ts';
import type { AnyHandler, HomeserverKeys } from '../homeserver/core.ts';
import { makePolicy, type Policy, type PolicyChanges } from '../homeserver/policy.ts';
import { asService } from '../homeserver/as/service.ts';
import { makeKeyring, publishedCredentials } from '../homeserver/as/keyring.ts';
import { defaultAllowance } from '../homeserver/as/ports.ts';
import { queuingService } from '../homeserver/qs/index.ts';
import type { Situation } from './attacks.ts';
import { makeBody, type BodyContext } from './bodies.ts';
import type { Ground } from './expected.ts';
import { makeHome, type Home } from './home.ts';
import { registerParties, remoteDocument, type Parties } from './parties.ts';
import type { Capture, Party, Scheme } from './types.ts';

export interface Setting {
  readonly one: Home;
  /** Another homeserver with the same records: the worst case for a lifted authentication. */
  readonly two: Home;
  readonly parties: Parties;
  readonly captures: readonly Capture[];
  readonly ground: Ground;
  situation(capture: Capture): Situation;
  /** A fresh, honest request at a time, which moves the homeserver's clock on. */
  honest(nowMs: number): Uint8Array;
}

export interface SettingOptions {
  /** What differs from the default policy, besides the scheme. */
  readonly policy?: PolicyChanges;
  /** Positions mutated per request. Default 160. */
  readonly mutations?: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Some time in 2027; nothing depends on which, but not at the edge of a token epoch. */
const nowMs = 20_800 * dayMs + 9 * hourMs;
const domains = { one: 'one.example', two: 'two.example' } as const;

/** The homeserver speaks both versions unless told otherwise. */
const policyOf = (scheme: Scheme, changes: PolicyChanges): Policy =>
  makePolicy({ versions: [2, 1], ...changes, auth: scheme });

/** `token` is captured in all versions, the others in v2, which alone has them. */
const capturedVersions = (scheme: Scheme, { versions }: Policy): readonly ProtocolVersion[] =>
  ([2, 1] as const).filter(
    (version) => versions.includes(version) && (version === 2 || scheme === 'token'),
  );

function keysOf(domain: string): HomeserverKeys {
  const random = seededRandom(`attack keys ${domain}`);
  const suite = cryptoSuites.get(1);
  if (suite === undefined) throw new RangeError('suite 0x0001 is gone');
  return {
    signing: { scheme: ed25519, privateKey: random.bytes(32) },
    queueConfig: [{ suite: 1, ...suite.kem.generateKeyPair(random) }],
    outboxStream: random.bytes(8),
    tagSecret: random.bytes(32),
  };
}

interface Server extends BodyContext {
  readonly handlers: readonly AnyHandler[];
}

function server(domain: string, remote?: Server): Server {
  const random = seededRandom(`attack AS ${domain}`);
  const keyring = makeKeyring(domain, nowMs - dayMs, random);
  const epochMs = dayMs;
  const issuer = makeTokenIssuer({ seed: random.bytes(32), domain, epochMs });
  const service = asService({
    keyring: () => keyring,
    issuer: { ...issuer, epochMs },
    allowance: defaultAllowance,
    remoteCredentials: (name) =>
      name === remote?.domain ? publishedCredentials(remote.keyring, nowMs) : undefined,
  });
  const handlers = [...service.handlers, ...queuingService.handlers];
  return { nowMs, keyring, issuer, domain, handlers };
}

function captureOf(
  operation: Operation,
  version: ProtocolVersion,
  scheme: Scheme,
  party: Party,
  body: Uint8Array,
  aheadMs = 0,
): Capture {
  const random = seededRandom(`attack request ${operation.id} ${party.sender.kind} ${version}`);
  const timestampMs = nowMs + aheadMs;
  const draft = { version, operation, requestId: random.bytes(16), destination: domains.one, body };
  const bytes = signRequest(draft, {
    scheme,
    sender: party.sender,
    signature: party.key.scheme,
    privateKey: party.key.privateKey,
    nowMs: timestampMs,
    offeredVersions: version === 1 ? [1] : [2, 1],
  });
  return { operation, version, scheme, party, timestampMs, bytes };
}

function capturesOf(
  scheme: Scheme,
  policy: Policy,
  parties: Parties,
  context: BodyContext,
): Capture[] {
  return allOperations.flatMap((operation) =>
    operation.senders.flatMap((kind) =>
      capturedVersions(scheme, policy).flatMap((version) => {
        const { victim } = parties[kind];
        const body = makeBody(operation, version, victim, 0, context);
        return body === undefined ? [] : [captureOf(operation, version, scheme, victim, body)];
      }),
    ),
  );
}

/** Builds everything from fixed seeds; equal schemes give equal settings to the byte. */
export function makeSetting(scheme: Scheme, options: SettingOptions = {}): Setting {
  const { policy: changes = {}, mutations = 160 } = options;
  const policy = policyOf(scheme, changes);
  const first = server(domains.one);
  const second = server(domains.two, first);
  const one = makeHome({
    domain: domains.one,
    policy,
    keys: keysOf(domains.one),
    handlers: first.handlers,
    remote: (domain) => remoteDocument(domain, nowMs),
  });
  const parties = registerParties(one, first.keyring, nowMs - hourMs);
  const two = one.copy({
    domain: domains.two,
    keys: keysOf(domains.two),
    handlers: second.handlers,
  });
  const { skewMs: windowMs, tokenAgeMs: tokenMaxAgeMs } = policy.limits;
  const captures = capturesOf(scheme, policy, parties, first);
  const honestParty = parties.alias.other;
  return {
    one,
    two,
    parties,
    captures,
    ground: { supportedVersions: policy.versions, layerOf: (id) => one.layerOf(id) },
    situation: (capture) => {
      const { operation, version, party } = capture;
      return {
        nowMs,
        windowMs,
        tokenMaxAgeMs,
        mutations,
        otherDomain: domains.two,
        other: parties[party.sender.kind].other,
        body: (target, wanted, subject, variant) =>
          makeBody(target, wanted, subject, variant, first),
        tokenOfV1() {
          const body = makeBody(operation, 2, party, 0, first) ?? new Uint8Array();
          return captureOf(operation, 2, 'token', party, body).bytes;
        },
        captureAhead(aheadMs) {
          const body = makeBody(operation, version, party, 0, first) ?? new Uint8Array();
          return captureOf(operation, version, scheme, party, body, aheadMs).bytes;
        },
      };
    },
    honest(atMs) {
      const version = policy.versions[0] as ProtocolVersion;
      const { dequeue } = operations.as;
      const body = makeBody(dequeue, version, honestParty, 0, first) ?? new Uint8Array();
      return captureOf(dequeue, version, scheme, honestParty, body, atMs - nowMs).bytes;
    },
  };
}
