/**
 * The model against real MLS, tolerance 0: random histories of adds, removes, updates and proposals
 * by reference run through ts-mls and through the model; every commit, and the tree after it, must
 * agree. ts-mls works with real keys here and two witnesses process every message.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suites } from '../../../src/suites/registry.ts';
import type { Suite } from '../../../src/suites/registry.ts';
import { RatchetTree } from './ratchet-tree.ts';
import type { CommitCost } from './ratchet-tree.ts';
import { sizes } from './sizes.ts';
import { stepArbitrary, toMove } from './testing/histories.ts';
import type { Move, Step } from './testing/histories.ts';
import { RealGroup } from './testing/real-group.ts';
import type { RealCommit } from './testing/real-group.ts';

type RealProposal = Awaited<ReturnType<RealGroup['newAdd']>>;

/** Runs a move for real: proposals by reference are sent by the committer's neighbour. */
async function commitForReal(group: RealGroup, move: Move, sender: number): Promise<RealCommit> {
  const byValue: RealProposal[] = [];
  for (const proposal of move.proposals) {
    if (proposal.type === 'update') {
      await group.propose(proposal.proposer, 'update');
      continue;
    }
    const real = proposal.type === 'add' ? await group.newAdd() : group.newRemove(proposal.target);
    if (proposal.byReference === true) await group.propose(sender, real);
    else byValue.push(real);
  }
  return group.commit(move.actor, byValue, move.path === 'always');
}

/** Bytes as they would be if every signature had the size that the model expects. */
function normalised(bytes: number, signatures: readonly number[], suite: Suite): number {
  const { expected } = suite.signature.bytes;
  return bytes - signatures.reduce((sum, length) => sum + length - expected, 0);
}

function compare(model: CommitCost, real: RealCommit, suite: Suite): void {
  expect({
    encryptedPathSecrets: model.encryptedPathSecrets,
    filteredDirectPath: model.filteredDirectPath,
    updatePathBytes: model.updatePathBytes,
    commitBytes: model.commitBytes,
    members: model.members,
  }).toEqual({
    encryptedPathSecrets: real.encryptedPathSecrets,
    filteredDirectPath: real.filteredDirectPath,
    updatePathBytes: normalised(real.updatePathBytes, real.signatures.path, suite),
    commitBytes: normalised(real.commitBytes, real.signatures.commit, suite),
    members: real.members,
  });
  // The Welcome is encrypted: an ECDSA signature inside cannot be measured.
  if (suite.signature.bytes.min === suite.signature.bytes.max) {
    expect(model.welcomeBytes).toBe(real.welcomeBytes);
  }
}

async function runHistory(suite: Suite, members: number, steps: readonly Step[]): Promise<number> {
  const name = suite.name as Parameters<typeof RealGroup.bulk>[0];
  const group = await RealGroup.bulk(name, members, [1, members - 1]);
  const tree = RatchetTree.bulk(members, sizes(suite));
  for (const step of steps) {
    const move = toMove(step, tree);
    const real = await commitForReal(group, move, move.actor);
    compare(tree.commit(move.actor, move.proposals, { path: move.path }), real, suite);
    const nodes = group.nodes();
    expect(tree.slots).toBe((nodes.length + 1) / 2);
    expect(nodes.map((_, number) => tree.node(number))).toEqual(nodes);
    expect(tree.encodedBytes()).toBe(
      normalised(group.encodedTreeBytes, group.treeSignatures(), suite),
    );
  }
  return group.witnesses.length;
}

function property(suite: Suite, members: fc.Arbitrary<number>, numRuns: number): Promise<void> {
  const history = fc.asyncProperty(members, stepArbitrary(8), async (n, steps) => {
    await runHistory(suite, n, steps);
  });
  return fc.assert(history, { seed: 9420, numRuns, endOnFailure: true });
}

describe('commits, byte for byte as ts-mls makes them', () => {
  it('0x0001, 1 to 9 members', () =>
    property(suites['0x0001'], fc.integer({ min: 1, max: 9 }), 16));
  it('0x0001, 10 to 64 members', () =>
    property(suites['0x0001'], fc.integer({ min: 10, max: 64 }), 6));
  it('0x0001, 128 members', () => property(suites['0x0001'], fc.constant(128), 1));
  it('0x0002, up to 20 members', () =>
    property(suites['0x0002'], fc.integer({ min: 2, max: 20 }), 3));
  it('0x0003, up to 20 members', () =>
    property(suites['0x0003'], fc.integer({ min: 2, max: 20 }), 3));
  it('0xf00d, up to 20 members', () =>
    property(suites['0xf00d'], fc.integer({ min: 2, max: 20 }), 3));
});
