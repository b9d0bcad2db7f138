/** A homeserver with AS and QS over memory, and clients that register with it. For tests. */
import { seededRandom, type Random } from '../../crypto/random.ts';
import { ed25519 } from '../../crypto/signature.ts';
import { cryptoSuites } from '../../crypto/suites.ts';
import { finishTokens, makeTokenIssuer, requestTokens } from '../../crypto/tokens.ts';
import { plainRequest, signRequest } from '../../protocol/auth/sign.ts';
import { decode, encode } from '../../protocol/codec/index.ts';
import { bodiesOf, operations, type Operation } from '../../protocol/operations/index.ts';
import { errorOf } from '../../protocol/protocol-error.ts';
import type { PrivacyPassToken, Sender } from '../../protocol/wire/authentication.ts';
import type { ClientCredential } from '../../protocol/wire/credentials.ts';
import { response } from '../../protocol/wire/envelope.ts';
import type { ClientId, ProtocolVersion } from '../../protocol/wire/identifiers.ts';
import { countingStore, noCounts } from '../../store/counting.ts';
import { makeDisk, memoryStore, type MemoryDisk } from '../../store/memory.ts';
import type { RequestOf, ResponseOf } from '../core.ts';
import { makeInProcess, type InProcess } from '../in-process.ts';
import { makePolicy, type PolicyChanges } from '../policy.ts';
import { queuingService } from '../qs/index.ts';
import { makeClientCsr, type SigningKey } from './credentials.ts';
import {
  lifetimes,
  makeKeyring,
  publishedCredentials,
  rotateKeyring,
  signerAt,
  type AsKeyring,
} from './keyring.ts';
import { defaultAllowance, type TokenAllowance } from './ports.ts';
import { asService } from './service.ts';

export const dayMs = 24 * 3_600_000;

export interface AsWorldOptions {
  readonly domain?: string;
  readonly policy?: PolicyChanges;
  readonly allowance?: Partial<TokenAllowance>;
  readonly clock?: { nowMs: number };
  /** Other homeservers whose AS credentials are known. */
  readonly peers?: readonly AsWorld[];
  /** The disk of an earlier life. */
  readonly disk?: MemoryDisk;
  /** Whether tokens can be checked; they can. */
  readonly issuer?: false;
}

/** Who signs, and how. */
export interface SignAs {
  readonly sender: Sender;
  readonly key: SigningKey;
}

export interface Asked<R> {
  /** `ok`, or the code of the refusal. */
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The decoded reply; only where `code` is `ok`. */
  readonly reply: R;
}

export interface Registered extends SignAs {
  readonly clientId: ClientId;
  readonly credential: ClientCredential;
  readonly queueKey: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
}

export class AsWorld {
  readonly domain: string;
  readonly clock: { nowMs: number };
  readonly counts = noCounts();
  readonly disk: MemoryDisk;
  readonly random: Random;
  readonly server: InProcess;
  readonly issuer;
  keyring: AsKeyring;

  constructor(options: AsWorldOptions = {}) {
    const { domain = 'one.example', clock = { nowMs: 20_000 * dayMs + 3_600_000 } } = options;
    this.domain = domain;
    this.disk = options.disk ?? makeDisk();
    this.clock = clock;
    this.random = seededRandom(`AS world ${domain}`);
    this.keyring = makeKeyring(domain, clock.nowMs, this.random);
    const seed = this.random.bytes(32);
    this.issuer = { ...makeTokenIssuer({ seed, domain, epochMs: dayMs }), epochMs: dayMs };
    const service = asService({
      keyring: (nowMs) => (this.keyring = rotateKeyring(this.keyring, nowMs, this.random)),
      issuer: this.issuer,
      allowance: { ...defaultAllowance, ...options.allowance },
      remoteCredentials: (name) => {
        const peer = options.peers?.find((each) => each.domain === name);
        return peer && publishedCredentials(peer.keyring, clock.nowMs);
      },
    });
    this.server = makeInProcess({
      domain,
      policy: makePolicy({ versions: [2, 1], auth: 'raw', ...options.policy }),
      store: countingStore(memoryStore({ disk: this.disk }), this.counts),
      services: [service, queuingService],
      now: () => clock.nowMs,
      ...(options.issuer === false ? {} : { tokens: { issuer: this.issuer } }),
    });
  }

