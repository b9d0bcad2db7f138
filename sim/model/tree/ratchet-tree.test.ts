import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suites } from '../../../src/suites/registry.ts';
import { maxMembers, RatchetTree } from './ratchet-tree.ts';
import type { NodeView } from './ratchet-tree.ts';
import { pathNodeBytes, sizes, vectorBytes } from './sizes.ts';
import { stepArbitrary, toMove } from './testing/histories.ts';
import { LiteralTree } from './testing/literal-tree.ts';
import { committerWork, receiverWork } from './work.ts';

const table = sizes(suites['0x0001']);

/** The oracle's node in the model's words, sources of leaves left out. */
function literalView(tree: LiteralTree, node: number): unknown {
  if (tree.nodes[node] === undefined) return { kind: 'blank' };
  const unmerged = tree.unmergedAt(node);
  if (unmerged === undefined) return { kind: 'leaf' };
  return { kind: 'parent', unmerged: unmerged.toSorted((a, b) => a - b) };
}

function modelView(view: NodeView): unknown {
  return view.kind === 'leaf' ? { kind: 'leaf' } : view;
}

describe('the tree against RFC 9420 word by word', () => {
  const seen = new LiteralTree(1).seen;

  it('agrees on every node and ciphertext of random histories', () => {
    const members = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 300 }));
    const history = fc.property(members, stepArbitrary(24), (n, steps) => {
      const literal = new LiteralTree(n);
      const tree = RatchetTree.bulk(n, table);
      for (const step of steps) {
        const { actor, proposals, path } = toMove(step, tree);
        const onlyAdds = proposals.length > 0 && proposals.every((p) => p.type === 'add');
        const withPath = path === 'always' || !onlyAdds;
        const cost = tree.commit(actor, proposals, { path });
        const { ciphertexts, added } = literal.commit(actor, proposals, withPath);
        expect(cost.added).toEqual(added);
        expect(cost.filteredDirectPath).toBe(ciphertexts.length);
        expect(cost.encryptedPathSecrets).toBe(ciphertexts.reduce((a, b) => a + b, 0));
        const nodes = ciphertexts.reduce((sum, count) => sum + pathNodeBytes(table, count), 0);
        const leaf = ciphertexts.length > 0 ? table.leafNode.commit : table.leafNode.commitAlone;
        expect(cost.updatePathBytes).toBe(withPath ? leaf + vectorBytes(nodes) : 0);
        expect(tree.members).toBe(literal.members.length);
        expect(literal.nodes.map((_, node) => modelView(tree.node(node)))).toEqual(
          literal.nodes.map((_, node) => literalView(literal, node)),
        );
        expect(2 * tree.slots - 1).toBe(literal.nodes.length);
      }
      for (const key of Object.keys(seen) as (keyof typeof seen)[]) seen[key] += literal.seen[key];
    });
    fc.assert(history, { seed: 4, numRuns: 400 });
  });

  it('met every rare situation on the way', () => {
    for (const [situation, count] of Object.entries(seen)) {
      expect(count, situation).toBeGreaterThanOrEqual(10);
    }
  });
});

describe('known costs', () => {
  it.each([1, 2, 3, 8, 100, 128, 1000])('the first update of a new group of %i', (n) => {
    const cost = RatchetTree.bulk(n, table).update(0);
    expect(cost.encryptedPathSecrets).toBe(n - 1);
  });

  it.each([1, 2, 3, 6, 10])('an update in a perfect healed tree of 2^%i', (log) => {
    const cost = RatchetTree.healed(1 << log, table).update((1 << log) - 1);
    expect(cost.encryptedPathSecrets).toBe(log);
    expect(cost.filteredDirectPath).toBe(log);
  });

  it('the sizes once measured of first commits: 11 kB at 128 members, 82.7 kB at 1000', () => {
    const kilobytes = (n: number): number =>
      RatchetTree.bulk(n, table).update(0).commitBytes / 1000;
    expect(kilobytes(128)).toBeCloseTo(11.03, 2);
    expect(kilobytes(1000)).toBeCloseTo(82.64, 2);
  });

  it('an added member without a path is unmerged until somebody below its path commits', () => {
    const tree = RatchetTree.healed(8, table);
    tree.remove(0, 7);
    tree.update(6);
    tree.commit(0, [{ type: 'add' }], { path: 'when-required' });
    expect(tree.node(7)).toEqual({ kind: 'parent', unmerged: [7] });
    expect(tree.update(0).encryptedPathSecrets).toBe(4);
    expect(tree.node(7)).toEqual({ kind: 'parent', unmerged: [] });
    expect(tree.node(11)).toEqual({ kind: 'parent', unmerged: [7] });
    tree.update(7);
    expect(tree.update(0).encryptedPathSecrets).toBe(3);
  });
});

