/**
 * The official MLS test vectors (mlswg/mls-implementations, folder test-vectors) through our
 * provider and our door:
 *
 *     node src/mls/testing/official-vectors.ts FOLDER
 *
 * Prints per family how many cases passed, failed, or are for suites the lab does not have. The
 * vectors carry no licence, so none is kept here.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes } from '../../crypto/bytes.ts';
import { systemRandom } from '../../crypto/random.ts';
import { cryptoSuites } from '../../crypto/suites.ts';
import { decodeAll, decodeMessage, decodeTree } from '../convert.ts';
import { internal, mls, testOnly } from '../library/index.ts';
import {
  applyPublicMessage,
  describe,
  describePublic,
  joinByWelcome,
  mlsEnvironment,
  nodeCryptoProvider,
  processMessage,
  publicViewOf,
  type MemberState,
  type MlsEnvironment,
} from '../index.ts';

type Case = Readonly<Record<string, never>>;
type Check = (vector: Case) => Promise<void>;

// Official KeyPackages may have any lifetime and credential.
const environment: MlsEnvironment = mlsEnvironment({ nowSeconds: () => 1_750_000_000n });
const provider = nodeCryptoProvider({ random: systemRandom });

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

function same(what: string, actual: Uint8Array, expected: string): void {
  const text = Buffer.from(actual).toString('hex');
  if (text !== expected)
    throw new Error(`${what}: ${text.slice(0, 40)}, not ${expected.slice(0, 40)}`);
}

function holds(what: string, condition: boolean): void {
  if (!condition) throw new Error(what);
}

const suiteOf = (vector: { cipher_suite: number }) =>
  provider.getCiphersuiteImpl(vector.cipher_suite);

/* oxlint-disable typescript/no-explicit-any -- the files are JSON without a schema */
type Json = any;

async function cryptoBasics(v: Json): Promise<void> {
  const { hash, kdf, hpke, signature } = await suiteOf(v);
  const { refhash, expandWithLabel, deriveSecret, deriveTreeSecret } = testOnly;
  const { ref_hash: r, expand_with_label: e, derive_secret: d, derive_tree_secret: t } = v;
  same('ref_hash', await refhash(r.label, hex(r.value), hash), r.out);
  const expanded = await expandWithLabel(hex(e.secret), e.label, hex(e.context), e.length, kdf);
  same('expand_with_label', expanded, e.out);
  same('derive_secret', await deriveSecret(hex(d.secret), d.label, kdf), d.out);
  const tree = await deriveTreeSecret(hex(t.secret), t.label, t.generation, t.length, kdf);
  same('derive_tree_secret', tree, t.out);
  const { sign_with_label: s, encrypt_with_label: c } = v;
  const { signWithLabel, verifyWithLabel, encryptWithLabel, decryptWithLabel } = testOnly;
  const verify = (sig: Uint8Array) =>
    verifyWithLabel(hex(s.pub), s.label, hex(s.content), sig, signature);
  holds('verify_with_label', await verify(hex(s.signature)));
  const signed = await signWithLabel(hex(s.priv), s.label, hex(s.content), signature);
  holds('sign_with_label', await verify(signed));
  const priv = await hpke.importPrivateKey(hex(c.priv));
  const open = (enc: Uint8Array, ct: Uint8Array) =>
    decryptWithLabel(priv, c.label, hex(c.context), enc, ct, hpke);
  same('decrypt_with_label', await open(hex(c.kem_output), hex(c.ciphertext)), c.plaintext);
  const pub = await hpke.importPublicKey(hex(c.pub));
  const sealed = await encryptWithLabel(pub, c.label, hex(c.context), hex(c.plaintext), hpke);
  same('encrypt_with_label', await open(sealed.enc, sealed.ct), c.plaintext);
}

