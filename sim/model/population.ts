/**
 * Who is where: homeservers, their clients, and groups with their members, as flat tables in
 * SharedArrayBuffers that every worker reads. Built once per run from keyed streams.
 *
 * Clients are numbered so that those of one homeserver are contiguous. The members of a group are
 * sorted, so that those on one homeserver are one run of the list; the run is all that a homeserver
 * needs to know, and no table of destinations is kept.
 *
 * Memory per client with 10 memberships of mean group size 2.1: members 40 B, memberships 40 B,
 * offsets 4 + 19 B, hosts of groups 10 B, homeserver 2 B: 115 B.
 */
import { ValidationError, type Problem } from '../../src/errors.ts';
import { regions, type Workload } from '../../src/workload/types.ts';
import { pow } from '../kernel/math.ts';
import { below, float, Sfc32, stream, type RandomSource } from '../kernel/random.ts';
import { Sampler } from './sampler.ts';

/** Homeservers are kept in 16 bits. */
export const maxHomeservers = 65_535;

export interface Population {
  readonly homeservers: number;
  readonly clients: number;
  readonly groups: number;
  /** First client of homeserver h; h = homeservers gives the number of clients. */
  readonly clientStart: Int32Array;
  /** Index into `regions`. */
  readonly regionOf: Uint8Array;
  readonly coresOf: Int32Array;
  readonly homeserverOf: Uint16Array;
  /** Members of group g are memberOf[groupStart[g]..groupStart[g + 1]), ascending. */
  readonly groupStart: Int32Array;
  readonly memberOf: Int32Array;
  /** Homeserver whose delivery service holds the group. */
  readonly hostOf: Uint16Array;
  /** Groups of client c are groupOf[membershipStart[c]..membershipStart[c + 1]). */
  readonly membershipStart: Int32Array;
  readonly groupOf: Int32Array;
  /** Bytes of these tables. */
  readonly bytes: number;
}

function sharedInt32(length: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}

function sharedUint16(length: number): Uint16Array<SharedArrayBuffer> {
  return new Uint16Array(new SharedArrayBuffer(2 * length));
}

/** @throws {ValidationError} with all impossible combinations */
export function checkPopulation(workload: Workload): void {
  const { homeservers, clients } = workload.population;
  const problems: Problem[] = [];
  const complain = (path: string, message: string, remedy: string): void => {
    problems.push({ file: workload.name, path, message, remedy });
  };
  if (homeservers > maxHomeservers) {
    complain('population.homeservers', `the model tier holds ${maxHomeservers}`, 'use fewer');
  }
  if (clients < homeservers) {
    const message = `${clients} clients cannot fill ${homeservers} homeservers`;
    complain('population.clients', message, 'give every homeserver at least one client');
  }
  if (workload.population.sessions.offline >= 1) {
    const message = 'clients that are never online neither send nor receive';
    complain('population.sessions.offline', message, 'use a share below 1');
  }
  if (problems.length > 0) throw new ValidationError(problems);
}

/**
 * Clients per homeserver, largest first: proportional to rank^-s, at least one each, summing to
 * `clients` (largest remainders).
 */
export function homeserverSizes(workload: Workload): Int32Array {
  const { homeservers, clients, skew } = workload.population;
  const exponent = skew.kind === 'zipf' ? skew.exponent : 0;
  const weights = Float64Array.from({ length: homeservers }, (_, i) => pow(i + 1, -exponent));
  const total = weights.reduce((a, b) => a + b, 0);
  const spare = clients - homeservers;
  const sizes = new Int32Array(homeservers);
  const rests: [rest: number, index: number][] = [];
  let given = 0;
  for (let h = 0; h < homeservers; h++) {
    const share = (spare * weights[h]!) / total;
    sizes[h] = 1 + Math.floor(share);
    given += sizes[h]!;
    rests.push([share - Math.floor(share), h]);
  }
  rests.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (let i = 0; i < clients - given; i++) sizes[rests[i]![1]]! += 1;
  return sizes;
}

/** Gives each homeserver, largest first, to the region that lacks most clients. */
export function assignRegions(sizes: Int32Array, workload: Workload): Uint8Array {
  const shares = regions.map((region) => workload.population.regions[region] ?? 0);
  const sum = shares.reduce((a, b) => a + b, 0);
  const total = sizes.reduce((a, b) => a + b, 0);
  const lacking = shares.map((share) => (sum === 0 ? 0 : (share / sum) * total));
  const regionOf = new Uint8Array(new SharedArrayBuffer(sizes.length));
  for (let h = 0; h < sizes.length; h++) {
    let neediest = 0;
    for (let r = 1; r < lacking.length; r++) if (lacking[r]! > lacking[neediest]!) neediest = r;
    regionOf[h] = neediest;
    lacking[neediest]! -= sizes[h]!;
  }
  return regionOf;
}

/** Homeservers with the ranges of their clients, regions and cores. */
export function homeserverTables(workload: Workload) {
  const { homeservers } = workload.population;
  const sizes = homeserverSizes(workload);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 1);
  const clientStart = sharedInt32(homeservers + 1);
  const coresOf = sharedInt32(homeservers);
  for (let h = 0; h < homeservers; h++) {
    const start = clientStart[h]!;
    clientStart[h + 1] = start + sizes[h]!;
    coresOf[h] = Math.max(1, Math.round((workload.homeserver.cores * sizes[h]!) / largest));
  }
  return { clientStart, coresOf, regionOf: assignRegions(sizes, workload) };
}

