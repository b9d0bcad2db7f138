/**
 * The Network port in virtual time: delays of the model tier's links, faults, and a digest over
 * every message. A message lost on the access link alone is sent again after a timeout, as TCP
 * does; a message lost to a fault is gone.
 */
import { hash } from 'node:crypto';
import { encode } from '../../src/protocol/codec/index.ts';
import type { Engine } from '../kernel/engine.ts';
import type { RandomSource } from '../kernel/random.ts';
import { retransmissionTimeoutNs, type Links } from '../model/network.ts';
import { nsPerMs, toNs } from '../model/units.ts';
import type { Arena } from './arena.ts';
import { kinds } from './events.ts';
import { drawFate, isCut, type Faults } from './faults.ts';
import { fingerprintOf, frame, frameKinds, homeserverEntity, type FrameKind } from './frame.ts';

/** A message, with both ends as homeserver and entity. */
export interface Message {
  readonly kind: FrameKind;
  readonly from: number;
  readonly to: { readonly homeserver: number; readonly entity: number };
  readonly payload: Uint8Array;
}

export interface NetworkOptions {
  readonly engine: Engine;
  readonly lp: number;
  readonly regionOf: Uint8Array;
  readonly links: Links;
  readonly arena: Arena;
  readonly faults: Faults;
  /** Delays. */
  readonly delays: RandomSource;
  /** Fates; apart from the delays, so that a fault shifts no other draw. */
  readonly fates: RandomSource;
  /** Hears of every message that leaves, with its size on the wire. */
  readonly onSend: (message: Message, bytes: number) => void;
}

/** Counts of one process, from the start of the run. */
export interface NetworkCounts {
  messages: number;
  bytes: number;
  lost: number;
  doubled: number;
  tampered: number;
  cut: number;
}

export class Network {
  readonly counts: NetworkCounts = {
    messages: 0,
    bytes: 0,
    lost: 0,
    doubled: 0,
    tampered: 0,
    cut: 0,
  };
  private readonly options: NetworkOptions;
  private digestBytes: Uint8Array = new Uint8Array(32);

  constructor(options: NetworkOptions) {
    this.options = options;
  }

  /** Fingerprint of every message so far: sender, receiver, times, fate and bytes. */
  get digest(): string {
    return Buffer.from(this.digestBytes).toString('hex');
  }

  /** Sends at a time not before now. */
  send(message: Message, departNs: number): void {
    const { engine, lp, faults, fates, arena, onSend } = this.options;
    const { payload, to } = message;
    const nowMs = departNs / nsPerMs;
    onSend(message, payload.length);
    this.counts.messages++;
    this.counts.bytes += payload.length;
    const delayNs = this.delayNs(message);
    const fate = drawFate(faults, fates, nowMs);
    const cut = isCut(faults, lp, to.homeserver, nowMs);
    const copies = cut ? [] : fate.copies;
    if (cut) this.counts.cut++;
    else if (copies.length === 0) this.counts.lost++;
    if (copies.length > 1) this.counts.doubled++;
    const arrivals = copies.map((extraMs) => departNs + delayNs + toNs(extraMs));
    this.absorb(message, departNs, arrivals);
    const isTampered = fate.tampered && message.kind === frameKinds.request;
    if (isTampered) this.counts.tampered++;
    const bytes = encode(frame, {
      kind: message.kind,
      from: message.from,
      to: to.entity,
      fingerprint: fingerprintOf(payload),
      payload: isTampered ? tampered(payload, fates) : payload,
    });
    for (const atNs of arrivals) {
      const offset = arena.put(bytes, engine.nowNs, atNs);
      engine.schedule(to.homeserver, atNs, kinds.arrive, lp, offset, bytes.length);
    }
  }

  private delayNs({ from, to, payload }: Message): number {
    const { lp, links, delays, regionOf } = this.options;
    const between =
      to.homeserver === lp ? 0 : links.between(delays, regionOf[lp]!, regionOf[to.homeserver]!);
    const fromClient = from !== homeserverEntity;
    const toClient = to.entity !== homeserverEntity;
    if (!fromClient && !toClient) return between;
    const losses = links.losses(delays) * retransmissionTimeoutNs;
    const access = fromClient
      ? links.up(delays, payload.length)
      : links.down(delays, payload.length);
    return between + losses + access;
  }

  private absorb(message: Message, departNs: number, arrivals: readonly number[]): void {
    const { kind, from, to, payload } = message;
    const ends = `${from} ${to.homeserver}.${to.entity}`;
    const header = `|${kind} ${ends} ${departNs} ${arrivals.join(' ')}|`;
    const input = Buffer.concat([this.digestBytes, Buffer.from(header), payload]);
    this.digestBytes = hash('sha256', input, 'buffer');
  }
}

/** A copy with one byte changed. */
function tampered(payload: Uint8Array, source: RandomSource): Uint8Array {
  const copy = payload.slice();
  const at = source.u32() % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 + (source.u32() % 255));
  return copy;
}
