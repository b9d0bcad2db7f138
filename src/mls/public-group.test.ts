import * as fc from 'fast-check';
import { describe as suiteOf, expect, test } from 'vitest';
import { TestGroup, identity, lifetime, suiteNumbers } from './testing/world.ts';
import {
  MlsError,
  applyPublicMessage,
  commit,
  createKeyPackage,
  describe,
  describePublic,
  exportGroupInfo,
  exportTree,
  joinExternally,
  openPublicGroup,
  propose,
  proposeUpdate,
  publicGroupInfo,
  publicTree,
  restorePublicGroup,
  serializePublicGroup,
  type MlsErrorCode,
  type NewProposal,
  type PublicGroup,
} from './index.ts';
import { internal, mls } from './library/index.ts';
import { inside } from './member.ts';

async function refusal(step: Promise<unknown>): Promise<MlsErrorCode> {
  try {
    await step;
  } catch (error) {
    if (error instanceof MlsError) return error.code;
    throw error;
  }
  throw new Error('not refused');
}

async function open(group: TestGroup, name: string): Promise<PublicGroup> {
  const groupInfo = await exportGroupInfo(group.environment, group.state(name), { tree: false });
  return openPublicGroup(group.environment, { groupInfo, tree: exportTree(group.state(name)) });
}

function expectSame(group: PublicGroup, world: TestGroup): void {
  const [first] = world.states.values();
  const { groupId, epoch, treeHash, members, extensions } = describe(first!);
  expect(describePublic(group)).toMatchObject({ groupId, epoch, treeHash, members, extensions });
}

suiteOf.each(suiteNumbers.map((n) => [n]))('suite %i', (suite) => {
  test('follows the members through every kind of commit', async () => {
    const world = await TestGroup.of(suite, ['a', 'b', 'c', 'd', 'e']);
    const { environment } = world;
    let group = await open(world, 'a');
    const step = async (by: string, proposals: readonly NewProposal[] = []) => {
      const made = await world.commit(by, { proposals });
      const done = await applyPublicMessage(environment, group, made.commit, made.groupInfoUpdate);
      group = restorePublicGroup(serializePublicGroup(done.group));
      expectSame(group, world);
      return done;
    };
    await step('b');
    expect(await step('c', [{ kind: 'remove', leafIndex: 1 }])).toMatchObject({ removed: [1] });
    const own = await world.keyPackage('f');
    const added = await step('a', [{ kind: 'add', keyPackage: own.keyPackage }]);
    const member = { leafIndex: 1, keyPackage: own.keyPackage };
    expect(added).toMatchObject({ added: [member], hasPath: false });

    const update = await proposeUpdate(environment, world.state('d'));
    await world.deliver(update.message, 'd');
    world.states.set('d', update.state);
    const seen = await applyPublicMessage(environment, group, update.message);
    expect(seen).toMatchObject({ kind: 'proposal', proposal: { kind: 'update', leafIndex: 3 } });
    group = seen.group;
    expect(await step('e')).toMatchObject({ proposals: [{ kind: 'update', sender: 3 }] });

    const joiner = await world.keyPackage('x');
    const groupInfo = publicGroupInfo(group);
    const tree = publicTree(group);
    const joined = await joinExternally(environment, { groupInfo, tree, own: joiner });
    await world.deliver(joined.commit, 'x');
    world.states.set('x', joined.state);
    const { commit: bytes, groupInfoUpdate } = joined;
    const external = await applyPublicMessage(environment, group, bytes, groupInfoUpdate);
    expect(external).toMatchObject({ external: true, committer: 5 });
    group = external.group;
    expectSame(group, world);

    const target = { groupId: new Uint8Array(4), suite: 0xf00d, extensions: [] };
    const reinit = await step('x', [{ kind: 'reinit', ...target }]);
    expect(reinit).toMatchObject({ reinit: target, hasPath: false });
    expect(describePublic(group).successor).toEqual(target);
    expect(await refusal(applyPublicMessage(environment, group, bytes))).toBe('wrong-epoch');
  });
});

