/**
 * The functional core: what a homeserver does with a request, without clock, randomness, network or
 * store of its own. A request is answered in three steps:
 *
 *   begin(bytes)            decode, check version, sender and time; says what to load (one read)
 *   step.run(loaded)        authenticate, run the operation; says what to write (one atomic write)
 *   the shell               writes, answers, performs the effects
 *
 * Every failure is a row of the table of error codes; bytes from the network never throw.
 */
import type { Random } from '../crypto/random.ts';
import type { SignatureScheme } from '../crypto/signature.ts';
import type { CryptoSuite } from '../crypto/suites.ts';
import type { TokenIssuer } from '../crypto/tokens.ts';
import type { ReplayCache } from '../protocol/auth/replay-cache.ts';
import type { Bodies, Operation } from '../protocol/operations/index.ts';
import type { Outcome } from '../protocol/protocol-error.ts';
import type { Sender } from '../protocol/wire/authentication.ts';
import type { Lane, ProtocolVersion, QsCid, VerifyingKey } from '../protocol/wire/identifiers.ts';
import type { HomeserverDocument } from '../protocol/wire/well-known.ts';
import type { Access, Batch, Loaded, OutboxEntry } from '../store/port.ts';
import type { RateLimiter } from './limiter.ts';
import type { Policy } from './policy.ts';

/** The homeserver's own secrets. */
export interface HomeserverKeys {
  /** Signs QS-to-QS messages and the well-known document. */
  readonly signing: { readonly scheme: SignatureScheme; readonly privateKey: Uint8Array };
  /** Open sealed queue configs, by suite; the first is the preferred one. */
  readonly queueConfig: readonly {
    readonly suite: number;
    readonly publicKey: Uint8Array;
    readonly privateKey: Uint8Array;
  }[];
  /** Three bytes that name the life of the store: new whenever a store begins or is restored. */
  readonly outboxStream: Uint8Array;
  /** 32 bytes; hides in the store which group an entry is about. */
  readonly tagSecret: Uint8Array;
}

/** Counts what happened, by name: `qs.enqueued`, `crypto.asymmetric`, ... */
export interface Counters {
  add(name: string, amount?: number): void;
}

/** Everything the core may use besides what was loaded. */
export interface Env {
  /** Milliseconds since 1970-01-01 UTC. */
  readonly nowMs: number;
  readonly random: Random;
  readonly domain: string;
  readonly policy: Policy;
  readonly keys: HomeserverKeys;
  /** A suite by number, counted where the shell wants counts; undefined when unknown. */
  readonly suite: (number: number) => CryptoSuite | undefined;
  readonly counters: Counters;
  readonly replay: ReplayCache;
  readonly limiter: RateLimiter;
  /** Anonymous tokens; absent where the policy needs none. */
  readonly tokens?: { readonly issuer: TokenIssuer };
  /**
   * The valid, cached document of another homeserver; asking for a missing one makes the shell
   * fetch it.
   */
  readonly remote: (domain: string) => HomeserverDocument | undefined;
}

/** A request as its operation sees it. */
export interface Call<Q> {
  readonly version: ProtocolVersion;
  readonly operation: Operation;
  readonly requestId: Uint8Array;
  readonly sender: Sender | undefined;
  /** Whether the signature covers the whole request; a `token` covers sender and time only. */
  readonly covered: boolean;
  readonly body: Q;
}

/**
 * What happens outside after the write. Effects may be lost in a crash; nothing depends on them.
 */
export type Effect =
  /** Somebody should look into the queue: by an open WebSocket, or by a push notification. */
  | {
      readonly kind: 'wake';
      readonly client: QsCid;
      readonly lane: Lane;
      readonly pushToken?: Uint8Array;
    }
  /** The client wants to be woken over the connection that brought the request. */
  | { readonly kind: 'listen'; readonly client: QsCid }
  /** A message was refused, visibly. */
  | { readonly kind: 'queue-full'; readonly client: QsCid; readonly lane: Lane };

export interface Plan<P> {
  readonly access: Access;
  /** What was worked out on the way (an opened queue config), for `run`. */
  readonly carry: P;
}

/** Expectations on the heads that were read are added by the dispatcher. */
export interface Done<R> {
  readonly reply: R;
  /**
   * The reply already encoded, where encoding it again would cost; `reply` is then not looked at.
   */
  readonly encoded?: Uint8Array;
  readonly batch?: Omit<Batch, 'expect'>;
  readonly effects?: readonly Effect[];
}

/** The value types of an operation's bodies, over all versions. */
type AllBodies<O extends Operation> = NonNullable<O['bodies'][ProtocolVersion & keyof O['bodies']]>;
export type RequestOf<O extends Operation> =
  AllBodies<O> extends infer B ? (B extends Bodies<infer Q, infer _R> ? Q : never) : never;
export type ResponseOf<O extends Operation> =
  AllBodies<O> extends infer B ? (B extends Bodies<infer _Q, infer R> ? R : never) : never;

/** How one operation is served. All functions are pure. */
export interface Handler<Q, R, P> {
  readonly operation: Operation;
  /** What to load. The body is decoded, but nothing in it is authenticated yet. */
  plan(call: Call<Q>, env: Env): Outcome<Plan<P>>;
  /** The sender's key from what was loaded; absent for operations without senders. */
  senderKey?(loaded: Loaded, call: Call<Q>, carry: P, env: Env): VerifyingKey | undefined;
  /** Runs the authenticated call. The reply is encoded as the call's version has it. */
  run(loaded: Loaded, call: Call<Q>, carry: P, env: Env): Outcome<Done<R>>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- handlers of all types stand in one table
export type AnyHandler = Handler<any, any, any>;

/** A handler with the types of its operation. */
export function handler<O extends Operation, P = undefined>(
  operation: O,
  parts: Omit<Handler<RequestOf<O>, ResponseOf<O>, P>, 'operation'>,
): AnyHandler {
  return { operation, ...parts };
}

/** A step of work that the outbox asks for: to records here, or to another homeserver. */
export type DeliveryStep =
  | {
      readonly kind: 'local';
      readonly access: Access;
      /** The batch must hold the outbox update, so that nothing is delivered twice. */
      run(loaded: Loaded, env: Env): { readonly batch: Batch; readonly effects: readonly Effect[] };
    }
  | {
      readonly kind: 'remote';
      readonly domain: string;
      /** An encoded request; the same one at every attempt counts once at the receiver. */
      readonly request: Uint8Array;
      /** What the answer means: a batch that settles the entry, or when to try again. */
      answered(response: Uint8Array, env: Env): RemoteOutcome;
    }
  /** Cannot be done now: the document of the other homeserver is missing. */
  | { readonly kind: 'wait' };

export type RemoteOutcome =
  | { readonly kind: 'settled'; readonly batch: Batch }
  /** `afterMs` as the other side asks for it, 0 when it does not say; the batch counts refusals. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly batch?: Batch };

/** Serves the entries of destinations that begin with its prefix, such as `queue/` or `remote/`. */
export interface Delivery {
  readonly prefix: string;
  step(entry: OutboxEntry, env: Env): DeliveryStep;
}

/** A service: its operations and its part of the outbox. */
export interface Service {
  readonly handlers: readonly AnyHandler[];
  readonly deliveries: readonly Delivery[];
}