/** Sizes of all groups as offsets: enough groups that clients are in `perClient` on average. */
export function groupOffsets(workload: Workload, random: RandomSource): Int32Array {
  const { clients } = workload.population;
  const sampler = new Sampler(workload.groups.size, 1, clients);
  const wanted =
    workload.groups.count ??
    Math.round((clients * (workload.groups.perClient ?? 0)) / sampler.mean);
  const offsets = sharedInt32(Math.max(1, wanted) + 1);
  for (let g = 0; g < offsets.length - 1; g++) {
    const size = Math.min(clients, Math.max(2, sampler.sampleInteger(random)));
    offsets[g + 1] = offsets[g]! + size;
  }
  return offsets;
}

/** Draws members of groups: distinct, from the host's clients with probability `locality`. */
class MemberDraw {
  private readonly lastGroup: Int32Array;
  private readonly clientStart: Int32Array;
  private readonly random: RandomSource;
  private readonly locality: number;

  constructor(clientStart: Int32Array, locality: number, random: RandomSource) {
    this.clientStart = clientStart;
    this.lastGroup = new Int32Array(clientStart.at(-1)!).fill(-1);
    this.locality = locality;
    this.random = random;
  }

  /** Fills `members` for group g and returns its host homeserver. */
  fill(members: Int32Array, g: number, homeserverOf: Uint16Array): number {
    const { random, lastGroup } = this;
    const creator = below(random, lastGroup.length);
    const host = homeserverOf[creator]!;
    const start = this.clientStart[host]!;
    const local = this.clientStart[host + 1]! - start;
    members[0] = creator;
    lastGroup[creator] = g;
    let localsLeft = local - 1;
    for (let i = 1; i < members.length; i++) {
      const near = localsLeft > 0 && float(random) < this.locality;
      let client = -1;
      do {
        client = near ? start + below(random, local) : below(random, lastGroup.length);
      } while (lastGroup[client] === g);
      if (client >= start && client < start + local) localsLeft--;
      lastGroup[client] = g;
      members[i] = client;
    }
    if (members.length > 2) members.sort();
    else if (members[0]! > members[1]!) members.reverse();
    return host;
  }
}

/** Turns group -> members into client -> groups by counting. */
function invert(groupStart: Int32Array, memberOf: Int32Array, clients: number) {
  const membershipStart = sharedInt32(clients + 1);
  const groupOf = sharedInt32(memberOf.length);
  for (let i = 0; i < memberOf.length; i++) membershipStart[memberOf[i]! + 1]! += 1;
  for (let c = 0; c < clients; c++) membershipStart[c + 1]! += membershipStart[c]!;
  const next = membershipStart.slice();
  for (let g = 0; g < groupStart.length - 1; g++) {
    for (let i = groupStart[g]!; i < groupStart[g + 1]!; i++) {
      const client = memberOf[i]!;
      groupOf[next[client]!] = g;
      next[client]! += 1;
    }
  }
  return { membershipStart, groupOf };
}

/**
 * Builds all tables. One million clients in 10 groups each take about two seconds.
 *
 * @throws {ValidationError} for impossible combinations
 */
export function buildPopulation(workload: Workload, seed: number): Population {
  checkPopulation(workload);
  const { homeservers, clients } = workload.population;
  const base = homeserverTables(workload);
  const homeserverOf = sharedUint16(clients);
  for (let h = 0; h < homeservers; h++) {
    homeserverOf.fill(h, base.clientStart[h]!, base.clientStart[h + 1]!);
  }
  const random = new Sfc32(stream(seed, 0, 'population.groups'));
  const groupStart = groupOffsets(workload, random);
  const groups = groupStart.length - 1;
  const memberOf = sharedInt32(groupStart[groups]!);
  const hostOf = sharedUint16(groups);
  const draw = new MemberDraw(base.clientStart, workload.groups.locality, random);
  for (let g = 0; g < groups; g++) {
    const members = memberOf.subarray(groupStart[g]!, groupStart[g + 1]!);
    hostOf[g] = draw.fill(members, g, homeserverOf);
  }
  const tables = {
    ...base,
    homeserverOf,
    groupStart,
    memberOf,
    hostOf,
    ...invert(groupStart, memberOf, clients),
  };
  const bytes = Object.values(tables).reduce((sum, array) => sum + array.byteLength, 0);
  return { homeservers, clients, groups, ...tables, bytes };
}

/** Recipients of one message, averaged over senders who use each of their groups equally often. */
export function meanRecipients(population: Population): { perSend: number; senders: number } {
  const { membershipStart, groupOf, groupStart, clients } = population;
  let sum = 0;
  let senders = 0;
  for (let c = 0; c < clients; c++) {
    const from = membershipStart[c]!;
    const to = membershipStart[c + 1]!;
    if (from === to) continue;
    senders++;
    let recipients = 0;
    for (let i = from; i < to; i++) {
      const g = groupOf[i]!;
      recipients += groupStart[g + 1]! - groupStart[g]! - 1;
    }
    sum += recipients / (to - from);
  }
  return { perSend: senders === 0 ? 0 : sum / senders, senders };
}
