/**
 * The shape of one ratchet tree: which nodes are blank, which leaves are unmerged, where leaves
 * came from. No keys; that is all that sizes and operation counts depend on.
 *
 * Nodes are addressed by (level, block): level 0 holds the leaves, and block b of level k covers
 * the leaves b 2^k .. (b+1) 2^k - 1. Node number in the array of RFC 9420 appendix C: b 2^(k+1) +
 * 2^k - 1. Parents are stored under half that number (rounded down), b 2^k + 2^(k-1) - 1, which
 * does not change when the tree doubles or halves.
 *
 * Why counts are kept beside the sets of unmerged leaves: the resolution of a non-blank node has
 * 1 + |unmerged| elements, that of a blank node is the sum of its children's, so one number per
 * parent gives every resolution in O(1), and every operation changes those on one path only.
 *
 * Memory per leaf slot (slots = members rounded up to a power of two): 1 byte of kinds, 2 of
 * resolution (4 beyond 32,768 slots), and log2(slots)/8 of unmerged sets once a member was added
 * below a non-blank parent: 4.25 bytes at 1,024 slots.
 *
 * House rule broken: methods mutate without `Mutable` in their names; the class is the mutable core
 * of RatchetTree and nobody else holds one.
 */

/** What a leaf slot holds; the sources of RFC 9420 section 7.2. */
export const leafKinds = {
  blank: 0,
  keyPackage: 1,
  update: 2,
  /** From a commit, with a parent hash. */
  commit: 3,
  /** From a commit of a member alone in the group: its parent hash is empty. */
  commitAlone: 4,
} as const;
export type LeafKind = (typeof leafKinds)[keyof typeof leafKinds];

/** What a parent node holds. */
export const parentKinds = {
  blank: 0,
  /** It was the topmost node of its path: its parent hash is empty (section 7.9). */
  top: 1,
  inner: 2,
} as const;
export type ParentKind = (typeof parentKinds)[keyof typeof parentKinds];

const parentShift = 4;
const leafMask = 0x0f;
/** With more slots than this a resolution may not fit 16 bits. */
const narrowSlots = 32_768;

type Counts = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

export class TreeShape {
  /** Leaf slots in use: a power of two. */
  slots: number;
  /** log2(slots): the number of parents above every leaf. */
  depth: number;
  members: number;
  /** Low half: kind of leaf i; high half: kind of the parent stored under i. */
  #kinds: Uint8Array<ArrayBuffer>;
  /** Number of nodes in the resolution of each parent. */
  #resolution: Counts;
  /** Bit (level - 1) x capacity + leaf: the leaf is unmerged at its ancestor of that level. */
  #unmerged: Uint32Array<ArrayBuffer>;
  /** No leaf below this one is blank. */
  #firstBlank: number;

  constructor(slots: number) {
    this.slots = slots;
    this.depth = 31 - Math.clz32(slots);
    this.members = 0;
    this.#kinds = new Uint8Array(slots);
    this.#resolution = slots > narrowSlots ? new Uint32Array(slots) : new Uint16Array(slots);
    this.#unmerged = new Uint32Array(0);
    this.#firstBlank = 0;
  }

  /**
   * A group as its creator makes it, leaf 0 adding all the others in one commit without a path: all
   * parents blank. With `healed`, as after every member committed once in the order of the leaves:
   * parents with members on both sides filled.
   */
  static build(members: number, healed: boolean): TreeShape {
    const depth = members === 1 ? 0 : 32 - Math.clz32(members - 1);
    const shape = new TreeShape(1 << depth);
    shape.members = members;
    shape.#firstBlank = members;
    const committed = members === 1 ? leafKinds.commitAlone : leafKinds.commit;
    shape.#kinds.fill(healed ? committed : leafKinds.keyPackage, 0, members);
    for (let level = 1; level <= depth; level++) {
      for (let block = 0; block << level < members; block++) {
        const twoSided = (block << level) + (1 << (level - 1)) < members;
        if (healed && twoSided) {
          const kind = level === depth ? parentKinds.top : parentKinds.inner;
          shape.fillParent(level, block, kind);
        } else {
          shape.blankParent(level, block);
        }
      }
    }
    return shape;
  }

  clone(): TreeShape {
    const copy = new TreeShape(1);
    copy.slots = this.slots;
    copy.depth = this.depth;
    copy.members = this.members;
    copy.#kinds = this.#kinds.slice();
    copy.#resolution = this.#resolution.slice();
    copy.#unmerged = this.#unmerged.slice();
    copy.#firstBlank = this.#firstBlank;
    return copy;
  }

  /** Bytes held by the arrays. */
  get bytes(): number {
    return this.#kinds.byteLength + this.#resolution.byteLength + this.#unmerged.byteLength;
  }

