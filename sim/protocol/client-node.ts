/**
 * A client in virtual time: drives the device, keeps its timer, its storage and its connection, and
 * sets down what the device hands to its user.
 */
import { step } from '../../src/client/device.ts';
import type { DeviceEffect, DeviceEnv, Input } from '../../src/client/ports.ts';
import {
  addTask,
  isSetUp,
  newDevice,
  resume,
  withGroup,
  type Device,
} from '../../src/client/state.ts';
import { decodeDurable, encodeDurable } from '../../src/client/storage.ts';
import { seededRandom, type Random } from '../../src/crypto/random.ts';
import { cryptoSuites } from '../../src/crypto/suites.ts';
import { lanes } from '../../src/protocol/wire/identifiers.ts';
import { clockMs, timeOfMs } from './clock.ts';
import { decodeContent, encodeContent } from './content.ts';
import type { PutEntry } from './entries.ts';
import { kinds } from './events.ts';
import { domainOf, frameKinds, homeserverEntity, homeserverOf, type Frame } from './frame.ts';
import type { Network } from './network.ts';
import { QueueBooks } from './queue-books.ts';
import { groupIdOf, groupIndexOf, membershipsOf } from './provision.ts';
import type { Site, World } from './world.ts';

/** What a client says to its surroundings. */
export interface ClientHost {
  /** The client's records exist now. */
  introduce(node: ClientNode): void;
  /** The client's connection to its homeserver is closed. */
  hangUp(entity: number): void;
}

/** Plaintext bytes of a delivery receipt. */
const receiptBytes = 32;

export class ClientNode {
  /** Number over all homeservers, and within its own. */
  readonly client: number;
  readonly entity: number;
  private readonly world: World;
  private readonly site: Site;
  private readonly network: Network;
  private readonly host: ClientHost;
  private readonly random: Random;
  private current: Device | undefined;
  private timerNs = Infinity;
  /** Messages written, by group: the generations that the group's cryptography gives them. */
  private readonly written = new Map<number, number>();
  /** Groups that wait for a receipt. */
  private receipts: number[] = [];
  private wasSetUp = false;
  private readonly books: QueueBooks;
  /** Messages given up. */
  unsent = 0;

  constructor(
    world: World,
    site: Site,
    network: Network,
    own: { readonly client: number; readonly host: ClientHost },
  ) {
    this.world = world;
    this.site = site;
    this.network = network;
    this.client = own.client;
    this.entity = own.client - site.firstClient + 1;
    this.host = own.host;
    this.books = new QueueBooks(world);
    this.random = seededRandom(`client ${world.seed} ${own.client}`);
  }

  get device(): Device | undefined {
    return this.current;
  }

  get isSetUp(): boolean {
    return this.wasSetUp;
  }

  private get isOnline(): boolean {
    const { sessions, engine, awakeFromNs } = this.world;
    return engine.nowNs >= awakeFromNs || sessions.isOnline(this.client, engine.nowNs);
  }

  private env(): DeviceEnv {
    return {
      nowMs: clockMs(this.world.engine.nowNs),
      random: this.random,
      suite: (number) => cryptoSuites.get(number),
      groups: this.world.cipher,
      settings: this.world.clientSettings,
    };
  }

  // ---- life

  /** First start: a new device that registers and joins its groups. */
  begin(): void {
    let device = newDevice(domainOf(this.site.lp), this.world.suiteNumber, this.random);
    for (const membership of membershipsOf(this.world, this.client)) {
      device = withGroup(device, membership);
      device = addTask(device, { kind: 'configure-group', groupId: membership.groupId });
    }
    this.current = device;
    this.scheduleEdge();
    this.input({ kind: 'online', mode: 'foreground' });
  }

  /** A session begins or ends. */
  edge(): void {
    const { engine } = this.world;
    this.scheduleEdge();
    if (this.isOnline) {
      if (this.books.queued > 0 && this.world.isMeasured(engine.nowNs)) {
        this.world.tally.histograms.queueDepth.record(this.books.queued);
      }
      this.input({ kind: 'online', mode: 'foreground' });
    } else if (this.wasSetUp) {
      this.goOffline();
    }
  }

  private scheduleEdge(): void {
    const { sessions, engine, span, awakeFromNs } = this.world;
    if (engine.nowNs >= awakeFromNs) return;
    sessions.isOnline(this.client, engine.nowNs);
    const atNs = Math.min(sessions.intervalEnd(this.client), awakeFromNs);
    if (atNs <= span.endNs) {
      engine.schedule(this.site.lp, atNs, kinds.edge, this.entity, 0, 0);
    }
  }

  private goOffline(): void {
    this.host.hangUp(this.entity);
    this.input({ kind: 'offline' });
  }

  /** The process dies; what was stored is all that is left. */
  kill(): void {
    const { current } = this;
    if (current === undefined) return;
    this.host.hangUp(this.entity);
    this.current = resume(decodeDurable(encodeDurable(current.durable)));
    if (this.isOnline || !this.wasSetUp) this.input({ kind: 'online', mode: 'foreground' });
  }

