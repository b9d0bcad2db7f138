import { describe as suiteOf, expect, test } from 'vitest';
import {
  TestGroup,
  groupId,
  identity,
  lifetime,
  suiteNumbers,
  testEnvironment,
} from './testing/world.ts';
import {
  MlsError,
  checkKeyPackage,
  commit,
  createGroup,
  createKeyPackage,
  createSuccessor,
  describe,
  encrypt,
  exportGroupInfo,
  exportSecret,
  exportTree,
  joinByWelcome,
  joinExternally,
  joinSuccessor,
  processMessage,
  propose,
  proposeUpdate,
  restore,
  serialize,
  type MlsErrorCode,
} from './index.ts';

const hi = new TextEncoder().encode('hi');

async function refusal(step: Promise<unknown>): Promise<MlsErrorCode> {
  try {
    await step;
  } catch (error) {
    if (error instanceof MlsError) return error.code;
    throw error;
  }
  throw new Error('not refused');
}

suiteOf.each(suiteNumbers.map((n) => [n]))('suite %i', (suite) => {
  test('members add, update, remove, and stay in one epoch', async () => {
    const group = await TestGroup.of(suite, ['a', 'b', 'c', 'd', 'e']);
    expect(group.authenticators()).toHaveLength(1);
    await group.commit('b');
    await group.commit('e');
    await group.commit('a', { proposals: [{ kind: 'remove', leafIndex: 2 }] });
    expect([...group.states.keys()]).toEqual(['a', 'b', 'd', 'e']);
    await group.add('d', ['f', 'g']);
    expect(group.authenticators()).toHaveLength(1);
    expect(describe(group.state('g')).members.map((m) => m.leafIndex)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(describe(group.state('a')).epoch).toBe(5n);
  });

  test('application messages reach everybody, once', async () => {
    const group = await TestGroup.of(suite, ['a', 'b', 'c']);
    const sent = await encrypt(group.environment, group.state('a'), hi);
    const got = await processMessage(group.environment, group.state('b'), sent.message);
    expect(got).toMatchObject({ kind: 'application', plaintext: hi });
    const again = processMessage(group.environment, got.state, sent.message);
    expect(await refusal(again)).toBe('undecryptable');
    const flipped = sent.message.slice();
    flipped[flipped.length - 1]! ^= 1;
    expect(await refusal(processMessage(group.environment, group.state('c'), flipped))).toBe(
      'undecryptable',
    );
  });

  test('joins by external commit and comes back by resync', async () => {
    const group = await TestGroup.of(suite, ['a', 'b', 'c']);
    await group.commit('b');
    const { environment } = group;
    const own = await group.keyPackage('x');
    const info = await exportGroupInfo(environment, group.state('c'), { tree: true });
    const joined = await joinExternally(environment, { groupInfo: info, own });
    await group.deliver(joined.commit, 'x');
    group.states.set('x', joined.state);
    expect(group.authenticators()).toHaveLength(1);

    const groupInfo = await exportGroupInfo(environment, group.state('x'), { tree: false });
    const tree = exportTree(group.state('x'));
    const signingKeys = {
      privateKey: own.signaturePrivateKey,
      publicKey: describe(group.state('x')).members[3]!.signatureKey,
    };
    const credential = identity('x');
    const fresh = await createKeyPackage(environment, { suite, credential, lifetime, signingKeys });
    const back = await joinExternally(environment, { groupInfo, tree, own: fresh, resync: true });
    group.states.delete('x');
    await group.deliver(back.commit, 'x');
    group.states.set('x', back.state);
    expect(group.authenticators()).toHaveLength(1);
    expect(describe(group.state('a')).members).toHaveLength(4);
  });

  test('re-initializes into X-Wing: frozen, created by another member, joined', async () => {
    const group = await TestGroup.of(suite, ['a', 'b', 'c']);
    const { environment } = group;
    const successorId = new Uint8Array(16).fill(1);
    await group.commit('a', {
      proposals: [{ kind: 'reinit', groupId: successorId, suite: 0xf00d, extensions: [] }],
    });
    expect(describe(group.state('c')).status.kind).toBe('frozen');
    expect(await refusal(encrypt(environment, group.state('c'), hi))).toBe('frozen');
    expect(await refusal(commit(environment, group.state('c')))).toBe('frozen');
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((n) => group.keyPackage(n, 0xf00d)));
    const made = await createSuccessor(environment, group.state('b'), {
      own: b!,
      keyPackages: [a!.keyPackage, c!.keyPackage],
    });
    const tree = exportTree(made.state);
    const welcome = made.welcome!;
    const joined = await joinSuccessor(environment, group.state('c'), { welcome, own: c!, tree });
    expect(describe(joined)).toMatchObject({ groupId: successorId, suite: 0xf00d, epoch: 1n });
    const sent = await encrypt(environment, joined, hi);
    const got = await processMessage(environment, made.state, sent.message);
    expect(got).toMatchObject({ kind: 'application', plaintext: hi });

    const stranger = await group.keyPackage('stranger', 0xf00d);
    const keyPackages = [a!.keyPackage, stranger.keyPackage];
    const bad = createSuccessor(environment, group.state('b'), { own: b!, keyPackages });
    expect(await refusal(bad)).toBe('bad-proposals');
  });
});

