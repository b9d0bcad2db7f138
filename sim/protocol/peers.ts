/**
 * What one life of a homeserver has to do with others: requests under way to them, and their
 * well-known documents. Nothing of it survives a crash.
 */
import {
  afterFetch,
  documentAt,
  isDue,
  type DocumentCache,
} from '../../src/homeserver/wellknown/cache.ts';
import type { Random } from '../../src/crypto/random.ts';
import { plainRequest } from '../../src/protocol/auth/sign.ts';
import { decode } from '../../src/protocol/codec/index.ts';
import { operations } from '../../src/protocol/operations/index.ts';
import {
  request as requestCodec,
  response as responseCodec,
} from '../../src/protocol/wire/envelope.ts';
import type { HomeserverDocument } from '../../src/protocol/wire/well-known.ts';
import { nsPerMs } from '../model/units.ts';
import { clockMs } from './clock.ts';
import { homeserverOf } from './frame.ts';
import type { World } from './world.ts';

/** How long a homeserver waits for another one's answer, as deployed clients do. */
const timeoutNs = 10_000_000_000;

/** What came back; undefined: nothing did. */
type Answered = (response: Uint8Array | undefined) => void;

interface Exchange {
  readonly id: number;
  readonly requestId: string;
  readonly answered: Answered;
}

export interface PeersOptions {
  readonly world: World;
  readonly random: Random;
  /** Sends a request at a time, not before now. */
  readonly send: (homeserver: number, bytes: Uint8Array, atNs: number) => void;
  /** Has `onLate` called with the exchange at a time. */
  readonly remind: (exchange: number, atNs: number) => void;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export class Peers {
  private readonly options: PeersOptions;
  private documents: DocumentCache = new Map();
  private readonly missing = new Set<string>();
  private readonly exchanges = new Map<string, Exchange>();
  private nextExchange = 0;

  constructor(options: PeersOptions) {
    this.options = options;
  }

  /** Sends a request and hears of its answer once, or of none. */
  ask(domain: string, bytes: Uint8Array, atNs: number, answered: Answered): void {
    const { world, send, remind } = this.options;
    const homeserver = homeserverOf(domain);
    const decoded = decode(requestCodec, bytes);
    if (homeserver === undefined || !decoded.ok) {
      answered(undefined);
      return;
    }
    const id = this.nextExchange++;
    const requestId = hex(decoded.value.request_id);
    this.exchanges.set(requestId, { id, requestId, answered });
    send(homeserver, bytes, atNs);
    remind(id, Math.max(world.engine.nowNs, atNs) + timeoutNs);
  }

  onAnswer(bytes: Uint8Array): void {
    const decoded = decode(responseCodec, bytes);
    const exchange = decoded.ok ? this.exchanges.get(hex(decoded.value.request_id)) : undefined;
    if (exchange === undefined) return;
    this.exchanges.delete(exchange.requestId);
    exchange.answered(bytes);
  }

  /** The time of an exchange is over; does nothing when it was answered. */
  onLate(id: number): void {
    const exchange = [...this.exchanges.values()].find((one) => one.id === id);
    if (exchange === undefined) return;
    this.exchanges.delete(exchange.requestId);
    exchange.answered(undefined);
  }

  /** The document of another homeserver; a missing one is noted for `fetchMissing`. */
  document(domain: string): HomeserverDocument | undefined {
    const found = documentAt(this.documents, domain, this.nowMs());
    if (found === undefined) this.missing.add(domain);
    return found;
  }

  /** Fetches what was asked for and is not there, each once. */
  fetchMissing(atNs: number): void {
    const { homeservers } = this.options.world.population;
    for (const domain of this.missing) {
      this.missing.delete(domain);
      const homeserver = homeserverOf(domain);
      const isKnown = homeserver !== undefined && homeserver < homeservers;
      if (isKnown && isDue(this.documents, domain, this.nowMs())) this.fetch(domain, atNs);
    }
  }

  private nowMs(): number {
    return clockMs(this.options.world.engine.nowNs);
  }

  private fetch(domain: string, atNs: number): void {
    const { world, random } = this.options;
    const [version = 1] = world.policy.versions;
    const operation = operations.wellKnown.document;
    const requestId = random.bytes(16);
    const draft = { version, operation, requestId, destination: domain, body: new Uint8Array() };
    // Nobody else asks until this one is answered or late.
    const waiting = { freshUntilMs: this.nowMs() + timeoutNs / nsPerMs, failures: 0 };
    const known = this.documents.get(domain);
    this.documents = new Map(this.documents).set(domain, { ...known, ...waiting });
    this.ask(domain, plainRequest(draft), atNs, (bytes) => {
      const decoded = bytes === undefined ? undefined : decode(responseCodec, bytes);
      const isGood = decoded?.ok === true && decoded.value.status === 0;
      const fetched = { domain, nowMs: this.nowMs() };
      const answer = isGood ? { ...fetched, bytes: decoded.value.body } : fetched;
      this.documents = afterFetch(this.documents, answer);
    });
  }
}