  disconnect(): void {
    this.input({ kind: 'disconnected' });
  }

  timer(): void {
    this.timerNs = Infinity;
    this.input({ kind: 'timer' });
  }

  onFrame(frame: Frame): void {
    if (this.current?.session === undefined) return;
    if (frame.kind === frameKinds.response) {
      this.input({ kind: 'response', bytes: frame.payload });
    } else if (frame.kind === frameKinds.wake) {
      const lane = frame.payload[0] === lanes.spam ? lanes.spam : lanes.ham;
      this.input({ kind: 'wake', lane });
    }
  }

  /** The user writes to a group. @param bytes - of the plaintext */
  write(group: number, bytes: number, receipt: boolean): void {
    const { engine, seed } = this.world;
    const generation = this.written.get(group) ?? 0;
    this.written.set(group, generation + 1);
    const kind = receipt ? 1 : 0;
    const about = { group, sender: this.client, generation, receipt: kind, sentNs: engine.nowNs };
    const content = encodeContent(about, bytes);
    this.input({ kind: 'send', groupId: groupIdOf(seed, group), content });
  }

  // ---- steps

  private input(input: Input): void {
    const { current } = this;
    if (current === undefined) return;
    const before = current.durable;
    const result = step(current, input, this.env());
    this.current = result.device;
    if (before.qsCid === undefined && result.device.durable.qsCid !== undefined) {
      this.host.introduce(this);
    }
    for (const effect of result.effects) this.perform(effect);
    const { readers } = result.device.durable;
    for (const lane of [lanes.ham, lanes.spam]) this.books.readUpTo(lane, readers[lane].sequence);
    const isSend = input.kind === 'send';
    const departNs = this.world.engine.nowNs + (isSend ? this.world.prices.encrypt : 0);
    for (const { destination, bytes } of result.requests) this.send(destination, bytes, departNs);
    this.setTimer(result.timerMs);
    this.afterSetup();
    const receipts = this.receipts;
    this.receipts = [];
    for (const group of receipts) this.write(group, receiptBytes, true);
  }

  private send(destination: string, payload: Uint8Array, departNs: number): void {
    const homeserver = homeserverOf(destination);
    if (homeserver === undefined) return;
    const to = { homeserver, entity: homeserverEntity };
    this.network.send({ kind: frameKinds.request, from: this.entity, to, payload }, departNs);
  }

  private setTimer(timerMs: number): void {
    const { engine, span } = this.world;
    if (timerMs === Infinity) return;
    const atNs = Math.max(engine.nowNs, timeOfMs(timerMs));
    if (atNs >= this.timerNs || atNs > span.endNs) return;
    this.timerNs = atNs;
    engine.schedule(this.site.lp, atNs, kinds.timer, this.entity, 0, 0);
  }

  private afterSetup(): void {
    if (this.wasSetUp || this.current === undefined || !isSetUp(this.current)) return;
    this.wasSetUp = true;
    if (!this.isOnline) this.goOffline();
  }

  private perform(effect: DeviceEffect): void {
    const { engine } = this.world;
    const { journal } = this.site;
    switch (effect.kind) {
      case 'received':
        return this.received(effect);
      case 'gave-up':
        if (effect.task.kind === 'send') {
          this.unsent++;
          this.world.measured('failed', engine.nowNs);
        }
        return;
      case 'queue-fault':
        journal.violate(
          'entries of queues open in their order',
          this.entity,
          engine.nowNs,
          `lane ${effect.lane}: ${effect.fault}`,
        );
        return;
      default:
    }
  }

  private received({
    groupId,
    lane,
    sequence,
    content: bytes,
  }: DeviceEffect & { kind: 'received' }): void {
    const { engine, tally, workload } = this.world;
    const content = decodeContent(bytes);
    if (content === undefined) return;
    const { sender, sentNs, generation } = content;
    const group = groupIndexOf(groupId);
    this.site.journal.deliver(
      this.client,
      this.entity,
      { group, sender, generation },
      engine.nowNs,
    );
    // Only a tampered message was written in the future.
    if (content.receipt === 1 || sentNs > engine.nowNs) return;
    const delayNs = engine.nowNs - sentNs;
    tally.series.delivered.add(engine.nowNs);
    tally.heats.deliveryDelay.add(engine.nowNs, delayNs);
    if (this.world.isMeasured(engine.nowNs)) {
      this.world.measured('delivered', engine.nowNs);
      tally.histograms.deliveryDelay.record(delayNs);
      if (this.books.wasQueued(lane, sequence)) tally.histograms.offlineDelay.record(delayNs);
      else {
        this.world.measured('online', engine.nowNs);
        tally.histograms.onlineDelay.record(delayNs);
      }
    }
    if (workload.traffic.receipts === 'to-group') {
      this.world.measured('receiptsSent', engine.nowNs);
      this.receipts.push(group);
    }
  }

  /** The observer saw an entry for this client reach the disk. */
  enqueued(entry: PutEntry): void {
    this.books.add(entry, this.isOnline);
  }

  close(): void {
    this.books.close();
  }
}
