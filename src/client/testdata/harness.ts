/**
 * A device and a homeserver in one process, with a clock that stands until it is moved. Requests
 * wait in `sent` until they are answered, lost or answered twice, as the test likes.
 */
import {
  encodeGroup,
  groupRecordKey,
  newCipherState,
  standInCipher,
  standInDelivery,
} from '../../../sim/protocol/stand-in.ts';
import { seededRandom, type Random } from '../../crypto/random.ts';
import { ed25519, type SignatureKeyPair } from '../../crypto/signature.ts';
import { cryptoSuites } from '../../crypto/suites.ts';
import { makeKeyring } from '../../homeserver/as/keyring.ts';
import { defaultAllowance } from '../../homeserver/as/ports.ts';
import { asService } from '../../homeserver/as/service.ts';
import { makeInProcess, testKeys, type InProcess } from '../../homeserver/in-process.ts';
import { makePolicy, type PolicyChanges } from '../../homeserver/policy.ts';
import { queuingService } from '../../homeserver/qs/index.ts';
import { wellKnownService } from '../../homeserver/wellknown/document.ts';
import { signatureSchemes } from '../../protocol/wire/identifiers.ts';
import { memoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/port.ts';
import { step } from '../device.ts';
import {
  deployedSettings,
  type DeviceEffect,
  type DeviceEnv,
  type Input,
  type OutgoingRequest,
  type Settings,
} from '../ports.ts';
import { newDevice, resume, type Device, type Membership } from '../state.ts';
import { decodeDurable, encodeDurable } from '../storage.ts';

export const domain = 'one.example';
const startMs = 1_767_225_600_000;

export interface Clock {
  nowMs: number;
}
export const newClock = (): Clock => ({ nowMs: startMs });

/** A homeserver with all services; everything of this test is on it. */
export function makeServer(
  clock: Clock,
  changes: PolicyChanges = {},
): InProcess & { readonly store: Store } {
  const store = memoryStore();
  const policy = makePolicy({ versions: [2, 1], ...changes });
  const ring = makeKeyring(domain, startMs, seededRandom('keyring'));
  const keys = testKeys(domain);
  const server = makeInProcess({
    domain,
    policy,
    store,
    now: () => clock.nowMs,
    services: [
      asService({
        keyring: () => ring,
        allowance: defaultAllowance,
        remoteCredentials: () => undefined,
      }),
      queuingService,
      standInDelivery('per-homeserver'),
      wellKnownService(() => ({ domain, policy, keys, issuedAtMs: startMs })),
    ],
  });
  return { ...server, store };
}

export class TestDevice {
  device: Device;
  sent: OutgoingRequest[] = [];
  readonly effects: DeviceEffect[] = [];
  timerMs = Infinity;
  readonly settings: Settings;
  private readonly random: Random;
  private readonly clock: Clock;

  constructor(name: string, clock: Clock, settings: Partial<Settings> = {}) {
    this.random = seededRandom(`device ${name}`);
    this.clock = clock;
    this.settings = { ...deployedSettings, keyPackages: 2, ...settings };
    this.device = newDevice(domain, 1, this.random);
  }

  env(): DeviceEnv {
    return {
      nowMs: this.clock.nowMs,
      random: this.random,
      suite: (number) => cryptoSuites.get(number),
      groups: standInCipher((plaintext) => plaintext + 150, 300),
      settings: this.settings,
    };
  }

  input(input: Input): this {
    const result = step(this.device, input, this.env());
    this.device = result.device;
    this.sent.push(...result.requests);
    this.effects.push(...result.effects);
    this.timerMs = result.timerMs;
    return this;
  }

  /** Answers the oldest request. */
  answer(server: InProcess): this {
    const [request, ...rest] = this.sent;
    if (request === undefined) return this;
    this.sent = rest;
    return this.input({ kind: 'response', bytes: server.request(request.bytes) as Uint8Array });
  }

  /** Answers, and lets time pass to the device's timer, until nothing is under way. */
  settle(server: InProcess, rounds = 1000): this {
    for (let round = 0; round < rounds; round++) {
      if (this.sent.length > 0) this.answer(server);
      else return this;
    }
    throw new Error(`the device is not quiet after ${rounds} rounds`);
  }

  /** Moves the clock to the device's timer. */
  wait(): this {
    if (this.timerMs !== Infinity) this.clock.nowMs = this.timerMs;
    return this.input({ kind: 'timer' });
  }

  /** Dies, and starts again from its storage. */
  kill(): this {
    this.device = resume(decodeDurable(encodeDurable(this.device.durable)));
    this.sent = [];
    return this.input({ kind: 'online', mode: 'foreground' });
  }

  received(): string[] {
    return this.effects
      .filter((effect) => effect.kind === 'received')
      .map(({ content }) => Buffer.from(content).toString());
  }

  kinds(): string[] {
    return this.effects.map(({ kind }) => kind);
  }
}

const leafKey = (group: string, index: number): SignatureKeyPair =>
  ed25519.generateKeyPair(seededRandom(`leaf ${group} ${index}`));

/** Puts a group of so many members at the DS, and returns the memberships. */
export function makeGroup(
  { store }: { readonly store: Store },
  name: string,
  members: number,
): Membership[] {
  const groupId = new Uint8Array(Buffer.from(name.padEnd(16)));
  const indices = Array.from({ length: members }, (_, index) => index);
  const value = encodeGroup({
    domain,
    members: indices.map((index) => ({
      key: { scheme: signatureSchemes.ed25519, key: leafKey(name, index).publicKey },
      config: undefined,
    })),
  });
  void store.write({ puts: [{ key: groupRecordKey(groupId), value }] });
  return indices.map((leafIndex) => ({
    groupId,
    host: domain,
    label: 'accepted',
    leafIndex,
    leafKey: leafKey(name, leafIndex),
    earKey: new Uint8Array(16),
    cipher: newCipherState(leafIndex),
  }));
}
