/**
 * The credential chain: AS credential -> AS intermediate credential -> client credential.
 *
 * Every credential is signed by its own key first, which proves possession, and then by the key
 * above it, under a label of its own type, so that no signature can pass for one of another type.
 * A credential is valid only while the one above it is: validity periods nest.
 */
import { sha256 } from '../../crypto/hash.ts';
import {
  signWithLabel,
  verifyWithLabel,
  type SignatureKeyPair,
  type SignatureScheme,
} from '../../crypto/signature.ts';
import { encode, type Codec, type Decoded } from '../../protocol/codec/index.ts';
import { schemeOf } from '../../protocol/auth/schemes.ts';
import {
  asCredential,
  asCredentialPayload,
  asIntermediateCredential,
  clientCredentialPayload,
  clientCsr,
  intermediateCsr,
  intermediatePayload,
  type AsCredential,
  type AsIntermediateCredential,
  type ClientCredential,
} from '../../protocol/wire/credentials.ts';
import type { ClientId } from '../../protocol/wire/identifiers.ts';

export type ClientCsr = Decoded<typeof clientCsr>;
export type ClientPayload = Decoded<typeof clientCredentialPayload>;

/** When a credential is valid: from `not_before` on, before `not_after`; ms since 1970. */
export interface Validity {
  readonly not_before: number;
  readonly not_after: number;
}

/** A key that signs, with its scheme. */
export interface SigningKey extends SignatureKeyPair {
  readonly scheme: SignatureScheme;
}

interface Labels {
  readonly self: string;
  readonly signed: string;
}

const asLabels: Labels = { self: 'AsCredentialPayload', signed: '' };
const intermediateLabels: Labels = {
  self: 'AsIntermediateCredentialPayload',
  signed: 'AsIntermediateCredentialSelfSignedPayload',
};
const clientLabels: Labels = {
  self: 'ClientCredentialPayload',
  signed: 'ClientCredentialSelfSignedPayload',
};

const reproducible = { reproducible: true } as const;

function selfSign<P>(codec: Codec<P>, payload: P, key: SigningKey, { self }: Labels) {
  const content = encode(codec, payload);
  const self_signature = signWithLabel(key.scheme, key.privateKey, self, content, reproducible);
  return { payload, self_signature };
}

function sign<S>(codec: Codec<S>, signed_payload: S, key: SigningKey, { signed }: Labels) {
  const content = encode(codec, signed_payload);
  const signature = signWithLabel(key.scheme, key.privateKey, signed, content, reproducible);
  return { signed_payload, signature };
}

const keyFields = (key: SigningKey) => ({
  credential_ciphersuite: key.scheme.id as ClientPayload['credential_ciphersuite'],
  public_key: key.publicKey,
});

/** The root of an AS: self-signed, long-lived, its key kept offline. */
export function issueAsCredential(
  as_domain: string,
  validity: Validity,
  key: SigningKey,
): AsCredential {
  const payload = { as_domain, expiration_data: validity, ...keyFields(key) };
  return selfSign(asCredentialPayload, payload, key, asLabels);
}

/** The credential that signs clients, under the root's key. */
export function issueIntermediate(
  root: AsCredential,
  rootKey: SigningKey,
  validity: Validity,
  key: SigningKey,
): AsIntermediateCredential {
  const payload = {
    as_domain: root.payload.as_domain,
    expiration_data: validity,
    ...keyFields(key),
    signer_fingerprint: fingerprintOfAs(root),
  };
  const csr = selfSign(intermediatePayload, payload, key, intermediateLabels);
  return sign(intermediateCsr, csr, rootKey, intermediateLabels);
}

/** The client's signing request, for the intermediate it wants to be signed by. */
export function makeClientCsr(
  client_id: ClientId,
  validity: Validity,
  key: SigningKey,
  signer: AsIntermediateCredential,
): ClientCsr {
  const payload = {
    client_id,
    expiration_data: validity,
    ...keyFields(key),
    signer_fingerprint: fingerprintOfIntermediate(signer),
  };
  return selfSign(clientCredentialPayload, payload, key, clientLabels);
}

/** Signs a checked request. */
export function issueClientCredential(csr: ClientCsr, key: SigningKey): ClientCredential {
  return sign(clientCsr, csr, key, clientLabels);
}

/** SHA-256 of the encoded credential. */
export const fingerprintOfAs = (credential: AsCredential): Uint8Array =>
  sha256.digest(encode(asCredential, credential));
export const fingerprintOfIntermediate = (credential: AsIntermediateCredential): Uint8Array =>
  sha256.digest(encode(asIntermediateCredential, credential));

interface Keyed {
  readonly credential_ciphersuite: ClientPayload['credential_ciphersuite'];
  readonly public_key: Uint8Array;
}

/** Whether `signature` is over `content` by the key of `payload`. */
function signedBy(
  payload: Keyed,
  label: string,
  content: Uint8Array,
  signature: Uint8Array,
): boolean {
  const scheme = schemeOf(payload.credential_ciphersuite);
  return verifyWithLabel(scheme, payload.public_key, label, content, signature);
}

function selfSigned<P extends Keyed>(
  codec: Codec<P>,
  { payload, self_signature }: { readonly payload: P; readonly self_signature: Uint8Array },
  { self }: Labels,
): boolean {
  return signedBy(payload, self, encode(codec, payload), self_signature);
}

/** Whether the client holds the key it wants a credential for, and the key is one of its scheme. */
export function csrHolds(csr: ClientCsr): boolean {
  const { credential_ciphersuite, public_key } = csr.payload;
  const isKey = schemeOf(credential_ciphersuite).isPublicKey(public_key);
  return isKey && selfSigned(clientCredentialPayload, csr, clientLabels);
}

export const asCredentialHolds = (credential: AsCredential): boolean =>
  selfSigned(asCredentialPayload, credential, asLabels);

export function intermediateHolds(
  { signed_payload, signature }: AsIntermediateCredential,
  root: AsCredential,
): boolean {
  const content = encode(intermediateCsr, signed_payload);
  return (
    selfSigned(intermediatePayload, signed_payload, intermediateLabels) &&
    signedBy(root.payload, intermediateLabels.signed, content, signature)
  );
}

export function clientCredentialHolds(
  { signed_payload, signature }: ClientCredential,
  intermediate: AsIntermediateCredential,
): boolean {
  const content = encode(clientCsr, signed_payload);
  const signer = intermediate.signed_payload.payload;
  return csrHolds(signed_payload) && signedBy(signer, clientLabels.signed, content, signature);
}

export const isValidAt = (validity: Validity, nowMs: number): boolean =>
  validity.not_before <= nowMs && nowMs < validity.not_after;

/** Whether `inner` lies within `outer`. */
export const nests = (inner: Validity, outer: Validity): boolean =>
  outer.not_before <= inner.not_before && inner.not_after <= outer.not_after;
