/**
 * A homeserver in virtual time. Requests, outbox steps and answers of other homeservers run the
 * real code at the moment they arrive; what they cost keeps a core busy, and nothing leaves before
 * that time is over. A crash loses everything but the disk.
 */
import { afterFailure, isDue, noBackoff, type Backoff } from '../../src/homeserver/backoff.ts';
import type { Effect } from '../../src/homeserver/core.ts';
import { localPrefix, remotePrefix } from '../../src/homeserver/qs/fan-out.ts';
import type { Delivered } from '../../src/homeserver/shell.ts';
import {
  afterFetch,
  documentAt,
  isDue as isFetchDue,
  type DocumentCache,
} from '../../src/homeserver/wellknown/cache.ts';
import { seededRandom, type Random } from '../../src/crypto/random.ts';
import { plainRequest } from '../../src/protocol/auth/sign.ts';
import { decode, encode } from '../../src/protocol/codec/index.ts';
import { operationById, operations } from '../../src/protocol/operations/index.ts';
import { errorResponse } from '../../src/protocol/protocol-error.ts';
import {
  request as requestCodec,
  response as responseCodec,
} from '../../src/protocol/wire/envelope.ts';
import type { QsCid } from '../../src/protocol/wire/identifiers.ts';
import type { HomeserverDocument } from '../../src/protocol/wire/well-known.ts';
import { makeDisk, type CrashPoint, type MemoryDisk } from '../../src/store/memory.ts';
import { StoreError, type MaybePromise } from '../../src/store/port.ts';
import { insideDelayNs } from '../model/network.ts';
import { nsPerMs, toNs } from '../model/units.ts';
import { clockMs, timeOfMs } from './clock.ts';
import { kinds } from './events.ts';
import type { Crash } from './faults.ts';
import { domainOf, frameKinds, homeserverEntity, homeserverOf, type Frame } from './frame.ts';
import { makeHomeserver, startLife, type Homeserver, type Life } from './homeserver-parts.ts';
import type { Message, Network } from './network.ts';
import { Observer } from './observer.ts';
import type { Site, World } from './world.ts';

/** How long a homeserver waits for another one's answer, as deployed clients do. */
const remoteTimeoutNs = 10_000_000_000;
/** Retry-After of a 503, as in the model tier. */
const overloadRetryMs = 1000;