async function keySchedule(v: Json): Promise<void> {
  const suite = await suiteOf(v);
  let init = hex(v.initial_init_secret);
  for (const [index, e] of v.epochs.entries()) {
    const context = {
      version: mls.protocolVersions.mls10,
      cipherSuite: v.cipher_suite,
      groupId: hex(v.group_id),
      epoch: BigInt(index),
      treeHash: hex(e.tree_hash),
      confirmedTranscriptHash: hex(e.confirmed_transcript_hash),
      extensions: [],
    };
    same('group_context', mls.encode(internal.groupContextEncoder, context), e.group_context);
    const made = await testOnly.initializeEpoch(
      init,
      hex(e.commit_secret),
      context,
      hex(e.psk_secret),
      suite.kdf,
    );
    const k = made.keySchedule;
    const pairs: [string, Uint8Array][] = [
      ['joiner_secret', made.joinerSecret],
      ['welcome_secret', made.welcomeSecret],
      ['encryption_secret', made.encryptionSecret],
      ['init_secret', k.initSecret],
      ['sender_data_secret', k.senderDataSecret],
      ['exporter_secret', k.exporterSecret],
      ['external_secret', k.externalSecret],
      ['confirmation_key', k.confirmationKey],
      ['membership_key', k.membershipKey],
      ['resumption_psk', k.resumptionPsk],
      ['epoch_authenticator', k.epochAuthenticator],
    ];
    for (const [name, value] of pairs) same(name, value, e[name]);
    const external = await suite.hpke.deriveKeyPair(k.externalSecret);
    same('external_pub', await suite.hpke.exportPublicKey(external.publicKey), e.external_pub);
    // The label of this family is the hexadecimal text itself.
    const { label, context: c, length, secret } = e.exporter;
    same('exporter', await mls.mlsExporter(k.exporterSecret, label, hex(c), length, suite), secret);
    init = k.initSecret as typeof init;
  }
}

async function pskSecret(v: Json): Promise<void> {
  const suite = await suiteOf(v);
  const psks = v.psks.map((p: Json) => [
    { psktype: mls.pskTypes.external, pskId: hex(p.psk_id), pskNonce: hex(p.psk_nonce) },
    hex(p.psk),
  ]);
  same('psk_secret', await testOnly.computePskSecret(psks, suite), v.psk_secret);
}

async function transcriptHashes(v: Json): Promise<void> {
  const { hash } = await suiteOf(v);
  const decoder = internal.authenticatedContentDecoder;
  const { wireformat, content, auth } = decodeAll(decoder, hex(v.authenticated_content), 'content');
  if (content.contentType !== mls.contentTypes.commit || !('confirmationTag' in auth)) {
    throw new Error('no commit');
  }
  const before = hex(v.interim_transcript_hash_before);
  const input = { wireformat, content, signature: auth.signature };
  const confirmed = await testOnly.createConfirmedHash(before, input, hash);
  same('confirmed', confirmed, v.confirmed_transcript_hash_after);
  const interim = await testOnly.createInterimHash(confirmed, auth.confirmationTag, hash);
  same('interim', interim, v.interim_transcript_hash_after);
  const key = hex(v.confirmation_key);
  holds('tag', await internal.verifyConfirmationTag(key, auth.confirmationTag, confirmed, hash));
}

async function secretTree(v: Json): Promise<void> {
  const suite = await suiteOf(v);
  const config = { ...mls.defaultKeyRetentionConfig, maximumForwardRatchetSteps: 1_000 };
  const s = v.sender_data;
  const label = async (name: string, length: number) => {
    const sample = hex(s.ciphertext).subarray(0, suite.kdf.size);
    return testOnly.expandWithLabel(hex(s.sender_data_secret), name, sample, length, suite.kdf);
  };
  same('sender key', await label('key', suite.hpke.keyLength), s.key);
  same('sender nonce', await label('nonce', suite.hpke.nonceLength), s.nonce);
  const start = testOnly.createSecretTree(v.leaves.length, hex(v.encryption_secret));
  for (const [leafIndex, generations] of v.leaves.entries()) {
    for (const g of generations) {
      for (const [name, type] of [
        ['handshake', mls.contentTypes.commit],
        ['application', mls.contentTypes.application],
      ] as const) {
        const data = { leafIndex, generation: g.generation, reuseGuard: new Uint8Array(4) };
        const got = await testOnly.ratchetToGeneration(start, data as never, type, config, suite);
        same(`${name} key`, got.key, g[`${name}_key`]);
        same(`${name} nonce`, got.nonce, g[`${name}_nonce`]);
      }
    }
  }
}

