/**
 * What a device knows. `Durable` survives a kill: it is written before the requests of a step
 * leave, so whatever was acknowledged to a homeserver is on the disk. The rest is of the session.
 */
import type { Random } from '../crypto/random.ts';
import type { SignatureKeyPair } from '../crypto/signature.ts';
import { cryptoSuite } from '../crypto/suites.ts';
import { newReader, type LaneReader } from '../protocol/queue-ratchet.ts';
import type { AsIntermediateCredential, ClientCredential } from '../protocol/wire/credentials.ts';
import { lanes, type ClientId, type Lane, type QsCid } from '../protocol/wire/identifiers.ts';
import type { HomeserverDocument } from '../protocol/wire/well-known.ts';
import type { HeldEntry } from './lane-order.ts';
import type { Wake } from './wake-budget.ts';

export interface Keys {
  /** Suite of the queues and of all signatures. */
  readonly suite: number;
  /** Of the client credential; signs requests to the AS. */
  readonly client: SignatureKeyPair;
  readonly userRecord: SignatureKeyPair;
  readonly clientRecord: SignatureKeyPair;
  /** HPKE key of the fan-out queue; what the ratchet's fresh secrets are sealed to. */
  readonly queue: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
  readonly directQueue: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
  readonly friendshipToken: Uint8Array;
}

/** Idea 3: given by the owner of the queue, per group. */
export type GroupLabel = 'accepted' | 'pending' | 'blocked';

export interface Membership {
  readonly groupId: Uint8Array;
  /** Homeserver whose DS holds the group. */
  readonly host: string;
  readonly label: GroupLabel;
  readonly leafIndex: number;
  readonly leafKey: SignatureKeyPair;
  /** Opens the group's state at the DS. */
  readonly earKey: Uint8Array;
  /** State of the `GroupCipher`. */
  readonly cipher: Uint8Array;
}

/** What is to be done at a homeserver, until it answers success or a final refusal. */
export type TaskBody =
  | { readonly kind: 'register' }
  /** Instead of `register` when the answer to an earlier one was lost. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'create-records' }
  | { readonly kind: 'publish-packages' }
  | { readonly kind: 'configure-group'; readonly groupId: Uint8Array }
  | {
      readonly kind: 'label-group';
      readonly groupId: Uint8Array;
      readonly label: 'accepted' | 'blocked';
    }
  | { readonly kind: 'send'; readonly groupId: Uint8Array; readonly message: Uint8Array };

export interface Task {
  readonly id: number;
  readonly body: TaskBody;
}

export interface KnownDocument {
  readonly document: HomeserverDocument;
  /** Milliseconds since 1970 until which it may be used without asking again. */
  readonly untilMs: number;
}

export interface Durable {
  readonly home: string;
  readonly clientId: ClientId;
  readonly keys: Keys;
  readonly credential: ClientCredential | undefined;
  readonly qsCid: QsCid | undefined;
  readonly groups: ReadonlyMap<string, Membership>;
  readonly readers: Readonly<Record<Lane, LaneReader>>;
  readonly held: readonly HeldEntry[];
  readonly tasks: readonly Task[];
  readonly nextTask: number;
  readonly wakes: readonly Wake[];
}

/** Requests under way and their past failures, by what they are for. */
export interface Exchange {
  readonly want: string;
  readonly requestId: Uint8Array;
  readonly destination: string;
  readonly version: number;
  /** When the device stops waiting for the answer. */
  readonly deadlineMs: number;
  /** Wake-ups seen when a dequeue was sent: later ones mean another look. */
  readonly wakesSeen: number;
}

export interface Attempts {
  readonly failures: number;
  readonly previousMs: number;
  readonly notBeforeMs: number;
}

/** Whether a lane is worth a look. */
export interface LaneWatch {
  readonly dirty: boolean;
  readonly wakesSeen: number;
  readonly lookedAtMs: number;
}

