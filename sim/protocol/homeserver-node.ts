/**
 * A homeserver in virtual time. Requests, outbox steps and answers of other homeservers run the
 * real code at the moment they arrive; what they cost keeps a core busy, and nothing leaves before
 * that time is over. A crash loses everything but the disk.
 */
import type { Effect } from '../../src/homeserver/core.ts';
import type { Delivered } from '../../src/homeserver/shell.ts';
import { seededRandom, type Random } from '../../src/crypto/random.ts';
import { decode, encode } from '../../src/protocol/codec/index.ts';
import { operationById, operations } from '../../src/protocol/operations/index.ts';
import { errorResponse } from '../../src/protocol/protocol-error.ts';
import {
  request as requestCodec,
  response as responseCodec,
} from '../../src/protocol/wire/envelope.ts';
import type { QsCid } from '../../src/protocol/wire/identifiers.ts';
import { makeDisk, type CrashPoint, type MemoryDisk } from '../../src/store/memory.ts';
import { StoreError, type MaybePromise } from '../../src/store/port.ts';
import { nsPerMs, toNs } from '../model/units.ts';
import { kinds } from './events.ts';
import { CrashSchedule } from './faults.ts';
import { domainOf, frameKinds, homeserverEntity, type Frame } from './frame.ts';
import { makeHomeserver, startLife, type Homeserver, type Life } from './homeserver-parts.ts';
import type { Message, Network } from './network.ts';
import { Observer } from './observer.ts';
import { OutboxSchedule } from './outbox-schedule.ts';
import { Peers } from './peers.ts';
import type { Site, World } from './world.ts';

/** Retry-After of a 503, as in the model tier. */
const overloadRetryMs = 1000;

