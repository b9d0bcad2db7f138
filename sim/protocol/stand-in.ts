/**
 * STAND-IN for MLS and for the delivery service: real MLS groups and the real DS take this file's
 * place. It keeps what the rest of the protocol depends on: messages of the right size, numbered
 * per sender as MLS numbers generations, read once; a DS that checks the sender's signature under
 * its leaf key, takes one write per request and hands fan-out to the queuing service. It encrypts
 * nothing and checks no epochs.
 */
import type { GroupCipher, OpenedMessage } from '../../src/client/group-cipher.ts';
import { handler, type AnyHandler, type Call, type Service } from '../../src/homeserver/core.ts';
import { fanOut } from '../../src/homeserver/qs/index.ts';
import {
  decode,
  encode,
  opaqueV,
  optional,
  struct,
  uint32,
  uint53,
  vector,
  type Decoded,
} from '../../src/protocol/codec/index.ts';
import { operations } from '../../src/protocol/operations/index.ts';
import { refuse, success } from '../../src/protocol/protocol-error.ts';
import type { Sender } from '../../src/protocol/wire/authentication.ts';
import { fqdn, verifyingKey } from '../../src/protocol/wire/identifiers.ts';
import {
  clientQueueConfigV2,
  fromV1,
  type ClientQueueConfig,
} from '../../src/protocol/wire/queue-config.ts';
import type { FanOutMessage, MessageContent } from '../../src/protocol/wire/queue-messages.ts';
import { recordKey } from '../../src/store/keys.ts';
import type { Head, Key, Loaded } from '../../src/store/port.ts';

// ---- messages

/** Header of a stand-in message; zeros follow up to the size of the MLS message. */
const header = struct('StandInMessage', {
  /** Index of the sender over all clients. */
  sender: uint32,
  generation: uint32,
  content: opaqueV(),
});

export type StandInHeader = Decoded<typeof header>;

/** The header of a message, or undefined when it is none. */
export function headerOf(message: Uint8Array): StandInHeader | undefined {
  if (message.length < 4) return undefined;
  const length = new DataView(message.buffer, message.byteOffset, 4).getUint32(0);
  if (length > message.length - 4) return undefined;
  const decoded = decode(header, message.subarray(4, 4 + length));
  return decoded.ok ? decoded.value : undefined;
}

/**
 * Most generations that a receiver remembers as missing, per sender: MLS's tolerance, as deployed.
 */
const tolerance = 20;

const seen = struct('SeenSender', {
  sender: uint32,
  next: uint32,
  missing: vector(uint32),
});
const cipherState = struct('StandInState', {
  sender: uint32,
  generation: uint32,
  seen: vector(seen),
});

/** The state of a member before its first message. */
export const newCipherState = (sender: number): Uint8Array =>
  encode(cipherState, { sender, generation: 0, seen: [] });

function stateOf(bytes: Uint8Array): Decoded<typeof cipherState> {
  const decoded = decode(cipherState, bytes);
  if (!decoded.ok) throw new RangeError('the state of a stand-in group is damaged');
  return decoded.value;
}

/**
 * @param messageBytes - size of the MLS message of a plaintext
 * @param keyPackageBytes - size of a KeyPackage
 */
export function standInCipher(
  messageBytes: (plaintext: number) => number,
  keyPackageBytes: number,
): GroupCipher {
  return {
    seal(bytes, content) {
      const state = stateOf(bytes);
      const { sender, generation } = state;
      const head = encode(header, { sender, generation, content });
      const size = Math.max(head.length + 4, messageBytes(content.length));
      const message = new Uint8Array(size);
      new DataView(message.buffer).setUint32(0, head.length);
      message.set(head, 4);
      const next = encode(cipherState, { ...state, generation: generation + 1 });
      return { state: next, message };
    },
    open: (bytes, message) => openMessage(bytes, message),
    keyPackage: (random) => {
      const keyPackage = new Uint8Array(keyPackageBytes);
      keyPackage.set(random.bytes(16));
      return keyPackage;
    },
  };
}

function openMessage(bytes: Uint8Array, message: MessageContent) {
  const found = message.kind === 'application' ? headerOf(message.message) : undefined;
  if (found === undefined) return { state: bytes, opened: { kind: 'unreadable' } as const };
  const { sender, generation, content } = found;
  const state = stateOf(bytes);
  const before = state.seen.find((one) => one.sender === sender) ?? {
    sender,
    next: 0,
    missing: [],
  };
  if (generation < before.next && !before.missing.includes(generation)) {
    return { state: bytes, opened: { kind: 'duplicate' } as const };
  }
  const skipped = Array.from(
    { length: Math.max(0, generation - before.next) },
    (_, i) => before.next + i,
  );
  const missing = [...before.missing, ...skipped].filter((one) => one !== generation);
  const after = {
    sender,
    next: Math.max(before.next, generation + 1),
    missing: missing.slice(-tolerance),
  };
  const others = state.seen.filter((one) => one.sender !== sender);
  const opened: OpenedMessage = { kind: 'fresh', content };
  return { state: encode(cipherState, { ...state, seen: [...others, after] }), opened };
}

// ---- delivery service

const member = struct('StandInMember', {
  key: verifyingKey,
  /** Where its messages go; none until it has said so. */
  config: optional(clientQueueConfigV2),
});
const group = struct('StandInGroup', { members: vector(member), domain: fqdn });
/** Changes with every message, so it stands apart from the large record. */
const accepted = struct('StandInAccepted', {
  count: uint53,
  sender: uint32,
  generation: uint32,
  /** How the content begins: for the observer, who cannot look into the outbox cheaply. */
  beginning: opaqueV(),
  /** Leaves that have not said yet where their messages go. */
  unconfigured: vector(uint32),
});

