/** Making requests: the client's side of the authentication schemes. */
import { signWithLabel, type SignatureScheme } from '../../crypto/signature.ts';
import { encode, type Codec } from '../codec/index.ts';
import type { Operation } from '../operations/index.ts';
import {
  authTokenTbs,
  type Authentication,
  type PrivacyPassToken,
  type Sender,
} from '../wire/authentication.ts';
import { request, type Request } from '../wire/envelope.ts';
import type { AuthSchemeName } from '../wire/identifiers.ts';
import { requestLabels, tokenLabels } from './schemes.ts';

/** A request before it is authenticated. */
export interface RequestDraft {
  readonly version: number;
  readonly operation: Operation;
  /** 16 fresh random bytes. */
  readonly requestId: Uint8Array;
  readonly destination: string;
  /** Encoded body of the operation in this version. */
  readonly body: Uint8Array;
  readonly anonymousToken?: PrivacyPassToken;
}

export interface RequestSigner {
  readonly scheme: Exclude<AuthSchemeName, 'none'>;
  readonly sender: Sender;
  readonly signature: SignatureScheme;
  readonly privateKey: Uint8Array;
  readonly nowMs: number;
  /** What the client speaks; signed by `reencoded` and `raw`. */
  readonly offeredVersions: readonly number[];
}

const noSignature = new Uint8Array();

function withAuth(draft: RequestDraft, auth: Authentication): Request {
  return {
    protocol_version: draft.version,
    operation: draft.operation.id,
    request_id: draft.requestId,
    destination: draft.destination,
    body: draft.body,
    auth,
  };
}

/** A request of an operation that takes no signature. */
export function plainRequest(draft: RequestDraft): Uint8Array {
  const auth = { kind: 'none', anonymous_token: draft.anonymousToken } as const;
  return encode(request, withAuth(draft, auth));
}

/**
 * The bytes that `reencoded` and `raw` sign: everything up to the signature. An empty signature is
 * one byte, its length.
 */
export function signedPart<T>(codec: Codec<T>, unsigned: T): Uint8Array {
  return encode(codec, unsigned).subarray(0, -1);
}

/** The encoded, signed request. Equal drafts and signers give equal bytes. */
export function signRequest(draft: RequestDraft, signer: RequestSigner): Uint8Array {
  const { scheme, sender, signature: signatureScheme, privateKey, nowMs } = signer;
  const { service } = draft.operation;
  const sign = (label: string, content: Uint8Array): Uint8Array =>
    signWithLabel(signatureScheme, privateKey, label, content, { reproducible: true });
  const common = { anonymous_token: draft.anonymousToken, sender, timestamp: nowMs };
  if (scheme === 'token') {
    const signature = sign(
      tokenLabels[service],
      encode(authTokenTbs, { sender, timestamp: nowMs }),
    );
    return encode(request, withAuth(draft, { kind: 'token', ...common, signature }));
  }
  const auth = { kind: scheme, ...common, offered_versions: signer.offeredVersions } as const;
  const content = signedPart(request, withAuth(draft, { ...auth, signature: noSignature }));
  const signature = sign(requestLabels[service], content);
  return encode(request, withAuth(draft, { ...auth, signature }));
}