/** A request to another homeserver that is under way. */
interface Exchange {
  readonly id: number;
  readonly requestId: string;
  answered(response: Uint8Array | undefined): void;
}

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
  private documents: DocumentCache = new Map();
  private readonly missing = new Set<string>();
  private readonly touched = new Set<string>();
  private busy = new Set<string>();
  private backoffs = new Map<string, Backoff>();
  private exchanges = new Map<string, Exchange>();
  private nextExchange = 0;
  private departures = new Map<number, readonly Message[]>();
  private nextDeparture = 0;
  private readonly destinations: string[] = [];
  private crashes: { readonly crash: Crash; writes: number }[];

  constructor(world: World, site: Site, network: Network) {
    this.world = world;
    this.site = site;
    this.network = network;
    this.parts = makeHomeserver(world, site);
    this.observer = new Observer(world, site);
    this.random = seededRandom(`shell ${world.seed} ${this.parts.domain}`);
    this.crashes = world.faults.crashes
      .filter(({ homeserver }) => homeserver === site.lp)
      .map((crash) => ({ crash, writes: 0 }));
  }

  get isUp(): boolean {
    return this.life !== undefined;
  }

  /** Opens the disk; at the start of the run and after a crash. */
  start(): void {
    this.lives++;
    this.life = startLife(this.world, this.site, this.parts, {
      number: this.lives,
      disk: this.disk,
      crashAt: (point) => this.onWrite(point),
      remote: (domain) => this.document(domain),
      effects: (effects) => void this.effects.push(...effects),
    });
    for (const destination of now(this.life.store.destinations())) this.touched.add(destination);
    this.workOn(this.world.engine.nowNs);
  }

  /** Fetches a document before it is needed, as homeservers do with those they know. */
  greet(homeserver: number): void {
    this.missing.add(domainOf(homeserver));
    this.fetchMissing(this.world.engine.nowNs);
  }

  // ---- requests

  onFrame(frame: Frame, from: number): void {
    if (this.life === undefined) return;
    if (frame.kind === frameKinds.response) this.onAnswer(frame.payload);
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
    this.fetchMissing(doneNs);
    this.workOn(doneNs);
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

  private workOn(atNs: number): void {
    for (const destination of this.touched) {
      if (this.busy.has(destination)) continue;
      if (!destination.startsWith(localPrefix) && !destination.startsWith(remotePrefix)) continue;
      const backoff = this.backoffs.get(destination) ?? noBackoff;
      const isNow = isDue(backoff, clockMs(atNs));
      const inside = destination.startsWith(localPrefix) ? insideDelayNs : 0;
      this.schedule(destination, isNow ? atNs + inside : timeOfMs(Math.ceil(backoff.notBeforeMs)));
    }
    this.touched.clear();
  }

  private schedule(destination: string, atNs: number): void {
    const { engine } = this.world;
    let index = this.destinations.indexOf(destination);
    if (index < 0) index = this.destinations.push(destination) - 1;
    this.busy.add(destination);
    const time = Math.max(engine.nowNs, atNs);
    engine.schedule(this.site.lp, time, kinds.work, index, this.lives, 0);
  }

  onWork(index: number, life: number): void {
    const { engine, workload } = this.world;
    if (life !== this.lives || this.life === undefined) return;
    const destination = this.destinations[index] ?? '';
    if (this.site.qs.waitingAt(engine.nowNs) >= workload.homeserver.queueLimit) {
      this.world.measured('overloadRefused', engine.nowNs);
      this.schedule(destination, engine.nowNs + toNs(overloadRetryMs));
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
    if (result.kind === 'empty') this.busy.delete(destination);
    else if (result.kind === 'done') this.schedule(destination, doneNs);
    else if (result.kind === 'wait') this.backOff(destination, 0);
    else {
      this.observer.onFederation(result.request);
      this.ask(result.domain, result.request, doneNs, (bytes) => {
        const settled = this.run(() => now(result.answered(bytes)));
        if (settled === undefined) return;
        const { engine } = this.world;
        if (settled.kind === 'retry') {
          this.backOff(destination, settled.afterMs);
        } else {
          this.backoffs.delete(destination);
          this.schedule(destination, engine.nowNs);
        }
        this.afterWork(engine.nowNs);
      });
    }
  }

  private backOff(destination: string, askedMs: number): void {
    const state = this.backoffs.get(destination) ?? noBackoff;
    const nowMs = clockMs(this.world.engine.nowNs);
    const next = afterFailure(state, nowMs, this.random, askedMs);
    this.backoffs.set(destination, next);
    this.schedule(destination, timeOfMs(Math.ceil(next.notBeforeMs)));
  }

  // ---- other homeservers

  private ask(
    domain: string,
    bytes: Uint8Array,
    atNs: number,
    answered: Exchange['answered'],
  ): void {
    const { engine } = this.world;
    const homeserver = homeserverOf(domain);
    const decoded = decode(requestCodec, bytes);
    if (homeserver === undefined || !decoded.ok) {
      answered(undefined);
      return;
    }
    const id = this.nextExchange++;
    const requestId = hex(decoded.value.request_id);
    this.exchanges.set(requestId, { id, requestId, answered });
    const to = { homeserver, entity: homeserverEntity };
    const kind = frameKinds.request;
    this.depart([{ kind, from: homeserverEntity, to, payload: bytes }], atNs);
    const lateNs = Math.max(engine.nowNs, atNs) + remoteTimeoutNs;
    engine.schedule(this.site.lp, lateNs, kinds.late, id, this.lives, 0);
  }

  private onAnswer(bytes: Uint8Array): void {
    const decoded = decode(responseCodec, bytes);
    const exchange = decoded.ok ? this.exchanges.get(hex(decoded.value.request_id)) : undefined;
    if (exchange === undefined) return;
    this.exchanges.delete(exchange.requestId);
    exchange.answered(bytes);
  }

  /** An answer has not come in time. */
  onLate(id: number, life: number): void {
    if (life !== this.lives || this.life === undefined) return;
    const exchange = [...this.exchanges.values()].find((one) => one.id === id);
    if (exchange === undefined) return;
    this.exchanges.delete(exchange.requestId);
    exchange.answered(undefined);
  }

  private document(domain: string): HomeserverDocument | undefined {
    const found = documentAt(this.documents, domain, clockMs(this.world.engine.nowNs));
    if (found === undefined) this.missing.add(domain);
    return found;
  }

  private fetchMissing(atNs: number): void {
    const nowMs = clockMs(this.world.engine.nowNs);
    for (const domain of this.missing) {
      this.missing.delete(domain);
      const homeserver = homeserverOf(domain);
      const isKnown = homeserver !== undefined && homeserver < this.world.population.homeservers;
      if (isKnown && isFetchDue(this.documents, domain, nowMs)) this.fetch(domain, atNs);
    }
  }

  private fetch(domain: string, atNs: number): void {
    const [version = 1] = this.world.policy.versions;
    const operation = operations.wellKnown.document;
    const requestId = this.random.bytes(16);
    const draft = { version, operation, requestId, destination: domain, body: new Uint8Array() };
    // Nobody else asks until this one is answered or late.
    const nowMs = clockMs(this.world.engine.nowNs);
    const waiting = { freshUntilMs: nowMs + remoteTimeoutNs / nsPerMs, failures: 0 };
    const known = this.documents.get(domain);
    this.documents = new Map(this.documents).set(domain, { ...known, ...waiting });
    this.ask(domain, plainRequest(draft), atNs, (bytes) => {
      const decoded = bytes === undefined ? undefined : decode(responseCodec, bytes);
      const body =
        decoded?.ok === true && decoded.value.status === 0 ? decoded.value.body : undefined;
      const fetched = { domain, nowMs: clockMs(this.world.engine.nowNs) };
      const answer = body === undefined ? fetched : { ...fetched, bytes: body };
      this.documents = afterFetch(this.documents, answer);
    });
  }

  // ---- crashes

  /** Asked by the store at each write, before and after it is on the disk. */
  private onWrite(point: CrashPoint): boolean {
    if (point.when === 'after') {
      this.observer.onDisk(point.batch);
      for (const { destination } of point.batch.outbox ?? []) this.touched.add(destination);
    }
    const nowMs = this.world.engine.nowNs / nsPerMs;
    const armed = this.crashes.find(({ crash }) => nowMs >= crash.afterMs);
    if (armed === undefined) return false;
    if (point.when === 'before') armed.writes++;
    return armed.writes >= armed.crash.write && point.when === armed.crash.when;
  }

  private crash(): void {
    const { engine, links } = this.world;
    const { lp, delays } = this.site;
    const nowMs = engine.nowNs / nsPerMs;
    const struck = this.crashes.find(({ crash }) => nowMs >= crash.afterMs);
    if (struck === undefined) throw new RangeError('the store failed without a fault');
    this.crashes = this.crashes.filter((one) => one !== struck);
    for (const entity of this.listeners.values()) {
      const atNs = engine.nowNs + links.accessDelay(delays);
      engine.schedule(lp, atNs, kinds.disconnect, entity, 0, 0);
    }
    this.life = undefined;
    this.listeners = new Map();
    this.documents = new Map();
    this.busy = new Set();
    this.backoffs = new Map();
    this.exchanges = new Map();
    this.departures = new Map();
    this.missing.clear();
    this.touched.clear();
    engine.schedule(lp, engine.nowNs + toNs(struck.crash.downMs), kinds.restart, 0, 0, 0);
  }
}

const nameOf = ({ qs_uid, client_id }: QsCid): string => `${hex(qs_uid.user_id)} ${hex(client_id)}`;

function overloaded(to: { protocol_version: number; request_id: Uint8Array }): Uint8Array {
  const error = { code: 'unavailable', fields: { retry_after_ms: overloadRetryMs } } as const;
  return encode(responseCodec, errorResponse(error, to));
}
