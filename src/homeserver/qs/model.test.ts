/**
 * Random histories of a queue against the simplest possible model: per group, the messages that
 * were sent while it was not blocked, in order. Whatever labels change, processes crash and answers
 * get lost meanwhile, the owner reads exactly these, each once.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../crypto/bytes.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { lanes, type Lane } from '../../protocol/wire/identifiers.ts';
import { StoreError } from '../../store/port.ts';
import type { TestClient } from './test-client.ts';
import { textOf, World } from './test-world.ts';

const groups = ['g', 'h', 'i'] as const;
type Group = (typeof groups)[number];

type Step =
  | { readonly kind: 'send'; readonly group: Group; readonly sealed: boolean }
  | { readonly kind: 'accept' | 'block'; readonly group: Group }
  | { readonly kind: 'default'; readonly label: 1 | 2 }
  | { readonly kind: 'fetch'; readonly lane: Lane; readonly max: number; readonly lost: boolean }
  | { readonly kind: 'advance'; readonly hours: number }
  /** The process dies at its next write, which is on the disk or not. */
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' };

const group = fc.constantFrom(...groups);
const lane = fc.constantFrom(lanes.ham, lanes.spam);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('send'), group, sealed: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('accept', 'block'), group }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('default'), label: fc.constantFrom(1, 2) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('fetch'),
      lane,
      max: fc.integer({ min: 1, max: 6 }),
      lost: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance'), hours: fc.nat(40) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash'),
      when: fc.constantFrom('before', 'after'),
    }),
  },
) as fc.Arbitrary<Step>;

/**
 * What the owner makes of what it read: a lane waits at a marker until the other one is that far.
 */
function inOrder({ log }: TestClient): string[] {
  const read: string[] = [];
  const waiting: Record<Lane, TestClient['log']> = { [lanes.ham]: [], [lanes.spam]: [] };
  const done: Record<Lane, number> = { [lanes.ham]: -1, [lanes.spam]: -1 };
  const advance = (lane: Lane): boolean => {
    const [item] = waiting[lane];
    const { payload, sequence = 0 } = item ?? {};
    const marker = payload?.kind === 'laneMarker' ? payload : undefined;
    if (item === undefined) return false;
    if (marker !== undefined && done[marker.old_lane] < marker.up_to_sequence) return false;
    waiting[lane].shift();
    done[lane] = sequence;
    if (payload?.kind === 'message') read.push(textOf(payload));
    return true;
  };
  for (const item of log) {
    waiting[item.lane].push(item);
    while (advance(lanes.ham) || advance(lanes.spam));
  }
  // Nothing waits for ever.
  expect(waiting).toEqual({ [lanes.ham]: [], [lanes.spam]: [] });
  return read;
}

class History {
  readonly world: World;
  readonly client: TestClient;
  /** By group, what has to arrive, and what may (its acknowledgement was lost). */
  readonly sent = new Map<string, string[]>(groups.map((name) => [name, []]));
  readonly possible = new Set<string>();
  readonly blocked = new Set<string>();
  /** Groups whose last label request was not heard of: blocked or not. */
  readonly unsure = new Set<string>();
  private crash: 'before' | 'after' | undefined;
  private count = 0;

  constructor(spam: 'off' | 'categories' | 'accept-first', limits: object = {}) {
    const base = { ratchetUpdateMessages: 3, fanOutRecipients: 1, ...limits };
    this.world = new World({ policy: { spam, limits: base } });
    this.client = this.world.member('owner');
    this.start();
  }

  private start(): void {
    this.crash = undefined;
    this.world.start(({ when }) => when === this.crash);
  }