const now = <T>(value: MaybePromise<T>): T => {
  if (value instanceof Promise) throw new TypeError('the store in memory answers at once');
  return value;
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export class HomeserverNode {
  readonly disk: MemoryDisk = makeDisk();
  readonly observer: Observer;
  private readonly world: World;
  private readonly site: Site;
  private readonly network: Network;
  private readonly parts: Homeserver;
  private readonly random: Random;
  /** Client that listens, by its client record; of this life. */
  private listeners = new Map<string, number>();
  private caller = homeserverEntity;
  private life: Life | undefined;
  private lives = 0;
  private effects: Effect[] = [];
  private outbox: OutboxSchedule;
  private peers: Peers;
  private departures = new Map<number, readonly Message[]>();
  private nextDeparture = 0;
  private readonly crashes: CrashSchedule;

  constructor(world: World, site: Site, network: Network) {
    this.world = world;
    this.site = site;
    this.network = network;
    this.parts = makeHomeserver(world, site);
    this.observer = new Observer(world, site);
    this.random = seededRandom(`shell ${world.seed} ${this.parts.domain}`);
    this.peers = this.makePeers();
    this.outbox = this.makeOutbox();
    this.crashes = new CrashSchedule(world.faults.crashes, site.lp);
  }

  /** Opens the disk; at the start of the run and after a crash. */
  start(): void {
    this.lives++;
    this.peers = this.makePeers();
    this.outbox = this.makeOutbox();
    this.life = startLife(this.world, this.site, this.parts, {
      number: this.lives,
      disk: this.disk,
      crashAt: (point) => this.onWrite(point),
      remote: (domain) => this.peers.document(domain),
      effects: (effects) => void this.effects.push(...effects),
    });
    for (const destination of now(this.life.store.destinations())) this.outbox.touch(destination);
    this.outbox.startTouched(this.world.engine.nowNs);
  }

  private makeOutbox(): OutboxSchedule {
    const { world, random } = this;
    const { engine } = world;
    return new OutboxSchedule({
      random,
      nowNs: () => engine.nowNs,
      at: (index, atNs) => engine.schedule(this.site.lp, atNs, kinds.work, index, this.lives, 0),
    });
  }

  private makePeers(): Peers {
    const { world, random } = this;
    const { lp } = this.site;
    return new Peers({
      world,
      random,
      send: (homeserver, payload, atNs) => {
        const to = { homeserver, entity: homeserverEntity };
        const kind = frameKinds.request;
        this.depart([{ kind, from: homeserverEntity, to, payload }], atNs);
      },
      remind: (id, atNs) => world.engine.schedule(lp, atNs, kinds.late, id, this.lives, 0),
    });
  }

  /** Another homeserver has not answered in time. */
  onLate(exchange: number, life: number): void {
    if (life === this.lives && this.life !== undefined) this.peers.onLate(exchange);
  }

  /** Fetches a document before it is needed, as homeservers do with those they know. */
  greet(homeserver: number): void {
    this.peers.document(domainOf(homeserver));
    this.peers.fetchMissing(this.world.engine.nowNs);
  }

  // ---- requests

  onFrame(frame: Frame, from: number): void {
    if (this.life === undefined) return;
    if (frame.kind === frameKinds.response) this.peers.onAnswer(frame.payload);
    else this.onRequest(frame, from);
  }

  private onRequest(frame: Frame, from: number): void {
    const { engine, workload } = this.world;
    const { payload } = frame;
    const decoded = decode(requestCodec, payload);
    const operation = decoded.ok ? operationById(decoded.value.operation) : undefined;
    const isDs = operation?.service === 'ds';
    const station = isDs ? this.site.ds : this.site.qs;
    const reply = (bytes: Uint8Array): Message => ({
      kind: frameKinds.response,
      from: homeserverEntity,
      to: { homeserver: from, entity: frame.from },
      payload: bytes,
    });
    if (station.waitingAt(engine.nowNs) >= workload.homeserver.queueLimit) {
      this.world.measured('overloadRefused', engine.nowNs);
      if (decoded.ok) this.depart([reply(overloaded(decoded.value))], engine.nowNs);
      return;
    }
    this.caller = from === this.site.lp ? frame.from : homeserverEntity;
    const answer = this.run(() => now((this.life as Life).shell.request(payload)));
    if (answer === undefined) return;
    this.observer.onAnswer(frame, answer, from);
    const costNs = this.site.meter.costNs(payload.length);
    const doneNs = station.submit(engine.nowNs, costNs);
    const isMessage = operation === operations.ds.sendMessage;
    if (isMessage || operation?.service === 'federation') {
      this.observer.countWork(isMessage ? 'ds' : 'qs', costNs);
    }
    this.depart([reply(answer)], doneNs);
    this.afterWork(doneNs);
  }

  /** Runs a piece of work; undefined when the homeserver crashed in the middle of it. */
  private run<T>(work: () => T): T | undefined {
    const { meter } = this.site;
    const counts = (this.life as Life).storeCounts;
    const before = { reads: counts.reads + counts.outboxReads, writes: counts.writes };
    meter.reset();
    this.effects = [];
    try {
      const result = work();
      meter.counted.reads = counts.reads + counts.outboxReads - before.reads;
      meter.counted.writes = counts.writes - before.writes;
      return result;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.crash();
      return undefined;
    }
  }

  private afterWork(doneNs: number): void {
    this.perform(doneNs);
    this.peers.fetchMissing(doneNs);
    this.outbox.startTouched(doneNs);
  }

  private perform(doneNs: number): void {
    for (const effect of this.effects) {
      if (effect.kind === 'listen' && this.caller !== homeserverEntity) {
        this.listeners.set(nameOf(effect.client), this.caller);
      } else if (effect.kind === 'wake') {
        this.wake(effect.client, effect.lane, doneNs);
      } else if (effect.kind === 'queue-full') {
        this.world.measured('quotaRefused', this.world.engine.nowNs);
      }
    }
    this.effects = [];
  }

  private wake(client: QsCid, lane: number, doneNs: number): void {
    const entity = this.listeners.get(nameOf(client));
    if (entity === undefined) return;
    const to = { homeserver: this.site.lp, entity };
    const payload = Uint8Array.of(lane);
    this.depart([{ kind: frameKinds.wake, from: homeserverEntity, to, payload }], doneNs);
  }

  /** The connection of a client is closed. */
  hangUp(entity: number): void {
    for (const [name, listener] of this.listeners) {
      if (listener === entity) this.listeners.delete(name);
    }
  }

  // ---- leaving

  private depart(messages: readonly Message[], atNs: number): void {
    const { engine } = this.world;
    const id = this.nextDeparture++;
    this.departures.set(id, messages);
    engine.schedule(this.site.lp, Math.max(engine.nowNs, atNs), kinds.depart, id, this.lives, 0);
  }

  onDepart(id: number, life: number): void {
    const messages = this.departures.get(id) ?? [];
    this.departures.delete(id);
    if (life !== this.lives || this.life === undefined) return;
    for (const message of messages) this.network.send(message, this.world.engine.nowNs);
  }

  // ---- outbox

  onWork(index: number, life: number): void {
    const { engine, workload } = this.world;
    if (life !== this.lives || this.life === undefined) return;
    const destination = this.outbox.nameOf(index);
    if (this.site.qs.waitingAt(engine.nowNs) >= workload.homeserver.queueLimit) {
      this.world.measured('overloadRefused', engine.nowNs);
      this.outbox.again(destination, engine.nowNs + toNs(overloadRetryMs));
      return;
    }
    const { shell, store } = this.life;
    this.observer.beginDelivery(now(store.outbox(destination, 0, 1))[0]);
    const result = this.run(() => now(shell.deliver(destination)));
    if (result === undefined) return;
    const costNs = this.site.meter.costNs(0);
    const doneNs = this.site.qs.submit(engine.nowNs, costNs);
    if (result.kind !== 'empty') this.observer.countWork('qs', costNs);
    this.settle(destination, result, doneNs);
    this.afterWork(doneNs);
  }

  private settle(destination: string, result: Delivered, doneNs: number): void {
    if (result.kind === 'empty') this.outbox.idle(destination);
    else if (result.kind === 'done') this.outbox.again(destination, doneNs);
    else if (result.kind === 'wait') this.outbox.failed(destination, 0);
    else {
      this.observer.onFederation(result.request);
      this.peers.ask(result.domain, result.request, doneNs, (bytes) => {
        const settled = this.run(() => now(result.answered(bytes)));
        if (settled === undefined) return;
        const { engine } = this.world;
        if (settled.kind === 'retry') {
          this.outbox.failed(destination, settled.afterMs);
        } else {
          this.outbox.settled(destination);
          this.outbox.again(destination, engine.nowNs);
        }
        this.afterWork(engine.nowNs);
      });
    }
  }

  // ---- crashes

  /** Asked by the store at each write, before and after it is on the disk. */
  private onWrite(point: CrashPoint): boolean {
    if (point.when === 'after') {
      this.observer.onDisk(point.batch);
      for (const { destination } of point.batch.outbox ?? []) this.outbox.touch(destination);
    }
    return this.crashes.strikes(point.when, this.world.engine.nowNs / nsPerMs);
  }

  private crash(): void {
    const { engine, links } = this.world;
    const { lp, delays } = this.site;
    const downMs = this.crashes.strike();
    for (const entity of this.listeners.values()) {
      const atNs = engine.nowNs + links.accessDelay(delays);
      engine.schedule(lp, atNs, kinds.disconnect, entity, 0, 0);
    }
    this.life = undefined;
    this.listeners = new Map();
    this.departures = new Map();
    engine.schedule(lp, engine.nowNs + toNs(downMs), kinds.restart, 0, 0, 0);
  }
}

const nameOf = ({ qs_uid, client_id }: QsCid): string => `${hex(qs_uid.user_id)} ${hex(client_id)}`;

function overloaded(to: { protocol_version: number; request_id: Uint8Array }): Uint8Array {
  const error = { code: 'unavailable', fields: { retry_after_ms: overloadRetryMs } } as const;
  return encode(responseCodec, errorResponse(error, to));
}
