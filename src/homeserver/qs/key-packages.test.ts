import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../crypto/bytes.ts';
import { qsOperations } from '../../protocol/operations/qs.ts';
import type { AddPackageV2 } from '../../protocol/wire/key-packages.ts';
import { userKey } from './records.ts';
import type { TestClient } from './test-client.ts';
import { World } from './test-world.ts';

const { publishKeyPackages, getAddPackage, createClientRecord, deleteClientRecord } = qsOperations;
const nothing = new Uint8Array();

const pseudonymous = (name: string): AddPackageV2 => ({
  kind: 'pseudonymous',
  key_package: utf8(name),
  encrypted_client_credential: nothing,
  encrypted_signature_encryption_key: nothing,
});
const identified = (name: string): AddPackageV2 => ({
  kind: 'identified',
  key_package: utf8(name),
});

/** Publishes `count` packages, named after the client and the batch. */
function publish(client: TestClient, name: string, count: number, make = pseudonymous): void {
  const add_packages = Array.from({ length: count }, (_, i) => make(`${name}.${i}`));
  const batch = { add_packages, last_resort: make(`${name}.last`) };
  client.must(publishKeyPackages, { qs_cid: client.cid, batch });
}

function fetchNames(by: TestClient, of: TestClient): string[] | string {
  const answer = by.call(getAddPackage, { friendship_token: of.friendshipToken });
  if (!answer.ok) return answer.code;
  return answer.reply.add_packages.map((each) => Buffer.from(each.key_package).toString());
}

function device(world: World, owner: TestClient, name: string): TestClient {
  const other = world.client(name);
  const body = { qs_uid: owner.uid, ...other.clientParams() };
  other.cid = structuredClone(owner.must(createClientRecord, body).qs_cid);
  other.uid = owner.uid;
  return other;
}

describe('AddPackages', () => {
  test('are handed out once each, then the last resort again and again', () => {
    const world = new World();
    const [alice, bob] = [world.member('alice'), world.member('bob')];
    expect(fetchNames(bob, alice)).toBe('no_key_package');
    publish(alice, 'a', 2);
    expect(fetchNames(bob, alice)).toEqual(['a.0']);
    expect(fetchNames(bob, alice)).toEqual(['a.1']);
    expect(fetchNames(bob, alice)).toEqual(['a.last']);
    expect(fetchNames(bob, alice)).toEqual(['a.last']);
    expect(world.count('qs.packages.single_use')).toBe(2);
    expect(world.count('qs.packages.last_resort')).toBe(2);
    const record = userKey(alice.uid.user_id);
    expect([...world.disk.cells.range(`${record}p`, `${record}q`)]).toEqual([]);
  });

  test('a client that publishes late stands beside the others', () => {
    const world = new World();
    const alice = world.member('alice');
    const tablet = device(world, alice, 'tablet');
    publish(alice, 'a', 200);
    for (let i = 0; i < 100; i++) fetchNames(alice, alice);
    publish(tablet, 't', 100);
    expect(fetchNames(alice, alice)).toEqual(['a.100', 't.0']);
    publish(alice, 'b', 100);
    expect(fetchNames(alice, alice)).toEqual(['b.0', 't.1']);
  });

  test('a new publication replaces all of the client and none of another', () => {
    const world = new World();
    const alice = world.member('alice');
    const tablet = device(world, alice, 'tablet');
    publish(alice, 'a', 3);
    publish(tablet, 't', 3);
    expect(fetchNames(alice, alice)).toEqual(['a.0', 't.0']);
    publish(alice, 'b', 3);
    const rest = Array.from({ length: 4 }, () => fetchNames(alice, alice));
    expect(rest).toEqual([
      ['b.0', 't.1'],
      ['b.1', 't.2'],
      ['b.2', 't.last'],
      ['b.last', 't.last'],
    ]);
    tablet.must(deleteClientRecord, { qs_cid: tablet.cid });
    expect(fetchNames(alice, alice)).toEqual(['b.last']);
  });

  test('v1 gets what it can carry, and leaves the rest', () => {
    const world = new World();
    const alice = world.member('alice');
    const old = world.member('old', { version: 1 });
    publish(alice, 'i', 1, identified);
    expect(fetchNames(old, alice)).toBe('no_key_package');
    expect(fetchNames(alice, alice)).toEqual(['i.0']);
    publish(alice, 'p', 1);
    expect(fetchNames(old, alice)).toEqual(['p.0']);
  });

  test('more than the policy allows are refused', () => {
    const world = new World({ policy: { limits: { addPackages: 2 } } });
    const alice = world.member('alice');
    expect(() => publish(alice, 'a', 3)).toThrow('request_too_large');
  });

  test('over random histories of three devices no package is ever handed out twice', () => {
    const step = fc.record({
      device: fc.nat(2),
      publish: fc.option(fc.nat(4), { nil: undefined, freq: 3 }),
      old: fc.boolean(),
      mixed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        const alice = world.member('alice');
        const devices = [alice, device(world, alice, 'x'), device(world, alice, 'y')];
        const old = world.client('old', { version: 1 });
        const current = new Map<number, string>();
        const seen = new Set<string>();
        for (const [at, { device: number, publish: count, old: byOld, mixed }] of steps.entries()) {
          if (count !== undefined) {
            const name = `${number}-${at}`;
            current.set(number, name);
            const make = (n: string) =>
              mixed && n.endsWith('1') ? identified(n) : pseudonymous(n);
            publish(devices[number] as TestClient, name, count, make);
            continue;
          }
          const names = fetchNames(byOld ? old : alice, alice);
          if (typeof names === 'string') {
            expect(current.size).toBe(0);
            continue;
          }
          // One of every device that ever published, and of its newest batch.
          expect(names.map((name) => name.split('.')[0]).sort()).toEqual(
            [...current.values()].sort(),
          );
          for (const name of names.filter((each) => !each.endsWith('.last'))) {
            expect(seen.has(name)).toBe(false);
            seen.add(name);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
