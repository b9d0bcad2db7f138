/**
 * A real MLS group for comparison with the model: every commit is made and encoded by ts-mls with
 * real cryptography, and its UpdatePath is counted from what was made.
 *
 * All members share one state of the epoch; a member acts by putting its own leaf and signature key
 * there (a committer needs no other secret). Witnesses are members with a state of their own, which
 * process every proposal and commit for real and must reach the same epoch.
 */
import { p256 } from '@noble/curves/nist.js';
import type {
  CiphersuiteName,
  ClientState,
  CreateCommitParams,
  KeyPackage,
  LeafNode,
  MlsContext,
  MlsFramedMessage,
  PrivateKeyPackage,
  Proposal,
} from 'ts-mls';
import type { NodeView } from '../ratchet-tree.ts';
import { measure } from './measure.ts';
import type { RealCommit } from './measure.ts';
import { mls, ratchetTreeEncoder, signLeafNodeCommit } from './patched-ts-mls.ts';

type NewMember = { publicPackage: KeyPackage; privatePackage: PrivateKeyPackage };

const sourceNames = {
  [mls.leafNodeSources.key_package]: 'key-package',
  [mls.leafNodeSources.update]: 'update',
  [mls.leafNodeSources.commit]: 'commit',
} as const;

const groupId = new Uint8Array(16).fill(7);

export class RealGroup {
  readonly context: MlsContext;
  #state: ClientState;
  readonly #signKeys = new Map<number, Uint8Array>();
  readonly #witnesses = new Map<number, ClientState>();
  /** Sign keys of members proposed but not yet added, by their encoded key. */
  readonly #pending = new Map<string, Uint8Array>();
  #serial: number;

  private constructor(context: MlsContext, state: ClientState, serial: number) {
    this.context = context;
    this.#state = state;
    this.#serial = serial;
  }

  /** Leaf 0 adds everybody else with one commit without a path. */
  static async bulk(suite: CiphersuiteName, members: number, witnesses: number[] = []) {
    const cipherSuite = await mls.getCiphersuiteImpl(suite);
    const authService = mls.unsafeTestingAuthenticationService;
    const context: MlsContext = { cipherSuite, authService };
    const packages: NewMember[] = [];
    for (let i = 0; i < members; i++) packages.push(await newMember(context, i));
    const [creator, ...others] = packages as [NewMember, ...NewMember[]];
    const state = await mls.createGroup({
      context,
      groupId,
      keyPackage: creator.publicPackage,
      privateKeyPackage: creator.privatePackage,
    });
    const group = new RealGroup(context, state, members);
    packages.forEach((p, i) => group.#signKeys.set(i, p.privatePackage.signaturePrivateKey));
    if (others.length === 0) return group;
    const extraProposals = others.map((p) => addProposal(p.publicPackage));
    const made = await mls.createCommit({ context, state, extraProposals });
    group.#state = made.newState;
    for (const leaf of witnesses.filter((w) => w > 0 && w < members)) {
      const joined = await mls.joinGroup({
        context,
        welcome: made.welcome!.welcome,
        keyPackage: packages[leaf]!.publicPackage,
        privateKeys: packages[leaf]!.privatePackage,
        ratchetTree: made.newState.ratchetTree.slice(),
      });
      group.#witnesses.set(leaf, joined);
    }
    return group;
  }

  get witnesses(): readonly number[] {
    return [...this.#witnesses.keys()];
  }

  get encodedTreeBytes(): number {
    return mls.encode(ratchetTreeEncoder, this.#state.ratchetTree).length;
  }

  /** The real tree in the model's words. */
  nodes(): NodeView[] {
    return this.#state.ratchetTree.map((node): NodeView => {
      if (node === undefined) return { kind: 'blank' };
      if (node.nodeType === mls.nodeTypes.leaf) {
        return { kind: 'leaf', source: sourceNames[node.leaf.leafNodeSource] };
      }
      return { kind: 'parent', unmerged: node.parent.unmergedLeaves.toSorted((a, b) => a - b) };
    });
  }

  /** Lengths of the signatures in the tree. */
  treeSignatures(): number[] {
    return this.#state.ratchetTree.flatMap((node) =>
      node?.nodeType === mls.nodeTypes.leaf ? [node.leaf.signature.length] : [],
    );
  }

