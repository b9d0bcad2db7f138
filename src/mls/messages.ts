/** What members send each other: proposals, commits, application messages. */
import type { ClientState, LeafNode, Proposal } from 'ts-mls';
import { equalBytes, noBytes } from '../crypto/bytes.ts';
import { decodeMessage, encodeMessage, fromProposal, toProposal } from './convert.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, refusing } from './error.ts';
import {
  contextOf,
  encodeGroupInfoUpdate,
  inside,
  wrap,
  type Inside,
  type MadeCommit,
  type MemberState,
  type PendingUpdate,
} from './member.ts';
import { internal, mls } from './library/index.ts';
import type { ExternalPsk, NewProposal, SeenProposal } from './types.ts';

export interface MadeMessage {
  readonly state: MemberState;
  /** MLSMessage. */
  readonly message: Uint8Array;
}

function toLibrary(environment: MlsEnvironment, client: ClientState, proposal: NewProposal) {
  const { size } = environment.context(client.groupContext.cipherSuite).cipherSuite.kdf;
  return toProposal(proposal, {
    groupId: client.groupContext.groupId,
    nonce: () => environment.random.bytes(size),
  });
}

/** Sends a proposal by itself, as a PublicMessage (section 12.1). */
export function propose(
  environment: MlsEnvironment,
  state: MemberState,
  proposal: NewProposal,
  authenticatedData: Uint8Array = noBytes,
): Promise<MadeMessage> {
  return refusing(async () => {
    const { client, updates } = inside(state);
    internal.checkCanSendHandshakeMessages(client);
    const made = await mls.createProposal({
      context: contextOf(environment, state),
      state: client,
      wireAsPublicMessage: true,
      proposal: toLibrary(environment, client, proposal),
      authenticatedData,
    });
    return { state: wrap(made.newState, updates), message: encodeMessage(made.message) };
  });
}

/** Proposes a fresh key for the own leaf (section 12.1.2); another member has to commit it. */
export function proposeUpdate(
  environment: MlsEnvironment,
  state: MemberState,
  authenticatedData: Uint8Array = noBytes,
): Promise<MadeMessage> {
  return refusing(async () => {
    const { client, updates } = inside(state);
    internal.checkCanSendHandshakeMessages(client);
    const context = contextOf(environment, state);
    const { hpke, signature } = context.cipherSuite;
    const keys = await hpke.generateKeyPair();
    const publicKey = await hpke.exportPublicKey(keys.publicKey);
    const own = mls.getOwnLeafNode(client);
    const content = {
      leafNodeSource: mls.leafNodeSources.update,
      hpkePublicKey: publicKey,
      credential: own.credential,
      capabilities: own.capabilities,
      extensions: own.extensions,
      signaturePublicKey: own.signaturePublicKey,
      groupId: client.groupContext.groupId,
      leafIndex: client.privatePath.leafIndex,
    };
    // The library signs updates only under the name of commits; the encoding follows the source.
    type Signable = Parameters<typeof internal.signLeafNodeCommit>[0];
    const leafNode: LeafNode = await internal.signLeafNodeCommit(
      content as unknown as Signable,
      client.signaturePrivateKey,
      signature,
    );
    const made = await mls.createProposal({
      context,
      state: client,
      wireAsPublicMessage: true,
      proposal: { proposalType: mls.defaultProposalTypes.update, update: { leafNode } } as Proposal,
      authenticatedData,
    });
    const privateKey = await hpke.exportPrivateKey(keys.privateKey);
    const pending: PendingUpdate = { publicKey, privateKey };
    return {
      state: wrap(made.newState, [...updates, pending]),
      message: encodeMessage(made.message),
    };
  });
}

export interface CommitParams {
  /** By value, beside all open proposals, which are committed by reference. */
  readonly proposals?: readonly NewProposal[];
  /** A path even where the proposals need none. Default false. */
  readonly forcePath?: boolean;
  readonly psks?: readonly ExternalPsk[];
  /** Puts the ratchet tree into the Welcome. Default false: the DS serves it. */
  readonly treeInWelcome?: boolean;
  readonly authenticatedData?: Uint8Array;
}

