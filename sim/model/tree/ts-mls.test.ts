/**
 * The model against real MLS, tolerance 0: random histories of adds, removes, updates and proposals
 * by reference run through ts-mls and through the model; every commit, and the tree after it, must
 * agree. ts-mls works with real keys here and two witnesses process every message.
 */
import * as fc from 'fast-check';
import type { CiphersuiteName, MlsMessage } from 'ts-mls';
import { describe, expect, it } from 'vitest';
import { suites } from '../../../src/suites/registry.ts';
import type { Suite } from '../../../src/suites/registry.ts';
import { RatchetTree } from './ratchet-tree.ts';
import type { CommitCost } from './ratchet-tree.ts';
import {
  applicationMessageBytes,
  groupInfoBytes,
  keyPackageMessageBytes,
  privateCommitBytes,
  sizes,
  vectorBytes,
  welcomeBytes,
} from './sizes.ts';
import { mls } from './testing/patched-ts-mls.ts';
import { stepArbitrary, toMove } from './testing/histories.ts';
import type { Move, Step } from './testing/histories.ts';
import { RealGroup } from './testing/real-group.ts';
import type { RealCommit } from './testing/measure.ts';

type RealProposal = Awaited<ReturnType<RealGroup['newAdd']>>;

/** Runs a move for real: what goes by reference is sent before, by the committer. */
async function commitForReal(group: RealGroup, move: Move): Promise<RealCommit> {
  const byValue: RealProposal[] = [];
  for (const proposal of move.proposals) {
    if (proposal.type === 'update') {
      await group.propose(proposal.proposer, 'update');
      continue;
    }
    const real = proposal.type === 'add' ? await group.newAdd() : group.newRemove(proposal.target);
    if (proposal.byReference === true) await group.propose(move.actor, real);
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
  const group = await RealGroup.bulk(suite.name as CiphersuiteName, members, [1, members - 1]);
  const tree = RatchetTree.bulk(members, sizes(suite));
  for (const step of steps) {
    const move = toMove(step, tree);
    const real = await commitForReal(group, move);
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

/** Other messages, measured on a group of five whose tree has all kinds of nodes. */
async function measureMessages(suite: Suite): Promise<void> {
  const group = await RealGroup.bulk(suite.name as CiphersuiteName, 5);
  const tree = RatchetTree.bulk(5, sizes(suite));
  await group.commit(4, []);
  tree.update(4);
  const { context } = group;
  const table = tree.sizes;
  const encoded = (message: MlsMessage): number =>
    mls.encode(mls.mlsMessageEncoder, message).length;

  expect(table.proposalMessage.update).toBe(await group.propose(1, 'update'));
  expect(table.proposalMessage.remove).toBe(await group.propose(1, group.newRemove(2)));
  const add = await group.newAdd();
  expect(table.proposalMessage.add).toBe(await group.propose(1, add));
  expect(keyPackageMessageBytes(table)).toBe(4 + keyPackageLength(add));
  const cost = tree.commit(0, [
    { type: 'update', proposer: 1 },
    { type: 'remove', target: 2, byReference: true },
    { type: 'add', byReference: true },
  ]);
  compare(cost, await group.commit(0, []), suite);

  const state = group.stateOf(3);
  for (const length of [0, 60, 64, 186, 188, 189, 190, 1000, 20_000]) {
    const message = new Uint8Array(length);
    const made = await mls.createApplicationMessage({ context, state, message });
    expect(applicationMessageBytes(table, length), `${length} bytes`).toBe(encoded(made.message));
  }
  const quiet = await mls.createCommit({ context, state, ratchetTreeExtension: true });
  expect(privateCommitBytes(table, 0, tree.clone().update(3).updatePathBytes)).toBe(
    encoded(quiet.commit),
  );
  const addition = await group.newAdd();
  const params = { context, state, ratchetTreeExtension: true, wireAsPublicMessage: true };
  const joined = await mls.createCommit({ ...params, extraProposals: [addition] });
  tree.commit(3, [{ type: 'add' }], { path: 'when-required' });
  const parts = { path: false, ratchetTreeBytes: tree.encodedBytes() };
  expect(welcomeBytes(table, 1, parts)).toBe(encoded(joined.welcome!));
  const next = joined.newState;
  const info = await mls.createGroupInfoWithExternalPubAndRatchetTree(
    next,
    [],
    context.cipherSuite,
  );
  const infoBytes = encoded({
    version: mls.protocolVersions.mls10,
    wireformat: mls.wireformats.mls_group_info,
    groupInfo: info,
  });
  // ts-mls leaves out the length in front of the key in external_pub (RFC 9420 section 12.4.3.2).
  const { publicKeyBytes } = suite.kem;
  const omitted = vectorBytes(vectorBytes(publicKeyBytes)) - vectorBytes(publicKeyBytes);
  const { ratchetTreeBytes } = parts;
  const model = groupInfoBytes(table, { ratchetTreeBytes, externalPub: true });
  expect(4 + model - omitted).toBe(infoBytes);
}

function keyPackageLength(proposal: RealProposal): number {
  if (!mls.isDefaultProposal(proposal) || !('add' in proposal)) throw new Error('not an Add');
  return mls.encode(mls.keyPackageEncoder, proposal.add.keyPackage).length;
}

describe('other messages, byte for byte', () => {
  it.each(['0x0001', '0x0003', '0xf00d'] as const)('%s', (id) => measureMessages(suites[id]));
});

describe('commits, byte for byte as ts-mls makes them', () => {
  it('0x0001, 1 to 9 members', () =>
    property(suites['0x0001'], fc.integer({ min: 1, max: 9 }), 12));
  it('0x0001, 10 to 64 members', () =>
    property(suites['0x0001'], fc.integer({ min: 10, max: 64 }), 4));
  it('0x0001, 128 members', () => property(suites['0x0001'], fc.constant(128), 1));
  it('0x0002, up to 20 members', () =>
    property(suites['0x0002'], fc.integer({ min: 2, max: 20 }), 3));
  it('0x0003, up to 20 members', () =>
    property(suites['0x0003'], fc.integer({ min: 2, max: 20 }), 3));
  it('0xf00d, up to 20 members', () =>
    property(suites['0xf00d'], fc.integer({ min: 2, max: 20 }), 2));
});
