/**
 * Fan-out: from a group's message to the queues of its members. The DS puts what `fanOut` returns
 * into the outbox, in the same write as the group's new state; deliveries to local queues are
 * settled in the very write that enqueues, so a crash anywhere loses nothing and repeats nothing.
 */
import { concat, equalBytes, noBytes, uint16Bytes } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/hash.ts';
import { encode, type Decoded } from '../../protocol/codec/index.ts';
import { openPushToken, openQueueConfig, verifyQueueConfig } from '../../protocol/seal-config.ts';
import { lanes, type Lane, type QsCid } from '../../protocol/wire/identifiers.ts';
import type { QueueConfig, SealedQueueConfig } from '../../protocol/wire/queue-config.ts';
import type { QueueDeleted } from '../../protocol/wire/queue-messages.ts';
import type { Batch, Head, Key, Loaded, Outgoing, OutboxEntry } from '../../store/port.ts';
import type { Delivery, DeliveryStep, Effect, Env } from '../core.ts';
import { decodeGroup, encodeGroup, groupLabels, type GroupRecord } from './head.ts';
import { fromLocal, localPrefix, reportsDestination } from './outgoing.ts';
import { changesOf, openQueue, type Queue } from './queue.ts';
import {
  clientKey,
  groupKey,
  localFanOut,
  pendingReports,
  queueDeletedReport,
  reportsKey,
  stored,
  type LocalConfig,
} from './records.ts';
import { appendSorted, lanesInUse, newGroup, sortGroup } from './sorting.ts';

export { localPrefix, remotePrefix } from './outgoing.ts';

/** One recipient of a step, with what its config held. */
interface Target {
  readonly config: LocalConfig;
  readonly client: QsCid;
  readonly key: Key;
  readonly group: Key;
  readonly pushKey: Uint8Array | undefined;
  /** Of a sealed config; empty for a plain one. */
  readonly digest: Uint8Array;
}

/**
 * Of all that a config's signature covers, and of the signature; `enc` is as long as the suite
 * says.
 */
function digestOf({ suite, sealed, signature }: SealedQueueConfig): Uint8Array {
  const bytes = concat(uint16Bytes(suite), sealed.enc, sealed.ciphertext, signature);
  return sha256.digest(bytes);
}

/** Opens a config: nothing asymmetric when plain, one decapsulation when sealed. */
function openConfig(config: LocalConfig, source: string, env: Env) {
  if (config.kind === 'plain') {
    if (source === env.domain) return { opened: config as QueueConfig, digest: noBytes };
    env.counters.add('qs.plain_from_remote');
    return undefined;
  }
  const key = env.keys.queueConfig.find(({ suite }) => suite === config.suite);
  const suite = env.suite(config.suite);
  if (key === undefined || suite === undefined) return undefined;
  env.counters.add('crypto.asymmetric');
  const opened = openQueueConfig(config, key.privateKey, suite);
  return opened && { opened, digest: digestOf(config) };
}

function targetOf(
  config: LocalConfig,
  source: string,
  groupId: Uint8Array,
  env: Env,
): Target | undefined {
  const found = openConfig(config, source, env);
  if (found === undefined) {
    env.counters.add('qs.config_unreadable');
    return undefined;
  }
  const client = found.opened.pseudonymous_client_id;
  const key = clientKey(client);
  const group = groupKey(env.keys.tagSecret, key, groupId);
  const pushKey = found.opened.option_push_token_key;
  return { config, client, key, group, pushKey, digest: found.digest };
}

/** Everything the step changes, and the message it delivers. */
interface Work {
  readonly env: Env;
  readonly message: Decoded<typeof localFanOut>;
  readonly heads: ReadonlyMap<Key, Head>;
  /** Undefined where there is no such record. */
  readonly queues: Map<Key, Queue | undefined>;
  readonly groups: Map<Key, GroupRecord | undefined>;
  readonly groupPuts: Map<Key, Uint8Array>;
  readonly effects: Effect[];
  readonly deleted: QueueDeleted[];
}

function queueOf(work: Work, key: Key): Queue | undefined {
  if (!work.queues.has(key)) {
    const head = work.heads.get(key)?.value;
    work.queues.set(key, head && openQueue(key, head));
  }
  return work.queues.get(key);
}

function groupOf(work: Work, key: Key): GroupRecord | undefined {
  if (!work.groups.has(key)) {
    const head = work.heads.get(key)?.value;
    work.groups.set(key, head && decodeGroup(head));
  }
  return work.groups.get(key);
}

/** Whether the message passes the limits of this config and of this queue. */
function withinLimits({ env }: Work, { key, group }: Target): boolean {
  const { configMessagesPerHour, queueMessagesPerHour } = env.policy.limits;
  const { limiter, nowMs } = env;
  const passes =
    limiter.take(`config ${group}`, configMessagesPerHour, nowMs) === 0 &&
    limiter.take(`queue ${key}`, queueMessagesPerHour, nowMs) === 0;
  if (!passes) env.counters.add('qs.rate_limited');
  return passes;
}

/**
 * The group with the config's digest, once its signature was verified; undefined when it is bad.
 */
function checkConfig(work: Work, target: Target, queue: Queue, group: GroupRecord) {
  const { config, digest } = target;
  if (config.kind === 'plain' || equalBytes(group.config_digest, digest)) return group;
  work.env.counters.add('crypto.asymmetric');
  work.env.counters.add('qs.config_verified');
  if (!verifyQueueConfig(config, queue.record().client_record_auth_key)) {
    work.env.counters.add('qs.config_forged');
    return undefined;
  }
  return { ...group, config_digest: digest };
}

