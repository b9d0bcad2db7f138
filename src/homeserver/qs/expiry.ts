/** Removal of client records that nobody used for 90 days (specification), and of their users. */
import type { Access, Batch, Loaded } from '../../store/port.ts';
import { guarded } from '../dispatch.ts';
import type { Env } from '../core.ts';
import { loadedQueue, loadedUser, cidOf } from './checks.ts';
import { removeClient } from './users.ts';
import { activityBefore, activityOf, dayOf, userKey } from './records.ts';

const dayMs = 86_400_000;

/** First read: index entries of clients whose last activity is too long ago. */
export function expiredClients(env: Env, limit: number): Access {
  const days = Math.ceil(env.policy.limits.recordAgeMs / dayMs);
  return { heads: [], range: activityBefore(dayOf(env.nowMs) - days, limit) };
}

/** What one index entry asks for: a second read, and the batch that follows from it. */
export interface Removal {
  readonly access: Access;
  run(loaded: Loaded, env: Env): Batch;
}

/** `qc:` and two ids of 16 bytes, each behind its length. */
function idsOf(clientRecord: string): { readonly user: Uint8Array; readonly client: Uint8Array } {
  const bytes = Buffer.from(clientRecord, 'latin1');
  return { user: bytes.subarray(4, 20), client: bytes.subarray(21, 37) };
}

/** Removals for the entries of the first read, one write each. */
export function removals(loaded: Loaded): Removal[] {
  return loaded.entries.map(({ suffix: index }) => {
    const { day, client: record } = activityOf(index);
    const { user, client } = idsOf(record);
    const key = userKey(user);
    return {
      access: { heads: [record, key] },
      run(current, env) {
        const queue = loadedQueue(current);
        const owner = loadedUser(current, 1);
        const forget = { deletes: [index] };
        const active = queue !== undefined && queue.record().active_day > day;
        // An entry left behind by the deletion of a user names a record that is gone.
        if (active || queue === undefined || owner === undefined) return guarded(forget, current);
        env.counters.add('qs.expired');
        return guarded(removeClient(cidOf(user, client), { key, user: owner }, day), current);
      },
    };
  });
}
