/**
 * Invariants over the whole world, at the end of a run: every accepted message is with each of its
 * recipients or still on its way to them, and recipients see the messages of a group in the order
 * in which the delivery service took them.
 */
import type { CheckResult } from '../../src/results/types.ts';
import type { Population } from '../model/population.ts';
import { describe, formatViolation, type JournalData, type Violation } from './journal.ts';

interface Books {
  /** Position in its group's order, by message. */
  readonly position: Map<string, number>;
  readonly order: Map<number, { sender: number; generation: number }[]>;
  readonly delivered: Map<string, number[]>;
  /** Messages waiting for a client, and for some recipients in an outbox. */
  readonly waiting: Set<string>;
  /** Messages that a member need not have got, since it was not configured. */
  readonly excused: Set<string>;
}

const at = (values: Float64Array, index: number): number => values[index] ?? 0;

function open(journals: readonly JournalData[]): Books {
  const books: Books = {
    position: new Map(),
    order: new Map(),
    delivered: new Map(),
    waiting: new Set(),
    excused: new Set(),
  };
  for (const { accepted, delivered, waiting, excused } of journals) {
    for (let i = 0; i < accepted.length; i += 3) {
      const [group, sender, generation] = [
        at(accepted, i),
        at(accepted, i + 1),
        at(accepted, i + 2),
      ];
      const order = books.order.get(group) ?? [];
      books.order.set(group, order);
      books.position.set(`${group} ${sender} ${generation}`, order.length);
      order.push({ sender, generation });
    }
    for (let i = 0; i < delivered.length; i += 4) {
      const key = `${at(delivered, i)} ${at(delivered, i + 1)}`;
      const list = books.delivered.get(key) ?? [];
      books.delivered.set(key, list);
      list.push(at(delivered, i + 2), at(delivered, i + 3));
    }
    for (let i = 0; i < waiting.length; i += 4) {
      books.waiting.add(waiting.subarray(i, i + 4).join(' '));
    }
    for (let i = 0; i < excused.length; i += 4) {
      books.excused.add(excused.subarray(i, i + 4).join(' '));
    }
  }
  return books;
}

export interface Audit {
  readonly violations: readonly Violation[];
  readonly count: number;
  /** Pairs of accepted message and recipient. */
  readonly owed: number;
  readonly delivered: number;
  readonly waiting: number;
}

class Auditor {
  readonly violations: Violation[] = [];
  count = 0;
  owed = 0;
  delivered = 0;
  waiting = 0;
  private readonly books: Books;
  private readonly population: Population;
  private readonly endNs: number;

  constructor(books: Books, population: Population, endNs: number) {
    this.books = books;
    this.population = population;
    this.endNs = endNs;
  }

  /** One member of one group. */
  member(group: number, client: number): void {
    const order = this.books.order.get(group) ?? [];
    const got = this.books.delivered.get(`${client} ${group}`) ?? [];
    const received = new Set<number>();
    let last = -1;
    for (let i = 0; i < got.length; i += 2) {
      const message = { group, sender: got[i] ?? 0, generation: got[i + 1] ?? 0 };
      const position = this.books.position.get(`${group} ${message.sender} ${message.generation}`);
      if (position === undefined) {
        this.violate(client, 'only accepted messages are delivered', describe(client, message));
        continue;
      }
      received.add(position);
      const { sender, generation } = message;
      // A retry may bring it later to a member that was not configured at first.
      if (this.books.excused.has(`${client} ${group} ${sender} ${generation}`)) continue;
      if (position <= last) {
        const detail = `${describe(client, message)} is number ${position}, after number ${last}`;
        this.violate(client, 'messages of a group arrive in the order of acceptance', detail);
      }
      last = Math.max(last, position);
    }
    order.forEach((message, position) => {
      if (message.sender !== client)
        this.owe(group, client, { ...message, group }, received.has(position));
    });
  }

  private owe(
    group: number,
    client: number,
    message: { group: number; sender: number; generation: number },
    isDelivered: boolean,
  ): void {
    const key = `${client} ${group} ${message.sender} ${message.generation}`;
    if (!isDelivered && this.books.excused.has(key)) return;
    this.owed++;
    if (isDelivered) {
      this.delivered++;
      return;
    }
    const id = `${group} ${message.sender} ${message.generation}`;
    if (this.books.waiting.has(`${client} ${id}`) || this.books.waiting.has(`-1 ${id}`)) {
      this.waiting++;
      return;
    }
    this.violate(client, 'no accepted message is lost', describe(client, message));
  }

  private violate(client: number, rule: string, detail: string): void {
    this.count++;
    if (this.violations.length >= 20) return;
    const homeserver = this.population.homeserverOf[client]!;
    const entity = client - this.population.clientStart[homeserver]! + 1;
    this.violations.push({ rule, detail, homeserver, entity, timeNs: this.endNs });
  }
}

/** Settles the accounts of all processes. */
export function audit(
  journals: readonly JournalData[],
  population: Population,
  endNs: number,
): Audit {
  const auditor = new Auditor(open(journals), population, endNs);
  const { groups, groupStart, memberOf } = population;
  for (let group = 0; group < groups; group++) {
    for (let i = groupStart[group]!; i < groupStart[group + 1]!; i++) {
      auditor.member(group, memberOf[i]!);
    }
  }
  const { violations, count, owed, delivered, waiting } = auditor;
  return { violations, count, owed, delivered, waiting };
}

/** The rules that are checked, each with the verdict over the run. */
const rules = [
  'no accepted message is lost',
  'only accepted messages are delivered',
  'no message is delivered twice',
  'messages of a sender arrive in order',
  'messages of a group arrive in the order of acceptance',
  'no plain queue config crosses homeservers',
  'no request is accepted that its signature does not cover',
  'entries of queues open in their order',
  'all members are configured before traffic',
] as const;

/** One check per rule; a broken one names the first violation and how to see it again. */
export function auditChecks(violations: readonly Violation[], replay: string): CheckResult[] {
  return rules.map((rule) => {
    const broken = violations.filter((violation) => violation.rule === rule);
    const [first] = broken;
    const detail =
      first === undefined ? 'no violation' : `${broken.length}+; ${formatViolation(first, replay)}`;
    return { name: rule, ok: first === undefined, detail };
  });
}
