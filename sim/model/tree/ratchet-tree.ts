/**
 * The ratchet tree of one group and what each commit costs, exactly as RFC 9420 makes it.
 *
 * The cost of an UpdatePath follows from three facts (sections 7.4 to 7.6):
 *   - its nodes are the filtered direct path: ancestors whose other child has a non-empty resolution;
 *   - each node carries one ciphertext per node in that resolution, except leaves that the same
 *     commit adds (they get their secret in the Welcome). Each added leaf is in exactly one of these
 *     resolutions exactly once: itself below blank nodes, or as an unmerged leaf;
 *   - afterwards the nodes of the path have new keys and no unmerged leaves, and ancestors outside
 *     the filtered path are blank.
 */
import { leafKinds, parentKinds, TreeShape } from './shape.ts';
import type { LeafKind } from './shape.ts';
import { commitContentBytes, pathNodeBytes, publicCommitBytes } from './sizes.ts';
import { vectorBytes, welcomeBytes } from './sizes.ts';
import type { Sizes } from './sizes.ts';

/** Largest group: leaf indices and counts stay far inside 32 bits. */
export const maxMembers = 1_048_576;

/** One proposal of a commit (section 12.1); `byReference` if it travelled by itself before. */
export type Proposal =
  | { readonly type: 'update'; readonly proposer: number }
  | { readonly type: 'remove'; readonly target: number; readonly byReference?: boolean }
  | { readonly type: 'add'; readonly byReference?: boolean };

/** What one commit costs. */
export interface CommitCost {
  /** HPKE ciphertexts of the UpdatePath: encapsulations that the committer does. */
  encryptedPathSecrets: number;
  /** Nodes of the UpdatePath: key pairs and path secrets that the committer derives, less the leaf. */
  filteredDirectPath: number;
  /** Encoded UpdatePath; 0 without a path. */
  updatePathBytes: number;
  /** Encoded Commit structure. */
  commitContentBytes: number;
  /** MLSMessage(PublicMessage(Commit)). */
  commitBytes: number;
  /** MLSMessage(Welcome) for the added members, without the ratchet tree; 0 without adds. */
  welcomeBytes: number;
  /** Nodes whose tree hash changes: hashes that everybody who caches tree hashes computes. */
  treeHashes: number;
  /** Members after the commit. */
  members: number;
  /** Leaves that the commit added, in the order of its proposals. */
  added: readonly number[];
}

export interface CommitOptions {
  /** `when-required` leaves the path out of commits that only add (section 12.4). */
  readonly path?: 'always' | 'when-required';
}

/** One node of the tree, as `RatchetTree.node` shows it. */
export type NodeView =
  | { readonly kind: 'blank' }
  | { readonly kind: 'leaf'; readonly source: 'key-package' | 'update' | 'commit' }
  | { readonly kind: 'parent'; readonly unmerged: readonly number[] };

const leafViews: Readonly<Record<LeafKind, NodeView>> = {
  [leafKinds.blank]: { kind: 'blank' },
  [leafKinds.keyPackage]: { kind: 'leaf', source: 'key-package' },
  [leafKinds.update]: { kind: 'leaf', source: 'update' },
  [leafKinds.commit]: { kind: 'leaf', source: 'commit' },
  [leafKinds.commitAlone]: { kind: 'leaf', source: 'commit' },
};

const none: readonly number[] = [];

export class RatchetTree {
  readonly sizes: Sizes;
  readonly #shape: TreeShape;

  private constructor(shape: TreeShape, sizes: Sizes) {
    this.#shape = shape;
    this.sizes = sizes;
  }

  /**
   * A group made by leaf 0 with one commit that adds all the others and carries no path: every
   * parent is blank, and the first update encrypts to everybody.
   * @throws RangeError unless members is a whole number in 1..2^20.
   */
  static bulk(members: number, sizes: Sizes): RatchetTree {
    checkMembers(members);
    return new RatchetTree(TreeShape.build(members, false), sizes);
  }

  /** The same group after every member has committed a path once, leaf 0 first. */
  static healed(members: number, sizes: Sizes): RatchetTree {
    checkMembers(members);
    return new RatchetTree(TreeShape.build(members, true), sizes);
  }

