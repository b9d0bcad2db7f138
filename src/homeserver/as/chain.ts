/**
 * Verifying a client credential up to the AS credential of its domain: what every client does with
 * its contacts' credentials, and an AS with the clients of other homeservers.
 */
import { equalBytes } from '../../crypto/bytes.ts';
import type {
  AsCredential,
  AsIntermediateCredential,
  ClientCredential,
} from '../../protocol/wire/credentials.ts';
import {
  asCredentialHolds,
  clientCredentialHolds,
  fingerprintOfAs,
  fingerprintOfIntermediate,
  intermediateHolds,
  isValidAt,
  nests,
} from './credentials.ts';

/** What an AS publishes; the answer of the `credentials` operation. */
export interface AsCredentials {
  readonly as_credentials: readonly AsCredential[];
  readonly as_intermediate_credentials: readonly AsIntermediateCredential[];
  readonly revoked_certs: readonly Uint8Array[];
}

/** Why a chain does not hold; the `reason` of `bad_credential`. */
export type ChainFault =
  | 'another domain'
  | 'unknown signer'
  | 'revoked'
  | 'expired or not yet valid'
  | 'validity exceeds that of the signer'
  | 'bad signature';

/** The first fault of the chain from `credential` up, or undefined when it holds at `nowMs`. */
export function chainFault(
  credential: ClientCredential,
  published: AsCredentials,
  nowMs: number,
): ChainFault | undefined {
  const { payload } = credential.signed_payload;
  const intermediate = published.as_intermediate_credentials.find((candidate) =>
    equalBytes(fingerprintOfIntermediate(candidate), payload.signer_fingerprint),
  );
  if (intermediate === undefined) return 'unknown signer';
  const middle = intermediate.signed_payload.payload;
  const root = published.as_credentials.find((candidate) =>
    equalBytes(fingerprintOfAs(candidate), middle.signer_fingerprint),
  );
  if (root === undefined) return 'unknown signer';
  const isRevoked = [payload.signer_fingerprint, middle.signer_fingerprint].some((fingerprint) =>
    published.revoked_certs.some((revoked) => equalBytes(revoked, fingerprint)),
  );
  if (isRevoked) return 'revoked';
  const domain = payload.client_id.user_id.as_domain;
  if (middle.as_domain !== domain || root.payload.as_domain !== domain) return 'another domain';
  const periods = [payload, middle, root.payload].map((part) => part.expiration_data);
  if (!periods.every((period) => isValidAt(period, nowMs))) return 'expired or not yet valid';
  if (!nests(payload.expiration_data, middle.expiration_data)) {
    return 'validity exceeds that of the signer';
  }
  if (!nests(middle.expiration_data, root.payload.expiration_data)) {
    return 'validity exceeds that of the signer';
  }
  const holds =
    asCredentialHolds(root) &&
    intermediateHolds(intermediate, root) &&
    clientCredentialHolds(credential, intermediate);
  return holds ? undefined : 'bad signature';
}