function treeMath(v: Json): Promise<void> {
  const t = internal;
  const width = v.n_nodes;
  holds('n_nodes', t.nodeWidth(v.n_leaves) === width);
  holds('root', t.root(v.n_leaves) === v.root);
  for (let i = 0; i < width; i++) {
    const node = t.toNodeIndex(i);
    if (v.left[i] !== null) holds('left', t.left(node) === v.left[i]);
    if (v.right[i] !== null) holds('right', t.right(node) === v.right[i]);
    if (v.parent[i] !== null) holds('parent', t.parent(node, v.n_leaves) === v.parent[i]);
    if (v.sibling[i] !== null) holds('sibling', t.sibling(node, v.n_leaves) === v.sibling[i]);
  }
  return Promise.resolve();
}

async function treeOperations(v: Json): Promise<void> {
  const { hash } = await suiteOf(v);
  const tree = decodeTree(hex(v.tree_before));
  same('hash before', await internal.treeHashRoot(tree, hash), v.tree_hash_before);
  const proposal = decodeAll(internal.proposalDecoder, hex(v.proposal), 'proposal');
  if ('add' in proposal) internal.addLeafNodeMutable(tree, proposal.add.keyPackage.leafNode);
  else if ('remove' in proposal) {
    internal.removeLeafNodeMutable(tree, internal.toLeafIndex(proposal.remove.removed));
  } else if ('update' in proposal) {
    const sender = internal.toLeafIndex(v.proposal_sender);
    internal.updateLeafNodeMutable(tree, proposal.update.leafNode, sender);
  } else throw new Error('another proposal');
  same('tree after', mls.encode(internal.ratchetTreeEncoder, tree), v.tree_after);
  same('hash after', await internal.treeHashRoot(tree, hash), v.tree_hash_after);
}

async function treeValidation(v: Json): Promise<void> {
  const suite = await suiteOf(v);
  const tree = decodeTree(hex(v.tree));
  for (const [i, expected] of v.tree_hashes.entries()) {
    same(`hash ${i}`, await internal.treeHash(tree, internal.toNodeIndex(i), suite.hash), expected);
    const resolution = internal.resolution(tree, internal.toNodeIndex(i));
    holds(`resolution ${i}`, String(resolution) === String(v.resolutions[i]));
  }
  holds('parent hashes', await testOnly.verifyParentHashes(tree, suite.hash));
  const { authService, clientConfig } = environment.context(v.cipher_suite);
  const context = { groupId: hex(v.group_id), extensions: [], cipherSuite: v.cipher_suite };
  const root = await internal.treeHashRoot(tree, suite.hash);
  const wrong = await internal.validateRatchetTree(
    tree,
    context as unknown as Parameters<typeof internal.validateRatchetTree>[1],
    clientConfig!.lifetimeConfig,
    authService,
    root,
    suite,
  );
  if (wrong !== undefined) throw wrong;
}

function messages(v: Json): Promise<void> {
  const whole = ['mls_welcome', 'mls_group_info', 'mls_key_package', 'private_message'];
  const framed = ['public_message_application', 'public_message_proposal', 'public_message_commit'];
  for (const name of [...whole, ...framed]) {
    const bytes = hex(v[name]);
    same(name, mls.encode(mls.mlsMessageEncoder, decodeMessage(bytes)), v[name]);
  }
  const tree = decodeTree(hex(v.ratchet_tree));
  same('ratchet_tree', mls.encode(internal.ratchetTreeEncoder, tree), v.ratchet_tree);
  const bodies: [string, Json, Json][] = [
    ['group_secrets', testOnly.groupSecretsDecoder, testOnly.groupSecretsEncoder],
    ['commit', testOnly.commitDecoder, testOnly.commitEncoder],
    ['add_proposal', internal.addDecoder, internal.addEncoder],
    ['update_proposal', internal.updateDecoder, internal.updateEncoder],
    ['remove_proposal', internal.removeDecoder, internal.removeEncoder],
    ['pre_shared_key_proposal', internal.pskDecoder, internal.pskEncoder],
    ['re_init_proposal', internal.reinitDecoder, internal.reinitEncoder],
    ['external_init_proposal', internal.externalInitDecoder, internal.externalInitEncoder],
    [
      'group_context_extensions_proposal',
      internal.groupContextExtensionsDecoder,
      internal.groupContextExtensionsEncoder,
    ],
  ];
  for (const [name, decoder, encoder] of bodies) {
    same(name, mls.encode(encoder, decodeAll(decoder, hex(v[name]), name)), v[name]);
  }
  return Promise.resolve();
}

