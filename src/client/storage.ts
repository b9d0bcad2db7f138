/**
 * The device's storage: `Durable` as bytes. The format is private to the device and named by a
 * version, so that an old file is refused instead of misread.
 */
import { DependencyError } from '../errors.ts';
import {
  decode,
  empty,
  encode,
  oneOf,
  opaque,
  opaqueV,
  optional,
  refine,
  struct,
  uint16,
  uint32,
  uint53,
  uint8,
  union,
  vector,
  type Decoded,
} from '../protocol/codec/index.ts';
import type { LaneReader } from '../protocol/queue-ratchet.ts';
import { clientCredential } from '../protocol/wire/credentials.ts';
import {
  clientId,
  fqdn,
  groupId,
  lane,
  lanes,
  qsCid,
  symmetricKey,
  type Lane,
} from '../protocol/wire/identifiers.ts';
import { queuePayload } from '../protocol/wire/queue-messages.ts';
import {
  groupKey,
  type Durable,
  type GroupLabel,
  type Membership,
  type TaskBody,
} from './state.ts';

const key = opaqueV(4096);
const keyPair = struct('KeyPair', { privateKey: key, publicKey: key });
const keys = struct('DeviceKeys', {
  suite: uint16,
  client: keyPair,
  userRecord: keyPair,
  clientRecord: keyPair,
  queue: keyPair,
  directQueue: keyPair,
  friendshipToken: opaque(32),
});

const labels = { accepted: 1, pending: 2, blocked: 3 } as const;
const labelNames = Object.keys(labels) as GroupLabel[];
const membership = struct('Membership', {
  groupId,
  host: fqdn,
  label: oneOf('GroupLabel', uint8, labels),
  leafIndex: uint32,
  leafKey: keyPair,
  earKey: symmetricKey,
  cipher: opaqueV(),
});

const reader = struct('LaneReader', {
  lane,
  sequence: uint53,
  lost: uint53,
  chain: optional(struct('Chain', { suite: uint16, key })),
});

const noFields = { ...empty, name: 'NoFields' };
const taskBody = union('TaskBody', uint8, {
  register: [1, noFields],
  renew: [2, noFields],
  'create-records': [3, noFields],
  'publish-packages': [4, noFields],
  'configure-group': [5, struct('ConfigureGroup', { groupId })],
  'label-group': [
    6,
    struct('LabelGroup', { groupId, label: oneOf('NewLabel', uint8, { accepted: 1, blocked: 3 }) }),
  ],
  send: [7, struct('Send', { groupId, message: opaqueV() })],
});

const held = struct('HeldEntry', { lane, sequence: uint53, payload: queuePayload });
const wake = struct('Wake', { startMs: uint53, usedMs: uint53 });

const formatNumber = 1;

const durable = struct('DeviceStorage', {
  format: refine(uint16, (value) => (value === formatNumber ? undefined : 'another format')),
  home: fqdn,
  clientId,
  keys,
  credential: optional(clientCredential),
  qsCid: optional(qsCid),
  groups: vector(membership),
  ham: reader,
  spam: reader,
  held: vector(held),
  tasks: vector(struct('Task', { id: uint53, body: taskBody })),
  nextTask: uint53,
  wakes: vector(wake),
});

type StoredReader = Decoded<typeof reader>;

const readerOf = ({ chain, ...rest }: StoredReader): LaneReader =>
  chain === undefined ? rest : { ...rest, chain };
const storedReader = (lane: Lane, { chain, sequence, lost }: LaneReader): StoredReader => ({
  lane,
  sequence,
  lost,
  chain,
});

const storedMembership = (group: Membership) => ({ ...group, label: labels[group.label] });

const storedTask = (body: TaskBody) =>
  body.kind === 'label-group' ? { ...body, label: labels[body.label] } : body;

/** Everything that survives a kill, as bytes. */
export function encodeDurable(state: Durable): Uint8Array {
  const { groups, readers, tasks, ...rest } = state;
  return encode(durable, {
    ...rest,
    format: formatNumber,
    groups: [...groups.values()].map(storedMembership),
    ham: storedReader(lanes.ham, readers[lanes.ham]),
    spam: storedReader(lanes.spam, readers[lanes.spam]),
    tasks: tasks.map(({ id, body }) => ({ id, body: storedTask(body) })),
  });
}

/** @throws {DependencyError} for bytes that are no storage of this version */
export function decodeDurable(bytes: Uint8Array): Durable {
  const decoded = decode(durable, bytes, {
    maxBytes: bytes.length,
    maxDepth: 32,
    maxElements: 10_000_000,
  });
  if (!decoded.ok) {
    throw new DependencyError(
      `the storage of the device is damaged: ${decoded.error.message}`,
      'restore a copy, or register the device anew',
      { cause: decoded.error },
    );
  }
  const { format: _, groups, ham, spam, tasks, ...rest } = decoded.value;
  const memberships = groups.map((group) => ({
    ...group,
    label: labelNames.find((name) => labels[name] === group.label) ?? 'pending',
  }));
  return {
    ...rest,
    groups: new Map(memberships.map((group) => [groupKey(group.groupId), group])),
    readers: { [lanes.ham]: readerOf(ham), [lanes.spam]: readerOf(spam) },
    tasks: tasks.map(({ id, body }) => ({ id, body: taskOf(body) })),
  };
}

function taskOf(body: ReturnType<typeof storedTask>): TaskBody {
  if (body.kind !== 'label-group') return body as TaskBody;
  return { ...body, label: body.label === labels.accepted ? 'accepted' : 'blocked' };
}
