/**
 * Tree hashes (RFC 9420, section 7.8) that remember what they hashed. Nodes of a tree are values:
 * ts-mls replaces a node and never changes one, so a leaf's hash belongs to the leaf object, and a
 * parent's to the hash objects of its two children. Only what a commit changed is hashed again; the
 * walk itself costs about 50 ns per node. Loaded from within the library, hence free of imports.
 */

type Bytes = Uint8Array;

interface LeafLike {
  readonly nodeType: number;
  readonly leaf?: object;
}

interface ParentLike {
  readonly nodeType: number;
  readonly parent?: { readonly unmergedLeaves: readonly number[] };
}

type Tree = readonly ((LeafLike & ParentLike) | undefined)[];

interface HashLike {
  digest(data: Bytes): Bytes | Promise<Bytes>;
}

interface HashInputs {
  leaf(leafIndex: number, leaf: object | undefined): Bytes;
  parent(parent: object | undefined, left: Bytes, right: Bytes): Bytes;
}

interface KeptParent {
  readonly right: Bytes;
  readonly parent: object | undefined;
  readonly hash: Bytes;
}

interface Memo {
  readonly leaves: WeakMap<object, { readonly index: number; readonly hash: Bytes }>;
  /** By leaf index; as many as the largest tree met has leaves. */
  readonly blanks: Map<number, Bytes>;
  readonly parents: WeakMap<Bytes, KeptParent>;
}

/** By digest function: all providers of one hash share what was hashed. */
const memos = new WeakMap<HashLike['digest'], Memo>();

function memoOf(hash: HashLike): Memo {
  const known = memos.get(hash.digest);
  if (known !== undefined) return known;
  const made: Memo = { leaves: new WeakMap(), blanks: new Map(), parents: new WeakMap() };
  memos.set(hash.digest, made);
  return made;
}

type MaybeLater = Bytes | Promise<Bytes>;

function then(value: MaybeLater, next: (bytes: Bytes) => Bytes): MaybeLater {
  return value instanceof Promise ? value.then(next) : next(value);
}

/**
 * Hash of the subtree at `index` as if the leaves `without` were blank and unknown to their parents
 * (the original sibling tree hash of section 7.9). A promise only where the provider gives one.
 */
export function memoizedTreeHash(
  inputs: HashInputs,
  tree: Tree,
  index: number,
  hash: HashLike,
  without: readonly number[],
): MaybeLater {
  const memo = memoOf(hash);

  const leafHash = (at: number): MaybeLater => {
    const leafIndex = at / 2;
    const node = tree[at];
    const leaf = without.includes(leafIndex) ? undefined : node?.leaf;
    if (node !== undefined && node.leaf === undefined)
      throw new Error('a parent in place of a leaf');
    if (leaf === undefined) {
      const blank = memo.blanks.get(leafIndex);
      if (blank !== undefined) return blank;
      return then(hash.digest(inputs.leaf(leafIndex, undefined)), (made) => {
        memo.blanks.set(leafIndex, made);
        return made;
      });
    }
    const known = memo.leaves.get(leaf);
    if (known?.index === leafIndex) return known.hash;
    return then(hash.digest(inputs.leaf(leafIndex, leaf)), (made) => {
      memo.leaves.set(leaf, { index: leafIndex, hash: made });
      return made;
    });
  };

  const parentOf = (at: number): object | undefined => {
    const node = tree[at];
    if (node !== undefined && node.parent === undefined)
      throw new Error('a leaf in place of a parent');
    const parent = node?.parent;
    if (parent === undefined || without.length === 0) return parent;
    if (!parent.unmergedLeaves.some((leaf) => without.includes(leaf))) return parent;
    const unmergedLeaves = parent.unmergedLeaves.filter((leaf) => !without.includes(leaf));
    return { ...parent, unmergedLeaves };
  };

  const combine = (parent: object | undefined, left: Bytes, right: Bytes): MaybeLater => {
    const known = memo.parents.get(left);
    if (known?.right === right && known.parent === parent) return known.hash;
    return then(hash.digest(inputs.parent(parent, left, right)), (made) => {
      memo.parents.set(left, { right, parent, hash: made });
      return made;
    });
  };

  const subtree = (at: number): MaybeLater => {
    if (at % 2 === 0) return leafHash(at);
    const step = 1 << (levelOf(at) - 1);
    const parent = parentOf(at);
    const left = subtree(at - step);
    const right = subtree(at + step);
    if (left instanceof Promise || right instanceof Promise) {
      return Promise.all([left, right]).then(([l, r]) => combine(parent, l, r));
    }
    return combine(parent, left, right);
  };

  return subtree(index);
}

/** Hashes of all subtrees in node order, as the memo has them; empty when one is missing. */
export function keptTreeHashes(tree: Tree, hash: HashLike): readonly Bytes[] {
  const memo = memoOf(hash);
  const kept: Bytes[] = Array.from({ length: tree.length });
  const subtree = (at: number): Bytes | undefined => {
    const found = at % 2 === 0 ? leaf(at) : parent(at);
    if (found !== undefined) kept[at] = found;
    return found;
  };
  const leaf = (at: number): Bytes | undefined => {
    const value = tree[at]?.leaf;
    return value === undefined ? memo.blanks.get(at / 2) : memo.leaves.get(value)?.hash;
  };
  const parent = (at: number): Bytes | undefined => {
    const step = 1 << (levelOf(at) - 1);
    const left = subtree(at - step);
    const right = subtree(at + step);
    const known = left && memo.parents.get(left);
    return known?.right === right && known?.parent === tree[at]?.parent ? known?.hash : undefined;
  };
  return subtree((tree.length - 1) / 2) === undefined ? [] : kept;
}

/** Tells the memo what `keptTreeHashes` said of an equal tree, which was stored and read back. */
export function primeTreeHashes(tree: Tree, hash: HashLike, kept: readonly Bytes[]): void {
  const memo = memoOf(hash);
  for (let at = 0; at < tree.length; at++) {
    const value = kept[at]!;
    if (at % 2 === 0) {
      const leaf = tree[at]?.leaf;
      if (leaf === undefined) memo.blanks.set(at / 2, memo.blanks.get(at / 2) ?? value);
      else memo.leaves.set(leaf, { index: at / 2, hash: value });
    }
  }
  for (let at = 1; at < tree.length; at += 2) {
    const step = 1 << (levelOf(at) - 1);
    const hashAt = (index: number): Bytes => {
      const isBlank = index % 2 === 0 && tree[index] === undefined;
      return isBlank ? memo.blanks.get(index / 2)! : kept[index]!;
    };
    const right = hashAt(at + step);
    memo.parents.set(hashAt(at - step), { right, parent: tree[at]?.parent, hash: kept[at]! });
  }
}

/** Height of a node above the leaves: the number of its trailing one bits. */
function levelOf(index: number): number {
  return 31 - Math.clz32(~index & (index + 1));
}
