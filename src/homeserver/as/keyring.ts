/**
 * The AS's own keys, and their rotation.
 *
 * Roots live 10 years, intermediates 180 days, client credentials at most 30 days. A new
 * intermediate is made when the current one has less than one client lifetime left, so that a
 * client can always ask for a full lifetime; the old one stays published until it expires, because
 * credentials it signed are still valid. The same rule, one level up, rotates the root.
 */
import { equalBytes } from '../../crypto/bytes.ts';
import type { Random } from '../../crypto/random.ts';
import { ed25519 } from '../../crypto/signature.ts';
import type { AsCredential, AsIntermediateCredential } from '../../protocol/wire/credentials.ts';
import type { AsCredentials } from './chain.ts';
import {
  fingerprintOfAs,
  fingerprintOfIntermediate,
  isValidAt,
  issueAsCredential,
  issueIntermediate,
  type SigningKey,
} from './credentials.ts';

const dayMs = 24 * 3_600_000;

export const lifetimes = {
  rootMs: 3650 * dayMs,
  intermediateMs: 180 * dayMs,
  /** Longest validity of a client credential. */
  clientMs: 30 * dayMs,
} as const;

interface Held<C> {
  readonly credential: C;
  readonly key: SigningKey;
}

/** Newest first. */
export interface AsKeyring {
  readonly domain: string;
  readonly roots: readonly Held<AsCredential>[];
  readonly intermediates: readonly Held<AsIntermediateCredential>[];
  /** Fingerprints of revoked roots and intermediates. */
  readonly revoked: readonly Uint8Array[];
}

const newKey = (random: Random): SigningKey => ({
  scheme: ed25519,
  ...ed25519.generateKeyPair(random),
});

/** A keyring with a fresh root and intermediate. */
export function makeKeyring(domain: string, nowMs: number, random: Random): AsKeyring {
  return rotateKeyring({ domain, roots: [], intermediates: [], revoked: [] }, nowMs, random);
}

/** The keyring at `nowMs`: expired credentials gone, new ones made where the rule asks for them. */
export function rotateKeyring(keyring: AsKeyring, nowMs: number, random: Random): AsKeyring {
  const valid = withoutExpired(keyring, nowMs);
  const withRoot = hasRoot(valid, nowMs) ? valid : addRoot(valid, nowMs, random);
  const isCurrent = signerAt(withRoot, nowMs, nowMs + lifetimes.clientMs) !== undefined;
  return isCurrent ? withRoot : addIntermediate(withRoot, nowMs, random);
}

/** Revokes an intermediate or a root by its fingerprint; the next rotation replaces it. */
export function revoke(keyring: AsKeyring, fingerprint: Uint8Array): AsKeyring {
  return { ...keyring, revoked: [...keyring.revoked, fingerprint] };
}

/** What the `credentials` operation answers. */
export function publishedCredentials(keyring: AsKeyring, nowMs: number): AsCredentials {
  const { roots, intermediates, revoked } = withoutExpired(keyring, nowMs);
  return {
    as_credentials: roots.map(({ credential }) => credential),
    as_intermediate_credentials: intermediates.map(({ credential }) => credential),
    revoked_certs: revoked,
  };
}

/** The newest intermediate that may sign credentials valid until `untilMs`. */
export function signerAt(
  keyring: AsKeyring,
  nowMs: number,
  untilMs: number,
): Held<AsIntermediateCredential> | undefined {
  return keyring.intermediates.find(({ credential }) => {
    const { expiration_data, signer_fingerprint } = credential.signed_payload.payload;
    const fingerprint = fingerprintOfIntermediate(credential);
    return (
      isValidAt(expiration_data, nowMs) &&
      untilMs <= expiration_data.not_after &&
      !isRevoked(keyring, fingerprint) &&
      !isRevoked(keyring, signer_fingerprint)
    );
  });
}

/** The intermediate of this fingerprint, when the AS still signs with it. */
export function signerOf(
  keyring: AsKeyring,
  fingerprint: Uint8Array,
  nowMs: number,
): Held<AsIntermediateCredential> | undefined {
  const held = keyring.intermediates.filter(({ credential }) =>
    equalBytes(fingerprintOfIntermediate(credential), fingerprint),
  );
  return signerAt({ ...keyring, intermediates: held }, nowMs, nowMs);
}

const isRevoked = ({ revoked }: AsKeyring, fingerprint: Uint8Array): boolean =>
  revoked.some((candidate) => equalBytes(candidate, fingerprint));

function withoutExpired(keyring: AsKeyring, nowMs: number): AsKeyring {
  const roots = keyring.roots.filter(
    ({ credential }) => nowMs < credential.payload.expiration_data.not_after,
  );
  const intermediates = keyring.intermediates.filter(
    ({ credential }) => nowMs < credential.signed_payload.payload.expiration_data.not_after,
  );
  return { ...keyring, roots, intermediates };
}

/** Whether a root can sign an intermediate of full lifetime. */
const hasRoot = (keyring: AsKeyring, nowMs: number): boolean =>
  rootAt(keyring, nowMs) !== undefined;

function rootAt(keyring: AsKeyring, nowMs: number): Held<AsCredential> | undefined {
  return keyring.roots.find(
    ({ credential }) =>
      nowMs + lifetimes.intermediateMs <= credential.payload.expiration_data.not_after &&
      !isRevoked(keyring, fingerprintOfAs(credential)),
  );
}

function addRoot(keyring: AsKeyring, nowMs: number, random: Random): AsKeyring {
  const key = newKey(random);
  const validity = { not_before: nowMs, not_after: nowMs + lifetimes.rootMs };
  const credential = issueAsCredential(keyring.domain, validity, key);
  return { ...keyring, roots: [{ credential, key }, ...keyring.roots] };
}

function addIntermediate(keyring: AsKeyring, nowMs: number, random: Random): AsKeyring {
  const root = rootAt(keyring, nowMs);
  if (root === undefined) return keyring;
  const key = newKey(random);
  const validity = { not_before: nowMs, not_after: nowMs + lifetimes.intermediateMs };
  const credential = issueIntermediate(root.credential, root.key, validity, key);
  return { ...keyring, intermediates: [{ credential, key }, ...keyring.intermediates] };
}
