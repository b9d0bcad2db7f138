/**
 * The attacks: what somebody can make of a captured request without the victim's key. Each gives
 * attempts; an attempt says which bytes are sent where, when, and what happened before.
 */
import { equalBytes } from '../crypto/bytes.ts';
import { decode, encode } from '../protocol/codec/index.ts';
import { allOperations, bodiesOf, type Operation } from '../protocol/operations/index.ts';
import type { Authentication } from '../protocol/wire/authentication.ts';
import { request as requestCodec, type Request } from '../protocol/wire/envelope.ts';
import type { ProtocolVersion } from '../protocol/wire/identifiers.ts';
import type { Capture, Party } from './types.ts';

/** What happened to the captured request itself before the attempt. */
export type Before =
  /** The attacker held it back: the homeserver has not seen it. */
  | 'intercepted'
  /** It arrived and was executed. */
  | 'delivered'
  /** It arrived; then the homeserver restarted from its store, its replay cache lost. */
  | 'delivered-restarted'
  /** It arrived; an hour later another request did; then the homeserver's clock was set back. */
  | 'delivered-set-back';

export interface Attempt {
  readonly attack: AttackName;
  readonly bytes: Uint8Array;
  /** When it arrives, by the homeserver's clock. */
  readonly atMs: number;
  readonly before: Before;
  /** `two` is another homeserver with the same records, so that only authentication can refuse. */
  readonly home: 'one' | 'two';
  /** Operation that is attempted; the captured one unless the attack lifts to another. */
  readonly target: Operation;
  /** Version that is attempted. */
  readonly version: ProtocolVersion;
}

/** What attacks may know and ask for. */
export interface Situation {
  readonly nowMs: number;
  /** Skew allowed either way, ms. */
  readonly windowMs: number;
  /** Greatest age of a token, ms. */
  readonly tokenMaxAgeMs: number;
  /** About how many positions of a request are mutated, evenly spread. */
  readonly mutations: number;
  readonly otherDomain: string;
  readonly other: Party;
  /** A valid body about `subject`; another `variant` is another body. Undefined: none exists. */
  body(
    operation: Operation,
    version: ProtocolVersion,
    subject: Party,
    variant: number,
  ): Uint8Array | undefined;
  /** The victim's request as it would be signed by a clock that is `aheadMs` ahead. */
  captureAhead(aheadMs: number): Uint8Array;
  /** The request in v2 under a token, as whoever has seen the sender speak v1 can make it. */
  tokenOfV1(): Uint8Array;
}

interface Attack {
  /** For the header of the matrix. */
  readonly short: string;
  readonly summary: string;
  attempts(capture: Capture, situation: Situation): readonly Partial<Attempt>[];
}

function opened(bytes: Uint8Array): Request {
  const decoded = decode(requestCodec, bytes);
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

/** The captured request with some fields changed and the authentication kept. */
const lift = (capture: Capture, change: Partial<Request>): Uint8Array =>
  encode(requestCodec, { ...opened(capture.bytes), ...change });

type Signed = Exclude<Authentication, { kind: 'none' }>;

const authOf = (capture: Capture): Signed => opened(capture.bytes).auth as Signed;

/** The captured request with its authentication changed. */
const forge = (capture: Capture, change: object): Uint8Array =>
  lift(capture, { auth: { ...authOf(capture), ...change } as Authentication });

const freshId = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);

const replayed = (
  atMs: (situation: Situation) => number,
  before: Before = 'delivered',
): Attack['attempts'] => {
  return (_, situation) => [{ atMs: atMs(situation), before }];
};

function toOtherOperations(capture: Capture, situation: Situation): Partial<Attempt>[] {
  const { version, party } = capture;
  const targets = allOperations.filter(
    ({ id, senders }) => id !== capture.operation.id && senders.length > 0,
  );
  return targets.flatMap((target) => {
    const body = situation.body(target, version, party, 1);
    return body === undefined
      ? []
      : [{ target, bytes: lift(capture, { operation: target.id, body }) }];
  });
}