  async newAdd(): Promise<Proposal> {
    const member = await newMember(this.context, this.#serial++);
    const { signaturePublicKey } = member.publicPackage.leafNode;
    this.#pending.set(
      mls.bytesToBase64(signaturePublicKey),
      member.privatePackage.signaturePrivateKey,
    );
    return addProposal(member.publicPackage);
  }

  newRemove(removed: number): Proposal {
    return { proposalType: mls.defaultProposalTypes.remove, remove: { removed } };
  }

  async #newUpdate(proposer: number): Promise<Proposal> {
    const { cipherSuite } = this.context;
    const keys = await cipherSuite.hpke.generateKeyPair();
    const node = this.#state.ratchetTree[2 * proposer];
    if (node?.nodeType !== mls.nodeTypes.leaf) throw new Error(`no member at leaf ${proposer}`);
    const { credential, capabilities, extensions, signaturePublicKey } = node.leaf;
    const tbs = {
      leafNodeSource: mls.leafNodeSources.update,
      hpkePublicKey: await cipherSuite.hpke.exportPublicKey(keys.publicKey),
      credential,
      capabilities,
      extensions,
      signaturePublicKey,
      groupId,
      leafIndex: proposer,
    };
    // The library signs updates only under the name of commits; the encoding follows the source.
    const leafNode: LeafNode = await signLeafNodeCommit(
      tbs as unknown as Parameters<typeof signLeafNodeCommit>[0],
      this.#signKeys.get(proposer)!,
      cipherSuite.signature,
    );
    const witness = this.#witnesses.get(proposer);
    if (witness !== undefined) {
      const key = await cipherSuite.hpke.exportPrivateKey(keys.privateKey);
      const privateKeys = { ...witness.privatePath.privateKeys, [2 * proposer]: key };
      this.#witnesses.set(proposer, {
        ...witness,
        privatePath: { ...witness.privatePath, privateKeys },
      });
    }
    return {
      proposalType: mls.defaultProposalTypes.update,
      update: { leafNode },
    } as Proposal;
  }

  /** Sends a proposal by itself; returns the size of its message. */
  async propose(proposer: number, what: Proposal | 'update'): Promise<number> {
    const proposal = what === 'update' ? await this.#newUpdate(proposer) : what;
    const made = await mls.createProposal({
      context: this.context,
      state: this.stateOf(proposer),
      wireAsPublicMessage: true,
      proposal,
    });
    await this.#deliver(made.message, proposer);
    this.#state = made.newState;
    const own = this.#witnesses.get(proposer);
    if (own !== undefined) {
      const { unappliedProposals } = made.newState;
      this.#witnesses.set(proposer, { ...own, unappliedProposals });
    }
    return mls.encode(mls.mlsMessageEncoder, made.message).length;
  }

  /** Commits all open proposals and the given ones. */
  async commit(actor: number, byValue: Proposal[], forcePath = true): Promise<RealCommit> {
    const params: CreateCommitParams & { forcePath: boolean } = {
      context: this.context,
      state: this.stateOf(actor),
      wireAsPublicMessage: true,
      extraProposals: byValue,
      forcePath,
    };
    const before = this.#state.ratchetTree;
    const made = await mls.createCommit(params);
    this.#forgetRemoved(made.newState, before);
    const own = this.#witnesses.delete(actor);
    await this.#deliver(made.commit, actor, made.newState);
    if (own) this.#witnesses.set(actor, made.newState);
    this.#state = made.newState;
    this.#learnSignKeys();
    return measure(made);
  }

  /** The group as a member sees it. */
  stateOf(leaf: number): ClientState {
    const witness = this.#witnesses.get(leaf);
    if (witness !== undefined) return witness;
    const signaturePrivateKey = this.#signKeys.get(leaf)!;
    return {
      ...this.#state,
      signaturePrivateKey,
      privatePath: { leafIndex: leaf, privateKeys: {} },
    };
  }

  /** Witnesses whose leaf was removed (or taken over by somebody else) no longer take part. */
  #forgetRemoved(next: ClientState, before: ClientState['ratchetTree']): void {
    for (const leaf of this.#witnesses.keys()) {
      const was = before[2 * leaf];
      const is = next.ratchetTree[2 * leaf];
      const same =
        was?.nodeType === mls.nodeTypes.leaf &&
        is?.nodeType === mls.nodeTypes.leaf &&
        mls.bytesToBase64(was.leaf.signaturePublicKey) ===
          mls.bytesToBase64(is.leaf.signaturePublicKey);
      if (!same) this.#witnesses.delete(leaf);
    }
  }

  async #deliver(message: MlsFramedMessage, from: number, next?: ClientState): Promise<void> {
    const rootSecretKnown = next === undefined || rootIsFilled(next);
    for (const [leaf, state] of this.#witnesses) {
      if (leaf === from) continue;
      if (!rootSecretKnown) {
        // ts-mls cannot receive a path that does not reach the root (an empty half of the tree).
        this.#witnesses.delete(leaf);
        continue;
      }
      const result = await mls.processMessage({ context: this.context, state, message });
      if (next !== undefined) checkSameEpoch(result.newState, next, leaf);
      this.#witnesses.set(leaf, result.newState);
    }
  }

  #learnSignKeys(): void {
    this.#state.ratchetTree.forEach((node, index) => {
      if (node?.nodeType !== mls.nodeTypes.leaf) return;
      const key = this.#pending.get(mls.bytesToBase64(node.leaf.signaturePublicKey));
      if (key !== undefined) this.#signKeys.set(index / 2, key);
    });
    this.#pending.clear();
  }
}