test('an update proposed by one member and committed by another', async () => {
  const group = await TestGroup.of(1, ['a', 'b', 'c', 'd']);
  const before = describe(group.state('b')).members[1]!.encryptionKey;
  const made = await proposeUpdate(group.environment, group.state('b'));
  await group.deliver(made.message, 'b');
  // The proposer restarts in between: the key it proposed must have been kept.
  group.states.set('b', restore(serialize(made.state)));
  expect(await refusal(encrypt(group.environment, group.state('a'), hi))).toBe('pending-proposals');
  await group.commit('c', { proposals: [{ kind: 'remove', leafIndex: 3 }] });
  expect(group.authenticators()).toHaveLength(1);
  expect(describe(group.state('b')).members[1]!.encryptionKey).not.toEqual(before);
  await group.commit('a');
  expect(group.authenticators()).toHaveLength(1);
});

test('a proposed update that is left out leaves the old key in force', async () => {
  const group = await TestGroup.of(1, ['a', 'b', 'c']);
  const made = await proposeUpdate(group.environment, group.state('b'));
  group.states.set('b', made.state);
  await group.commit('c');
  expect(group.authenticators()).toHaveLength(1);
});

test('the left half empty: a path that ends below the root', async () => {
  const group = await TestGroup.of(1, ['a', 'b', 'c', 'd', 'e', 'f']);
  const proposals = [0, 1, 2, 3].map((leafIndex) => ({ kind: 'remove', leafIndex }) as const);
  await group.commit('e', { proposals });
  expect([...group.states.keys()]).toEqual(['e', 'f']);
  await group.commit('f');
  expect(group.authenticators()).toHaveLength(1);
});

test('a leaf removed and taken over in one commit: the former owner is out', async () => {
  const group = await TestGroup.of(1, ['a', 'b', 'c']);
  const own = await group.keyPackage('new');
  const made = await commit(group.environment, group.state('a'), {
    proposals: [
      { kind: 'remove', leafIndex: 1 },
      { kind: 'add', keyPackage: own.keyPackage },
    ],
    treeInWelcome: true,
  });
  const out = await processMessage(group.environment, group.state('b'), made.commit);
  expect(out.kind).toBe('removed');
  expect(await refusal(encrypt(group.environment, out.state, hi))).toBe('removed');
  const { welcome } = made;
  const joined = await joinByWelcome(group.environment, { welcome: welcome!, own });
  expect(describe(joined).ownLeafIndex).toBe(1);
  const kept = await processMessage(group.environment, group.state('c'), made.commit);
  expect(describe(kept.state).epochAuthenticator).toEqual(describe(joined).epochAuthenticator);
});

test('the commit secret of the last member is not known to whom it removed', async () => {
  const group = await TestGroup.of(1, ['a', 'b']);
  const first = await commit(group.environment, group.state('a'), {
    proposals: [{ kind: 'remove', leafIndex: 1 }],
  });
  const second = await commit(group.environment, group.state('a'), {
    proposals: [{ kind: 'remove', leafIndex: 1 }],
  });
  const secrets = await Promise.all(
    [first, second].map((made) => exportSecret(group.environment, made.state, 'x', hi, 32)),
  );
  expect(secrets[0]).not.toEqual(secrets[1]);
});

