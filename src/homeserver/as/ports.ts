/** What the AS needs besides the environment that all services share. */
import type { TokenIssuer } from '../../crypto/tokens.ts';
import type { AsCredentials } from './chain.ts';
import type { AsKeyring } from './keyring.ts';

export interface TokenAllowance {
  /** Tokens per user and epoch (the specification's default token allowance). */
  readonly perUser: number;
  /** Tokens per user of another homeserver and epoch. */
  readonly perRemoteUser: number;
  /** Tokens for all users of one other homeserver together, per epoch. */
  readonly perRemoteDomain: number;
}

export interface AsPorts {
  /** The keyring, rotated up to `nowMs`. */
  readonly keyring: (nowMs: number) => AsKeyring;
  /** Absent where the homeserver issues no tokens; `issue-tokens` is then unknown. */
  readonly issuer?: TokenIssuer & { readonly epochMs: number };
  readonly allowance: TokenAllowance;
  /** The cached answer of another AS's `credentials`; undefined until it is fetched. */
  readonly remoteCredentials: (domain: string) => AsCredentials | undefined;
}

/** A thousand requests a day and person: far above what people do, far below what floods do. */
export const defaultAllowance: TokenAllowance = {
  perUser: 1024,
  perRemoteUser: 512,
  perRemoteDomain: 100_000,
};
