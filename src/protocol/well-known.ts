/**
 * The signed well-known document: made, checked and cached. Fetching is for the shells; these
 * functions are pure.
 *
 * Trust: the document is signed by the key inside it, and fetched over TLS, which authenticates the
 * domain. Once a homeserver's key is known, a document under another key needs the signature of
 * the known key too, and a document older than the known one is refused.
 */
import { equalBytes } from '../crypto/bytes.ts';
import type { SignatureScheme } from '../crypto/signature.ts';
import { signWithLabel, verifyWithLabel } from '../crypto/signature.ts';
import { decode, encode } from './codec/index.ts';
import { schemeOf } from './auth/schemes.ts';
import { homeserverDocument, signedDocument, type HomeserverDocument } from './wire/well-known.ts';
import type { VerifyingKey } from './wire/identifiers.ts';

const documentLabel = 'StormglassHomeserverDocument';
const hourMs = 3_600_000;

export interface DocumentSigner {
  readonly scheme: SignatureScheme;
  readonly privateKey: Uint8Array;
}

/** The document as it is published; `previous` is given while a change of keys is announced. */
export function signDocument(
  document: HomeserverDocument,
  signer: DocumentSigner,
  previous?: DocumentSigner,
): Uint8Array {
  const bytes = encode(homeserverDocument, document);
  const by = ({ scheme, privateKey }: DocumentSigner): Uint8Array =>
    signWithLabel(scheme, privateKey, documentLabel, bytes, { reproducible: true });
  return encode(signedDocument, {
    document: bytes,
    signature: by(signer),
    continuity_signature: previous === undefined ? new Uint8Array() : by(previous),
  });
}

export type DocumentFault =
  | 'malformed'
  | 'bad-signature'
  | 'wrong-domain'
  | 'expired'
  /** Another key than the known one, without the known one's signature. */
  | 'key-changed'
  /** Older than the known document. */
  | 'rollback';

export type DocumentResult =
  | { readonly ok: true; readonly document: HomeserverDocument }
  | { readonly ok: false; readonly fault: DocumentFault };

const fault = (name: DocumentFault): DocumentResult => ({ ok: false, fault: name });

function verifiedBy(key: VerifyingKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verifyWithLabel(schemeOf(key.scheme), key.key, documentLabel, bytes, signature);
}

/** Checks a fetched document of `domain` against what is known of that homeserver. */
export function verifyDocument(
  bytes: Uint8Array,
  domain: string,
  nowMs: number,
  known?: HomeserverDocument,
): DocumentResult {
  const signed = decode(signedDocument, bytes);
  if (!signed.ok) return fault('malformed');
  const decoded = decode(homeserverDocument, signed.value.document);
  if (!decoded.ok) return fault('malformed');
  const document = decoded.value;
  const { document: content, signature, continuity_signature } = signed.value;
  if (!verifiedBy(document.verifying_key, content, signature)) return fault('bad-signature');
  if (document.domain !== domain) return fault('wrong-domain');
  if (nowMs >= document.expires_at) return fault('expired');
  if (known === undefined) return { ok: true, document };
  if (document.issued_at < known.issued_at) return fault('rollback');
  const sameKey =
    document.verifying_key.scheme === known.verifying_key.scheme &&
    equalBytes(document.verifying_key.key, known.verifying_key.key);
  if (!sameKey && !verifiedBy(known.verifying_key, content, continuity_signature)) {
    return fault('key-changed');
  }
  return { ok: true, document };
}

export interface FetchOutcome {
  /** When the answer, or the failure, arrived. */
  readonly nowMs: number;
  /** Undefined for a failure: network, status other than 200, or a document that does not verify. */
  readonly document?: HomeserverDocument;
  readonly cacheControl?: string;
  /** `Age` in seconds. */
  readonly ageSeconds?: number;
  /** `Expires` as milliseconds since 1970. */
  readonly expiresMs?: number;
  /** Failures in a row, this one included; 0 for a success. */
  readonly failures: number;
}

export const cacheRules = {
  defaultMs: 24 * hourMs,
  maxMs: 48 * hourMs,
  errorFirstMs: 60_000,
  errorMaxMs: hourMs,
} as const;

/** Freshness by the HTTP headers (RFC 9111, section 4.2), or undefined when they say nothing. */
function headerLifetimeMs(outcome: FetchOutcome): number | undefined {
  const directives = (outcome.cacheControl ?? '').toLowerCase().split(',');
  const names = directives.map((directive) => directive.trim());
  if (names.some((name) => name === 'no-store' || name === 'no-cache')) return 0;
  const maxAge = names.map((name) => /^max-age="?(\d{1,15})"?$/.exec(name)?.[1]).find(Boolean);
  if (maxAge !== undefined) return Math.max(0, Number(maxAge) - (outcome.ageSeconds ?? 0)) * 1000;
  return outcome.expiresMs === undefined
    ? undefined
    : Math.max(0, outcome.expiresMs - outcome.nowMs);
}

/**
 * Until when the outcome of a fetch stands, in milliseconds since 1970: cache headers are honoured,
 * 24 h without, never more than 48 h, never beyond the document's own expiry. A failure is
 * remembered 1 min, doubled with each further one, at most 1 h.
 */
export function cachedUntilMs(outcome: FetchOutcome): number {
  const { nowMs, document, failures } = outcome;
  if (document === undefined) {
    const doublings = Math.min(Math.max(failures, 1) - 1, 16);
    return nowMs + Math.min(cacheRules.errorFirstMs * 2 ** doublings, cacheRules.errorMaxMs);
  }
  const lifetime = Math.min(headerLifetimeMs(outcome) ?? cacheRules.defaultMs, cacheRules.maxMs);
  return Math.min(nowMs + lifetime, document.expires_at);
}
