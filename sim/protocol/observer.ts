/**
 * Sees what reaches the disk of a homeserver and what it answers, keeps the journal and counts for
 * the metrics. The homeserver does not know of it.
 */
import { decode } from '../../src/protocol/codec/index.ts';
import { operations } from '../../src/protocol/operations/index.ts';
import {
  request as requestCodec,
  response as responseCodec,
} from '../../src/protocol/wire/envelope.ts';
import { qsToQsMessageV2 } from '../../src/protocol/wire/queue-messages.ts';
import type { QsCid } from '../../src/protocol/wire/identifiers.ts';
import { clientKey } from '../../src/homeserver/qs/records.ts';
import type { Batch, Key, OutboxEntry } from '../../src/store/port.ts';
import { entriesOf, type PutEntry } from './entries.ts';
import { domainOf, fingerprintOf, homeserverEntity, type Frame } from './frame.ts';
import { groupIndexOf } from './provision.ts';
import { decodeContent } from './content.ts';
import { messageIn } from './outbox-entries.ts';
import { acceptanceOf, headerOf } from './stand-in.ts';
import type { Site, World } from './world.ts';

/** Hears of entries that were enqueued for a client. */
export type OnEntry = (entity: number, entry: PutEntry) => void;

export class Observer {
  private readonly world: World;
  private readonly site: Site;
  private readonly entityOf = new Map<Key, number>();
  private source = '';
  private isReceipt = false;
  onEntry: OnEntry = () => undefined;

  constructor(world: World, site: Site) {
    this.world = world;
    this.site = site;
  }

  /** A client has a record now. */
  introduce(cid: QsCid, entity: number): void {
    this.entityOf.set(clientKey(cid), entity);
  }

  /** The entry that the outbox delivers next; where its message comes from stands in front. */
  beginDelivery(entry: OutboxEntry | undefined): void {
    const length = entry?.payload[0] ?? 0;
    this.source = Buffer.from(entry?.payload.subarray(1, 1 + length) ?? []).toString('latin1');
    this.isReceipt = entry !== undefined && this.carriesReceipt(entry);
    if (entry?.progress !== 0 || this.source !== domainOf(this.site.lp)) return;
    this.world.measured('insideBytes', this.world.engine.nowNs, entry.payload.length);
  }

  /** Whether an entry is a delivery receipt; looked up only where there are any. */
  private carriesReceipt({ destination, payload }: OutboxEntry): boolean {
    if (this.world.workload.traffic.receipts === 'off') return false;
    const message = messageIn(destination, payload)?.message_content;
    const header = message?.kind === 'application' ? headerOf(message.message) : undefined;
    return header !== undefined && decodeContent(header.content)?.receipt === 1;
  }

  /** A batch is on the disk. */
  onDisk(batch: Batch): void {
    const { engine } = this.world;
    for (const put of batch.puts ?? []) {
      const acceptance = acceptanceOf(put);
      if (acceptance === undefined) continue;
      const group = groupIndexOf(Buffer.from(acceptance.groupId, 'latin1'));
      const { sender, generation } = acceptance;
      const { groupStart, memberOf } = this.world.population;
      const excused = acceptance.unconfigured.map((leaf) => memberOf[groupStart[group]! + leaf]!);
      const isFirst = this.site.journal.accept({ group, sender, generation }, excused);
      const isReceipt = decodeContent(acceptance.beginning)?.receipt === 1;
      if (isFirst && !isReceipt) this.world.measured('accepted', engine.nowNs);
    }
    const entries = entriesOf(batch);
    for (const entry of entries) this.onEntryOnDisk(entry);
  }

  private onEntryOnDisk(entry: PutEntry): void {
    const { engine } = this.world;
    const { meter, lp } = this.site;
    meter.counted.entries++;
    meter.counted.entryBytes += entry.bytes;
    const entity = this.entityOf.get(entry.record);
    if (entity !== undefined) this.onEntry(entity, entry);
    if (this.isReceipt) return;
    this.world.measured('recipients', engine.nowNs);
    if (this.source === domainOf(lp)) this.world.measured('localRecipients', engine.nowNs);
  }

  /** Work on messages, as the model tier counts it. */
  countWork(service: 'ds' | 'qs', costNs: number): void {
    const { meter } = this.site;
    const { engine, tally } = this.world;
    const { counted } = meter;
    if (service === 'qs') tally.series.qsBusy.add(engine.nowNs, costNs);
    const count = (name: Parameters<World['measured']>[0], by: number): void =>
      this.world.measured(name, engine.nowNs, by);
    count(service === 'ds' ? 'dsCpuNs' : 'qsCpuNs', costNs);
    count('verifies', meter.signatures);
    count('opens', counted.opens);
    count('entries', counted.entries);
    count('destinations', counted.destinations);
    count('storeOperations', counted.reads + counted.writes);
  }

  /** A message leaves for another homeserver: its configs must be sealed. */
  onFederation(bytes: Uint8Array): void {
    const { engine } = this.world;
    this.world.measured('federationRequests', engine.nowNs);
    this.world.measured('federationBytes', engine.nowNs, bytes.length);
    const request = decode(requestCodec, bytes);
    if (!request.ok || request.value.protocol_version !== 2) return;
    if (request.value.operation !== operations.federation.enqueue.id) return;
    const message = decode(qsToQsMessageV2, request.value.body);
    const plain = message.ok
      ? message.value.payload.client_queue_configs.filter(({ kind }) => kind === 'plain').length
      : 0;
    if (plain === 0) return;
    const detail = `${plain} plain configs for ${request.value.destination}`;
    const rule = 'no plain queue config crosses homeservers';
    this.site.journal.violate(rule, homeserverEntity, engine.nowNs, detail);
  }

  /**
   * A tampered request must not be answered with success, except under `token`, whose signature
   * covers sender and time only, and where nothing is signed.
   */
  onAnswer(frame: Frame, answer: Uint8Array, from: number): void {
    if (Buffer.compare(fingerprintOf(frame.payload), frame.fingerprint) === 0) return;
    const request = decode(requestCodec, frame.payload);
    const response = decode(responseCodec, answer);
    if (!request.ok || !response.ok || response.value.status !== 0) return;
    const { auth, operation } = request.value;
    if (auth.kind === 'none' || auth.kind === 'token') return;
    const detail = `operation ${operation} of homeserver ${from}, entity ${frame.from}`;
    const rule = 'no request is accepted that its signature does not cover';
    this.site.journal.violate(rule, homeserverEntity, this.world.engine.nowNs, detail);
  }
}