  leafKind(leaf: number): LeafKind {
    return leaf < this.slots ? ((this.#kinds[leaf]! & leafMask) as LeafKind) : leafKinds.blank;
  }

  setLeaf(leaf: number, kind: LeafKind): void {
    this.#kinds[leaf] = (this.#kinds[leaf]! & ~leafMask) | kind;
  }

  parentKind(level: number, block: number): ParentKind {
    return (this.#kinds[parentIndex(level, block)]! >> parentShift) as ParentKind;
  }

  /** Number of nodes in the resolution of a node (section 4.1.1). */
  resolution(level: number, block: number): number {
    if (level === 0) return (this.#kinds[block]! & leafMask) === leafKinds.blank ? 0 : 1;
    return this.#resolution[parentIndex(level, block)]!;
  }

  /** Leaves in the unmerged set of a node; 0 for blank nodes. */
  unmergedCount(level: number, block: number): number {
    if (this.parentKind(level, block) === parentKinds.blank) return 0;
    return this.resolution(level, block) - 1;
  }

  isUnmerged(level: number, leaf: number): boolean {
    if (this.#unmerged.length === 0) return false;
    const bit = (level - 1) * this.#kinds.length + leaf;
    return ((this.#unmerged[bit >>> 5]! >>> (bit & 31)) & 1) === 1;
  }

  /** The leftmost blank leaf, or `slots` when there is none (section 12.1.1). */
  leftmostBlank(): number {
    let leaf = this.#firstBlank;
    while (leaf < this.slots && (this.#kinds[leaf]! & leafMask) !== leafKinds.blank) leaf++;
    this.#firstBlank = leaf;
    return leaf;
  }

  /** Places a member at a blank leaf, which becomes unmerged at its non-blank ancestors. */
  occupy(leaf: number): void {
    if (leaf === this.slots) this.#double();
    this.setLeaf(leaf, leafKinds.keyPackage);
    this.members++;
    for (let level = 1; level <= this.depth; level++) {
      const parent = parentIndex(level, leaf >> level);
      this.#resolution[parent] = this.#resolution[parent]! + 1;
      if (this.#kinds[parent]! >> parentShift !== parentKinds.blank)
        this.#markUnmerged(level, leaf);
    }
  }

  /** Blanks a leaf and its path, then drops right halves without members (section 7.8). */
  vacate(leaf: number): void {
    this.setLeaf(leaf, leafKinds.blank);
    this.members--;
    if (leaf < this.#firstBlank) this.#firstBlank = leaf;
    this.blankPath(leaf);
    while (this.depth > 0 && this.resolution(this.depth - 1, 1) === 0) {
      this.depth--;
      this.slots >>= 1;
    }
  }

  /** Blanks every ancestor of a leaf. */
  blankPath(leaf: number): void {
    for (let level = 1; level <= this.depth; level++) {
      this.blankParent(level, leaf >> level);
    }
  }

  blankParent(level: number, block: number): void {
    const parent = parentIndex(level, block);
    this.#clearUnmerged(level, block);
    this.#kinds[parent] = this.#kinds[parent]! & leafMask;
    this.#resolution[parent] =
      this.resolution(level - 1, 2 * block) + this.resolution(level - 1, 2 * block + 1);
  }

  /** Gives a parent a new key: no leaf below it is unmerged any more. */
  fillParent(level: number, block: number, kind: ParentKind): void {
    const parent = parentIndex(level, block);
    this.#clearUnmerged(level, block);
    this.#kinds[parent] = (this.#kinds[parent]! & leafMask) | (kind << parentShift);
    this.#resolution[parent] = 1;
  }

  #markUnmerged(level: number, leaf: number): void {
    const capacity = this.#kinds.length;
    if (this.#unmerged.length === 0) this.#unmerged = unmergedSets(capacity);
    const bit = (level - 1) * capacity + leaf;
    this.#unmerged[bit >>> 5] = this.#unmerged[bit >>> 5]! | (1 << (bit & 31));
  }

  #clearUnmerged(level: number, block: number): void {
    if (this.unmergedCount(level, block) === 0) return;
    const from = (level - 1) * this.#kinds.length + (block << level);
    const length = 1 << level;
    if (length >= 32) {
      this.#unmerged.fill(0, from >>> 5, (from + length) >>> 5);
    } else {
      // Blocks of fewer than 32 leaves start at a multiple of their length: they never straddle.
      const mask = ((1 << length) - 1) << (from & 31);
      this.#unmerged[from >>> 5] = this.#unmerged[from >>> 5]! & ~mask;
    }
  }

  /** Doubles the tree; the new root is blank, its right half empty. */
  #double(): void {
    const left = this.resolution(this.depth, 0);
    this.slots *= 2;
    this.depth++;
    if (this.slots > this.#kinds.length) this.#reserve(this.slots);
    this.#resolution[parentIndex(this.depth, 0)] = left;
  }

  #reserve(capacity: number): void {
    const old = this.#kinds.length;
    const kinds = new Uint8Array(capacity);
    kinds.set(this.#kinds);
    const counts = capacity > narrowSlots ? new Uint32Array(capacity) : new Uint16Array(capacity);
    counts.set(this.#resolution);
    const unmerged = this.#unmerged;
    this.#kinds = kinds;
    this.#resolution = counts;
    if (unmerged.length > 0) this.#unmerged = widen(unmerged, old, capacity);
  }
}

/** Half the node number of a parent, rounded down; see the head of this file. */
function parentIndex(level: number, block: number): number {
  return (block << level) + (1 << (level - 1)) - 1;
}

function unmergedSets(capacity: number): Uint32Array<ArrayBuffer> {
  const levels = 31 - Math.clz32(capacity);
  return new Uint32Array(Math.ceil((levels * capacity) / 32));
}

/** Copies the sets of all levels to their places under a larger capacity. */
function widen(
  sets: Uint32Array<ArrayBuffer>,
  oldCapacity: number,
  capacity: number,
): Uint32Array<ArrayBuffer> {
  const wide = unmergedSets(capacity);
  const levels = 31 - Math.clz32(oldCapacity);
  for (let bit = 0; bit < levels * oldCapacity; bit++) {
    if (((sets[bit >>> 5]! >>> (bit & 31)) & 1) === 0) continue;
    const level = Math.floor(bit / oldCapacity);
    const to = level * capacity + (bit % oldCapacity);
    wide[to >>> 5] = wide[to >>> 5]! | (1 << (to & 31));
  }
  return wide;
}
