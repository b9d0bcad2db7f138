/**
 * The credential chain of the AS: AS credential -> intermediate -> client credential. Each is
 * signed by its own key first (proof of possession), then by the key above it; an AS credential,
 * which has none above, only by itself.
 */
import { opaqueV, refine, struct, type Codec } from '../codec/index.ts';
import type { Decoded } from '../codec/index.ts';
import { clientId, fqdn, publicKey, signature, signatureScheme, timestamp } from './identifiers.ts';

export const expirationData = refine(
  struct('ExpirationData', { not_before: timestamp, not_after: timestamp }),
  (value) => (value.not_before < value.not_after ? undefined : 'expires before it begins'),
);

/** SHA-256 or longer, of the whole credential. */
export const credentialFingerprint = opaqueV(64);

export const asCredentialPayload = struct('AsCredentialPayload', {
  as_domain: fqdn,
  expiration_data: expirationData,
  credential_ciphersuite: signatureScheme,
  public_key: publicKey,
});

export const intermediatePayload = struct('AsIntermediateCredentialPayload', {
  as_domain: fqdn,
  expiration_data: expirationData,
  credential_ciphersuite: signatureScheme,
  public_key: publicKey,
  signer_fingerprint: credentialFingerprint,
});

export const clientCredentialPayload = struct('ClientCredentialPayload', {
  client_id: clientId,
  expiration_data: expirationData,
  credential_ciphersuite: signatureScheme,
  public_key: publicKey,
  signer_fingerprint: credentialFingerprint,
});

const selfSigned = <P>(name: string, payload: Codec<P>) =>
  struct(name, { payload, self_signature: signature });
const signed = <P>(name: string, signed_payload: Codec<P>) =>
  struct(name, { signed_payload, signature });

/** The self-signed payload is also the signing request that a client sends. */
export const asCredential = selfSigned('AsCredential', asCredentialPayload);
export const intermediateCsr = selfSigned('AsIntermediateCsr', intermediatePayload);
export const clientCsr = selfSigned('ClientCsr', clientCredentialPayload);
export const asIntermediateCredential = signed('AsIntermediateCredential', intermediateCsr);
export const clientCredential = signed('ClientCredential', clientCsr);

/**
 * Pseudonymous credential of one group (leaf), whose signature by the client credential travels
 * encrypted, so that the DS cannot link the leaves of one client.
 */
export const leafCredential = struct('LeafCredential', {
  identity: opaqueV(64),
  expiration_data: expirationData,
  credential_ciphersuite: signatureScheme,
  public_key: publicKey,
  signer_fingerprint: credentialFingerprint,
  encrypted_signature: opaqueV(1024),
});

/** What others fetch to start a connection. Under an alias only the payload is published. */
export const connectionPackagePayload = struct('ConnectionPackagePayload', {
  encryption_key: publicKey,
  lifetime: expirationData,
});
export const connectionPackage = struct('ConnectionPackage', {
  payload: connectionPackagePayload,
  client_credential: clientCredential,
  signature,
});

export type AsCredential = Decoded<typeof asCredential>;
export type AsIntermediateCredential = Decoded<typeof asIntermediateCredential>;
export type ClientCredential = Decoded<typeof clientCredential>;
export type ConnectionPackage = Decoded<typeof connectionPackage>;
