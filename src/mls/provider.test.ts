/**
 * Our provider against the library's own, in groups where both are at work: with the mended library
 * on both sides, and with a member that runs the library as published.
 */
import * as published from 'ts-mls';
import type { CiphersuiteImpl, ClientState, MlsContext } from 'ts-mls';
import { describe as suiteOf, expect, test } from 'vitest';
import { seededRandom } from '../crypto/random.ts';
import { cryptoSuite } from '../crypto/suites.ts';
import { MlsError } from './error.ts';
import { cipherSuite, nodeCryptoProvider } from './provider.ts';
import { mls } from './library/index.ts';
import { suiteNumbers } from './testing/world.ts';

type Library = typeof published;

interface Member {
  readonly library: Library;
  readonly context: MlsContext;
  readonly keys: Awaited<ReturnType<Library['generateKeyPackage']>>;
  state: ClientState;
}

const names = Object.fromEntries(
  Object.entries(published.ciphersuites).map(([name, number]) => [number, name]),
) as Record<number, published.CiphersuiteName>;

async function memberOf(library: Library, suite: CiphersuiteImpl, name: string): Promise<Member> {
  const pair = cryptoSuite(suite.id).signature.generateKeyPair(seededRandom(name));
  const keys = await library.generateKeyPackageWithKey({
    // The library's own P-256 keys are compressed, which RFC 9420 does not know.
    signatureKeyPair: { signKey: pair.privateKey, publicKey: pair.publicKey },
    credential: { credentialType: 1, identity: new TextEncoder().encode(name) },
    capabilities: {
      versions: [1],
      ciphersuites: [suite.id],
      extensions: [],
      proposals: [],
      credentials: [1],
    },
    lifetime: { notBefore: 0n, notAfter: 2n ** 50n },
    extensions: [],
    cipherSuite: suite,
  });
  const authService = library.unsafeTestingAuthenticationService;
  const context = { cipherSuite: suite, authService };
  return { library, context, keys, state: undefined as unknown as ClientState };
}

/** The creator adds the others; then everybody commits and talks, and all must follow. */
async function converse(members: readonly Member[]): Promise<void> {
  const [creator, ...others] = members as [Member, ...Member[]];
  const { library, context, keys } = creator;
  const groupId = Uint8Array.of(1, 2, 3);
  const { publicPackage: keyPackage, privatePackage: privateKeyPackage } = keys;
  const state = await library.createGroup({ context, groupId, keyPackage, privateKeyPackage });
  const extraProposals = others.map((other) => ({
    proposalType: published.defaultProposalTypes.add,
    add: { keyPackage: other.keys.publicPackage },
  }));
  const adding = { context, state, extraProposals, ratchetTreeExtension: true };
  const made = await library.createCommit(adding);
  creator.state = made.newState;
  for (const other of others) {
    other.state = await other.library.joinGroup({
      context: other.context,
      welcome: made.welcome!.welcome,
      keyPackage: other.keys.publicPackage,
      privateKeys: other.keys.privatePackage,
    });
  }
  for (const actor of members) await act(actor, members);
}

async function act(actor: Member, members: readonly Member[]): Promise<void> {
  const { library, context } = actor;
  const made = await library.createCommit({
    context,
    state: actor.state,
    wireAsPublicMessage: true,
  });
  await deliver(made.commit, actor, members);
  actor.state = made.newState;
  const authenticators = members.map((m) =>
    published.bytesToBase64(m.state.keySchedule.epochAuthenticator),
  );
  expect(new Set(authenticators).size).toBe(1);
  const message = new TextEncoder().encode('hello');
  const sent = await library.createApplicationMessage({ context, state: actor.state, message });
  actor.state = sent.newState;
  await deliver(sent.message, actor, members, message);
}

async function deliver(
  message: published.MlsFramedMessage,
  from: Member,
  members: readonly Member[],
  expected?: Uint8Array,
): Promise<void> {
  const bytes = published.encode(published.mlsMessageEncoder, message);
  for (const member of members) {
    if (member === from) continue;
    const decoded = published.decode(published.mlsMessageDecoder, bytes);
    const result = await member.library.processMessage({
      context: member.context,
      state: member.state,
      message: decoded as published.MlsFramedMessage,
    });
    member.state = result.newState;
    if (expected !== undefined) expect(result).toMatchObject({ message: expected });
  }
}

suiteOf.each(suiteNumbers.map((n) => [n]))('suite %i', (number) => {
  const ours = cipherSuite(number);
  const seeded = cipherSuite(number, { random: seededRandom('seed'), reproducible: true });

  test.each(['ours', 'theirs'] as const)(
    'both providers in one group, created by %s',
    async (by) => {
      const theirs = await mls.getCiphersuiteImpl(names[number]!);
      const order = by === 'ours' ? [ours, theirs, seeded, theirs] : [theirs, ours, theirs, seeded];
      const members = order.map((suite, i) => memberOf(mls, suite, `m${i}`));
      await converse(await Promise.all(members));
    },
  );

  test('members that run the library as published follow, and are followed', async () => {
    const theirs = await published.getCiphersuiteImpl(names[number]!);
    const members = [
      await memberOf(mls, ours, 'a'),
      await memberOf(published, theirs, 'b'),
      await memberOf(mls, ours, 'c'),
    ];
    await converse(members);
    await converse([members[1]!, members[0]!, members[2]!]);
  });

  test('a secret exported to a key is imported by the other provider', async () => {
    const theirs = await mls.getCiphersuiteImpl(names[number]!);
    const text = new TextEncoder().encode('context');
    for (const [from, to] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const pair = await to.hpke.deriveKeyPair(new Uint8Array(64).fill(3));
      const raw = await to.hpke.exportPublicKey(pair.publicKey);
      const key = await from.hpke.importPublicKey(raw);
      const { enc, secret } = await from.hpke.exportSecret(key, text, 40, text);
      expect(await to.hpke.importSecret(pair.privateKey, text, enc, 40, text)).toEqual(secret);
    }
  });

  test('keys derived from one secret are equal', async () => {
    const theirs = await mls.getCiphersuiteImpl(names[number]!);
    const ikm = new Uint8Array(64).fill(5);
    const publicOf = async ({ hpke }: CiphersuiteImpl) =>
      hpke.exportPublicKey((await hpke.deriveKeyPair(ikm)).publicKey);
    expect(await publicOf(ours)).toEqual(new Uint8Array(await publicOf(theirs)));
  });
});

test('suites that the lab does not have are refused', () => {
  expect(() => cipherSuite(7)).toThrow(MlsError);
  expect(() => nodeCryptoProvider().getCiphersuiteImpl(0)).toThrow(/no suite 0x0000/);
});
