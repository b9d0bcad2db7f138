/**
 * The ratchet tree of one group and what each commit costs, exactly as RFC 9420 makes it.
 *
 * The cost of an UpdatePath follows from three facts (sections 7.4 to 7.6):
 *   - its nodes are the filtered direct path: ancestors whose other child has a non-empty
 *     resolution;
 *   - each node carries one ciphertext per node in that resolution, except leaves that the same
 *     commit adds (they get their secret in the Welcome). Each added leaf is in exactly one of
 *     these resolutions exactly once: itself below blank nodes, or as an unmerged leaf;
 *   - afterwards the nodes of the path have new keys and no unmerged leaves, and ancestors outside
 *     the filtered path are blank.
 */
import { countBelow, hashedNodes, proposalsBytes } from './commit-cost.ts';
import type { CommitCost, CommitOptions, Proposal } from './commit-cost.ts';
import { leafKinds, parentKinds, TreeShape } from './shape.ts';
import { commitContentBytes, pathNodeBytes, publicCommitBytes } from './sizes.ts';
import { vectorBytes, welcomeBytes } from './sizes.ts';
import type { Sizes } from './sizes.ts';
import { encodedTreeBytes, nodeView } from './view.ts';
import type { NodeView } from './view.ts';

export type { CommitCost, CommitOptions, Proposal } from './commit-cost.ts';
export type { NodeView } from './view.ts';

/** Largest group: leaf indices and counts stay far inside 32 bits. */
export const maxMembers = 1_048_576;

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

  /** What one node of the array holds, for checks and pictures: see `nodeView`. */
  node(number: number): NodeView {
    return nodeView(this.#shape, number);
  }

  /** Size of the ratchet_tree extension's content: see `encodedTreeBytes`. Takes O(members). */
  encodedBytes(): number {
    return encodedTreeBytes(this.#shape, this.sizes);
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
   * Applies a commit: updates, then removes, then adds, each in the given order (section 12.3),
   * then the committer's path. The tree is unchanged when it throws.
   * @throws RangeError for what section 12.2 forbids: a committer or target that is no member, a
   * committer that updates by proposal or removes itself, two proposals for one leaf.
   */
  commit(actor: number, proposals: readonly Proposal[], options: CommitOptions = {}): CommitCost {
    this.#check(actor, proposals);
    const shape = this.#shape;
    const onlyAdds = proposals.length > 0 && proposals.every((p) => p.type === 'add');
    const path = !(onlyAdds && options.path === 'when-required');
    const touched: number[] = path ? [actor] : [];
    if (proposals.length > 0) this.#retire(proposals, touched);
    const depthBefore = shape.depth;
    const added = proposals.length > 0 ? this.#admit(proposals, touched) : none;
    const cost: CommitCost = {
      encryptedPathSecrets: 0,
      filteredDirectPath: 0,
      updatePathBytes: 0,
      commitContentBytes: 0,
      commitBytes: 0,
      welcomeBytes: 0,
      treeHashes: hashedNodes(touched, depthBefore, shape.depth),
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
    if (proposals.length === 0) return;
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

  /** Applies updates, then removes. */
  #retire(proposals: readonly Proposal[], touched: number[]): void {
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
  }

  /** Applies adds; returns their leaves. */
  #admit(proposals: readonly Proposal[], touched: number[]): readonly number[] {
    const shape = this.#shape;
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
