/** Operations of a client on the record of its own user: loading, authenticating, expiry. */
import type { Operation } from '../../protocol/operations/index.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import type { ClientId, UserId } from '../../protocol/wire/identifiers.ts';
import type { Key } from '../../store/port.ts';
import {
  handler,
  type AnyHandler,
  type Done,
  type Env,
  type RequestOf,
  type ResponseOf,
} from '../core.ts';
import { storedUser, userKey, type LiveUser } from './records.ts';
import { clientKey, clientOf, refuseExpired, sameClient, sameUser } from './senders.ts';

export interface Own {
  readonly key: Key;
  readonly user: LiveUser;
  readonly client: ClientId;
}

interface OwnOptions<Q> {
  /** Renewing and leaving are what an expired credential is still good for. */
  readonly evenExpired?: boolean;
  /** The client or user that the body names, which must be the sender. */
  readonly about?: (body: Q) => ClientId | UserId;
}

/** The key of the sending client; users of other homeservers have no record here. */
export const localKey = (user: LiveUser | undefined, client: ClientId, env: Env) =>
  client.user_id.as_domain === env.domain ? clientKey(user, client) : undefined;

/** A handler that reads, and may write, nothing but the sender's user record. */
export function ownRecordHandler<O extends Operation>(
  operation: O,
  run: (own: Own, body: RequestOf<O>, env: Env) => Outcome<Done<ResponseOf<O>>>,
  options: OwnOptions<RequestOf<O>> = {},
): AnyHandler {
  return handler<O, ClientId>(operation, {
    plan({ sender, body }) {
      const client = clientOf(sender);
      if (!client.ok) return client;
      const named = options.about?.(body) ?? client.value;
      const isOwn =
        'client_uuid' in named
          ? sameClient(named, client.value)
          : sameUser(named, client.value.user_id);
      if (!isOwn) return refuse('sender_not_allowed', {});
      const heads = [userKey(client.value.user_id)];
      return success({ access: { heads }, carry: client.value });
    },
    senderKey: ({ heads: [head] }, _call, client, env) => localKey(storedUser(head), client, env),
    run({ heads: [head] }, { body }, client, env) {
      const user = storedUser(head);
      if (head === undefined || user === undefined) return refuse('record_unknown', {});
      const valid =
        options.evenExpired === true ? success(undefined) : refuseExpired(user, env.nowMs);
      return valid.ok ? run({ key: head.key, user, client }, body, env) : valid;
    },
  });
}