/** A body of the same operation about the same subject that says something else. */
function toOtherBody(capture: Capture, situation: Situation): Partial<Attempt>[] {
  const { operation, version, party } = capture;
  const body = situation.body(operation, version, party, 1);
  const isSame = body === undefined || equalBytes(body, opened(capture.bytes).body);
  return isSame ? [] : [{ bytes: lift(capture, { body }) }];
}

/** The body as the other party would send it; some operations name no subject but the sender. */
function toOtherSubject(capture: Capture, situation: Situation): Partial<Attempt>[] {
  const { operation, version, party } = capture;
  const [own, foreign] = [party, situation.other].map((subject) =>
    situation.body(operation, version, subject, 1),
  );
  if (own === undefined || foreign === undefined || equalBytes(own, foreign)) return [];
  return [{ bytes: lift(capture, { body: foreign }) }];
}

function toOtherVersion(capture: Capture, situation: Situation): Partial<Attempt>[] {
  const version: ProtocolVersion = capture.version === 1 ? 2 : 1;
  const body = situation.body(capture.operation, version, capture.party, 0);
  const exists = bodiesOf(capture.operation, version) !== undefined && body !== undefined;
  return exists ? [{ version, bytes: lift(capture, { protocol_version: version, body }) }] : [];
}

/** The same signature under the other schemes' names. */
function toOtherSchemes(capture: Capture): Partial<Attempt>[] {
  const auth = authOf(capture);
  const names = (['token', 'reencoded', 'raw'] as const).filter((kind) => kind !== auth.kind);
  const offered_versions = 'offered_versions' in auth ? auth.offered_versions : [capture.version];
  return names.map((kind) => ({ bytes: forge(capture, { kind, offered_versions }) }));
}

function mutated({ bytes }: Capture, { mutations }: Situation): Partial<Attempt>[] {
  const step = Math.max(1, Math.floor(bytes.length / mutations));
  const count = Math.ceil(bytes.length / step);
  return Array.from({ length: count }, (_, index) => {
    const changed = Uint8Array.from(bytes);
    const at = index * step;
    changed[at] = (changed[at] ?? 0) ^ (1 << (index % 8));
    return { bytes: changed };
  });
}

const foreignToken = {
  nonce: new Uint8Array(32).fill(1),
  challengeDigest: new Uint8Array(32).fill(2),
  keyId: new Uint8Array(32).fill(3),
  authenticator: new Uint8Array(64).fill(4),
};

const minuteMs = 60_000;