function deserialization(v: Json): Promise<void> {
  const header = hex(v.vlbytes_header);
  holds('length', internal.determineLength(header).length === v.length);
  return Promise.resolve();
}

async function welcome(v: Json): Promise<void> {
  const suite = await suiteOf(v);
  const message = decodeMessage(hex(v.welcome));
  const own = decodeMessage(hex(v.key_package));
  if (message.wireformat !== mls.wireformats.mls_welcome) throw new Error('no Welcome');
  if (own.wireformat !== mls.wireformats.mls_key_package) throw new Error('no KeyPackage');
  const reference = await mls.makeKeyPackageRef(own.keyPackage, suite.hash);
  const key = await suite.hpke.importPrivateKey(hex(v.init_priv));
  const { decryptGroupSecrets, decryptGroupInfo } = testOnly;
  const secrets = await decryptGroupSecrets(key, reference, message.welcome, suite.hpke);
  const none = new Uint8Array(suite.kdf.size);
  const info = await decryptGroupInfo(message.welcome, secrets!.joinerSecret, none, suite);
  const signer = hex(v.signer_pub);
  const { signature } = suite;
  holds('signature', await internal.verifyGroupInfoSignature(info!, signer, signature));
  const joiner = secrets!.joinerSecret;
  holds('tag', await internal.verifyGroupInfoConfirmationTag(info!, joiner, none, suite));
}

async function messageProtection(v: Json): Promise<void> {
  const suite = await suiteOf(v);
  const context = {
    version: mls.protocolVersions.mls10,
    cipherSuite: v.cipher_suite,
    groupId: hex(v.group_id),
    epoch: BigInt(v.epoch),
    treeHash: hex(v.tree_hash),
    confirmedTranscriptHash: hex(v.confirmed_transcript_hash),
    extensions: [],
  };
  const tree = testOnly.createSecretTree(2, hex(v.encryption_secret));
  const config = mls.defaultKeyRetentionConfig;
  const [membership, key] = [hex(v.membership_key), hex(v.signature_pub)];
  const senderData = hex(v.sender_data_secret);
  // Sender 1 is known by its key, which is given; two filled leaves stand for the members.
  const stand = [{ nodeType: 1, leaf: {} }, undefined, { nodeType: 1, leaf: {} }] as never;
  const openPrivate = async (bytes: Uint8Array) => {
    const message = decodeMessage(bytes);
    if (message.wireformat !== mls.wireformats.mls_private_message) throw new Error('not private');
    const { privateMessage } = message;
    const { unprotectPrivateMessage: unprotect } = testOnly;
    const args = [senderData, privateMessage, tree, stand, context, config, suite, key] as const;
    return (await unprotect(...args)).content;
  };
  const openPublic = async (bytes: Uint8Array) => {
    const message = decodeMessage(bytes);
    if (message.wireformat !== mls.wireformats.mls_public_message) throw new Error('not public');
    const { unprotectPublicMessage: unprotect } = testOnly;
    return unprotect(membership, context, stand, message.publicMessage, suite, key);
  };
  const again = async (content: Json) => {
    const body = { ...content.content, auth: content.auth };
    const padding = mls.defaultPaddingConfig;
    const none = content.content.authenticatedData;
    const { protect } = testOnly;
    const made = await protect(senderData, none, context, tree, body, 1, padding, suite);
    const { mls_private_message: wireformat } = mls.wireformats;
    const message = { version: context.version, wireformat, privateMessage: made.privateMessage };
    return openPrivate(mls.encode(mls.mlsMessageEncoder, message));
  };
  const raw = (content: Json): Uint8Array => {
    if (content.applicationData !== undefined) return content.applicationData;
    if (content.proposal === undefined) return mls.encode(testOnly.commitEncoder, content.commit);
    return mls.encode(internal.proposalEncoder, content.proposal);
  };
  for (const name of ['proposal', 'commit', 'application']) {
    const opened = await openPrivate(hex(v[`${name}_priv`]));
    same(`${name} private`, raw(opened.content), v[name]);
    same(`${name} again`, raw((await again(opened)).content), v[name]);
    if (name === 'application') continue;
    const shown = await openPublic(hex(v[`${name}_pub`]));
    same(`${name} public`, raw(shown.content), v[name]);
    const made = await testOnly.protectPublicMessage(membership, context, shown as never, suite);
    const { mls_public_message: wireformat } = mls.wireformats;
    const message = { version: context.version, wireformat, publicMessage: made };
    const reopened = await openPublic(mls.encode(mls.mlsMessageEncoder, message));
    same(`${name} public again`, raw(reopened.content), v[name]);
  }
}