function wake(work: Work, { client, pushKey }: Target, queue: Queue, lane: Lane): void {
  // Nobody is woken for SPAM: that is fetched in the foreground.
  if (lane !== lanes.ham) return;
  const sealed = pushKey && queue.record().encrypted_push_token;
  const pushToken = sealed && pushKey && openPushToken(sealed, pushKey);
  const token = pushToken === undefined ? {} : { pushToken };
  work.effects.push({ kind: 'wake', client, lane, ...token });
}

/** Writes the group back; a new one only while the queue remembers fewer than it may. */
function keepGroup(work: Work, target: Target, queue: Queue, next: GroupRecord): void {
  const before = groupOf(work, target.group);
  if (before === next) return;
  if (before === undefined) {
    const rules = queue.rules();
    queue.setRules({ ...rules, groups: rules.groups + 1 });
  }
  work.groups.set(target.group, next);
  work.groupPuts.set(target.group, encodeGroup(next));
}

/** Enqueues for one recipient, or counts why not. */
function deliver(work: Work, target: Target): void {
  const { env, message } = work;
  const { source, group_id, recipients, payload } = message;
  const queue = queueOf(work, target.key);
  if (queue === undefined) {
    env.counters.add('qs.queue_deleted');
    work.deleted.push({ client_queue_config: fromLocal(target.config, env.domain), group_id });
    return;
  }
  const known = groupOf(work, target.group);
  if (known?.label === groupLabels.blocked) {
    env.counters.add('qs.blocked');
    return;
  }
  if (!withinLimits(work, target)) return;
  const checked = checkConfig(work, target, queue, known ?? newGroup(source));
  if (checked === undefined) return;
  const remembered = known !== undefined || queue.rules().groups < env.policy.limits.groupsPerQueue;
  const arrival = { groupId: group_id, source, recipients };
  const sorted = sortGroup(queue, checked, arrival, target.group, env);
  // A queue that knows too many groups cannot tell another one's lanes apart: it stays in SPAM.
  const lane = remembered || !lanesInUse(queue.rules(), env) ? sorted.lane : lanes.spam;
  const done = appendSorted(queue, sorted.group, lane, group_id, [payload], env);
  if (done.outcome === 'full') {
    env.counters.add('qs.queue_full');
    work.effects.push({ kind: 'queue-full', client: target.client, lane });
    return;
  }
  env.counters.add(lane === lanes.ham ? 'qs.enqueued.ham' : 'qs.enqueued.spam');
  const unchanged = known === undefined && done.group.lane === 0 && target.digest.length === 0;
  if (remembered && !unchanged)
    keepGroup(work, target, queue, done.group === known ? known : done.group);
  wake(work, target, queue, lane);
}

/**
 * Reports about queues that are gone: to the DS here, or kept for the next answer to the remote
 * one.
 */
function reportDeleted(work: Work): Pick<Batch, 'outbox' | 'puts'> {
  const { deleted, env, heads } = work;
  const { source } = work.message;
  if (deleted.length === 0) return {};
  if (source === env.domain) {
    const encodeReport = (report: QueueDeleted): Outgoing => ({
      destination: reportsDestination,
      payload: encode(queueDeletedReport, report),
    });
    return { outbox: deleted.map(encodeReport) };
  }
  const key = reportsKey(source);
  const head = heads.get(key)?.value;
  const reports = [...(head ? stored(pendingReports, head).reports : []), ...deleted];
  // Every message to a queue that is gone makes its report again, so the newest ones suffice.
  return { puts: [{ key, value: encode(pendingReports, { reports: reports.slice(-1024) }) }] };
}

function batchOf(work: Work, loaded: Loaded, settled: Batch['outboxUpdates']): Batch {
  const changes = [...work.queues.values()].filter((queue) => queue !== undefined).map(changesOf);
  const report = reportDeleted(work);
  const groupPuts = Array.from(work.groupPuts, ([key, value]) => ({ key, value }));
  return {
    expect: loaded.heads.map(({ key, version }) => ({ key, version })),
    deleteRanges: changes.flatMap((change) => change.deleteRanges),
    puts: [...changes.flatMap((change) => change.puts), ...groupPuts, ...(report.puts ?? [])],
    outbox: report.outbox ?? [],
    outboxUpdates: settled ?? [],
  };
}

/** One step: the next recipients of an entry, by one read and one write. */
function fanOutStep(entry: OutboxEntry, env: Env): DeliveryStep {
  const message = stored(localFanOut, entry.payload);
  const { source, group_id, configs } = message;
  const end = Math.min(entry.progress + env.policy.limits.fanOutRecipients, configs.length);
  const targets = configs
    .slice(entry.progress, end)
    .map((config) => targetOf(config, source, group_id, env))
    .filter((target) => target !== undefined);
  const heads = new Set(targets.flatMap(({ key, group }) => [key, group]));
  if (source !== env.domain) heads.add(reportsKey(source));
  const { destination, sequence } = entry;
  const progress = end < configs.length ? { progress: end } : {};
  return {
    kind: 'local',
    access: { heads: [...heads] },
    run(loaded, now) {
      const work: Work = {
        env: now,
        message,
        heads: new Map(loaded.heads.map((head) => [head.key, head])),
        queues: new Map(),
        groups: new Map(),
        groupPuts: new Map(),
        effects: [],
        deleted: [],
      };
      for (const target of targets) deliver(work, target);
      const settled = [{ destination, sequence, ...progress }];
      return { batch: batchOf(work, loaded, settled), effects: work.effects };
    },
  };
}

export const queueDelivery: Delivery = { prefix: localPrefix, step: fanOutStep };
