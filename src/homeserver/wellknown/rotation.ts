/**
 * Changing the key that signs the document and the messages to other homeservers.
 *
 * Whoever knows the old key follows to the new one when the old one signs the new document too. It
 * therefore goes on signing as long as a document under it can be known anywhere: one document
 * lifetime. After that the old document has expired everywhere, and TLS vouches for the new one as
 * for the first. Until then a second change would break the chain, and is not made.
 */
import type { DocumentSigner } from '../../protocol/well-known.ts';
import { documentLifetimeMs } from './document.ts';

export interface SigningKeys {
  readonly current: DocumentSigner;
  /** The key before; it signs the document until `untilMs`, nothing else. */
  readonly previous?: { readonly signer: DocumentSigner; readonly untilMs: number };
  /** When `current` began; the least `issued_at` of documents under it. */
  readonly sinceMs: number;
}

/** The signer of the continuity signature at `nowMs`, if one is due. */
export function previousAt(keys: SigningKeys, nowMs: number): DocumentSigner | undefined {
  const { previous } = keys;
  return previous !== undefined && nowMs < previous.untilMs ? previous.signer : undefined;
}

/** The keys with `fresh` as the current one, or undefined while the last change is announced. */
export function rotateSigningKey(
  keys: SigningKeys,
  fresh: DocumentSigner,
  nowMs: number,
): SigningKeys | undefined {
  if (previousAt(keys, nowMs) !== undefined) return undefined;
  const previous = { signer: keys.current, untilMs: nowMs + documentLifetimeMs };
  return { current: fresh, previous, sinceMs: nowMs };
}