  clone(): RatchetTree {
    return new RatchetTree(this.#shape.clone(), this.sizes);
  }

  get members(): number {
    return this.#shape.members;
  }

  /** Leaf slots, a power of two: leaves are 0..slots-1. */
  get slots(): number {
    return this.#shape.slots;
  }

  /** Memory of the tree's arrays, in bytes. */
  get bytes(): number {
    return this.#shape.bytes;
  }

  isMember(leaf: number): boolean {
    return this.#shape.leafKind(leaf) !== leafKinds.blank;
  }

  /** The leaf that the next added member gets; equal to `slots` when the tree has to double. */
  nextLeaf(): number {
    return this.#shape.leftmostBlank();
  }

  /**
   * What one node of the array of RFC 9420 appendix C holds: leaves have even numbers. Meant for
   * checks and pictures, not for hot code.
   */
  node(number: number): NodeView {
    const shape = this.#shape;
    if (number % 2 === 0) return leafViews[shape.leafKind(number / 2)];
    const level = 31 - Math.clz32(~number & (number + 1));
    const block = number >> (level + 1);
    if (shape.parentKind(level, block) === parentKinds.blank) return { kind: 'blank' };
    const unmerged: number[] = [];
    for (let leaf = block << level; leaf < (block + 1) << level; leaf++) {
      if (shape.isUnmerged(level, leaf)) unmerged.push(leaf);
    }
    return { kind: 'parent', unmerged };
  }

  /**
   * Size of the tree as the ratchet_tree extension carries it: a vector of optional nodes without
   * the blank ones at the end (section 12.4.3.3). Takes O(members).
   */
  encodedBytes(): number {
    const { sizes } = this;
    const shape = this.#shape;
    const leafBytes = [0, sizes.leafNode.keyPackage, sizes.leafNode.update, sizes.leafNode.commit];
    leafBytes.push(sizes.leafNode.commitAlone);
    const parentHash = vectorBytes(sizes.suite.hash.bytes);
    let last = shape.slots - 1;
    while (shape.leafKind(last) === leafKinds.blank) last--;
    let bytes = 2 * last + 1; // presence of every node
    for (let leaf = 0; leaf <= last; leaf++) {
      const kind = shape.leafKind(leaf);
      if (kind !== leafKinds.blank) bytes += 1 + leafBytes[kind]!;
    }
    for (let level = 1; level <= shape.depth; level++) {
      for (let block = 0; block << level <= last; block++) {
        const kind = shape.parentKind(level, block);
        if (kind === parentKinds.blank) continue;
        bytes += 1 + sizes.pathNodeKey + (kind === parentKinds.top ? 1 : parentHash);
        bytes += vectorBytes(4 * shape.unmergedCount(level, block));
      }
    }
    return vectorBytes(bytes);
  }

  /**
   * After a commit by `actor`: the nodes of its path above `receiver`, which derives their keys.
   * Members below the root's other half derive 1, a sibling leaf all of the path.
   */
  derivedKeys(actor: number, receiver: number): number {
    const shape = this.#shape;
    let count = 0;
    for (let level = 32 - Math.clz32(actor ^ receiver); level <= shape.depth; level++) {
      if (level > 0 && shape.parentKind(level, actor >> level) !== parentKinds.blank) count++;
    }
    return count;
  }

  /** A commit without proposals: new keys for the committer's path. */
  update(actor: number): CommitCost {
    return this.commit(actor, []);
  }

  /** A commit that adds one member by value, with a path. */
  add(actor: number): CommitCost & { readonly leaf: number } {
    const cost = this.commit(actor, [{ type: 'add' }]);
    return { ...cost, leaf: cost.added[0]! };
  }

  /** A commit that removes one member by value. */
  remove(actor: number, target: number): CommitCost {
    return this.commit(actor, [{ type: 'remove', target }]);
  }

  /**
   * Applies a commit: updates, then removes, then adds, each in the given order (section 12.3), then
   * the committer's path. The tree is unchanged when it throws.
   * @throws RangeError for what section 12.2 forbids: a committer or target that is no member, a
   * committer that updates by proposal or removes itself, two proposals for one leaf.
   */
  commit(actor: number, proposals: readonly Proposal[], options: CommitOptions = {}): CommitCost {
    this.#check(actor, proposals);
    const shape = this.#shape;
    const onlyAdds = proposals.length > 0 && proposals.every((p) => p.type === 'add');
    const path = !(onlyAdds && options.path === 'when-required');
    const touched: number[] = path ? [actor] : [];
    const added = proposals.length === 0 ? none : this.#apply(proposals, touched);
    const cost: CommitCost = {
      encryptedPathSecrets: 0,
      filteredDirectPath: 0,
      updatePathBytes: 0,
      commitContentBytes: 0,
      commitBytes: 0,
      welcomeBytes: 0,
      treeHashes: hashedNodes(touched, shape.depth),
      members: shape.members,
      added,
    };
    if (path) this.#refreshPath(actor, added, cost);
    const proposalBytes = proposalsBytes(this.sizes, proposals);
    cost.commitContentBytes = commitContentBytes(proposalBytes, cost.updatePathBytes);
    cost.commitBytes = publicCommitBytes(this.sizes, proposalBytes, cost.updatePathBytes);
    if (added.length > 0) cost.welcomeBytes = welcomeBytes(this.sizes, added.length, { path });
    return cost;
  }

  #check(actor: number, proposals: readonly Proposal[]): void {
    this.#checkMember(actor, 'committer');
    const seen = new Set<number>();
    let adds = 0;
    for (const proposal of proposals) {
      if (proposal.type === 'add') {
        adds++;
        continue;
      }
      const leaf = proposal.type === 'update' ? proposal.proposer : proposal.target;
      this.#checkMember(leaf, proposal.type === 'update' ? 'proposer' : 'target');
      if (leaf === actor) {
        const what = proposal.type === 'update' ? 'its own update proposal' : 'its own removal';
        throw new RangeError(`leaf ${actor} cannot commit ${what}`);
      }
      if (seen.has(leaf)) throw new RangeError(`two proposals for leaf ${leaf} in one commit`);
      seen.add(leaf);
    }
    if (this.members + adds > maxMembers) {
      throw new RangeError(`a group of more than ${maxMembers} members is not supported`);
    }
  }

