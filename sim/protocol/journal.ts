/**
 * What really happened, kept beside the world by an observer that the world cannot see: which
 * messages were accepted, which entries stand in queues, which message reached whom. Invariants are
 * checked at every step where one process can see them, and over all processes at the end.
 */
import { clockMs } from './clock.ts';

/** One message of one sender in one group; `group` and `sender` are indices over the world. */
export interface MessageId {
  readonly group: number;
  readonly sender: number;
  readonly generation: number;
}

export interface Violation {
  readonly rule: string;
  readonly detail: string;
  /** Process (homeserver) and entity (0 the homeserver, n its n-th client). */
  readonly homeserver: number;
  readonly entity: number;
  readonly timeNs: number;
}

/** Enough to find the fault; the count goes on. */
const violationsKept = 20;

/** Structured-cloneable. Message lists are flat triples or quadruples of integers. */
export interface JournalData {
  /** group, sender, generation: in the order in which the delivery service took them. */
  readonly accepted: Float64Array;
  /** client, group, sender, generation: members that had not said where their messages go. */
  readonly excused: Float64Array;
  /** client, group, sender, generation: in the order of delivery. */
  readonly delivered: Float64Array;
  /** The same for what still stands in queues; client -1: in an outbox, for some recipients. */
  readonly waiting: Float64Array;
  readonly violations: readonly Violation[];
  readonly violationCount: number;
  readonly lastDeliveryNs: number;
}

const keyOf = ({ group, sender, generation }: MessageId): string =>
  `${group} ${sender} ${generation}`;

export class Journal {
  private readonly homeserver: number;
  private readonly accepted: number[] = [];
  private readonly excused: number[] = [];
  private readonly acceptedKeys = new Set<string>();
  private readonly delivered: number[] = [];
  private readonly deliveredKeys = new Set<string>();
  /** Last generation delivered, by client, group and sender. */
  private readonly last = new Map<string, number>();
  private readonly waiting: number[] = [];
  private readonly violations: Violation[] = [];
  private violationCount = 0;
  private lastDeliveryNs = 0;

  constructor(homeserver: number) {
    this.homeserver = homeserver;
  }

  violate(rule: string, entity: number, timeNs: number, detail: string): void {
    this.violationCount++;
    if (this.violations.length >= violationsKept) return;
    this.violations.push({ rule, detail, homeserver: this.homeserver, entity, timeNs });
  }

  /**
   * Whether this is the first time: a retry is accepted again and told apart by the receivers.
   *
   * @param excused - members whom the delivery service could not send it
   */
  accept(message: MessageId, excused: readonly number[] = []): boolean {
    const key = keyOf(message);
    if (this.acceptedKeys.has(key)) return false;
    this.acceptedKeys.add(key);
    const { group, sender, generation } = message;
    this.accepted.push(group, sender, generation);
    for (const client of excused) this.excused.push(client, group, sender, generation);
    return true;
  }

  /** A message reaches the user of a client (`client` over the world, `entity` in the process). */
  deliver(client: number, entity: number, message: MessageId, timeNs: number): void {
    const key = `${client} ${keyOf(message)}`;
    const { group, sender, generation } = message;
    if (this.deliveredKeys.has(key)) {
      this.violate('no message is delivered twice', entity, timeNs, describe(client, message));
    }
    this.deliveredKeys.add(key);
    const stream = `${client} ${group} ${sender}`;
    const before = this.last.get(stream) ?? -1;
    if (generation <= before) {
      const detail = `${describe(client, message)} after generation ${before}`;
      this.violate('messages of a sender arrive in order', entity, timeNs, detail);
    }
    this.last.set(stream, generation);
    this.delivered.push(client, group, sender, generation);
    this.lastDeliveryNs = timeNs;
  }

  /** At the end of the run: a message that has still to be read. */
  wait(client: number, { group, sender, generation }: MessageId): void {
    this.waiting.push(client, group, sender, generation);
  }

  data(): JournalData {
    return {
      accepted: Float64Array.from(this.accepted),
      excused: Float64Array.from(this.excused),
      delivered: Float64Array.from(this.delivered),
      waiting: Float64Array.from(this.waiting),
      violations: this.violations,
      violationCount: this.violationCount,
      lastDeliveryNs: this.lastDeliveryNs,
    };
  }
}

export const describe = (client: number, { group, sender, generation }: MessageId): string =>
  `client ${client}, group ${group}, sender ${sender}, generation ${generation}`;

/** A violation in one line, with what is needed to see it again. */
export function formatViolation(violation: Violation, replay: string): string {
  const { rule, detail, homeserver, entity, timeNs } = violation;
  const who = entity === 0 ? `homeserver ${homeserver}` : `client ${entity} of ${homeserver}`;
  const when = new Intl.NumberFormat('en', { maximumFractionDigits: 6 }).format(timeNs / 1e9);
  return `${rule}: ${detail}; at ${when} s (clock ${clockMs(timeNs)}), ${who}; ${replay}`;
}