export const attacks = {
  'other-body': {
    short: 'body',
    summary: 'lifted to another body of the same operation',
    attempts: toOtherBody,
  },
  'other-operation': {
    short: 'operation',
    summary: 'lifted to each other operation',
    attempts: toOtherOperations,
  },
  'other-subject': {
    short: 'subject',
    summary: 'lifted to a body about another group, queue, user or alias',
    attempts: toOtherSubject,
  },
  'other-sender': {
    short: 'sender',
    summary: "with another registered sender in the victim's place",
    attempts: (capture, { other }) => [{ bytes: forge(capture, { sender: other.sender }) }],
  },
  'other-destination': {
    short: 'destination',
    summary: 'readdressed to another homeserver',
    attempts: (capture, { otherDomain }) => [
      { bytes: lift(capture, { destination: otherDomain }), home: 'two' },
    ],
  },
  'sent-elsewhere': {
    short: 'elsewhere',
    summary: 'sent unchanged to another homeserver',
    attempts: () => [{ home: 'two' }],
  },
  'other-version': {
    short: 'version',
    summary: 'lifted to the other version of the protocol',
    attempts: toOtherVersion,
  },
  'other-scheme': {
    short: 'scheme',
    summary: 'under the name of another authentication scheme',
    attempts: toOtherSchemes,
  },
  'token-of-v1': {
    short: 'v1 token',
    summary: 'the same request in v2, under a token that its sender used in v1',
    attempts: ({ scheme }, { tokenOfV1 }) => (scheme === 'token' ? [] : [{ bytes: tokenOfV1() }]),
  },
  'other-request-id': {
    short: 'request id',
    summary: 'delivered, then sent again under a fresh request id',
    attempts: (capture) => [{ bytes: lift(capture, { request_id: freshId }), before: 'delivered' }],
  },
  'other-timestamp': {
    short: 'timestamp',
    summary: 'with a later timestamp',
    attempts: (capture, { nowMs }) => [
      {
        bytes: forge(capture, { timestamp: capture.timestampMs + minuteMs }),
        atMs: nowMs + minuteMs,
      },
    ],
  },
  'other-anonymous-token': {
    short: 'anon. token',
    summary: 'with another anonymous token',
    attempts: (capture) => [{ bytes: forge(capture, { anonymous_token: foreignToken }) }],
  },
  'stripped-offer': {
    short: 'offer',
    summary: 'with the higher versions stripped from the signed offer',
    attempts: (capture) =>
      capture.scheme === 'token' ? [] : [{ bytes: forge(capture, { offered_versions: [1] }) }],
  },
  'replay-at-once': {
    short: 'at once',
    summary: 'delivered, then replayed at once',
    attempts: replayed(({ nowMs }) => nowMs),
  },
  'replay-in-window': {
    short: 'in window',
    summary: 'delivered, then replayed at the end of the 5 min window',
    attempts: replayed(({ nowMs, windowMs }) => nowMs + windowMs),
  },
  'replay-after-window': {
    short: 'after window',
    summary: 'delivered, then replayed after the window, within the hour',
    attempts: replayed(({ nowMs, tokenMaxAgeMs }) => nowMs + tokenMaxAgeMs),
  },
  'replay-later': {
    short: 'later',
    summary: 'delivered, then replayed after more than an hour',
    attempts: replayed(({ nowMs, tokenMaxAgeMs }) => nowMs + tokenMaxAgeMs + 1),
  },
  'replay-fast-clock': {
    short: 'fast clock',
    summary: 'signed by a clock 5 min ahead, delivered, replayed at the end of what that gains',
    attempts: ({ scheme }, { nowMs, windowMs, tokenMaxAgeMs, captureAhead }) => [
      {
        bytes: captureAhead(windowMs),
        atMs: nowMs + windowMs + (scheme === 'token' ? tokenMaxAgeMs : windowMs),
        before: 'delivered',
      },
    ],
  },
  'replay-clock-set-back': {
    short: 'set back',
    summary: "delivered, then replayed after the homeserver's clock was set back by an hour",
    attempts: replayed(({ nowMs }) => nowMs + 1, 'delivered-set-back'),
  },
  'replay-after-restart': {
    short: 'restart',
    summary: 'delivered, then replayed after the homeserver restarted',
    attempts: replayed(({ nowMs }) => nowMs + 1, 'delivered-restarted'),
  },
  'mutated-bytes': {
    short: 'mutation',
    summary: 'with one bit changed, at positions over the whole request',
    attempts: mutated,
  },
} as const satisfies Record<string, Attack>;

export type AttackName = keyof typeof attacks;

export const attackNames = Object.keys(attacks) as readonly AttackName[];

/** All attempts of all attacks on one captured request. */
export function attemptsOn(capture: Capture, situation: Situation): readonly Attempt[] {
  return attackNames.flatMap((attack) => {
    const { attempts }: Attack = attacks[attack];
    return attempts(capture, situation).map((attempt) => ({
      attack,
      bytes: capture.bytes,
      atMs: situation.nowMs,
      before: 'intercepted' as const,
      home: 'one' as const,
      target: capture.operation,
      version: capture.version,
      ...attempt,
    }));
  });
}