  /** Whether it was done and heard of. */
  private survive(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.start();
      return false;
    }
  }

  take(step: Step): void {
    const { client, world } = this;
    const qs_cid = client.cid;
    switch (step.kind) {
      case 'send':
        return this.send(step.group, step.sealed);
      case 'accept':
      case 'block':
        return this.label(step.group, step.kind);
      case 'default': {
        const policy = {
          default_label: step.label,
          max_messages_per_hour: undefined,
          max_group_size: undefined,
          unknown_source_is_spam: 0,
        } as const;
        return void this.survive(() => client.must(qsOperations.setPolicy, { qs_cid, policy }));
      }
      case 'fetch':
        return this.fetch(step.lane, step.max, step.lost);
      case 'advance':
        return world.advance(step.hours * 3_600_000);
      default:
        this.crash = step.when;
    }
  }

  private send(group: Group, sealed: boolean): void {
    const text = `${group}${this.count++}`;
    const { client, world } = this;
    const config = sealed ? client.sealedConfig() : client.plainConfig();
    const heard = this.survive(() => world.put(text, group, [config]));
    if (!heard || this.unsure.has(group)) this.possible.add(text);
    else if (!this.blocked.has(group)) this.sent.get(group)?.push(text);
    // What is in the outbox is delivered before labels change, so that the model knows the label.
    while (!this.survive(() => void world.drain()));
  }

  private label(group: Group, kind: 'accept' | 'block'): void {
    const { client } = this;
    const operation = kind === 'accept' ? qsOperations.acceptGroup : qsOperations.blockGroup;
    const body = { qs_cid: client.cid, group_id: utf8(group) };
    if (!this.survive(() => client.must(operation, body))) return void this.unsure.add(group);
    this.unsure.delete(group);
    if (kind === 'block') this.blocked.add(group);
    else this.blocked.delete(group);
  }

  /** A fetch whose answer may be lost on its way: the owner asks again from where it stands. */
  private fetch(lane: Lane, max: number, lost: boolean): void {
    const { client } = this;
    const { sequence } = client.readers[lane];
    const body = {
      qs_cid: client.cid,
      lane,
      sequence_number_start: sequence,
      max_message_number: max,
    };
    this.survive(() => {
      const { entries } = client.must(qsOperations.dequeue, body);
      if (!lost) client.open(lane, entries);
    });
  }

  finish(): void {
    this.crash = undefined;
    for (const lane of [lanes.ham, lanes.spam]) this.client.fetchAll(lane);
    const read = inOrder(this.client);
    expect(new Set(read).size).toBe(read.length);
    for (const [group, sent] of this.sent) {
      const ofGroup = read.filter((text) => text.startsWith(group));
      expect(ofGroup.filter((text) => !this.possible.has(text))).toEqual(sent);
      const numbers = ofGroup.map((text) => Number(text.slice(1)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
    expect(this.world.disk.outbox.size).toBe(0);
  }
}

describe.each(['off', 'categories', 'accept-first'] as const)('spam %s', (spam) => {
  test('random histories with crashes lose, repeat and reorder nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const history = new History(spam);
        for (const each of steps) history.take(each);
        history.finish();
      }),
      { numRuns: 40 },
    );
  });

  test('the same where a queue can remember one group only', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const history = new History(spam, { groupsPerQueue: 1 });
        for (const each of steps) history.take(each);
        history.finish();
      }),
      { numRuns: 30 },
    );
  });
});

test('a crash at every single write of a day in the life of a queue', () => {
  const life: Step[] = [
    { kind: 'send', group: 'g', sealed: true },
    { kind: 'default', label: 2 },
    { kind: 'send', group: 'g', sealed: true },
    { kind: 'send', group: 'h', sealed: false },
    { kind: 'fetch', lane: lanes.ham, max: 500, lost: false },
    { kind: 'accept', group: 'g' },
    { kind: 'send', group: 'g', sealed: true },
    { kind: 'fetch', lane: lanes.spam, max: 2, lost: false },
    { kind: 'fetch', lane: lanes.spam, max: 2, lost: true },
    { kind: 'block', group: 'h' },
    { kind: 'send', group: 'h', sealed: true },
    { kind: 'accept', group: 'h' },
    { kind: 'advance', hours: 30 },
    { kind: 'send', group: 'h', sealed: false },
    { kind: 'fetch', lane: lanes.ham, max: 500, lost: false },
    { kind: 'fetch', lane: lanes.ham, max: 500, lost: false },
    { kind: 'fetch', lane: lanes.spam, max: 500, lost: false },
  ];
  for (let at = 0; at < life.length; at++) {
    for (const when of ['before', 'after'] as const) {
      // The next write after this step, whatever makes it: a request, or a delivery.
      const history = new History('categories');
      for (const [index, each] of life.entries()) {
        if (index === at) history.take({ kind: 'crash', when });
        history.take(each);
      }
      history.finish();
    }
  }
});
