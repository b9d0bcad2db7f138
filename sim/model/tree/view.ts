/** The whole tree seen from outside: node by node, and encoded. Not for hot code. */
import { leafKinds, parentKinds } from './shape.ts';
import type { LeafKind, TreeShape } from './shape.ts';
import { vectorBytes } from './sizes.ts';
import type { Sizes } from './sizes.ts';

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

/**
 * What one node of the array of RFC 9420 appendix C holds: leaves have even numbers.
 */
export function nodeView(shape: TreeShape, number: number): NodeView {
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
export function encodedTreeBytes(shape: TreeShape, sizes: Sizes): number {
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
