import { describe, expect, test } from 'vitest';
import { utf8 } from '../../crypto/bytes.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import { lanes } from '../../protocol/wire/identifiers.ts';
import type { TestClient } from './test-client.ts';
import { texts, twoWorlds, World } from './test-world.ts';

const { setPolicy, acceptGroup, blockGroup } = qsOperations;
const { ham, spam } = lanes;
const hourMs = 3_600_000;

const permissive = {
  default_label: 1,
  max_messages_per_hour: undefined,
  max_group_size: undefined,
  unknown_source_is_spam: 0,
} as const;
type Rules = { [K in keyof typeof permissive]: number | undefined };

const rule = (client: TestClient, change: Partial<Rules>): void =>
  void client.must(setPolicy, {
    qs_cid: client.cid,
    policy: { ...permissive, ...change } as typeof permissive,
  });
const accept = (client: TestClient, group: string): void =>
  void client.must(acceptGroup, { qs_cid: client.cid, group_id: utf8(group) });
const block = (client: TestClient, group: string): void =>
  void client.must(blockGroup, { qs_cid: client.cid, group_id: utf8(group) });
/** Unread texts of both lanes. */
const both = (client: TestClient) => ({ ham: texts(client, ham), spam: texts(client, spam) });

describe('labels', () => {
  test('off: one lane, and the blocklist still works', () => {
    const world = new World({ policy: { spam: 'off' } });
    const alice = world.member('alice');
    rule(alice, { default_label: 2 });
    world.send('a', 'g', [alice.sealedConfig()]);
    block(alice, 'g');
    world.send('b', 'g', [alice.sealedConfig()]);
    expect(world.count('qs.blocked')).toBe(1);
    accept(alice, 'g');
    world.send('c', 'g', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['a', 'c'], spam: [] });
  });

  test('categories: groups without a label go where the default says', () => {
    const world = new World();
    const alice = world.member('alice');
    world.send('a', 'g', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['a'], spam: [] });
    rule(alice, { default_label: 2 });
    world.send('b', 'h', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: [], spam: ['b'] });
  });

  test('accept-first: every group waits in SPAM until it is accepted', () => {
    const world = new World({ policy: { spam: 'accept-first' } });
    const alice = world.member('alice');
    world.send('a', 'g', [alice.sealedConfig()]);
    expect(texts(alice, ham)).toEqual([]);
    accept(alice, 'g');
    world.send('b', 'g', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['marker g: spam 1', 'b'], spam: ['a'] });
  });

  test('v1 clients have one lane, whatever the homeserver does', () => {
    const world = new World({ policy: { spam: 'accept-first' } });
    const old = world.member('old', { version: 1 });
    world.send('a', 'g', [old.sealedConfig()]);
    expect(texts(old)).toEqual(['a']);
  });

  test('nobody is woken for SPAM', () => {
    const world = new World({ policy: { spam: 'accept-first' } });
    const alice = world.member('alice');
    world.send('a', 'g', [alice.sealedConfig()]);
    expect(world.server.effects).toEqual([]);
    accept(alice, 'g');
    world.send('b', 'g', [alice.sealedConfig()]);
    expect(world.server.effects).toEqual([{ kind: 'wake', client: alice.cid, lane: ham }]);
  });

  test('the store does not show that two queues know the same group', () => {
    const world = new World();
    const configs = ['a', 'b'].map((name) => world.member(name).plainConfig());
    world.send('x', 'the group', configs);
    const tags = [...world.disk.cells.range('qc', 'qd')]
      .map(([key]) => /g(.{16})$/s.exec(key)?.[1])
      .filter((tag) => tag !== undefined);
    expect(new Set(tags).size).toBe(2);
  });
});

