/**
 * The group as a non-member sees it: what the DS keeps. It follows every PublicMessage as a
 * receiving member would, as far as that goes without secrets: membership of the sender,
 * signatures, proposal rules, leaves, update path and parent hashes, tree hash, transcript,
 * epoch, and the committer's signature over the next GroupInfo. Membership and confirmation tags
 * need the members' keys; only their lengths are checked here.
 *
 * States are values. Whatever is not valid is refused with `MlsError`, and the state stays.
 */
import type {
  CiphersuiteImpl,
  ClientState,
  FramedContentCommitData,
  GroupContext,
  GroupInfo,
  KeyPackage,
  ProposalWithSender,
  PublicMessage,
  RatchetTree,
} from 'ts-mls';
import { equalBytes, withLength } from '../crypto/bytes.ts';
import { decodeMessage, fromProposal, fromReinit } from './convert.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, refusing } from './error.ts';
import { applyPath, type Work } from './public-path.ts';
import {
  checkExternalCommit,
  checkLeafSupport,
  checkMemberCommit,
  checkNewExtensions,
  checkOutsiderProposal,
  describedSuite,
  leafAt,
  needsPath,
  sameCredential,
} from './public-rules.ts';
import { inside, wrap, type PublicGroup, type PublicState } from './public-state.ts';
import { internal, mls } from './library/index.ts';
import type { ReinitTarget, SeenProposal } from './types.ts';

/** Open proposals of one epoch; more are refused. */
const maxOpenProposals = 1024;

export interface AddedMember {
  readonly leafIndex: number;
  /** Encoded KeyPackage; undefined for who joined by external commit. */
  readonly keyPackage: Uint8Array | undefined;
}

export type PublicStep =
  | {
      readonly kind: 'proposal';
      readonly group: PublicGroup;
      readonly proposal: SeenProposal;
    }
  | {
      readonly kind: 'commit';
      readonly group: PublicGroup;
      /** Leaf of the committer in the new tree. */
      readonly committer: number;
      readonly external: boolean;
      readonly proposals: readonly SeenProposal[];
      readonly added: readonly AddedMember[];
      readonly removed: readonly number[];
      readonly hasPath: boolean;
      readonly reinit: ReinitTarget | undefined;
    };

/**
 * Validates a PublicMessage of the group's epoch and applies it. A commit comes with the
 * `groupInfoUpdate` that making it returned; without one the group has no GroupInfo afterwards.
 */
export function applyPublicMessage(
  environment: MlsEnvironment,
  group: PublicGroup,
  bytes: Uint8Array,
  groupInfoUpdate?: Uint8Array,
): Promise<PublicStep> {
  return refusing(async () => {
    const state = inside(group);
    const decoded = decodeMessage(bytes);
    if (decoded.wireformat !== mls.wireformats.mls_public_message) {
      throw new MlsError('malformed', 'not a PublicMessage');
    }
    const message = decoded.publicMessage;
    checkAddress(state, message);
    const suite = environment.context(state.context.cipherSuite).cipherSuite;
    const work = { environment, state, suite, message };
    await checkSignature(work);
    const { content } = message;
    if (content.contentType === mls.contentTypes.proposal) return applyProposal(work);
    if (content.contentType !== mls.contentTypes.commit) {
      throw new MlsError('malformed', 'a PublicMessage with application data');
    }
    return applyCommit(work, content, groupInfoUpdate);
  });
}

function checkAddress(state: PublicState, { content, auth, ...rest }: PublicMessage): void {
  const { context, reinit } = state;
  if (!equalBytes(content.groupId, context.groupId)) {
    throw new MlsError('wrong-group', 'the message names another group');
  }
  if (content.epoch !== context.epoch) {
    throw new MlsError('wrong-epoch', `epoch ${content.epoch}, not ${context.epoch}`);
  }
  if (reinit !== undefined) throw new MlsError('frozen', 'the group is re-initialized');
  const { sender } = content;
  const isMember = sender.senderType === mls.senderTypes.member;
  if (isMember && leafAt(state.tree, sender.leafIndex) === undefined) {
    throw new MlsError('not-a-member', `leaf ${sender.leafIndex} is empty`);
  }
  const { bytes } = describedSuite(context).hash;
  const tags = [
    ...('membershipTag' in rest ? [rest.membershipTag] : []),
    ...('confirmationTag' in auth ? [auth.confirmationTag] : []),
  ];
  if (tags.some((tag) => tag.length !== bytes)) throw new MlsError('bad-tag', 'length of a tag');
}

async function checkSignature({ state, suite, message }: Work): Promise<void> {
  const { content, auth } = message;
  const key = internal.findSignaturePublicKey(state.tree, state.context, content);
  const isValid = await internal.verifyFramedContentSignature(
    key,
    mls.wireformats.mls_public_message,
    content,
    auth,
    state.context,
    suite.signature,
  );
  if (!isValid) throw new MlsError('bad-signature', 'signature of the message');
}