describe('operations', () => {
  it('healed equals everybody updating once', () => {
    for (const n of [1, 2, 3, 5, 8, 13, 64, 100]) {
      const slow = RatchetTree.bulk(n, table);
      for (let leaf = 0; leaf < n; leaf++) slow.update(leaf);
      const fast = RatchetTree.healed(n, table);
      for (let node = 0; node < 2 * slow.slots - 1; node++) {
        expect(fast.node(node), `node ${node} of ${n}`).toEqual(slow.node(node));
      }
      expect(fast.encodedBytes()).toBe(slow.encodedBytes());
      expect(fast.update(0)).toEqual(slow.update(0));
    }
  });

  it('clone is independent', () => {
    const tree = RatchetTree.healed(5, table);
    const copy = tree.clone();
    copy.remove(0, 4);
    copy.add(0);
    expect(tree.encodedBytes()).toBe(RatchetTree.healed(5, table).encodedBytes());
    expect(tree.slots).toBe(8);
  });

  it('counts the nodes that every member hashes again', () => {
    const tree = RatchetTree.healed(8, table);
    expect(tree.update(3).treeHashes).toBe(4);
    // Paths of leaves 0 and 1 share all parents; those of 0 and 7 only the root.
    expect(tree.commit(0, [{ type: 'update', proposer: 1 }]).treeHashes).toBe(5);
    expect(tree.commit(0, [{ type: 'update', proposer: 7 }]).treeHashes).toBe(7);
    // Adding without a path to a full tree changes nothing in its old half.
    const added = tree.commit(0, [{ type: 'add' }], { path: 'when-required' });
    expect(added.treeHashes).toBe(16);
    expect(tree.commit(0, [{ type: 'remove', target: 8 }]).treeHashes).toBe(4);
  });

  it('counts operations of committer and receivers', () => {
    const tree = RatchetTree.healed(8, table);
    const { leaf, ...cost } = tree.add(0);
    expect(leaf).toBe(8);
    expect(committerWork(cost)).toEqual({
      hpkeSeals: 3 + 1,
      hpkeOpens: 0,
      keyPairs: 5,
      derivations: 10,
      // The old path, the new root with its right half of 15 nodes, and the path's parent hashes.
      hashes: 4 + 16 + 4,
      signatures: 3,
      verifications: 2,
    });
    expect([1, 3, 7, 8].map((receiver) => tree.derivedKeys(0, receiver))).toEqual([4, 3, 2, 1]);
    expect(receiverWork(cost, 2)).toMatchObject({ hpkeOpens: 1, keyPairs: 2, derivations: 4 });
  });

  it('refuses what section 12.2 forbids and leaves the tree as it was', () => {
    const tree = RatchetTree.healed(4, table);
    expect(() => tree.update(4)).toThrow('committer 4 is not a member');
    expect(() => tree.remove(0, 9)).toThrow('target 9 is not a member');
    expect(() => tree.remove(2, 2)).toThrow('leaf 2 cannot commit its own removal');
    expect(() => tree.commit(1, [{ type: 'update', proposer: 1 }])).toThrow('own update proposal');
    const twice = [{ type: 'add' }, { type: 'update', proposer: 1 }, { type: 'remove', target: 1 }];
    expect(() => tree.commit(0, twice as never)).toThrow('two proposals for leaf 1');
    expect(tree.encodedBytes()).toBe(RatchetTree.healed(4, table).encodedBytes());
    for (const members of [0, -1, 1.5, Number.NaN, maxMembers + 1]) {
      expect(() => RatchetTree.bulk(members, table)).toThrow(RangeError);
    }
  });

  it('holds few bytes per leaf slot', () => {
    expect(RatchetTree.bulk(1024, table).bytes).toBe(3 * 1024);
    const tree = RatchetTree.healed(1023, table);
    tree.add(0);
    expect(tree.bytes).toBe(4.25 * 1024);
  });
});