function addProposal(keyPackage: KeyPackage): Proposal {
  return { proposalType: mls.defaultProposalTypes.add, add: { keyPackage } };
}

/** A member as the model's default sizes describe it: 16-byte identity, 11 bytes of capabilities. */
async function newMember(context: MlsContext, serial: number): Promise<NewMember> {
  const identity = new Uint8Array(16);
  new DataView(identity.buffer).setUint32(0, serial);
  const credentialType = mls.defaultCredentialTypes.basic;
  const keys = await context.cipherSuite.signature.keygen();
  // ts-mls makes compressed P-256 keys; RFC 9420 section 5.1.1 has them uncompressed.
  const compressed = keys.publicKey.length === 33;
  const publicKey = compressed
    ? p256.Point.fromBytes(keys.publicKey).toBytes(false)
    : keys.publicKey;
  return mls.generateKeyPackageWithKey({
    signatureKeyPair: { signKey: keys.signKey, publicKey },
    extensions: [],
    credential: { credentialType, identity },
    capabilities: {
      versions: [mls.protocolVersions.mls10],
      ciphersuites: [context.cipherSuite.id],
      extensions: [],
      proposals: [],
      credentials: [credentialType],
    },
    lifetime: { notBefore: 0n, notAfter: 2n ** 62n },
    cipherSuite: context.cipherSuite,
  });
}

function rootIsFilled(state: ClientState): boolean {
  const { length } = state.ratchetTree;
  return state.ratchetTree[(length - 1) / 2] !== undefined || length === 1;
}

function checkSameEpoch(a: ClientState, b: ClientState, leaf: number): void {
  const left = mls.bytesToBase64(a.keySchedule.epochAuthenticator);
  const right = mls.bytesToBase64(b.keySchedule.epochAuthenticator);
  if (left !== right) throw new Error(`witness ${leaf} is in another epoch than the committer`);
}