test('external and resumption PSKs enter the key schedule', async () => {
  const group = await TestGroup.of(1, ['a', 'b']);
  const { environment } = group;
  await group.commit('a');
  const psks = [{ id: hi, secret: new Uint8Array(32).fill(5) }];
  const made = await commit(environment, group.state('a'), {
    proposals: [
      { kind: 'external-psk', id: hi },
      { kind: 'resumption-psk', epoch: 1n },
    ],
    psks,
  });
  const got = await processMessage(environment, group.state('b'), made.commit, psks);
  expect(describe(got.state).epochAuthenticator).toEqual(describe(made.state).epochAuthenticator);
  const without = processMessage(environment, group.state('b'), made.commit);
  expect(await refusal(without)).toBe('unknown-psk');
  const other = [{ id: hi, secret: new Uint8Array(32).fill(6) }];
  const wrong = processMessage(environment, group.state('b'), made.commit, other);
  expect(await refusal(wrong)).toBe('bad-tag');
});

test('states survive serialization, group context extensions included', async () => {
  const group = await TestGroup.of(2, ['a', 'b', 'c']);
  const required = { type: 3, data: Uint8Array.of(0, 0, 2, 0, 1) };
  await group.commit('a', {
    proposals: [{ kind: 'group-context-extensions', extensions: [required] }],
  });
  for (const [name, state] of group.states) group.states.set(name, restore(serialize(state)));
  expect(describe(group.state('b')).extensions).toEqual([required]);
  await group.commit('b', { proposals: [{ kind: 'group-context-extensions', extensions: [] }] });
  expect(describe(group.state('c')).extensions).toEqual([]);
  expect(group.authenticators()).toHaveLength(1);
  expect(() => restore(serialize(group.state('a')).subarray(1))).toThrow(MlsError);
});

test('equal seeds give equal bytes in every suite', async () => {
  for (const suite of suiteNumbers) {
    const make = async () =>
      (await (await TestGroup.of(suite, ['a', 'b', 'c'])).commit('b')).commit;
    expect(await make()).toEqual(await make());
  }
});

test('what a member refuses has a name', async () => {
  const group = await TestGroup.of(1, ['a', 'b']);
  const { environment } = group;
  const made = await commit(environment, group.state('a'));
  const process = (message: Uint8Array) => processMessage(environment, group.state('b'), message);
  expect(await refusal(process(made.commit.subarray(1)))).toBe('malformed');
  expect(await refusal(process(Uint8Array.of(...made.commit, 0)))).toBe('malformed');
  expect(await refusal(processMessage(environment, group.state('a'), made.commit))).toBe(
    'own-message',
  );
  const tampered = made.commit.slice();
  tampered[tampered.length - 1]! ^= 1;
  expect(await refusal(process(tampered))).toBe('bad-tag');
  await group.deliver(made.commit, 'a');
  expect(await refusal(process(made.commit))).toBe('wrong-epoch');
  const missing = propose(environment, made.state, { kind: 'add', keyPackage: hi });
  expect(await refusal(missing)).toBe('malformed');
  const twice = { kind: 'remove', leafIndex: 1 } as const;
  expect(await refusal(commit(environment, made.state, { proposals: [twice, twice] }))).toBe(
    'bad-proposals',
  );
});

test('KeyPackages are checked as section 10.1 says', async () => {
  const environment = testEnvironment('key packages');
  const make = (notAfter: bigint) =>
    createKeyPackage(environment, {
      suite: 1,
      credential: identity('a'),
      lifetime: { notBefore: 0n, notAfter },
    });
  const good = await make(2_000n);
  const checked = await checkKeyPackage(environment, good.keyPackage);
  expect(checked).toMatchObject({ suite: 1, reference: good.reference });
  expect(await refusal(checkKeyPackage(environment, (await make(999n)).keyPackage))).toBe(
    'bad-leaf',
  );
  const bytes = good.keyPackage.slice();
  bytes[bytes.length - 1]! ^= 1;
  expect(await refusal(checkKeyPackage(environment, bytes))).toBe('bad-signature');
  const group = await createGroup(environment, { groupId, own: good });
  const late = await make(999n);
  const proposals = [{ kind: 'add', keyPackage: late.keyPackage }] as const;
  expect(await refusal(commit(environment, group, { proposals }))).toBe('bad-leaf');
});