export interface MemberCommit extends MadeCommit {
  /** MLSMessage, when members were added. */
  readonly welcome?: Uint8Array;
}

/** Commits (section 12.4); without proposals it is a self-update. */
export function commit(
  environment: MlsEnvironment,
  state: MemberState,
  params: CommitParams = {},
): Promise<MemberCommit> {
  return refusing(async () => {
    const { client } = inside(state);
    const context = contextOf(environment, state, params.psks);
    const proposals = (params.proposals ?? []).map((p) => toLibrary(environment, client, p));
    const options = {
      context,
      state: client,
      resumingFromState: client,
      wireAsPublicMessage: true,
      extraProposals: proposals,
      ratchetTreeExtension: params.treeInWelcome ?? false,
      authenticatedData: params.authenticatedData ?? noBytes,
      forcePath: params.forcePath ?? false,
    };
    const made = await internal.createCommitInternal(options);
    return {
      state: wrap(made.newState),
      commit: encodeMessage(made.commit),
      groupInfoUpdate: await encodeGroupInfoUpdate(context, made.newState),
      ...(made.welcome === undefined ? {} : { welcome: encodeMessage(made.welcome) }),
    };
  });
}

/** Encrypts for the group (section 6.3). Refused with `pending-proposals` and when frozen. */
export function encrypt(
  environment: MlsEnvironment,
  state: MemberState,
  plaintext: Uint8Array,
  authenticatedData: Uint8Array = noBytes,
): Promise<MadeMessage> {
  return refusing(async () => {
    const { client, updates } = inside(state);
    const made = await mls.createApplicationMessage({
      context: contextOf(environment, state),
      state: client,
      message: plaintext,
      authenticatedData,
    });
    return { state: wrap(made.newState, updates), message: encodeMessage(made.message) };
  });
}

export type Processed =
  | {
      readonly kind: 'application';
      readonly state: MemberState;
      readonly plaintext: Uint8Array;
      readonly authenticatedData: Uint8Array;
    }
  | { readonly kind: 'proposal'; readonly state: MemberState; readonly proposal: SeenProposal }
  | {
      readonly kind: 'commit';
      readonly state: MemberState;
      /** Undefined for an external commit. */
      readonly committer: number | undefined;
      readonly proposals: readonly SeenProposal[];
    }
  /** This member was removed; the state is that of the last epoch it took part in. */
  | {
      readonly kind: 'removed';
      readonly state: MemberState;
      readonly committer: number | undefined;
    };

type Incoming = Parameters<NonNullable<Parameters<typeof mls.processMessage>[0]['callback']>>[0];

/** The public key of the own update that a commit applies, if it does. */
function ownUpdateKey(client: ClientState, incoming: Incoming): Uint8Array | undefined {
  if (incoming.kind !== 'commit') return undefined;
  const own = client.privatePath.leafIndex;
  const found = incoming.proposals.find((p) => p.senderLeafIndex === own && 'update' in p.proposal);
  if (found === undefined || !('update' in found.proposal)) return undefined;
  return found.proposal.update.leafNode.hpkePublicKey;
}

/** The member with the private key of the update in place: the path is encrypted to that key. */
function withOwnUpdate(inner: Inside, publicKey: Uint8Array): ClientState {
  const { client, updates } = inner;
  const update = updates.find((u) => equalBytes(u.publicKey, publicKey));
  if (update === undefined)
    throw new MlsError('unknown-proposal', 'the key of an own update is gone');
  const { leafIndex, privateKeys } = client.privatePath;
  const keys = { ...privateKeys, [2 * leafIndex]: update.privateKey };
  return { ...client, privatePath: { leafIndex, privateKeys: keys } };
}

