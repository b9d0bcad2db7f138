/** An owner of queues for the tests of the QS: makes requests, signs them, reads its lanes. */
import { seededRandom, type Random } from '../../crypto/random.ts';
import { ed25519 } from '../../crypto/signature.ts';
import { cryptoSuite, cryptoSuites } from '../../crypto/suites.ts';
import { plainRequest, signRequest } from '../../protocol/auth/sign.ts';
import { decode, encode } from '../../protocol/codec/index.ts';
import { bodiesOf, type Operation } from '../../protocol/operations/index.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { errorOf } from '../../protocol/protocol-error.ts';
import {
  newReader,
  openEntry,
  type LaneReader,
  type QueuePrivateKey,
} from '../../protocol/queue-ratchet.ts';
import { sealQueueConfig } from '../../protocol/seal-config.ts';
import type { Sender } from '../../protocol/wire/authentication.ts';
import { response } from '../../protocol/wire/envelope.ts';
import {
  lanes,
  signatureSchemes,
  type Lane,
  type QsCid,
  type QsUid,
} from '../../protocol/wire/identifiers.ts';
import type { ClientQueueConfig } from '../../protocol/wire/queue-config.ts';
import {
  queuePayload,
  type QueueEntry,
  type QueuePayload,
} from '../../protocol/wire/queue-messages.ts';
import type { MaybePromise } from '../../store/port.ts';
import type { RequestOf, ResponseOf } from '../core.ts';
import type { InProcess } from '../in-process.ts';

/** The value of a synchronous store. */
export function now<T>(value: MaybePromise<T>): T {
  if (value instanceof Promise) throw new TypeError('the store is asynchronous');
  return value;
}

/** The code of a refusal, or the reply. */
export type Answered<R> =
  | { readonly ok: true; readonly reply: R }
  | { readonly ok: false; readonly code: string; readonly fields: object };

export interface TestClientOptions {
  readonly server: () => InProcess;
  readonly now: () => number;
  readonly version?: 1 | 2;
  readonly suite?: number;
  readonly scheme?: 'token' | 'reencoded' | 'raw';
}

const noReaders = (): Record<Lane, LaneReader> => ({
  [lanes.ham]: newReader(lanes.ham),
  [lanes.spam]: newReader(lanes.spam),
});

export class TestClient {
  readonly random: Random;
  readonly userKeys;
  readonly clientKeys;
  friendshipToken: Uint8Array;
  queueKeys: (QueuePrivateKey & { publicKey: Uint8Array })[] = [];
  uid: QsUid = { user_id: new Uint8Array(16) };
  cid: QsCid = { qs_uid: this.uid, client_id: new Uint8Array(16) };
  readers = noReaders();
  /** Everything read, with its place; ratchet updates have no payload. */
  readonly log: { lane: Lane; sequence: number; payload: QueuePayload | undefined }[] = [];
  private readonly options: TestClientOptions;

  constructor(name: string, options: TestClientOptions) {
    this.options = options;
    this.random = seededRandom(`client ${name}`);
    this.userKeys = ed25519.generateKeyPair(this.random);
    this.clientKeys = ed25519.generateKeyPair(this.random);
    this.friendshipToken = this.random.bytes(32);
    this.newQueueKey(options.suite ?? 1);
  }

  newQueueKey(suite: number): void {
    const pair = cryptoSuite(suite).kem.generateKeyPair(this.random);
    this.queueKeys = [{ suite, ...pair }, ...this.queueKeys];
  }

  /** The parts of a client record that its owner chooses. */
  clientParams(encrypted_push_token?: Uint8Array) {
    const [queueKey] = this.queueKeys;
    return {
      client_record_auth_key: {
        scheme: signatureSchemes.ed25519,
        key: this.clientKeys.publicKey,
      },
      queue_encryption_key: {
        suite: queueKey?.suite ?? 0,
        key: queueKey?.publicKey ?? new Uint8Array(),
      },
      encrypted_push_token,
    };
  }

  userParams() {
    return {
      user_record_auth_key: { scheme: signatureSchemes.ed25519, key: this.userKeys.publicKey },
      friendship_token: this.friendshipToken,
    };
  }