async function treeKem(v: Json): Promise<void> {
  const suite = await suiteOf(v);
  const original = decodeTree(hex(v.ratchet_tree));
  const privates = await Promise.all(v.leaves_private.map((l: Json) => privatePathOf(suite, l)));
  const context = {
    version: mls.protocolVersions.mls10,
    cipherSuite: v.cipher_suite,
    groupId: hex(v.group_id),
    epoch: BigInt(v.epoch),
    treeHash: new Uint8Array(),
    confirmedTranscriptHash: hex(v.confirmed_transcript_hash),
    extensions: [],
  };
  for (const u of v.update_paths) {
    const sender = internal.toLeafIndex(u.sender);
    const path = decodeAll(internal.updatePathDecoder, hex(u.update_path), 'UpdatePath');
    const tree = original.slice();
    await internal.applyUpdatePath(tree, sender, path, suite.hash);
    const treeHash = await internal.treeHashRoot(tree, suite.hash);
    same('tree hash', treeHash, u.tree_hash_after);
    const receive = async (member: Json, at: Json, from: Json, gc: Json) => {
      const { applyUpdatePathSecret: apply } = internal;
      const { nodeIndex, pathSecret } = await apply(at, member, sender, gc, from, [], suite);
      const secrets = await testOnly.pathToRoot(at, nodeIndex, pathSecret, suite.kdf);
      const top = secrets[Math.max(...Object.keys(secrets).map((n) => heightKey(Number(n)))) % 1e6];
      return { pathSecret, commitSecret: await testOnly.deriveSecret(top!, 'path', suite.kdf) };
    };
    const gc = { ...context, treeHash };
    const others = privates.filter((p: Json) => p.leafIndex !== u.sender);
    for (const member of others) {
      const got = await receive(member, tree, path, gc);
      same('path secret', got.pathSecret, u.path_secrets[member.leafIndex]);
      same('commit secret', got.commitSecret, u.commit_secret);
    }
    const own = v.leaves_private.find((l: Json) => l.index === u.sender);
    // The library takes the context of the epoch before, and adds one.
    const before = { ...context, epoch: context.epoch - 1n };
    const next = original.slice();
    const signKey = hex(own.signature_priv);
    const made = await internal.createUpdatePath(original, next, sender, before, signKey, suite);
    const after = { ...context, treeHash: await internal.treeHashRoot(next, suite.hash) };
    const top = (made as Json)[4];
    const secret = Buffer.from(await testOnly.deriveSecret(top, 'path', suite.kdf)).toString('hex');
    for (const member of others) {
      same('own path', (await receive(member, next, made[1], after)).commitSecret, secret);
    }
  }
}

/** Height first, then index: the top of a path has the largest. */
const heightKey = (node: number): number => (31 - Math.clz32(~node & (node + 1))) * 1e6 + node;

async function privatePathOf({ hpke, kdf }: Json, leaf: Json): Promise<Json> {
  const privateKeys: Record<number, Uint8Array> = { [2 * leaf.index]: hex(leaf.encryption_priv) };
  for (const { node, path_secret: secret } of leaf.path_secrets) {
    const { privateKey } = await hpke.deriveKeyPair(
      await testOnly.deriveSecret(hex(secret), 'node', kdf),
    );
    privateKeys[node] = await hpke.exportPrivateKey(privateKey);
  }
  return { leafIndex: leaf.index, privateKeys };
}

