/**
 * RFC 9420 section 7 word by word, one object per node and recursive resolutions: slow, obvious,
 * and with nothing in common with the arrays of shape.ts. The oracle for histories too long for
 * ts-mls.
 */
import type { Proposal } from '../ratchet-tree.ts';

interface Leaf {
  /** Number of the commit that added the member, to tell new leaves from old ones. */
  readonly since: number;
}

type Node = { readonly leaf: Leaf } | { readonly unmerged: number[] } | undefined;

export interface LiteralCost {
  /** Ciphertexts per node of the UpdatePath, from the leaf to the root. */
  readonly ciphertexts: readonly number[];
  readonly added: readonly number[];
}

export class LiteralTree {
  nodes: Node[] = [];
  #commits = 0;
  /** How often rare situations came up; a test of histories without them proves little. */
  readonly seen = { unmerged: 0, doubled: 0, truncated: 0, filtered: 0, blankRoot: 0, reused: 0 };

  constructor(members: number) {
    this.nodes = [{ leaf: { since: 0 } }];
    for (let i = 1; i < members; i++) this.#add();
  }

  get members(): number[] {
    return this.nodes.flatMap((node, i) => (node !== undefined && i % 2 === 0 ? [i / 2] : []));
  }

  unmergedAt(node: number): number[] | undefined {
    const it = this.nodes[node];
    return it !== undefined && 'unmerged' in it ? it.unmerged : undefined;
  }

  /** Section 4.1.1. */
  resolution(node: number): number[] {
    const it = this.nodes[node];
    if (it !== undefined && 'leaf' in it) return [node];
    if (it !== undefined) return [node, ...it.unmerged.map((leaf) => 2 * leaf)];
    if (node % 2 === 0) return [];
    const [left, right] = children(node);
    return [...this.resolution(left), ...this.resolution(right)];
  }

  commit(actor: number, proposals: readonly Proposal[], path: boolean): LiteralCost {
    this.#commits++;
    for (const p of proposals) if (p.type === 'update') this.#blankPath(p.proposer);
    for (const p of proposals) if (p.type === 'remove') this.#remove(p.target);
    const removed = new Set(proposals.flatMap((p) => (p.type === 'remove' ? [p.target] : [])));
    const added = proposals.flatMap((p) => (p.type === 'add' ? [this.#add()] : []));
    this.seen.reused += added.filter((leaf) => removed.has(leaf)).length;
    return { ciphertexts: path ? this.#path(actor) : [], added };
  }

  #path(actor: number): number[] {
    const ciphertexts: number[] = [];
    const filled: number[] = [];
    for (const [node, copath] of this.#directPath(actor)) {
      const resolution = this.resolution(copath);
      if (resolution.length === 0) {
        this.seen.filtered++;
        continue;
      }
      this.seen.unmerged += this.unmergedAt(copath)?.length ?? 0;
      filled.push(node);
      ciphertexts.push(resolution.filter((n) => !this.#isNew(n)).length);
    }
    for (const [node] of this.#directPath(actor)) this.nodes[node] = undefined;
    for (const node of filled) this.nodes[node] = { unmerged: [] };
    if (this.nodes.length > 1 && this.nodes[rootOf(this.nodes.length)] === undefined) {
      this.seen.blankRoot++;
    }
    return ciphertexts;
  }

  #isNew(node: number): boolean {
    const it = this.nodes[node];
    return it !== undefined && 'leaf' in it && it.leaf.since === this.#commits;
  }

  /** Section 12.1.1 with the tree extension of section 7.7. */
  #add(): number {
    let node = 0;
    while (node < this.nodes.length && this.nodes[node] !== undefined) node += 2;
    if (node >= this.nodes.length) {
      this.seen.doubled++;
      const width = 2 * this.nodes.length + 1;
      while (this.nodes.length < width) this.nodes.push(undefined);
    }
    this.nodes[node] = { leaf: { since: this.#commits } };
    for (const [parent] of this.#directPath(node / 2)) {
      this.unmergedAt(parent)?.push(node / 2);
    }
    return node / 2;
  }

  /** Section 12.1.3 with the truncation of section 7.7. */
  #remove(leaf: number): void {
    this.#blankPath(leaf);
    this.nodes[2 * leaf] = undefined;
    while (this.nodes.length > 1) {
      const half = rootOf(this.nodes.length);
      if (this.nodes.slice(half + 1).some((node) => node !== undefined)) return;
      this.nodes.length = half;
      this.seen.truncated++;
    }
  }

  #blankPath(leaf: number): void {
    for (const [node] of this.#directPath(leaf)) this.nodes[node] = undefined;
  }

  /** The ancestors of a leaf from below, each with its child that is no ancestor. */
  #directPath(leaf: number): [node: number, copath: number][] {
    const path: [number, number][] = [];
    let node = rootOf(this.nodes.length);
    while (node % 2 === 1) {
      const [left, right] = children(node);
      const [next, copath] = 2 * leaf < node ? [left, right] : [right, left];
      path.unshift([node, copath]);
      node = next;
    }
    return path;
  }
}

function rootOf(width: number): number {
  return (width - 1) / 2;
}

function children(node: number): [left: number, right: number] {
  // Node b 2^(k+1) + 2^k - 1 of level k ends in k one bits; its children are 2^(k-1) away.
  const half = (~node & (node + 1)) / 2;
  return [node - half, node + half];
}