async function applyProposal(work: Work): Promise<PublicStep> {
  const { state, suite, message } = work;
  const { content, auth } = message;
  if (content.contentType !== mls.contentTypes.proposal) throw new MlsError('malformed', 'content');
  const { sender, proposal } = content;
  const { senderTypes } = mls;
  if (Object.keys(state.open).length >= maxOpenProposals) {
    throw new MlsError('bad-proposals', `${maxOpenProposals} proposals are open`);
  }
  const leafIndex = sender.senderType === senderTypes.member ? sender.leafIndex : undefined;
  if (leafIndex === undefined) {
    checkOutsiderProposal(proposal, sender.senderType === senderTypes.new_member_proposal);
  }
  await tryAlone(work, { proposal, senderLeafIndex: leafIndex });
  const wireformat = mls.wireformats.mls_public_message;
  const reference = await internal.makeProposalRef({ wireformat, content, auth }, suite.hash);
  const open = internal.addUnappliedProposal(
    reference,
    state.open,
    proposal,
    leafIndex as Parameters<typeof internal.addUnappliedProposal>[3],
  );
  return {
    kind: 'proposal',
    group: wrap({ ...state, open }),
    proposal: fromProposal(proposal, leafIndex),
  };
}

/** A proposal must be valid by itself: as the only one of a commit by an imagined other member. */
async function tryAlone(work: Work, proposal: ProposalWithSender): Promise<void> {
  checkMemberCommit([proposal], -1, work.state.tree);
  await applyToTree(work, [proposal], undefined);
}

type Applied = Awaited<ReturnType<typeof internal.applyProposals>> & { readonly tree: RatchetTree };

/** The proposals applied to a copy of the tree, each validated as a member does. */
async function applyToTree(
  work: Work,
  list: readonly ProposalWithSender[],
  committer: number | undefined,
): Promise<Applied> {
  const { environment, state, suite } = work;
  const { authService, clientConfig } = environment.context(state.context.cipherSuite);
  // The library looks proposals up by the base64 of their reference; the list is given by number.
  const named = list.map((p, i) => [mls.bytesToBase64(indexBytes(i)), p] as const);
  const tree = state.tree.slice();
  const stand = {
    groupContext: state.context,
    ratchetTree: state.tree,
    unappliedProposals: Object.fromEntries(named),
    privatePath: { leafIndex: -1, privateKeys: {} },
    keySchedule: { externalSecret: new Uint8Array(32) },
  };
  const result = await internal.applyProposals(
    stand as unknown as ClientState,
    tree,
    list.map((_, i) => ({
      proposalOrRefType: mls.proposalOrRefTypes.reference,
      reference: indexBytes(i),
    })),
    committer as Parameters<typeof internal.applyProposals>[3],
    { findPsk: () => new Uint8Array(32) },
    true,
    clientConfig!,
    authService,
    withoutSecrets(suite),
  );
  const { additionalResult } = result;
  if (additionalResult.kind === 'memberCommit') {
    for (const [, { leafNode }] of additionalResult.addedLeafNodes) {
      checkLeafSupport(leafNode, state.context, additionalResult.extensions, tree);
    }
    for (const { proposal, senderLeafIndex } of list) {
      if (!('update' in proposal) || senderLeafIndex === undefined) continue;
      const { leafNode } = proposal.update;
      checkLeafSupport(leafNode, state.context, additionalResult.extensions, tree);
    }
    if (additionalResult.extensions !== state.context.extensions) {
      checkNewExtensions(additionalResult.extensions, tree);
    }
  }
  return { ...result, tree };
}

const indexBytes = (index: number): Uint8Array => Uint8Array.of(index >> 8, index & 255);

/** A non-member cannot open external_init; where the library would, nothing happens. */
function withoutSecrets(suite: CiphersuiteImpl): CiphersuiteImpl {
  const nothing = () => Promise.resolve(new Uint8Array(suite.kdf.size));
  const none = undefined as never;
  const hpke = {
    ...suite.hpke,
    deriveKeyPair: () => Promise.resolve({ privateKey: none, publicKey: none }),
    exportPrivateKey: nothing,
    importPrivateKey: () => Promise.resolve(none),
    importSecret: nothing,
  };
  return { ...suite, hpke };
}

/** All proposals of a commit, in its order, with who sent each. */
function proposalsOf(
  state: PublicState,
  { commit }: FramedContentCommitData,
  committer: number | undefined,
): ProposalWithSender[] {
  if (commit.proposals.length > 0xffff) throw new MlsError('bad-proposals', 'too many proposals');
  return commit.proposals.map((item) => {
    if (item.proposalOrRefType === mls.proposalOrRefTypes.proposal) {
      return { proposal: item.proposal, senderLeafIndex: committer };
    }
    const known = state.open[mls.bytesToBase64(item.reference)];
    if (known === undefined) throw new MlsError('unknown-proposal', 'a reference to no proposal');
    return known;
  });
}