suiteOf('what is refused', () => {
  test('a Remove without a path', async () => {
    const world = await TestGroup.of(1, ['a', 'b', 'c']);
    const { environment } = world;
    const group = await open(world, 'a');
    const bytes = await pathless(world, 'a', 2);
    expect(await refusal(applyPublicMessage(environment, group, bytes))).toBe('path-required');
  });

  test('the second commit of an epoch, and messages of other groups', async () => {
    const world = await TestGroup.of(1, ['a', 'b']);
    const { environment } = world;
    const group = await open(world, 'a');
    const [one, two] = await Promise.all(
      ['a', 'b'].map((name) => commit(environment, world.state(name))),
    );
    const done = await applyPublicMessage(environment, group, one!.commit);
    expect(await refusal(applyPublicMessage(environment, done.group, two!.commit))).toBe(
      'wrong-epoch',
    );
    expect(() => publicGroupInfo(done.group)).toThrow(MlsError);
    const other = await TestGroup.of(1, ['a', 'b'], 'other');
    const foreign = (await other.commit('a')).commit;
    expect(await refusal(applyPublicMessage(environment, group, foreign))).toBe('bad-signature');
  });

  test("a GroupInfo update that is not the committer's", async () => {
    const world = await TestGroup.of(1, ['a', 'b']);
    const { environment } = world;
    const group = await open(world, 'a');
    const [one, two] = await Promise.all(
      ['a', 'b'].map((name) => commit(environment, world.state(name))),
    );
    const apply = (update: Uint8Array) =>
      applyPublicMessage(environment, group, one!.commit, update);
    expect(await refusal(apply(two!.groupInfoUpdate))).toBe('bad-signature');
    expect(await refusal(apply(one!.groupInfoUpdate.subarray(1)))).toBe('malformed');
    expect((await apply(one!.groupInfoUpdate)).kind).toBe('commit');
  });

  test('proposals that cannot be committed, and references to none', async () => {
    const world = await TestGroup.of(1, ['a', 'b', 'c']);
    const { environment } = world;
    const group = await open(world, 'a');
    const send = async (proposal: NewProposal) => {
      const made = await propose(environment, world.state('a'), proposal);
      return { made, step: applyPublicMessage(environment, group, made.message) };
    };
    expect(await refusal((await send({ kind: 'remove', leafIndex: 7 })).step)).toBe(
      'bad-proposals',
    );
    const expired = await createKeyPackage(environment, {
      suite: 1,
      credential: identity('late'),
      lifetime: { notBefore: 0n, notAfter: 1n },
    });
    const { keyPackage } = expired;
    expect(await refusal((await send({ kind: 'add', keyPackage })).step)).toBe('bad-leaf');
    const wrongSuite = (await world.keyPackage('p', 2)).keyPackage;
    const wrong = (await send({ kind: 'add', keyPackage: wrongSuite })).step;
    expect(await refusal(wrong)).toBe('rejected');
    const { made } = await send({ kind: 'remove', leafIndex: 1 });
    const committed = await commit(environment, made.state);
    expect(await refusal(applyPublicMessage(environment, group, committed.commit))).toBe(
      'unknown-proposal',
    );
  });

  test('a resync that takes the leaf of another client', async () => {
    const world = await TestGroup.of(1, ['a', 'b', 'c']);
    const { environment } = world;
    const group = await open(world, 'a');
    const params = { suite: 1, lifetime, signingKeys: signingKeysOf(world, 'b') };
    const own = await createKeyPackage(environment, { ...params, credential: identity('thief') });
    const tree = publicTree(group);
    const groupInfo = await exportGroupInfo(environment, world.state('c'), { tree: false });
    const made = await joinExternally(environment, { groupInfo, tree, own, resync: true });
    expect(await refusal(applyPublicMessage(environment, group, made.commit))).toBe(
      'bad-proposals',
    );
    const same = await createKeyPackage(environment, { ...params, credential: identity('b') });
    const good = await joinExternally(environment, { groupInfo, tree, own: same, resync: true });
    const done = await applyPublicMessage(environment, group, good.commit, good.groupInfoUpdate);
    expect(done).toMatchObject({ external: true, removed: [1], committer: 1 });
  });

  test('a GroupInfo or tree that is not whole', async () => {
    const world = await TestGroup.of(1, ['a', 'b', 'c']);
    const { environment } = world;
    const groupInfo = await exportGroupInfo(environment, world.state('a'), { tree: false });
    const tree = exportTree(world.state('a'));
    const old = exportTree((await TestGroup.of(1, ['a', 'b', 'd'], 'x')).state('a'));
    expect(await refusal(openPublicGroup(environment, { groupInfo, tree: old }))).toBe('bad-tree');
    expect(await refusal(openPublicGroup(environment, { groupInfo }))).toBe('bad-tree');
    const flipped = groupInfo.slice();
    flipped[flipped.length - 1]! ^= 1;
    expect(await refusal(openPublicGroup(environment, { groupInfo: flipped, tree }))).toBe(
      'bad-signature',
    );
  });

  test('mutated messages, with a typed refusal or the very same commit', async () => {
    const world = await TestGroup.of(1, ['a', 'b', 'c', 'd', 'e']);
    const { environment } = world;
    const group = await open(world, 'a');
    const own = await world.keyPackage('new');
    const update = await proposeUpdate(environment, world.state('d'));
    const made = await commit(environment, world.state('b'), {
      proposals: [
        { kind: 'remove', leafIndex: 2 },
        { kind: 'add', keyPackage: own.keyPackage },
      ],
    });
    const groupInfo = await exportGroupInfo(environment, world.state('a'), { tree: false });
    const tree = publicTree(group);
    const external = await joinExternally(environment, { groupInfo, tree, own });
    const messages = [made.commit, update.message, external.commit];
    for (const message of messages) await applyPublicMessage(environment, group, message);
    const before = serializePublicGroup(group);
    const mutation = fc.record({
      which: fc.nat(messages.length - 1),
      at: fc.nat(5_000),
      change: fc.integer({ min: 1, max: 255 }),
      cut: fc.option(fc.nat(5_000), { nil: undefined, freq: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(mutation, async ({ which, at, change, cut }) => {
        const bytes = messages[which]!.slice(0, cut);
        if (bytes.length > 0) bytes[at % bytes.length]! ^= change;
        // Only the tags, which a non-member cannot verify, may differ: the last 64 bytes.
        const position = bytes.length === 0 ? 0 : at % bytes.length;
        const code = await applyPublicMessage(environment, group, bytes).then(
          () => 'accepted',
          (error: unknown) => (error instanceof MlsError ? error.code : String(error)),
        );
        if (code === 'accepted') expect(position).toBeGreaterThan(bytes.length - 68);
        else expect(code).toMatch(/^[a-z-]+$/);
      }),
      { numRuns: 1_500 },
    );
    expect(serializePublicGroup(group)).toEqual(before);
  });

  test('random bytes, as message and as state', async () => {
    const world = await TestGroup.of(1, ['a', 'b']);
    const group = await open(world, 'a');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const framed = Uint8Array.of(0, 1, 0, 1, ...bytes);
        expect(await refusal(applyPublicMessage(world.environment, group, bytes))).toBe(
          'malformed',
        );
        await refusal(applyPublicMessage(world.environment, group, framed));
        expect(() => restorePublicGroup(bytes)).toThrow(MlsError);
      }),
      { numRuns: 300 },
    );
  });
});

