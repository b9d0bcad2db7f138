/** The client's part of the credential chain: the signing request for its AS. */
import { sha256 } from '../crypto/hash.ts';
import { signWithLabel } from '../crypto/signature.ts';
import type { CryptoSuite } from '../crypto/suites.ts';
import { encode, type Decoded } from '../protocol/codec/index.ts';
import {
  asIntermediateCredential,
  clientCredentialPayload,
  type AsIntermediateCredential,
  type clientCsr,
} from '../protocol/wire/credentials.ts';
import type { Device } from './state.ts';

type Payload = Decoded<typeof clientCredentialPayload>;

const dayMs = 24 * 3_600_000;

/** A day below the longest lifetime that an AS grants, for clocks that differ. */
const lifetimeMs = 29 * dayMs;
/** The credential is valid from a little before now, for the same reason. */
const marginMs = 60_000;

/** Asks `signer` for a credential over the device's key, valid as long as both allow. */
export function makeCsr(
  { durable }: Device,
  signer: AsIntermediateCredential,
  { signature: scheme }: CryptoSuite,
  nowMs: number,
): Decoded<typeof clientCsr> {
  const outer = signer.signed_payload.payload.expiration_data;
  const { client } = durable.keys;
  const payload: Payload = {
    client_id: durable.clientId,
    expiration_data: {
      not_before: Math.max(outer.not_before, nowMs - marginMs),
      not_after: Math.min(outer.not_after, nowMs + lifetimeMs),
    },
    credential_ciphersuite: scheme.id as Payload['credential_ciphersuite'],
    public_key: client.publicKey,
    signer_fingerprint: sha256.digest(encode(asIntermediateCredential, signer)),
  };
  const content = encode(clientCredentialPayload, payload);
  const self_signature = signWithLabel(
    scheme,
    client.privateKey,
    'ClientCredentialPayload',
    content,
    { reproducible: true },
  );
  return { payload, self_signature };
}

/** The intermediate credential to be signed by: the one that is valid longest. */
export function bestIntermediate(
  offered: readonly AsIntermediateCredential[],
  nowMs: number,
): AsIntermediateCredential | undefined {
  const validity = (one: AsIntermediateCredential) => one.signed_payload.payload.expiration_data;
  return offered
    .filter((one) => validity(one).not_before <= nowMs && nowMs < validity(one).not_after)
    .toSorted((a, b) => validity(b).not_after - validity(a).not_after)[0];
}