  newKey(): SigningKey {
    return { scheme: ed25519, ...ed25519.generateKeyPair(this.random) };
  }

  newQueueKey() {
    const pair = cryptoSuites.get(1)!.kem.generateKeyPair(this.random);
    return { ...pair, wire: { suite: 1, key: pair.publicKey } };
  }

  /** Sends a request, signed in v2 by `raw` where somebody is named. */
  ask<O extends Operation>(
    operation: O,
    body: RequestOf<O>,
    as?: SignAs,
    anonymousToken?: PrivacyPassToken,
  ): Asked<ResponseOf<O>> {
    const version: ProtocolVersion = 2;
    const bodies = bodiesOf(operation, version)!;
    const draft = {
      version,
      operation,
      requestId: this.random.bytes(16),
      destination: this.domain,
      body: encode(bodies.request, body),
      ...(anonymousToken === undefined ? {} : { anonymousToken }),
    };
    const bytes =
      as === undefined
        ? plainRequest(draft)
        : signRequest(draft, {
            scheme: 'raw',
            sender: as.sender,
            signature: as.key.scheme,
            privateKey: as.key.privateKey,
            nowMs: this.clock.nowMs,
            offeredVersions: [2, 1],
          });
    const answer = decode(response, this.server.request(bytes) as Uint8Array);
    if (!answer.ok) throw answer.error;
    const error = errorOf(answer.value);
    if (error !== undefined) {
      return { code: error.code, fields: error.fields, reply: undefined as never };
    }
    const reply = decode(bodies.response, answer.value.body);
    if (!reply.ok) throw reply.error;
    return { code: 'ok', fields: {}, reply: reply.value as ResponseOf<O> };
  }

  newClientId(): ClientId {
    const user_id = { as_domain: this.domain, user_id: this.random.bytes(16) };
    return { user_id, client_uuid: this.random.bytes(16) };
  }

  /** A signing request, valid for the longest time. */
  csr(client_id: ClientId, key: SigningKey, lifetimeMs: number = lifetimes.clientMs) {
    const { nowMs } = this.clock;
    const validity = { not_before: nowMs, not_after: nowMs + lifetimeMs };
    this.keyring = rotateKeyring(this.keyring, nowMs, this.random);
    const signer = signerAt(this.keyring, nowMs, nowMs + 1)!;
    return makeClientCsr(client_id, validity, key, signer.credential);
  }

  register(clientId: ClientId = this.newClientId()): Registered {
    const key = this.newKey();
    const queueKey = this.newQueueKey();
    const asked = this.ask(operations.as.register, {
      client_csr: this.csr(clientId, key),
      queue_encryption_key: queueKey.wire,
      connection_packages: [],
    });
    if (asked.code !== 'ok') throw new Error(asked.code);
    const credential = asked.reply.client_credential;
    return { sender: { kind: 'client', client_id: clientId }, key, clientId, credential, queueKey };
  }
}

/** Tokens for a client from the AS of `at`, or the refusal. */
export function takeTokens(at: AsWorld, alice: Registered, count: number) {
  const key = at.issuer.currentKey(at.clock.nowMs);
  const pending = requestTokens(key, at.domain, count, at.random);
  const blinded = pending.blinded.map((one) => one.blinded);
  const body = { client_credential: alice.credential, blinded };
  const asked = at.ask(operations.as.issueTokens, body, alice);
  const tokens = asked.code === 'ok' ? finishTokens(pending, asked.reply) : [];
  return { ...asked, tokens: tokens ?? [] };
}
