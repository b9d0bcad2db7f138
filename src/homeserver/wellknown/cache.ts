/**
 * The consumer's side of well-known documents, as pure state: who has fetched what, until when it
 * stands, and when to fetch again. Shells and clients do the fetching.
 *
 * Rules: cache headers are honoured; without any 24 h; never more than 48 h, never beyond the
 * document's own expiry. A failure is remembered 1 min, doubling to at most 1 h. While a failure
 * stands, a document fetched before it is still used until it expires by itself: a homeserver
 * that cannot be reached for an hour does not lose its keys.
 */
import { cachedUntilMs, verifyDocument, type DocumentFault } from '../../protocol/well-known.ts';
import type { HomeserverDocument } from '../../protocol/wire/well-known.ts';

/** What is known of one homeserver. */
export interface CachedDocument {
  /** The newest document that verified; until it expires, the next one must follow its key. */
  readonly document?: HomeserverDocument;
  /** No fetch before this time, ms since 1970. */
  readonly freshUntilMs: number;
  /** Failed fetches since the last success. */
  readonly failures: number;
  /** Why the last fetch failed. */
  readonly fault?: DocumentFault | 'unreachable';
}

export type DocumentCache = ReadonlyMap<string, CachedDocument>;

/** An answer over HTTP, or none. */
export interface Fetched {
  readonly domain: string;
  /** When the answer, or the failure, arrived. */
  readonly nowMs: number;
  /** Undefined for any failure: network, a status other than 200. */
  readonly bytes?: Uint8Array;
  readonly cacheControl?: string;
  readonly ageSeconds?: number;
  readonly expiresMs?: number;
}

/** Whether the document should be fetched now. A shell fetches once, however many ask. */
export function isDue(cache: DocumentCache, domain: string, nowMs: number): boolean {
  const known = cache.get(domain);
  return known === undefined || nowMs >= known.freshUntilMs;
}

/** The document to go by, or undefined when there is none that is still valid. */
export function documentAt(
  cache: DocumentCache,
  domain: string,
  nowMs: number,
): HomeserverDocument | undefined {
  const document = cache.get(domain)?.document;
  return document !== undefined && nowMs < document.expires_at ? document : undefined;
}

/** The cache after a fetch. What does not verify changes nothing but the time of the next try. */
export function afterFetch(cache: DocumentCache, fetched: Fetched): DocumentCache {
  const { domain, nowMs, bytes } = fetched;
  const known = cache.get(domain);
  // What has expired binds nobody: after a long absence TLS vouches for the document, as at first.
  const binding = documentAt(cache, domain, nowMs);
  const result = bytes === undefined ? undefined : verifyDocument(bytes, domain, nowMs, binding);
  const next = result?.ok === true ? accepted(result.document, fetched) : undefined;
  return new Map(cache).set(
    domain,
    next ?? failed(known, nowMs, result?.ok === false ? result.fault : 'unreachable'),
  );
}

function accepted(document: HomeserverDocument, fetched: Fetched): CachedDocument {
  const { nowMs, cacheControl, ageSeconds, expiresMs } = fetched;
  const headers = {
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(ageSeconds === undefined ? {} : { ageSeconds }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  };
  return {
    document,
    freshUntilMs: cachedUntilMs({ nowMs, document, failures: 0, ...headers }),
    failures: 0,
  };
}

function failed(
  known: CachedDocument | undefined,
  nowMs: number,
  fault: DocumentFault | 'unreachable',
): CachedDocument {
  const failures = (known?.failures ?? 0) + 1;
  const document = known?.document;
  return {
    ...(document === undefined ? {} : { document }),
    freshUntilMs: cachedUntilMs({ nowMs, failures }),
    failures,
    fault,
  };
}
