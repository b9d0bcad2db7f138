/**
 * One group and those of its members that want to commit (the contenders). A contender has at most
 * one wish in work; further wishes wait their turn behind it.
 */
import type { Workload } from '../../../src/workload/types.ts';
import { below, float, Sfc32, stream } from '../../kernel/random.ts';
import { Sampler } from '../sampler.ts';
import type { CommitCost, Proposal } from '../tree/ratchet-tree.ts';
import { RatchetTree } from '../tree/ratchet-tree.ts';
import type { Sizes } from '../tree/sizes.ts';

/** A commit on its way. */
export interface Attempt {
  readonly epoch: number;
  readonly bytes: number;
  readonly cost: CommitCost;
  /** The tree after the commit; exact when `epoch` is the current one. */
  readonly tree: RatchetTree;
  /** Contenders whose proposals the commit carries (elected committer). */
  readonly covers: readonly number[];
  readonly startedNs: number;
}

export class Contender {
  readonly index: number;
  readonly leaf: number;
  /** Homeserver it lives on. */
  readonly home: number;
  /** Epoch it has processed. */
  known = 0;
  /** It works on a wish, or waits for the answer to one that was granted. */
  busy = false;
  /** When the wish in work came up; -1 when there is none, or it has been granted. */
  wantedNs = -1;
  attempts = 0;
  backoffMs = 0;
  /** Epoch of its last refused commit: the next one must be for a newer epoch. */
  refusedEpoch = -1;
  /** Its backoff is over, but it has not learnt a newer epoch yet. */
  awaitsEpoch = false;
  attempt: Attempt | undefined = undefined;
  /** Its commit on behalf of others (elected committer). */
  electedAttempt: Attempt | undefined = undefined;
  /** Its queue delivers in order: nothing is learnt before this time. */
  learntNs = 0;
  /** Epoch of its last proposal (elected committer). */
  proposedEpoch = -1;
  /** Times of wishes behind the one in work. */
  readonly waiting: number[] = [];
  served = 0;

  constructor(index: number, leaf: number, home: number) {
    this.index = index;
    this.leaf = leaf;
    this.home = home;
  }
}

export class Group {
  readonly id: number;
  readonly host: number;
  readonly contenders: readonly Contender[];
  tree: RatchetTree;
  /** Epoch at the delivery service. */
  epoch = 0;
  /** Contenders whose proposals for this epoch the elected committer has seen. */
  seen: number[] = [];
  /** The elected committer is making a commit for this epoch; -1 = none. */
  electedEpoch = -1;
  /** When and who wants; the same under every policy. */
  readonly wishes: Sfc32;
  readonly network: Sfc32;
  /** Backoff, think time, elections. */
  readonly choices: Sfc32;

  constructor(
    id: number,
    host: number,
    contenders: readonly Contender[],
    tree: RatchetTree,
    seed: number,
  ) {
    this.id = id;
    this.host = host;
    this.contenders = contenders;
    this.tree = tree;
    this.wishes = new Sfc32(stream(seed, id, 'commit.wishes'));
    this.network = new Sfc32(stream(seed, id, 'commit.network'));
    this.choices = new Sfc32(stream(seed, id, 'commit.choices'));
  }

  /** What a commit of this kind proposes: nothing, or one member out and one in. */
  proposals(operation: Workload['commits']['operation']): readonly Proposal[] {
    if (operation === 'update') return [];
    const contending = new Set(this.contenders.map(({ leaf }) => leaf));
    // The room of the removed leaf goes to the added one, so the group keeps its size.
    for (let tries = 0; tries < 64; tries++) {
      const target = below(this.choices, this.tree.slots);
      if (this.tree.isMember(target) && !contending.has(target)) {
        return [{ type: 'remove', target }, { type: 'add' }];
      }
    }
    return [{ type: 'add' }];
  }
}

/** Draws distinct leaves for the contenders. */
function drawLeaves(members: number, count: number, random: Sfc32): number[] {
  const leaves = Array.from({ length: members }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + below(random, members - i);
    [leaves[i], leaves[j]] = [leaves[j]!, leaves[i]!];
  }
  return leaves.slice(0, count);
}

/**
 * The group with a number: size, tree and members from its own stream, so that it is the same on
 * any number of workers.
 *
 * @param clientStart - first client of each homeserver, for drawing homes in proportion to size
 */
export function makeGroup(
  id: number,
  host: number,
  { workload, seed, mls, clientStart }: GroupWorld,
): Group {
  const random = new Sfc32(stream(seed, id, 'commit.group'));
  const { commits, groups } = workload;
  const size = new Sampler(groups.size, 1, workload.population.clients).sampleInteger(random);
  const members = Math.max(2, size);
  const tree =
    commits.tree === 'healed' ? RatchetTree.healed(members, mls) : RatchetTree.bulk(members, mls);
  const leaves = drawLeaves(members, Math.min(commits.contenders, members), random);
  const contenders = leaves.map((leaf, index) => {
    const local = float(random) < groups.locality;
    return new Contender(index, leaf, local ? host : drawHomeserver(clientStart, random));
  });
  return new Group(id, host, contenders, tree, seed);
}

export interface GroupWorld {
  readonly workload: Workload;
  readonly seed: number;
  readonly mls: Sizes;
  readonly clientStart: Int32Array;
}

/** A homeserver in proportion to its clients. */
export function drawHomeserver(clientStart: Int32Array, random: Sfc32): number {
  const client = below(random, clientStart.at(-1)!);
  let low = 0;
  let high = clientStart.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (clientStart[middle]! <= client) low = middle;
    else high = middle;
  }
  return low;
}
