/** Who may speak for a user's client or an alias, and with which key. */
import { equalBytes } from '../../crypto/bytes.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import type { Sender } from '../../protocol/wire/authentication.ts';
import type { ClientId, UserId, VerifyingKey } from '../../protocol/wire/identifiers.ts';
import { isValidAt } from './credentials.ts';
import type { LiveUser } from './records.ts';

/** Whose packages and direct queue; the wire's `DirectQueueOwner`. */
export type Owner =
  | { readonly kind: 'client'; readonly client_id: ClientId }
  | { readonly kind: 'alias'; readonly alias: Uint8Array };

export const sameUser = (a: UserId, b: UserId): boolean =>
  a.as_domain === b.as_domain && equalBytes(a.user_id, b.user_id);

export const sameClient = (a: ClientId, b: ClientId): boolean =>
  sameUser(a.user_id, b.user_id) && equalBytes(a.client_uuid, b.client_uuid);

/** The sending client, where the operation takes no other sender. */
export function clientOf(sender: Sender | undefined): Outcome<ClientId> {
  return sender?.kind === 'client' ? success(sender.client_id) : refuse('sender_not_allowed', {});
}

/** The owner, when the sender speaks for itself. */
export function ownOwner(sender: Sender | undefined, owner: Owner): Outcome<Owner> {
  const isOwn =
    sender?.kind === 'client'
      ? owner.kind === 'client' && sameClient(sender.client_id, owner.client_id)
      : sender?.kind === 'alias' && owner.kind === 'alias' && equalBytes(sender.alias, owner.alias);
  return isOwn ? success(owner) : refuse('sender_not_allowed', {});
}

/** The key of a registered client, or undefined when the user has no such client. */
export function clientKey(
  user: LiveUser | undefined,
  client: ClientId | undefined,
): VerifyingKey | undefined {
  if (user === undefined || client === undefined) return undefined;
  if (!equalBytes(user.client_uuid, client.client_uuid)) return undefined;
  const { credential_ciphersuite, public_key } = user.credential.signed_payload.payload;
  return { scheme: credential_ciphersuite, key: public_key };
}

/** Refuses a client whose credential has run out; renewing it is the one thing it may still do. */
export function refuseExpired(user: LiveUser, nowMs: number): Outcome<undefined> {
  const { expiration_data } = user.credential.signed_payload.payload;
  if (isValidAt(expiration_data, nowMs)) return success(undefined);
  return refuse('bad_credential', { reason: 'expired or not yet valid' });
}
