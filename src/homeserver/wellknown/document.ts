/** Builds and signs `/.well-known/mls-homeserver` from the policy and the keys. */
import type { TokenIssuer } from '../../crypto/tokens.ts';
import { operations } from '../../protocol/operations/index.ts';
import { success } from '../../protocol/protocol-error.ts';
import { signDocument, type DocumentSigner } from '../../protocol/well-known.ts';
import { decode } from '../../protocol/codec/index.ts';
import {
  authSchemes,
  identityKinds,
  lanes,
  type IdentityKind,
  type VerifyingKey,
} from '../../protocol/wire/identifiers.ts';
import {
  signedDocument,
  suitePolicies,
  type HomeserverDocument,
} from '../../protocol/wire/well-known.ts';
import { handler, type HomeserverKeys, type Service } from '../core.ts';
import type { Policy } from '../policy.ts';

const hourMs = 3_600_000;

/** How long a document is good for; longer than any cache may hold it (48 h). */
export const documentLifetimeMs = 7 * 24 * hourMs;

export interface DocumentParts {
  readonly domain: string;
  readonly policy: Policy;
  readonly keys: Pick<HomeserverKeys, 'signing' | 'queueConfig'>;
  /** Absent where no anonymous tokens are issued. */
  readonly issuer?: TokenIssuer & { readonly epochMs: number };
  /** When policy, keys or token keys last changed; ms since 1970. Grows with every change. */
  readonly issuedAtMs: number;
  /** The signing key before the present one, until every cache has seen the change. */
  readonly previous?: DocumentSigner;
}

const identityKindsOf: Readonly<Record<Policy['identity'], readonly IdentityKind[]>> = {
  pseudonymous: [identityKinds.pseudonymous],
  identified: [identityKinds.identified],
  'per-group': [identityKinds.pseudonymous, identityKinds.identified],
};

/** The key that verifies what a signer signs. */
export function verifyingKeyOf({ scheme, privateKey }: DocumentSigner): VerifyingKey {
  const key = scheme.publicKeyOf(privateKey);
  return { scheme: scheme.id as VerifyingKey['scheme'], key };
}

/** Schemes that some version of the policy takes, strongest first. */
function authSchemesOf({ auth, versions }: Policy) {
  const strong = auth === 'token' ? [] : [authSchemes[auth]];
  return versions.includes(1) || auth === 'token' ? [...strong, authSchemes.token] : strong;
}

/** What a homeserver of this policy and these keys states about itself. */
export function documentOf(parts: DocumentParts, nowMs: number): HomeserverDocument {
  const { domain, policy, keys, issuer, issuedAtMs } = parts;
  // Tokens of the previous epoch are still redeemed, those of the current one are issued.
  const epochs = issuer === undefined ? [] : [nowMs, nowMs - issuer.epochMs];
  const tokenKeys = epochs.flatMap((atMs) => issuer?.currentKey(atMs) ?? []);
  return {
    domain,
    issued_at: issuedAtMs,
    expires_at: nowMs + documentLifetimeMs,
    versions: policy.versions,
    suites: policy.suites.ranked,
    suite_policy:
      policy.suites.mode === 'mls-style' ? suitePolicies.mlsStyle : suitePolicies.versionBound,
    identity_kinds: identityKindsOf[policy.identity],
    lanes: policy.spam === 'off' ? [lanes.ham] : [lanes.ham, lanes.spam],
    auth_schemes: authSchemesOf(policy),
    verifying_key: verifyingKeyOf(keys.signing),
    config_encryption_keys: keys.queueConfig.map(({ suite, publicKey }) => ({
      suite,
      key: publicKey,
    })),
    token_keys: tokenKeys.map(({ epoch, keyId, publicKey }) => ({
      epoch,
      key_id: keyId,
      public_key: publicKey,
    })),
  };
}

/** The document as it is served. */
export function signedDocumentOf(parts: DocumentParts, nowMs: number): Uint8Array {
  return signDocument(documentOf(parts, nowMs), parts.keys.signing, parts.previous);
}

/** Serves the document as an operation; the shells serve the same bytes at the well-known path. */
export function wellKnownService(partsAt: (nowMs: number) => DocumentParts): Service {
  const serving = handler(operations.wellKnown.document, {
    plan: () => success({ access: { heads: [] }, carry: undefined }),
    run(_loaded, _call, _carry, { nowMs }) {
      const decoded = decode(signedDocument, signedDocumentOf(partsAt(nowMs), nowMs));
      if (!decoded.ok)
        throw new Error('our own document does not decode', { cause: decoded.error });
      return success({ reply: decoded.value });
    },
  });
  return { handlers: [serving], deliveries: [] };
}
