/** What the attack suite is made of: captures, attacks, verdicts. */
import type { Operation } from '../protocol/operations/index.ts';
import type { Sender } from '../protocol/wire/authentication.ts';
import type {
  AuthSchemeName,
  ProtocolVersion,
  VerifyingKey,
} from '../protocol/wire/identifiers.ts';
import type { SigningKey } from '../homeserver/as/credentials.ts';

export type Scheme = Exclude<AuthSchemeName, 'none'>;

/** Somebody with a key that the homeserver knows. */
export interface Party {
  readonly sender: Sender;
  readonly key: SigningKey;
}

export const verifyingKeyOf = ({ key }: Party): VerifyingKey => ({
  scheme: key.scheme.id as VerifyingKey['scheme'],
  key: key.publicKey,
});

/** The victim, whose request is captured, and another registered party of the same kind. */
export interface Pair {
  readonly victim: Party;
  readonly other: Party;
}

/**
 * Where an attempt was decided. `service`: the operation's own handler, with its records.
 * `authentication`: the operation is not served yet; its authentication is the real one, the key is
 * looked up in a record that holds nothing else, and a request that passes is then told that the
 * operation is unknown.
 */
export type Layer = 'service' | 'authentication';

/** A valid, authenticated request of the victim. */
export interface Capture {
  readonly operation: Operation;
  readonly version: ProtocolVersion;
  readonly scheme: Scheme;
  readonly party: Party;
  /** The time it was signed at by the victim's clock. */
  readonly timestampMs: number;
  readonly bytes: Uint8Array;
}

/** What the homeserver made of some bytes. */
export interface Verdict {
  /** Authentication passed: the operation was run. */
  readonly admitted: boolean;
  /** The operation did what the request asked for. */
  readonly executed: boolean;
  /** `ok`, or the code of the refusal. */
  readonly code: string;
}
