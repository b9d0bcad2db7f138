/** One or two homeservers over memory, a clock to turn, and messages to fan out. */
import { utf8 } from '../../crypto/bytes.ts';
import type { Operation } from '../../crypto/suites.ts';
import type { Lane } from '../../protocol/wire/identifiers.ts';
import type { ClientQueueConfig } from '../../protocol/wire/queue-config.ts';
import type { FanOutMessage, QueuePayload } from '../../protocol/wire/queue-messages.ts';
import { countingStore, noCounts } from '../../store/counting.ts';
import { makeDisk, memoryStore, type MemoryOptions } from '../../store/memory.ts';
import type { MaybePromise, Store } from '../../store/port.ts';
import { makeInProcess, type InProcess } from '../in-process.ts';
import { makePolicy, type PolicyChanges } from '../policy.ts';
import { queuingService } from './index.ts';
import { fanOut } from './outgoing.ts';
import { now, TestClient, type TestClientOptions } from './test-client.ts';

/** v2 with everything the QS has. */
export const everyIdea: PolicyChanges = {
  versions: [2, 1],
  auth: 'raw',
  queueConfig: 'plain-when-local',
  spam: 'categories',
};

export interface WorldOptions {
  readonly domain?: string;
  readonly policy?: PolicyChanges;
  readonly clock?: { nowMs: number };
  readonly crashAt?: MemoryOptions['crashAt'];
}

export class World {
  readonly clock: { nowMs: number };
  readonly domain: string;
  readonly disk = makeDisk();
  readonly counts = noCounts();
  readonly crypto = new Map<Operation, number>();
  server: InProcess;
  store: Store = memoryStore();
  peers: World[] = [];
  private readonly options: WorldOptions;
  private lives = 0;

  constructor(options: WorldOptions = {}) {
    this.options = options;
    this.clock = options.clock ?? { nowMs: 1_700_000_000_000 };
    this.domain = options.domain ?? 'one.example';
    this.server = this.start(options.crashAt);
  }

  /** A fresh process on the same disk. */
  start(crashAt?: MemoryOptions['crashAt']): InProcess {
    const { disk } = this;
    const memory = memoryStore(crashAt === undefined ? { disk } : { disk, crashAt });
    this.store = countingStore(memory, this.counts);
    this.lives++;
    this.server = makeInProcess({
      domain: this.domain,
      policy: makePolicy({ ...everyIdea, ...this.options.policy }),
      store: this.store,
      services: [queuingService],
      now: () => this.clock.nowMs,
      remote: (domain) => this.peer(domain)?.server.document,
      send: (domain, request) => this.deliver(domain, request),
      onCrypto: (operation) => this.crypto.set(operation, (this.crypto.get(operation) ?? 0) + 1),
      life: 1,
    });
    return this.server;
  }

  /** Where a test may lose a request or its answer. */
  network: (to: World, request: Uint8Array) => MaybePromise<Uint8Array | undefined> = (to, bytes) =>
    to.server.request(bytes);

  private deliver(domain: string, request: Uint8Array): MaybePromise<Uint8Array | undefined> {
    const to = this.peer(domain);
    return to === undefined ? undefined : this.network(to, request);
  }

  peer(domain: string): World | undefined {
    return this.peers.find((peer) => peer.domain === domain);
  }

  client(name: string, options: Partial<TestClientOptions> = {}): TestClient {
    const server = () => this.server;
    return new TestClient(name, { server, now: () => this.clock.nowMs, ...options });
  }

  member(name: string, options: Partial<TestClientOptions> = {}): TestClient {
    return this.client(name, options).register();
  }

  /** Puts a message of this homeserver's DS into the outbox, as the DS does. */
  put(text: string, group: string, client_queue_configs: readonly ClientQueueConfig[]): void {
    const message: FanOutMessage = {
      group_id: utf8(group),
      client_queue_configs,
      message_content: { kind: 'application', message: utf8(text) },
    };
    now(this.store.write({ outbox: fanOut(message, this.server) }));
  }

  /** Puts and delivers. */
  send(text: string, group: string, configs: readonly ClientQueueConfig[]): void {
    this.put(text, group, configs);
    this.drain();
  }

  drain(): number {
    return now(this.server.drain());
  }

  count(name: string): number {
    return this.server.counts.get(name) ?? 0;
  }

  /** Counts from here on. */
  reset(): void {
    Object.assign(this.counts, noCounts());
    this.crypto.clear();
    this.server.counts.clear();
    this.server.effects.length = 0;
  }

  advance(ms: number): void {
    this.clock.nowMs += ms;
  }

  /** A store on this disk that neither counts nor crashes. */
  openStore(): Store {
    return memoryStore({ disk: this.disk });
  }
}

/** Two homeservers that know each other and share a clock. */
export function twoWorlds(a: WorldOptions = {}, b: WorldOptions = {}): readonly [World, World] {
  const one = new World({ domain: 'one.example', ...a });
  const two = new World({ domain: 'two.example', clock: one.clock, ...b });
  one.peers.push(two);
  two.peers.push(one);
  return [one, two];
}

/** What a payload says: the text of a message, or where a marker points to. */
export function textOf(payload: QueuePayload): string {
  if (payload.kind === 'laneMarker') {
    const lane = payload.old_lane === 1 ? 'ham' : 'spam';
    return `marker ${Buffer.from(payload.group_id).toString()}: ${lane} ${payload.up_to_sequence}`;
  }
  const { message_content: content } = payload;
  return content.kind === 'application' ? Buffer.from(content.message).toString() : content.kind;
}

export const texts = (client: TestClient, lane?: Lane): string[] =>
  client.fetchAll(lane).map(textOf);