  /** The encoded request, signed as the operation wants it. */
  encoded<O extends Operation>(operation: O, body: RequestOf<O>): Uint8Array {
    const { version = 2, scheme = version === 1 ? 'token' : 'raw' } = this.options;
    const bodies = bodiesOf(operation, version);
    if (bodies === undefined) throw new TypeError(`v${version} has no ${operation.name}`);
    const draft = {
      version,
      operation,
      requestId: this.random.bytes(16),
      destination: this.options.server().domain,
      body: encode(bodies.request, body),
    };
    const [kind] = operation.senders;
    if (kind === undefined) return plainRequest(draft);
    const byUser = kind === 'qsUser';
    const sender: Sender = byUser
      ? { kind: 'qsUser', qs_uid: this.uid }
      : { kind: 'qsClient', qs_cid: this.cid };
    const { privateKey } = byUser ? this.userKeys : this.clientKeys;
    const nowMs = this.options.now();
    const offeredVersions = version === 1 ? [1] : [2, 1];
    return signRequest(draft, {
      scheme,
      sender,
      signature: ed25519,
      privateKey,
      nowMs,
      offeredVersions,
    });
  }

  answer<O extends Operation>(operation: O, bytes: Uint8Array): Answered<ResponseOf<O>> {
    const decoded = decode(response, bytes);
    if (!decoded.ok) throw decoded.error;
    if (decoded.value.status !== 0) {
      const error = errorOf(decoded.value);
      return { ok: false, code: error?.code ?? 'unknown', fields: error?.fields ?? {} };
    }
    const bodies = bodiesOf(operation, this.options.version ?? 2);
    const reply = decode(bodies?.response ?? response, decoded.value.body);
    if (!reply.ok) throw reply.error;
    return { ok: true, reply: reply.value as ResponseOf<O> };
  }

  call<O extends Operation>(operation: O, body: RequestOf<O>): Answered<ResponseOf<O>> {
    return this.answer(
      operation,
      now(this.options.server().request(this.encoded(operation, body))),
    );
  }

  /** The reply; throws for a refusal. */
  must<O extends Operation>(operation: O, body: RequestOf<O>): ResponseOf<O> {
    const answered = this.call(operation, body);
    if (!answered.ok) throw new Error(`${operation.name}: ${answered.code}`);
    return answered.reply;
  }

  register(pushToken?: Uint8Array): this {
    const body = { ...this.userParams(), ...this.clientParams(pushToken) };
    const { qs_uid, qs_cid } = this.must(qsOperations.createUserRecord, body);
    // Views of the answer would keep it alive.
    this.uid = structuredClone(qs_uid);
    this.cid = structuredClone(qs_cid);
    return this;
  }

  plainConfig(pushKey?: Uint8Array): ClientQueueConfig {
    return {
      kind: 'plain',
      client_homeserver_domain: this.options.server().domain,
      queue_config: { option_push_token_key: pushKey, pseudonymous_client_id: this.cid },
    };
  }

  sealedConfig(pushKey?: Uint8Array, suite = 1): ClientQueueConfig {
    const server = this.options.server();
    const to = server.keys.queueConfig.find((key) => key.suite === suite);
    const config = { option_push_token_key: pushKey, pseudonymous_client_id: this.cid };
    const signer = { scheme: ed25519, privateKey: this.clientKeys.privateKey };
    const key = { suite, key: to?.publicKey ?? new Uint8Array() };
    const sealed_config = sealQueueConfig(config, key, cryptoSuite(suite), signer, this.random);
    return { kind: 'sealed', client_homeserver_domain: server.domain, sealed_config };
  }

  /** One dequeue of a lane: acknowledges what was read and reads on. */
  fetch(lane: Lane = lanes.ham, max = 500): QueuePayload[] {
    const body = {
      qs_cid: this.cid,
      lane,
      sequence_number_start: this.readers[lane].sequence,
      max_message_number: max,
    };
    return this.open(lane, this.must(qsOperations.dequeue, body).entries);
  }

  /** Opens entries in order; throws at the first that is not the next one. */
  open(lane: Lane, entries: readonly QueueEntry[]): QueuePayload[] {
    const read: QueuePayload[] = [];
    for (const entry of entries) {
      const reader = this.readers[lane];
      const opened = openEntry(reader, entry, this.queueKeys, (n) => cryptoSuites.get(n));
      if (!opened.ok) throw new Error(`entry ${entry.sequence} of lane ${lane}: ${opened.fault}`);
      this.readers[lane] = opened.reader;
      if (opened.plaintext === undefined) {
        this.log.push({ lane, sequence: entry.sequence, payload: undefined });
        continue;
      }
      const payload = decode(queuePayload, opened.plaintext);
      if (!payload.ok) throw payload.error;
      read.push(payload.value);
      this.log.push({ lane, sequence: entry.sequence, payload: payload.value });
    }
    return read;
  }

  /** Dequeues until the lane is empty and acknowledged. */
  fetchAll(lane: Lane = lanes.ham): QueuePayload[] {
    const read: QueuePayload[] = [];
    for (;;) {
      const before = this.readers[lane].sequence;
      read.push(...this.fetch(lane));
      if (this.readers[lane].sequence === before) return read;
    }
  }
}