async function applyCommit(
  work: Work,
  content: FramedContentCommitData & PublicMessage['content'],
  groupInfoUpdate: Uint8Array | undefined,
): Promise<PublicStep> {
  const { state, message } = work;
  const { sender } = content;
  const { path } = content.commit;
  const isExternal = sender.senderType === mls.senderTypes.new_member_commit;
  if (!isExternal && sender.senderType !== mls.senderTypes.member) {
    throw new MlsError('not-a-member', 'a commit from neither a member nor a joiner');
  }
  const member = sender.senderType === mls.senderTypes.member ? sender.leafIndex : undefined;
  const list = proposalsOf(state, content, member);
  checkList(state, content, list, member);
  if (path === undefined && needsPath(list)) {
    throw new MlsError('path-required', 'the proposals of the commit require a path');
  }
  const applied = await applyToTree(work, list, member);
  const { additionalResult: result, tree } = applied;
  const committer = result.kind === 'externalCommit' ? result.newMemberLeafIndex : member!;
  const extensions = result.kind === 'memberCommit' ? result.extensions : state.context.extensions;
  const added = result.kind === 'memberCommit' ? result.addedLeafNodes : [];
  if (path !== undefined) {
    await applyPath(work, tree, path, { committer, isExternal, extensions, added });
  }
  const { suite } = work;
  const context = await internal.nextEpochContext(
    { ...state.context, extensions },
    'mls_public_message',
    content,
    message.auth.signature,
    await internal.treeHashRoot(tree, suite.hash),
    state.confirmationTag,
    suite.hash,
  );
  if (!('confirmationTag' in message.auth)) throw new MlsError('bad-tag', 'no confirmation tag');
  const { confirmationTag } = message.auth;
  const info =
    groupInfoUpdate === undefined
      ? undefined
      : await nextInfo(suite, tree, { context, confirmationTag, committer }, groupInfoUpdate);
  const reinit = result.kind === 'reinit' ? result.reinit : undefined;
  const removed = list.flatMap(({ proposal: p }) => ('remove' in p ? [p.remove.removed] : []));
  return {
    kind: 'commit',
    group: wrap({ context, tree, confirmationTag, info, open: {}, reinit }),
    committer,
    external: isExternal,
    proposals: list.map((p) => fromProposal(p.proposal, p.senderLeafIndex)),
    added: isExternal ? [{ leafIndex: committer, keyPackage: undefined }] : addedMembers(added),
    removed,
    hasPath: path !== undefined,
    reinit: reinit === undefined ? undefined : fromReinit(reinit),
  };
}

const addedMembers = (added: readonly (readonly [number, KeyPackage])[]): AddedMember[] =>
  added.map(([leafIndex, keyPackage]) => ({
    leafIndex,
    keyPackage: mls.encode(mls.keyPackageEncoder, keyPackage),
  }));

function checkList(
  state: PublicState,
  { commit }: FramedContentCommitData,
  list: readonly ProposalWithSender[],
  member: number | undefined,
): void {
  if (member !== undefined) {
    checkMemberCommit(list, member, state.tree);
    return;
  }
  const { path } = commit;
  if (path === undefined) throw new MlsError('path-required', 'an external commit without path');
  const byReference = commit.proposals.some(
    (item) => item.proposalOrRefType === mls.proposalOrRefTypes.reference,
  );
  checkExternalCommit(list, byReference, state.tree, (former) =>
    sameCredential(former, path.leafNode),
  );
}

interface NextEpoch {
  readonly context: GroupContext;
  readonly confirmationTag: Uint8Array;
  readonly committer: number;
}

/** The GroupInfo of the new epoch with what the committer gave, its signature verified. */
async function nextInfo(
  suite: CiphersuiteImpl,
  tree: RatchetTree,
  { context, confirmationTag, committer }: NextEpoch,
  update: Uint8Array,
): Promise<GroupInfo> {
  const first = internal.varLenDataDecoder(update, 0);
  const second = first && internal.varLenDataDecoder(update, first[1]);
  if (second === undefined || first![1] + second[1] !== update.length) {
    throw new MlsError('malformed', 'GroupInfo update');
  }
  if (first![0].length !== describedSuite(context).kem.publicKeyBytes) {
    throw new MlsError('malformed', 'length of external_pub');
  }
  const info: GroupInfo = {
    groupContext: context,
    extensions: [
      {
        extensionType: mls.defaultExtensionTypes.external_pub,
        extensionData: withLength(first![0]),
      },
    ],
    confirmationTag,
    signer: committer,
    signature: second[0],
  };
  const key = leafAt(tree, committer)!.signaturePublicKey;
  if (!(await internal.verifyGroupInfoSignature(info, key, suite.signature))) {
    throw new MlsError('bad-signature', 'signature of the next GroupInfo');
  }
  return info;
}