export interface Session {
  readonly mode: 'foreground' | 'background';
  readonly startMs: number;
  /** When the operating system suspends the app. */
  readonly deadlineMs: number;
  readonly listening: boolean;
  readonly lanes: Readonly<Record<Lane, LaneWatch>>;
  readonly exchanges: readonly Exchange[];
  readonly attempts: ReadonlyMap<string, Attempts>;
}

export interface Device {
  readonly durable: Durable;
  /** Absent while the app does not run. */
  readonly session: Session | undefined;
  /** Fetched again after a kill: nothing is lost by it. */
  readonly documents: ReadonlyMap<string, KnownDocument>;
  readonly intermediate: AsIntermediateCredential | undefined;
  /** Retries saved, when the settings give a budget. */
  readonly savedRetries: number;
}

export const groupKey = (groupId: Uint8Array): string => Buffer.from(groupId).toString('latin1');

function makeKeys(suiteNumber: number, random: Random): Keys {
  const { signature, kem } = cryptoSuite(suiteNumber);
  return {
    suite: suiteNumber,
    client: signature.generateKeyPair(random),
    userRecord: signature.generateKeyPair(random),
    clientRecord: signature.generateKeyPair(random),
    queue: kem.generateKeyPair(random),
    directQueue: kem.generateKeyPair(random),
    friendshipToken: random.bytes(32),
  };
}

/** A new device of a new user, whose first tasks are to register and to create its records. */
export function newDevice(home: string, suite: number, random: Random): Device {
  const user_id = { as_domain: home, user_id: random.bytes(16) };
  const setup = ['register', 'create-records', 'publish-packages'] as const;
  const durable: Durable = {
    home,
    clientId: { user_id, client_uuid: random.bytes(16) },
    keys: makeKeys(suite, random),
    credential: undefined,
    qsCid: undefined,
    groups: new Map(),
    readers: { [lanes.ham]: newReader(lanes.ham), [lanes.spam]: newReader(lanes.spam) },
    held: [],
    tasks: setup.map((kind, id) => ({ id, body: { kind } })),
    nextTask: setup.length,
    wakes: [],
  };
  return resume(durable);
}

/** A device as it starts from its storage. */
export const resume = (durable: Durable): Device => ({
  durable,
  session: undefined,
  documents: new Map(),
  intermediate: undefined,
  savedRetries: 0,
});

/** Whether it is registered, has its records and KeyPackages, and is configured in its groups. */
export const isSetUp = ({ durable }: Device): boolean =>
  durable.qsCid !== undefined &&
  durable.tasks.every(({ body }) => body.kind === 'send' || body.kind === 'label-group');

/** A device with another durable part. */
export const withDurable = (device: Device, changes: Partial<Durable>): Device => ({
  ...device,
  durable: { ...device.durable, ...changes },
});

/** A device with another session; does nothing when the app does not run. */
export const withSession = (device: Device, changes: Partial<Session>): Device =>
  device.session === undefined ? device : { ...device, session: { ...device.session, ...changes } };

export const addTask = (device: Device, body: TaskBody): Device =>
  withDurable(device, {
    tasks: [...device.durable.tasks, { id: device.durable.nextTask, body }],
    nextTask: device.durable.nextTask + 1,
  });

export const withGroup = (device: Device, membership: Membership): Device =>
  withDurable(device, {
    groups: new Map(device.durable.groups).set(groupKey(membership.groupId), membership),
  });

/** Marks lanes as worth a look. */
export function lookInto(device: Device, which: readonly Lane[]): Device {
  const { session } = device;
  if (session === undefined) return device;
  const watched = { ...session.lanes };
  for (const lane of which) {
    const { wakesSeen } = watched[lane];
    watched[lane] = { ...watched[lane], dirty: true, wakesSeen: wakesSeen + 1 };
  }
  return withSession(device, { lanes: watched });
}
