/**
 * The document at `/.well-known/mls-homeserver`: what a homeserver supports, and its keys. Signed
 * by the homeserver; how it is checked and cached is in `../well-known.ts`.
 */
import { opaque, opaqueV, struct, uint16, uint32, uint8, vector, oneOf } from '../codec/index.ts';
import type { Decoded } from '../codec/index.ts';
import {
  authScheme,
  fqdn,
  hpkePublicKey,
  identityKind,
  lane,
  publicKey,
  signature,
  suiteNumber,
  timestamp,
  verifyingKey,
} from './identifiers.ts';

/** Idea 7: how groups choose their suite. */
export const suitePolicies = { mlsStyle: 1, versionBound: 2 } as const;

export const tokenKey = struct('TokenKey', {
  epoch: uint32,
  key_id: opaque(32),
  public_key: publicKey,
});

/** Lists are in order of preference, best first. */
export const homeserverDocument = struct('HomeserverDocument', {
  domain: fqdn,
  /** Grows with every change: an older document than the known one is refused. */
  issued_at: timestamp,
  expires_at: timestamp,
  versions: vector(uint16, { min: 1, max: 16 }),
  suites: vector(suiteNumber, { min: 1, max: 64 }),
  suite_policy: oneOf('SuitePolicy', uint8, suitePolicies),
  identity_kinds: vector(identityKind, { min: 1, max: 8 }),
  lanes: vector(lane, { min: 1, max: 8 }),
  auth_schemes: vector(authScheme, { min: 1, max: 8 }),
  /** Verifies QS-to-QS messages and the next document. */
  verifying_key: verifyingKey,
  /** For sealed queue configs. */
  config_encryption_keys: vector(hpkePublicKey, { min: 1, max: 8 }),
  /** Issuer keys of anonymous tokens: the current one, and the one before while it is redeemed. */
  token_keys: vector(tokenKey, { max: 2 }),
});

export const signedDocument = struct('SignedDocument', {
  document: opaqueV(64 * 1024),
  /** By the key inside the document. */
  signature,
  /** By the key before it, after a change of keys; empty otherwise. */
  continuity_signature: opaqueV(512),
});

export type HomeserverDocument = Decoded<typeof homeserverDocument>;
export type SignedDocument = Decoded<typeof signedDocument>;
