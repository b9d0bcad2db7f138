/** Aliases: names under which a user is found, with their own key, queue and packages. */
import { equalBytes } from '../../crypto/bytes.ts';
import { encode } from '../../protocol/codec/index.ts';
import { schemeOf } from '../../protocol/auth/schemes.ts';
import { operations } from '../../protocol/operations/index.ts';
import { refuse, success } from '../../protocol/protocol-error.ts';
import { wholeRecord } from '../../store/keys.ts';
import { handler, type AnyHandler } from '../core.ts';
import { createDirectQueue, directQueueKey } from './direct-queue.ts';
import { aliasKey, aliasRecord, stored } from './records.ts';

const { registerAlias, deleteAlias } = operations.as;

const registering: AnyHandler = handler(registerAlias, {
  plan: ({ body: { alias } }) =>
    success({ access: { heads: [aliasKey(alias)] }, carry: undefined }),
  run({ heads: [head] }, { body }, _carry, env) {
    const { alias, alias_auth_key, queue_encryption_key } = body;
    if (head?.value !== undefined) return refuse('user_exists', {});
    if (!schemeOf(alias_auth_key.scheme).isPublicKey(alias_auth_key.key)) {
      return refuse('bad_key', { field: 'alias_auth_key' });
    }
    const owner = { kind: 'alias', alias } as const;
    const queue = createDirectQueue(owner, alias_auth_key, queue_encryption_key, env);
    if (!queue.ok) return queue;
    const record = { auth_key: alias_auth_key, packages_given: 0 };
    const put = { key: aliasKey(alias), value: encode(aliasRecord, record) };
    return success({
      reply: {},
      batch: { ...queue.value, puts: [put, ...queue.value.puts] },
    });
  },
});

/** Unlike a user id, an alias may be taken again: it is a name to be found by, not an identity. */
const deleting: AnyHandler = handler(deleteAlias, {
  plan({ sender, body: { alias } }) {
    const isOwn = sender?.kind === 'alias' && equalBytes(sender.alias, alias);
    if (!isOwn) return refuse('sender_not_allowed', {});
    return success({ access: { heads: [aliasKey(alias)] }, carry: undefined });
  },
  senderKey: ({ heads: [head] }) => stored(aliasRecord, head)?.auth_key,
  run(_loaded, { body: { alias } }) {
    const records = [aliasKey(alias), directQueueKey({ kind: 'alias', alias })];
    return success({ reply: {}, batch: { deleteRanges: records.map(wholeRecord) } });
  },
});

export const aliasHandlers: readonly AnyHandler[] = [registering, deleting];
