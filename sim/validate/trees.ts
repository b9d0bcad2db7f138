/**
 * What RFC 9420 says of the cost of a commit, for trees whose shape can be worked out on paper. The
 * unit is HPKE encryptions of a path secret; nothing is random but who acts, so a single deviation
 * is a defect. (That the model's tree equals ts-mls for any history is a test beside the tree.)
 */
import { below, stream } from '../kernel/random.ts';
import { RatchetTree } from '../model/tree/ratchet-tree.ts';
import { CommitPrices } from '../model/commit-throughput/prices.ts';
import { loadCalibration } from '../model/costs.ts';
import { raceWorkload } from './model-race.ts';
import { type Measure, type Study, defaultReplications } from './study.ts';

/** Sizes as the model uses them; the counts of this file do not depend on them. */
const { mls } = new CommitPrices(raceWorkload(1), loadCalibration('reference'));

function exactly(expected: number, unit: string, source: string): Measure {
  return { expected, unit, tolerance: { kind: 'exact' }, source };
}

/** What the tree cases need of a tree; tests hand in broken ones. */
export type MakeTree = (shape: 'bulk' | 'healed', members: number) => RatchetTree;

export const modelTree: MakeTree = (shape, members) => RatchetTree[shape](members, mls);

/** The actor of a replication: whoever commits, the cost must be the same. */
function anyLeaf(seed: number, replication: number, members: number): number {
  return below(stream(seed, replication, 'validate.tree.actor'), members);
}

/** In a blank tree every other leaf gets its own ciphertext: n - 1, whoever commits. */
export function bulkUpdate(members: number, make = modelTree): Study {
  return {
    name: `tree/bulk-first-update/n-${members}`,
    measures: {
      'path-secrets': exactly(
        members - 1,
        'ciphertexts',
        'RFC 9420, 4.1.1 and 7.5: the resolution of a blank subtree is its leaves',
      ),
    },
    replications: defaultReplications,
    seconds: 1e-3,
    replicate: (seed, replication) => {
      const cost = make('bulk', members).update(anyLeaf(seed, replication, members));
      return { 'path-secrets': cost.encryptedPathSecrets };
    },
  };
}

/** In a full tree each of the log2 n copath nodes has a key: one ciphertext per level. */
export function healedUpdate(depth: number, make = modelTree): Study {
  const members = 1 << depth;
  return {
    name: `tree/healed-update/n-${members}`,
    measures: {
      'path-secrets': exactly(depth, 'ciphertexts', 'RFC 9420, 7.5: one per copath node'),
      'path-nodes': exactly(depth, 'nodes', 'RFC 9420, 4.1.2: the filtered direct path'),
    },
    replications: defaultReplications,
    seconds: 1e-3,
    replicate: (seed, replication) => {
      const cost = make('healed', members).update(anyLeaf(seed, replication, members));
      return {
        'path-secrets': cost.encryptedPathSecrets,
        'path-nodes': cost.filteredDirectPath,
      };
    },
  };
}

/**
 * Leaf 0 removes the last leaf of a full tree of depth d. The removal blanks the d - 1 parents of
 * that leaf below the root, so the right half resolves to the d - 1 subtrees left beside its path,
 * and each of the d - 1 other levels costs one ciphertext.
 */
export function removal(depth: number, make = modelTree): Study {
  const members = 1 << depth;
  return {
    name: `tree/removal/n-${members}`,
    measures: {
      'path-secrets': exactly(2 * depth - 2, 'ciphertexts', 'RFC 9420, 12.1.3 and 4.1.1'),
      blanked: exactly(depth - 1, 'nodes', 'RFC 9420, 12.1.3: blank the direct path'),
    },
    replications: 1,
    seconds: 1e-3,
    replicate: () => {
      const tree = make('healed', members);
      const cost = tree.remove(0, members - 1);
      return { 'path-secrets': cost.encryptedPathSecrets, blanked: blankParents(tree) };
    },
  };
}

function blankParents(tree: RatchetTree): number {
  let blank = 0;
  for (let node = 1; node < 2 * tree.slots - 1; node += 2) {
    blank += tree.node(node).kind === 'blank' ? 1 : 0;
  }
  return blank;
}

/**
 * A full tree of depth d lacks its last u leaves (u at most a quarter); leaf 0 adds them one by
 * one. Each is an unmerged leaf of the root of the right half, whose resolution becomes 1 + u: an
 * update of leaf 0 costs d + u. Once an added member commits, that root has a new key known to all
 * below it, and an update of leaf 0 costs d again.
 */
export function unmerged(depth: number, added: number, make = modelTree): Study {
  const members = (1 << depth) - added;
  return {
    name: `tree/unmerged/n-${1 << depth}-added-${added}`,
    measures: {
      'path-secrets': exactly(depth + added, 'ciphertexts', 'RFC 9420, 4.1.1: unmerged leaves'),
      'after-merge': exactly(depth, 'ciphertexts', 'RFC 9420, 7.5: a new key has none unmerged'),
    },
    replications: 1,
    seconds: 1e-3,
    replicate: () => {
      const tree = make('healed', members);
      for (let leaf = members; leaf < 1 << depth; leaf++) {
        tree.add(0);
      }
      const before = tree.update(0).encryptedPathSecrets;
      tree.update((1 << depth) - 1);
      return { 'path-secrets': before, 'after-merge': tree.update(0).encryptedPathSecrets };
    },
  };
}

export const treeStudies: readonly Study[] = [
  ...[2, 10, 100, 1000].map((members) => bulkUpdate(members)),
  ...[1, 4, 10].map((depth) => healedUpdate(depth)),
  ...[3, 10].map((depth) => removal(depth)),
  unmerged(3, 1),
  unmerged(10, 5),
];
