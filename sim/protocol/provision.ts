/**
 * Groups as they stand at time 0. Keys of leaves are a function of seed, group and client, so that
 * the homeserver of a group and the members' devices, in different processes, agree without a
 * message; with real MLS the members' KeyPackages and Welcomes take this place.
 */
import type { Membership } from '../../src/client/state.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { SignatureKeyPair } from '../../src/crypto/signature.ts';
import { cryptoSuite } from '../../src/crypto/suites.ts';
import type { VerifyingKey } from '../../src/protocol/wire/identifiers.ts';
import type { Store } from '../../src/store/port.ts';
import { domainOf } from './frame.ts';
import { encodeGroup, groupRecordKey, newCipherState } from './stand-in.ts';
import type { World } from './world.ts';

const idBytes = 16;

/** Index of the group in its first four bytes, then what makes it look like any other id. */
export function groupIdOf(seed: number, group: number): Uint8Array {
  const id = seededRandom(`group ${seed} ${group}`).bytes(idBytes);
  new DataView(id.buffer).setUint32(0, group);
  return id;
}

export const groupIndexOf = (id: Uint8Array): number =>
  new DataView(id.buffer, id.byteOffset).getUint32(0);

function leafKeyOf(world: World, group: number, client: number): SignatureKeyPair {
  const { signature } = cryptoSuite(world.suiteNumber);
  return signature.generateKeyPair(seededRandom(`leaf ${world.seed} ${group} ${client}`));
}

/** The memberships of a client, in the order of its groups. */
export function membershipsOf(world: World, client: number): Membership[] {
  const { population, seed } = world;
  const { membershipStart, groupOf, groupStart, memberOf, hostOf } = population;
  const memberships: Membership[] = [];
  for (let i = membershipStart[client]!; i < membershipStart[client + 1]!; i++) {
    const group = groupOf[i]!;
    const members = memberOf.subarray(groupStart[group]!, groupStart[group + 1]!);
    memberships.push({
      groupId: groupIdOf(seed, group),
      host: domainOf(hostOf[group]!),
      label: 'accepted',
      leafIndex: members.indexOf(client),
      leafKey: leafKeyOf(world, group, client),
      earKey: seededRandom(`ear ${seed} ${group}`).bytes(16),
      cipher: newCipherState(client),
    });
  }
  return memberships;
}

/** Writes the records of all groups that a homeserver hosts. */
export function provisionGroups(world: World, homeserver: number, store: Store): void {
  const { population, seed } = world;
  const { groups, hostOf, groupStart, memberOf } = population;
  const scheme = cryptoSuite(world.suiteNumber).signature.id as VerifyingKey['scheme'];
  const domain = domainOf(homeserver);
  for (let group = 0; group < groups; group++) {
    if (hostOf[group] !== homeserver) continue;
    const members = memberOf.subarray(groupStart[group]!, groupStart[group + 1]!);
    const value = encodeGroup({
      domain,
      members: Array.from(members, (client) => ({
        key: { scheme, key: leafKeyOf(world, group, client).publicKey },
        config: undefined,
      })),
    });
    const written = store.write({ puts: [{ key: groupRecordKey(groupIdOf(seed, group)), value }] });
    if (written !== 'written') throw new RangeError('the groups could not be written');
  }
}

/**
 * Homeservers that the groups of this one have members on, and those whose groups it has members
 * in.
 */
export function peersOf(world: World, homeserver: number): number[] {
  const { population } = world;
  const { groups, hostOf, groupStart, memberOf, homeserverOf } = population;
  const peers = new Set<number>();
  for (let group = 0; group < groups; group++) {
    const host = hostOf[group]!;
    for (let i = groupStart[group]!; i < groupStart[group + 1]!; i++) {
      const home = homeserverOf[memberOf[i]!]!;
      if (host === homeserver) peers.add(home);
      if (home === homeserver) peers.add(host);
    }
  }
  peers.delete(homeserver);
  return [...peers].sort((a, b) => a - b);
}
