/**
 * How many cryptographic operations a commit costs its committer and a receiver, as RFC 9420 needs
 * them and without the fixed part of the key schedule, which every epoch has.
 */
import type { CommitCost } from './commit-cost.ts';

export interface Work {
  /** HPKE encapsulation and seal. */
  readonly hpkeSeals: number;
  /** HPKE decapsulation and open. */
  readonly hpkeOpens: number;
  /** Key pairs derived from node secrets (DeriveKeyPair). */
  readonly keyPairs: number;
  /** DeriveSecret calls for path secrets, node secrets and the commit secret. */
  readonly derivations: number;
  /** Tree hashes, if those of untouched nodes are remembered, and parent hashes. */
  readonly hashes: number;
  readonly signatures: number;
  readonly verifications: number;
}

/**
 * Work of the committer: a path secret, node secret and key pair for its leaf and each node of the
 * path, then the commit secret (section 7.4); one seal per encrypted path secret and per Welcome
 * (section 12.4.3.1); signatures of the LeafNode, the commit and, for a Welcome, the GroupInfo.
 * Added members' KeyPackages are verified: two signatures each.
 */
export function committerWork(cost: CommitCost): Work {
  const path = cost.updatePathBytes > 0;
  const nodes = path ? cost.filteredDirectPath + 1 : 0;
  const joiners = cost.added.length;
  return {
    hpkeSeals: cost.encryptedPathSecrets + joiners,
    hpkeOpens: 0,
    keyPairs: nodes,
    // The leaf's path secret is drawn, not derived; the commit secret takes its place in the sum.
    derivations: 2 * nodes,
    hashes: cost.treeHashes + (path ? cost.filteredDirectPath : 0),
    signatures: 1 + (path ? 1 : 0) + (joiners > 0 ? 1 : 0),
    verifications: 2 * joiners,
  };
}

/**
 * Work of a member that receives the commit. `derivedKeys` is the number of path nodes above it,
 * `RatchetTree.derivedKeys(actor, receiver)` after the commit: it opens one ciphertext and derives
 * the path from there to the root. Signatures of the commit and of the new LeafNode are verified,
 * and two per added KeyPackage.
 */
export function receiverWork(cost: CommitCost, derivedKeys: number): Work {
  const path = cost.updatePathBytes > 0;
  return {
    hpkeSeals: 0,
    hpkeOpens: path ? 1 : 0,
    keyPairs: path ? derivedKeys : 0,
    derivations: path ? 2 * derivedKeys : 0,
    hashes: cost.treeHashes + (path ? cost.filteredDirectPath : 0),
    signatures: 0,
    verifications: 1 + (path ? 1 : 0) + 2 * cost.added.length,
  };
}