  #checkMember(leaf: number, role: string): void {
    if (!this.isMember(leaf)) throw new RangeError(`${role} ${leaf} is not a member of the group`);
  }

  /** Applies proposals in the order of section 12.3; returns the leaves added. */
  #apply(proposals: readonly Proposal[], touched: number[]): readonly number[] {
    const shape = this.#shape;
    for (const proposal of proposals) {
      if (proposal.type !== 'update') continue;
      shape.setLeaf(proposal.proposer, leafKinds.update);
      shape.blankPath(proposal.proposer);
      touched.push(proposal.proposer);
    }
    for (const proposal of proposals) {
      if (proposal.type !== 'remove') continue;
      shape.vacate(proposal.target);
      touched.push(proposal.target);
    }
    const added: number[] = [];
    for (const proposal of proposals) {
      if (proposal.type !== 'add') continue;
      const leaf = shape.leftmostBlank();
      shape.occupy(leaf);
      added.push(leaf);
      touched.push(leaf);
    }
    return added;
  }

  /** Adds the path's counts and bytes to `cost` and refreshes the path's nodes. */
  #refreshPath(actor: number, added: readonly number[], cost: CommitCost): void {
    const shape = this.#shape;
    const { sizes } = this;
    let nodeBytes = 0;
    let top = 0;
    for (let level = 1; level <= shape.depth; level++) {
      const sibling = (actor >> (level - 1)) ^ 1;
      const resolution = shape.resolution(level - 1, sibling);
      if (resolution === 0) {
        shape.blankParent(level, actor >> level);
        continue;
      }
      const ciphertexts = resolution - countBelow(added, level - 1, sibling);
      shape.fillParent(level, actor >> level, parentKinds.inner);
      top = level;
      cost.encryptedPathSecrets += ciphertexts;
      cost.filteredDirectPath++;
      nodeBytes += pathNodeBytes(sizes, ciphertexts);
    }
    if (top > 0) shape.fillParent(top, actor >> top, parentKinds.top);
    shape.setLeaf(actor, top > 0 ? leafKinds.commit : leafKinds.commitAlone);
    const leafNode = top > 0 ? sizes.leafNode.commit : sizes.leafNode.commitAlone;
    cost.updatePathBytes = leafNode + vectorBytes(nodeBytes);
  }
}

function checkMembers(members: number): void {
  if (!(Number.isInteger(members) && members >= 1 && members <= maxMembers)) {
    throw new RangeError(`members must be a whole number in 1..${maxMembers}, not ${members}`);
  }
}

/** How many of the leaves lie below a node. */
function countBelow(leaves: readonly number[], level: number, block: number): number {
  let count = 0;
  for (const leaf of leaves) if (leaf >> level === block) count++;
  return count;
}

function proposalsBytes(sizes: Sizes, proposals: readonly Proposal[]): number {
  let bytes = 0;
  for (const proposal of proposals) {
    const byReference = proposal.type === 'update' || proposal.byReference === true;
    bytes += byReference ? sizes.proposal.reference : sizes.proposal[proposal.type];
  }
  return bytes;
}

/** Distinct nodes on the paths from the touched leaves to the root, leaves included. */
function hashedNodes(touched: readonly number[], depth: number): number {
  if (touched.length === 1) return depth + 1;
  let level = new Set(touched.filter((leaf) => leaf < 1 << depth));
  let nodes = level.size;
  for (let k = 1; k <= depth; k++) {
    level = new Set([...level].map((block) => block >> 1));
    nodes += level.size;
  }
  return nodes;
}