/** Bytes of the content that the record of acceptance repeats. */
const beginningBytes = 32;

export type StandInGroup = Decoded<typeof group>;
export const groupSpace = 'sg';
export const groupRecordKey = (id: Uint8Array): Key => recordKey(groupSpace, id);
const acceptedSpace = 'sa';
const acceptedKey = (id: Uint8Array): Key => recordKey(acceptedSpace, id);

export const encodeGroup = (value: StandInGroup): Uint8Array => encode(group, value);

/** The message that a put of the acceptance record stands for; undefined for other records. */
export function acceptanceOf(put: { readonly key: Key; readonly value: Uint8Array }) {
  if (!put.key.startsWith(`${acceptedSpace}:`)) return undefined;
  const decoded = decode(accepted, put.value);
  return decoded.ok ? { groupId: put.key.slice(4), ...decoded.value } : undefined;
}

function groupOf(head: Head | undefined): StandInGroup | undefined {
  if (head?.value === undefined) return undefined;
  const decoded = decode(group, head.value);
  if (!decoded.ok) throw new RangeError('the record of a stand-in group is damaged');
  return decoded.value;
}

const leafOf = (sender: Sender | undefined): number =>
  sender?.kind === 'leaf' ? sender.leaf_index : -1;

/** The group is decoded once per request and handed on from the key's look-up. */
interface Carry {
  found?: StandInGroup | undefined;
}

const senderKey = (loaded: Loaded, call: Call<unknown>, carry: Carry) => {
  carry.found = groupOf(loaded.heads[0]);
  return carry.found?.members[leafOf(call.sender)]?.key;
};

const updateQueueInfo = handler<typeof operations.ds.updateQueueInfo, Carry>(
  operations.ds.updateQueueInfo,
  {
    plan: ({ body }) =>
      success({ access: { heads: [groupRecordKey(body.group_id)] }, carry: {} as Carry }),
    senderKey,
    run({ heads: [head] }, { body, sender, version }, { found }, env) {
      if (head === undefined || found === undefined) return refuse('group_unknown', {});
      const config = (
        version === 1 ? fromV1(body.new_queue_config as never) : body.new_queue_config
      ) as ClientQueueConfig;
      const isRemote = config.client_homeserver_domain !== env.domain;
      if (config.kind === 'plain' && isRemote) return refuse('plain_config_from_remote', {});
      const members = found.members.with(leafOf(sender), {
        ...(found.members[leafOf(sender)] as StandInGroup['members'][number]),
        config,
      });
      const value = encodeGroup({ ...found, members });
      return success({ reply: {}, batch: { puts: [{ key: head.key, value }] } });
    },
  },
);

const noHeader: StandInHeader = { sender: 0, generation: 0, content: new Uint8Array() };

/** How a message leaves for other homeservers: one request each, or one per recipient. */
export type Forwarding = 'per-homeserver' | 'per-recipient';

function outgoing(message: FanOutMessage, forwarding: Forwarding, domain: string) {
  if (forwarding === 'per-homeserver') return fanOut(message, { domain });
  const isHere = (config: ClientQueueConfig) => config.client_homeserver_domain === domain;
  const here = message.client_queue_configs.filter(isHere);
  const elsewhere = message.client_queue_configs.filter((config) => !isHere(config));
  const parts = [...(here.length === 0 ? [] : [here]), ...elsewhere.map((config) => [config])];
  return parts.flatMap((client_queue_configs) =>
    fanOut({ ...message, client_queue_configs }, { domain }),
  );
}

const sendMessage = (forwarding: Forwarding): AnyHandler =>
  handler<typeof operations.ds.sendMessage, Carry>(operations.ds.sendMessage, {
    plan: ({ body }) =>
      success({
        access: { heads: [groupRecordKey(body.group_id), acceptedKey(body.group_id)] },
        carry: {} as Carry,
      }),
    senderKey,
    run({ heads: [head, last] }, { body, sender }, { found }, env) {
      if (head === undefined || found === undefined) return refuse('group_unknown', {});
      const leaf = leafOf(sender);
      const configs = found.members
        .filter((_, index) => index !== leaf)
        .map(({ config }) => config)
        .filter((config) => config !== undefined);
      const missing = found.members.length - 1 - configs.length;
      if (missing > 0) env.counters.add('ds.unconfigured', missing);
      env.counters.add('ds.recipients', configs.length);
      env.counters.add('ds.members', found.members.length);
      const message = {
        group_id: body.group_id,
        client_queue_configs: configs,
        message_content: { kind: 'application', message: body.application_message } as const,
      };
      const outbox = configs.length === 0 ? [] : outgoing(message, forwarding, env.domain);
      env.counters.add('ds.destinations', outbox.length);
      const about = headerOf(body.application_message) ?? noHeader;
      const before = last?.value === undefined ? undefined : decode(accepted, last.value);
      const count = before?.ok === true ? before.value.count + 1 : 1;
      const { sender: from, generation, content } = about;
      const beginning = content.subarray(0, beginningBytes);
      const unconfigured = found.members.flatMap(({ config }, index) =>
        config === undefined && index !== leaf ? [index] : [],
      );
      const value = encode(accepted, { count, sender: from, generation, beginning, unconfigured });
      const puts = [{ key: acceptedKey(body.group_id), value }];
      return success({ reply: {}, batch: { puts, outbox } });
    },
  });

export const standInDelivery = (forwarding: Forwarding): Service => ({
  handlers: [updateQueueInfo, sendMessage(forwarding)],
  deliveries: [],
});