describe('rules', () => {
  test('group size', () => {
    const world = new World();
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => world.member(name));
    rule(alice!, { max_group_size: 2 });
    const two = [alice!, bob!].map((member) => member.sealedConfig());
    world.send('small', 'g', two);
    world.send('large', 'h', [...two, carol!.sealedConfig()]);
    expect(both(alice!)).toEqual({ ham: ['small'], spam: ['large'] });
  });

  test('messages per hour: a group that floods goes to SPAM and stays there until accepted', () => {
    const world = new World();
    const alice = world.member('alice');
    rule(alice, { max_messages_per_hour: 3 });
    for (const text of ['a', 'b', 'c', 'd', 'e']) world.send(text, 'g', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['a', 'b', 'c'], spam: ['marker g: ham 3', 'd', 'e'] });
    world.advance(2 * hourMs);
    world.send('f', 'g', [alice.sealedConfig()]);
    world.send('other', 'h', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['other'], spam: ['f'] });
    accept(alice, 'g');
    for (const text of ['g', 'h', 'i', 'j']) world.send(text, 'g', [alice.sealedConfig()]);
    expect(both(alice).ham).toEqual(['g', 'h', 'i', 'j']);
    expect(world.count('qs.demoted')).toBe(1);
  });

  test('a limit of 0 messages per hour parks all', () => {
    const world = new World();
    const alice = world.member('alice');
    rule(alice, { max_messages_per_hour: 0 });
    world.send('a', 'g', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: [], spam: ['a'] });
  });

  test('unknown homeservers, until a group of theirs is accepted', () => {
    const [here, there] = twoWorlds();
    const alice = here.member('alice');
    rule(alice, { unknown_source_is_spam: 1 });
    const send = (text: string, group: string): void => {
      there.send(text, group, [alice.sealedConfig()]);
      here.drain();
    };
    send('a', 'g');
    here.send('local', 'l', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['local'], spam: ['a'] });
    accept(alice, 'g');
    send('b', 'h');
    expect(both(alice)).toEqual({ ham: ['b'], spam: [] });
  });

  test('a queue that knows too many groups keeps further ones in SPAM, and blocks no more', () => {
    const world = new World({ policy: { limits: { groupsPerQueue: 2, blocklist: 1 } } });
    const alice = world.member('alice');
    for (const group of ['g', 'h', 'i']) world.send(group, group, [alice.sealedConfig()]);
    expect(texts(alice, ham)).toEqual(['g', 'h']);
    accept(alice, 'i');
    world.send('again', 'i', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['marker i: spam 1', 'again'], spam: ['i'] });
    block(alice, 'g');
    const body = { qs_cid: alice.cid, group_id: utf8('h') };
    expect(alice.call(blockGroup, body)).toMatchObject({ code: 'queue_full' });
    block(alice, 'g');
  });
});

describe('markers', () => {
  test('say up to where the old lane must be read, only when it must', () => {
    const world = new World();
    const alice = world.member('alice');
    rule(alice, { default_label: 2 });
    for (const text of ['a1', 'b1', 'a2']) world.send(text, text[0]!, [alice.sealedConfig()]);
    accept(alice, 'b');
    accept(alice, 'a');
    expect(both(alice)).toEqual({
      ham: ['marker b: spam 2', 'marker a: spam 3'],
      spam: ['a1', 'b1', 'a2'],
    });
    // All is read: changing labels needs no marker any more.
    block(alice, 'a');
    accept(alice, 'a');
    world.send('a3', 'a', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['a3'], spam: [] });
  });

  test('cover what was enqueued before the owner had two lanes', () => {
    const world = new World({ policy: { spam: 'categories' } });
    const old = world.member('alice', { version: 1 });
    world.send('a', 'g', [old.sealedConfig()]);
    world.send('b', 'h', [old.sealedConfig()]);
    const alice = world.client('alice');
    Object.assign(alice, { uid: old.uid, cid: old.cid, readers: old.readers });
    rule(alice, { default_label: 2 });
    world.send('c', 'g', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: ['a', 'b'], spam: ['marker g: ham 2', 'c'] });
    world.send('d', 'h', [alice.sealedConfig()]);
    expect(both(alice)).toEqual({ ham: [], spam: ['d'] });
  });
});