function signingKeysOf(world: TestGroup, name: string) {
  const { client } = inside(world.state(name));
  const { signKey, publicKey } = mls.getOwnSignatureKeyPair(client);
  return { privateKey: signKey, publicKey };
}

/** A Remove signed by a member who leaves the path out, as the unmended library would. */
async function pathless(world: TestGroup, by: string, removed: number): Promise<Uint8Array> {
  const { client } = inside(world.state(by));
  const context = world.environment.context(world.suite);
  const proposal = { proposalType: mls.defaultProposalTypes.remove, remove: { removed } } as const;
  const proposals = [{ proposalOrRefType: mls.proposalOrRefTypes.proposal, proposal }];
  const { framedContent, signature } = await internal.createContentCommitSignature(
    client.groupContext,
    'mls_public_message',
    { proposals, path: undefined },
    { senderType: mls.senderTypes.member, leafIndex: client.privatePath.leafIndex },
    new Uint8Array(),
    client.signaturePrivateKey,
    context.cipherSuite.signature,
  );
  return mls.encode(mls.mlsMessageEncoder, {
    version: mls.protocolVersions.mls10,
    wireformat: mls.wireformats.mls_public_message,
    publicMessage: {
      content: framedContent,
      auth: {
        contentType: mls.contentTypes.commit,
        signature,
        confirmationTag: new Uint8Array(32),
      },
      senderType: mls.senderTypes.member,
      membershipTag: new Uint8Array(32),
    },
  });
}
