/** What the owner of a queue says about groups: policy, accept, block (idea 3). */
import { qsOperations } from '../../protocol/operations/qs.ts';
import { refuse, success, type Outcome } from '../../protocol/protocol-error.ts';
import { lanes, type QsCid } from '../../protocol/wire/identifiers.ts';
import type { Loaded } from '../../store/port.ts';
import { handler, type AnyHandler, type Call, type Done, type Env, type Plan } from '../core.ts';
import { byClient, clientAuthKey, loadedQueue, merge, touch } from './checks.ts';
import { decodeGroup, encodeGroup, groupLabels, type GroupRecord } from './head.ts';
import { changesOf, tellLanesApart, type Queue } from './queue.ts';
import { clientKey, groupKey } from './records.ts';
import { appendSorted, lanesInUse, newGroup } from './sorting.ts';

const setPolicy = handler(qsOperations.setPolicy, {
  plan: byClient,
  senderKey: clientAuthKey,
  run(loaded, { body }, _carry, env) {
    const queue = loadedQueue(loaded);
    if (queue === undefined) return refuse('record_unknown', {});
    // Whoever sets a policy reads two lanes from now on.
    tellLanesApart(queue);
    queue.setRules({ ...queue.rules(), ...body.policy });
    const activity = touch(queue, env);
    return success({ reply: {}, batch: merge(changesOf(queue), activity) });
  },
});

type AboutGroup = Call<{ readonly qs_cid: QsCid; readonly group_id: Uint8Array }>;

/** Loads the client record and what the queue knows of the group. */
function byGroup({ body }: AboutGroup, env: Env): Outcome<Plan<undefined>> {
  const client = clientKey(body.qs_cid);
  const heads = [client, groupKey(env.keys.tagSecret, client, body.group_id)];
  return success({ access: { heads }, carry: undefined });
}

/** A group whose queue could not remember it was always in SPAM. */
function unremembered(queue: Queue, env: Env): GroupRecord {
  const group = newGroup(env.domain);
  const full = queue.rules().groups >= env.policy.limits.groupsPerQueue;
  if (!full || !lanesInUse(queue.rules(), env)) return group;
  return { ...group, lane: lanes.spam, spam_end: queue.lane(lanes.spam).next };
}

interface Labelled {
  readonly queue: Queue;
  readonly before: GroupRecord;
  readonly known: boolean;
}

function loadLabelled(loaded: Loaded, env: Env): Labelled | undefined {
  const queue = loadedQueue(loaded);
  const value = loaded.heads[1]?.value;
  if (queue === undefined) return undefined;
  const before = value ? decodeGroup(value) : unremembered(queue, env);
  return { queue, before, known: value !== undefined };
}

function keep(loaded: Loaded, labelled: Labelled, group: GroupRecord, env: Env): Done<object> {
  const { queue, known, before } = labelled;
  const record = queue.record();
  const wasBlocked = before.label === groupLabels.blocked ? 1 : 0;
  const isBlocked = group.label === groupLabels.blocked ? 1 : 0;
  const rules = queue.rules();
  if (!known) queue.setRules({ ...rules, groups: rules.groups + 1 });
  queue.setRecord({ ...record, blocked: record.blocked + isBlocked - wasBlocked });
  const activity = touch(queue, env);
  const key = loaded.heads[1]?.key ?? '';
  const put = { puts: [{ key, value: encodeGroup(group) }] };
  return { reply: {}, batch: merge(changesOf(queue), activity, put) };
}

/** Homeservers of accepted groups are known from then on; the oldest give way. */
function learnSource(queue: Queue, source: string, env: Env): void {
  const record = queue.record();
  if (source === env.domain || record.known_sources.includes(source)) return;
  queue.setRecord({ ...record, known_sources: [...record.known_sources, source].slice(-1024) });
}

const acceptGroup = handler(qsOperations.acceptGroup, {
  plan: byGroup,
  senderKey: clientAuthKey,
  run(loaded, { body }, _carry, env) {
    const labelled = loadLabelled(loaded, env);
    if (labelled === undefined) return refuse('record_unknown', {});
    const { queue, before } = labelled;
    const accepted = { ...before, label: groupLabels.accepted };
    if (labelled.known) learnSource(queue, Buffer.from(before.source).toString('latin1'), env);
    if (!lanesInUse(queue.rules(), env)) return success(keep(loaded, labelled, accepted, env));
    // The marker goes at once, so that what is parked is found even when no further message comes.
    const moved = appendSorted(queue, accepted, lanes.ham, body.group_id, [], env);
    if (moved.outcome === 'full') {
      return refuse('queue_full', { limit: env.policy.limits.laneMessages });
    }
    return success(keep(loaded, labelled, moved.group, env));
  },
});

const blockGroup = handler(qsOperations.blockGroup, {
  plan: byGroup,
  senderKey: clientAuthKey,
  run(loaded, _call, _carry, env) {
    const labelled = loadLabelled(loaded, env);
    if (labelled === undefined) return refuse('record_unknown', {});
    const { queue, before } = labelled;
    const limit = env.policy.limits.blocklist;
    if (before.label !== groupLabels.blocked && queue.record().blocked >= limit) {
      return refuse('queue_full', { limit });
    }
    return success(keep(loaded, labelled, { ...before, label: groupLabels.blocked }, env));
  },
});

export const labelHandlers: readonly AnyHandler[] = [setPolicy, acceptGroup, blockGroup];