/** The message if this member may process it at all. */
function framed(client: ClientState, bytes: Uint8Array) {
  const message = decodeMessage(bytes);
  const isPublic = message.wireformat === mls.wireformats.mls_public_message;
  if (!isPublic && message.wireformat !== mls.wireformats.mls_private_message) {
    throw new MlsError('malformed', 'neither a PublicMessage nor a PrivateMessage');
  }
  const { groupId, epoch } = isPublic ? message.publicMessage.content : message.privateMessage;
  if (!equalBytes(groupId, client.groupContext.groupId)) {
    throw new MlsError('wrong-group', 'the message names another group');
  }
  if (epoch > client.groupContext.epoch || (isPublic && epoch !== client.groupContext.epoch)) {
    throw new MlsError('wrong-epoch', `epoch ${epoch}, not ${client.groupContext.epoch}`);
  }
  if (client.groupActiveState.kind === 'removedFromGroup') {
    throw new MlsError('removed', 'this member is removed');
  }
  const contentType = isPublic
    ? message.publicMessage.content.contentType
    : message.privateMessage.contentType;
  if (
    client.groupActiveState.kind === 'suspendedPendingReinit' &&
    contentType !== mls.contentTypes.application
  ) {
    throw new MlsError('frozen', 'no handshake after the commit of a ReInit');
  }
  if (isPublic) refuseOwn(client, message.publicMessage.content.sender);
  return message;
}

function refuseOwn(client: ClientState, sender: { senderType: number; leafIndex?: number }): void {
  const isMember = sender.senderType === mls.senderTypes.member;
  if (isMember && sender.leafIndex === client.privatePath.leafIndex) {
    throw new MlsError('own-message', 'a member does not process its own message');
  }
}

interface Seen {
  committer?: number;
  commit?: SeenProposal[];
  proposal?: SeenProposal;
  ownUpdate?: Uint8Array;
}

/** Notes what comes in; stops at a commit that removes this member or applies its update. */
function look(client: ClientState, seen: Seen, incoming: Incoming): 'accept' | 'reject' {
  if (incoming.kind === 'proposal') {
    const { proposal, senderLeafIndex } = incoming.proposal;
    seen.proposal = fromProposal(proposal, senderLeafIndex);
    return 'accept';
  }
  if (incoming.senderLeafIndex !== undefined) seen.committer = incoming.senderLeafIndex;
  seen.commit = incoming.proposals.map((p) => fromProposal(p.proposal, p.senderLeafIndex));
  const key = ownUpdateKey(client, incoming);
  const known = key === undefined || seen.ownUpdate !== undefined;
  if (key !== undefined) seen.ownUpdate = key;
  return known && !removesOwn(client, seen.commit) ? 'accept' : 'reject';
}

/** Processes a message of somebody else: application message, proposal or commit. */
export function processMessage(
  environment: MlsEnvironment,
  state: MemberState,
  bytes: Uint8Array,
  psks: readonly ExternalPsk[] = [],
): Promise<Processed> {
  return refusing(async () => {
    const { client, updates } = inside(state);
    const message = framed(client, bytes);
    const context = contextOf(environment, state, psks);
    const seen: Seen = {};
    const callback = (incoming: Incoming) => look(client, seen, incoming);
    let result = await mls.processMessage({ context, state: client, message, callback });
    if (result.kind === 'applicationMessage') {
      const { message: plaintext, aad } = result;
      const next = wrap(result.newState, updates);
      return { kind: 'application', state: next, plaintext, authenticatedData: aad };
    }
    if (seen.commit === undefined) {
      return { kind: 'proposal', state: wrap(result.newState, updates), proposal: seen.proposal! };
    }
    const { committer, commit: proposals } = seen;
    if (removesOwn(client, proposals)) {
      return { kind: 'removed', state: removedState(client), committer };
    }
    if (result.actionTaken === 'reject') {
      const from = withOwnUpdate(inside(state), seen.ownUpdate!);
      result = await mls.processMessage({ context, state: from, message, callback });
    }
    return { kind: 'commit', state: wrap(result.newState), committer, proposals };
  }, 'undecryptable');
}

function removesOwn(client: ClientState, proposals: readonly SeenProposal[]): boolean {
  return proposals.some((p) => p.kind === 'remove' && p.leafIndex === client.privatePath.leafIndex);
}

const removedState = (client: ClientState): MemberState =>
  wrap({ ...client, groupActiveState: { kind: 'removedFromGroup' }, unappliedProposals: {} });