const followed = { commits: 0, byPublicGroup: 0 };

async function passiveClient(v: Json): Promise<void> {
  const message = decodeMessage(hex(v.key_package));
  if (message.wireformat !== mls.wireformats.mls_key_package) throw new Error('no KeyPackage');
  const { hash } = await suiteOf(v);
  const own = {
    keyPackage: mls.encode(mls.keyPackageEncoder, message.keyPackage),
    reference: await mls.makeKeyPackageRef(message.keyPackage, hash),
    initPrivateKey: hex(v.init_priv),
    encryptionPrivateKey: hex(v.encryption_priv),
    signaturePrivateKey: hex(v.signature_priv),
  };
  const psks = v.external_psks.map((p: Json) => ({ id: hex(p.psk_id), secret: hex(p.psk) }));
  const tree = v.ratchet_tree === null ? {} : { tree: hex(v.ratchet_tree) };
  let state = await joinByWelcome(environment, { welcome: hex(v.welcome), own, psks, ...tree });
  same('initial', describe(state).epochAuthenticator, v.initial_epoch_authenticator);
  for (const epoch of v.epochs) state = await passiveEpoch(state, epoch, psks);
}

async function passiveEpoch(
  from: MemberState,
  epoch: Json,
  psks: { id: Uint8Array; secret: Uint8Array }[],
): Promise<MemberState> {
  let state = from;
  for (const proposal of epoch.proposals) {
    state = (await processMessage(environment, state, hex(proposal), psks)).state;
  }
  const bytes = hex(epoch.commit);
  const view = publicViewOf(state);
  state = (await processMessage(environment, state, bytes, psks)).state;
  same('authenticator', describe(state).epochAuthenticator, epoch.epoch_authenticator);
  followed.commits++;
  if (decodeMessage(bytes).wireformat === mls.wireformats.mls_public_message) {
    const { group } = await applyPublicMessage(environment, view, bytes);
    const hashOf = describePublic(group).treeHash;
    holds('public group', equalBytes(hashOf, describe(state).treeHash));
    followed.byPublicGroup++;
  }
  return state;
}
/* oxlint-enable typescript/no-explicit-any */

const families: Readonly<Record<string, Check>> = {
  'crypto-basics': cryptoBasics,
  deserialization,
  'key-schedule': keySchedule,
  'message-protection': messageProtection,
  messages,
  'passive-client-handling-commit': passiveClient,
  'passive-client-random': passiveClient,
  'passive-client-welcome': passiveClient,
  psk_secret: pskSecret,
  'secret-tree': secretTree,
  'transcript-hashes': transcriptHashes,
  'tree-math': treeMath,
  'tree-operations': treeOperations,
  'tree-validation': treeValidation,
  treekem: treeKem,
  welcome,
};

async function runFamily(file: string, check: Check): Promise<boolean> {
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as { cipher_suite?: number }[];
  const ours = vectors.filter(
    (v) => v.cipher_suite === undefined || cryptoSuites.has(v.cipher_suite),
  );
  const failures: string[] = [];
  for (const [i, vector] of ours.entries()) {
    try {
      await check(vector as Case);
    } catch (error) {
      failures.push(`  case ${i}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const passed = ours.length - failures.length;
  const others = vectors.length - ours.length;
  const counts = [`${passed} passed`, `${failures.length} failed`, `${others} of other suites`];
  console.log(`${file.split('/').at(-1)!.padEnd(40)}${counts.join(', ')}`);
  if (failures.length > 0) console.log(failures.slice(0, 5).join('\n'));
  return failures.length === 0;
}

async function main(folder: string): Promise<void> {
  let good = true;
  for (const name of readdirSync(folder).sort()) {
    const check = families[name.replace(/\.json$/, '')];
    if (check === undefined) console.log(`${name.padEnd(40)}not run: no driver for this family`);
    else good = (await runFamily(join(folder, name), check)) && good;
  }
  const { commits, byPublicGroup } = followed;
  console.log(
    `passive clients: ${commits} commits, ${byPublicGroup} of them by the public group too`,
  );
  process.exitCode = good ? 0 : 1;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node src/mls/testing/official-vectors.ts FOLDER');
  process.exitCode = 2;
} else await main(folder);
