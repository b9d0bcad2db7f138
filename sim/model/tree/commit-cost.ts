/** What a commit consists of and what it costs; the counting that needs no tree. */
import type { Sizes } from './sizes.ts';

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

/** How many of the leaves lie below a node. */
export function countBelow(leaves: readonly number[], level: number, block: number): number {
  let count = 0;
  for (const leaf of leaves) if (leaf >> level === block) count++;
  return count;
}

/** Encoded proposals of a commit, without the length of their vector. */
export function proposalsBytes(sizes: Sizes, proposals: readonly Proposal[]): number {
  let bytes = 0;
  for (const proposal of proposals) {
    const byReference = proposal.type === 'update' || proposal.byReference === true;
    bytes += byReference ? sizes.proposal.reference : sizes.proposal[proposal.type];
  }
  return bytes;
}

/**
 * Nodes whose tree hash changes: those on the paths from the touched leaves to the root, leaves
 * included, and the whole new part of a tree that doubled, because blank leaves hash their index.
 * In the order of the leaves, each adds to its predecessor's path the nodes below their common
 * ancestor.
 */
export function hashedNodes(
  touched: readonly number[],
  depthBefore: number,
  depth: number,
): number {
  const ordered = touched.length > 1 ? touched.toSorted((a, b) => a - b) : touched;
  const slots = 1 << depthBefore;
  let nodes = 2 * ((1 << depth) - slots);
  let previous = -1;
  for (const leaf of ordered) {
    // Beyond these: new ones, counted already, or removed ones in a half that was cut off.
    if (leaf >= slots) break;
    nodes += previous < 0 ? depthBefore + 1 : 32 - Math.clz32(leaf ^ previous);
    previous = leaf;
  }
  return nodes;
}
