/**
 * A member's view of a group: how it comes to be (created, joined), what it says, how it is kept.
 * States are values: every step returns the next one, and a step that loses a race is dropped.
 */
import type { ClientState, GroupInfo, MlsContext } from 'ts-mls';
import { concat, equalBytes, lengthPrefix, noBytes, withLength } from '../crypto/bytes.ts';
import {
  decodeAll,
  decodeMessage,
  decodeTree,
  encodeMessage,
  fromExtensions,
  fromReinit,
  membersOf,
  toContextExtensions,
} from './convert.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, refusing } from './error.ts';
import { ownParts } from './key-package.ts';
import { internal, mls } from './library/index.ts';
import type {
  ExternalPsk,
  GroupDescription,
  GroupStatus,
  MlsExtension,
  OwnKeyPackage,
} from './types.ts';

declare const memberState: unique symbol;

/** State of one member in one epoch. Opaque outside `src/mls`; serialize it to keep it. */
export interface MemberState {
  readonly [memberState]: true;
}

/** A fresh leaf key, proposed but not committed yet. */
export interface PendingUpdate {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** What a state is made of; only for `src/mls`. */
export interface Inside {
  readonly client: ClientState;
  readonly updates: readonly PendingUpdate[];
}

export const wrap = (client: ClientState, updates: readonly PendingUpdate[] = []): MemberState =>
  ({ client, updates }) as unknown as MemberState;

export const inside = (state: MemberState): Inside => state as unknown as Inside;

export function contextOf(
  environment: MlsEnvironment,
  state: MemberState,
  psks: readonly ExternalPsk[] = [],
): MlsContext {
  return environment.context(inside(state).client.groupContext.cipherSuite, psks);
}

export interface CreateGroupParams {
  readonly groupId: Uint8Array;
  readonly own: OwnKeyPackage;
  readonly extensions?: readonly MlsExtension[];
}

/** A group of one (section 11), in the suite of the creator's KeyPackage. */
export function createGroup(
  environment: MlsEnvironment,
  params: CreateGroupParams,
): Promise<MemberState> {
  return refusing(async () => {
    const { keyPackage, privateKeys } = ownParts(params.own);
    const client = await mls.createGroup({
      context: environment.context(keyPackage.cipherSuite),
      groupId: params.groupId,
      keyPackage,
      privateKeyPackage: privateKeys,
      extensions: toContextExtensions(params.extensions ?? []),
    });
    return wrap(client);
  });
}

export interface JoinParams {
  /** MLSMessage with a Welcome. */
  readonly welcome: Uint8Array;
  readonly own: OwnKeyPackage;
  /** Encoded ratchet tree, when the Welcome has none. */
  readonly tree?: Uint8Array;
  readonly psks?: readonly ExternalPsk[];
  /** The frozen group that this one succeeds, or the group of a resumption PSK. */
  readonly resuming?: MemberState;
}

/** Joining by Welcome (section 12.4.3.1). */
export function joinByWelcome(
  environment: MlsEnvironment,
  params: JoinParams,
): Promise<MemberState> {
  return refusing(async () => {
    const message = decodeMessage(params.welcome);
    if (message.wireformat !== mls.wireformats.mls_welcome) {
      throw new MlsError('malformed', 'not a Welcome');
    }
    const { keyPackage, privateKeys } = ownParts(params.own);
    const { state } = await internal.joinGroupInternal({
      context: environment.context(keyPackage.cipherSuite, params.psks),
      welcome: message.welcome,
      keyPackage,
      privateKeys,
      ...(params.tree === undefined ? {} : { ratchetTree: decodeTree(params.tree) }),
      ...(params.resuming === undefined
        ? {}
        : { resumingFromState: inside(params.resuming).client }),
    });
    return wrap(state);
  }, 'bad-welcome');
}

export interface JoinExternallyParams {
  /** MLSMessage with a GroupInfo that has external_pub. */
  readonly groupInfo: Uint8Array;
  readonly own: OwnKeyPackage;
  /** Encoded ratchet tree, when the GroupInfo has none. */
  readonly tree?: Uint8Array;
  /** Replaces the own former leaf, found by its signature key. Default false. */
  readonly resync?: boolean;
  readonly authenticatedData?: Uint8Array;
}

/** A commit that its sender has made and not yet seen accepted. */
export interface MadeCommit {
  /** The next epoch, to be used once the commit is accepted. */
  readonly state: MemberState;
  /** MLSMessage, always a PublicMessage: the DS validates it. */
  readonly commit: Uint8Array;
  /** The committer's part of the next GroupInfo; see `encodeGroupInfoUpdate`. */
  readonly groupInfoUpdate: Uint8Array;
}

export function readGroupInfo(bytes: Uint8Array): GroupInfo {
  const message = decodeMessage(bytes);
  if (message.wireformat !== mls.wireformats.mls_group_info) {
    throw new MlsError('malformed', 'not a GroupInfo');
  }
  return message.groupInfo;
}

/** Joining, or coming back, by external commit (section 12.4.3.2). */
export function joinExternally(
  environment: MlsEnvironment,
  params: JoinExternallyParams,
): Promise<MadeCommit> {
  return refusing(async () => {
    const groupInfo = readGroupInfo(params.groupInfo);
    const { keyPackage, privateKeys } = ownParts(params.own);
    const context = environment.context(groupInfo.groupContext.cipherSuite);
    const tree = params.tree === undefined ? undefined : decodeTree(params.tree);
    const known = tree ?? internal.ratchetTreeFromExtension(groupInfo) ?? [];
    const key = keyPackage.leafNode.signaturePublicKey;
    if (params.resync && !membersOf(known).some((m) => equalBytes(m.signatureKey, key))) {
      throw new MlsError('not-a-member', 'there is no former leaf to replace');
    }
    const { publicMessage, newState } = await mls.joinGroupExternal({
      context,
      groupInfo,
      keyPackage,
      privateKeys,
      resync: params.resync ?? false,
      authenticatedData: params.authenticatedData ?? noBytes,
      ...(tree === undefined ? {} : { tree }),
    });
    const commit = encodeMessage({
      version: mls.protocolVersions.mls10,
      wireformat: mls.wireformats.mls_public_message,
      publicMessage,
    });
    const groupInfoUpdate = await encodeGroupInfoUpdate(context, newState);
    return { state: wrap(newState), commit, groupInfoUpdate };
  });
}

/**
 * `struct { opaque external_pub<V>; opaque signature<V>; }`: what a DS cannot compute of the next
 * GroupInfo. Its other parts follow from the commit, and its only extension is external_pub.
 */
export async function encodeGroupInfoUpdate(
  context: MlsContext,
  client: ClientState,
): Promise<Uint8Array> {
  const info = await mls.createGroupInfoWithExternalPub(client, [], context.cipherSuite);
  // The extension's data is the vector itself.
  const externalPub = info.extensions[0]!.extensionData as Uint8Array;
  return concat(externalPub, withLength(info.signature));
}

/** GroupInfo of this epoch as an MLSMessage, signed by this member, with external_pub. */
export function exportGroupInfo(
  environment: MlsEnvironment,
  state: MemberState,
  options: { readonly tree: boolean },
): Promise<Uint8Array> {
  return refusing(async () => {
    const { cipherSuite } = contextOf(environment, state);
    const make = options.tree
      ? mls.createGroupInfoWithExternalPubAndRatchetTree
      : mls.createGroupInfoWithExternalPub;
    const groupInfo = await make(inside(state).client, [], cipherSuite);
    return encodeMessage({
      version: mls.protocolVersions.mls10,
      wireformat: mls.wireformats.mls_group_info,
      groupInfo,
    });
  });
}

export const exportTree = (state: MemberState): Uint8Array =>
  mls.encode(internal.ratchetTreeEncoder, inside(state).client.ratchetTree);

/** MLS-Exporter (section 8.5). */
export function exportSecret(
  environment: MlsEnvironment,
  state: MemberState,
  label: string,
  context: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  const { exporterSecret } = inside(state).client.keySchedule;
  const { cipherSuite } = contextOf(environment, state);
  return refusing(() => mls.mlsExporter(exporterSecret, label, context, length, cipherSuite));
}

export interface MemberDescription extends GroupDescription {
  readonly ownLeafIndex: number;
  readonly status: GroupStatus;
  readonly epochAuthenticator: Uint8Array;
  /** Proposals received or sent, not committed yet. */
  readonly openProposals: number;
}

export function describeClient(client: ClientState): GroupDescription {
  const { groupContext, ratchetTree } = client;
  return {
    groupId: groupContext.groupId,
    epoch: groupContext.epoch,
    suite: groupContext.cipherSuite,
    treeHash: groupContext.treeHash,
    extensions: fromExtensions(groupContext.extensions),
    members: membersOf(ratchetTree),
  };
}

export function describe(state: MemberState): MemberDescription {
  const { client } = inside(state);
  return {
    ...describeClient(client),
    ownLeafIndex: client.privatePath.leafIndex,
    status: statusOf(client),
    epochAuthenticator: client.keySchedule.epochAuthenticator,
    openProposals: Object.keys(client.unappliedProposals).length,
  };
}

function statusOf({ groupActiveState }: ClientState): GroupStatus {
  switch (groupActiveState.kind) {
    case 'active':
      return { kind: 'active' };
    case 'removedFromGroup':
      return { kind: 'removed' };
    case 'suspendedPendingReinit':
      return { kind: 'frozen', successor: fromReinit(groupActiveState.reinit) };
  }
}

/** Everything of a state, private keys included: `state<V> { public<V> private<V> }*`. */
export function serialize(state: MemberState): Uint8Array {
  const { client, updates } = inside(state);
  const bytes = mls.encode(mls.clientStateEncoder, client);
  const pending = updates.flatMap((u) => [withLength(u.publicKey), withLength(u.privateKey)]);
  return concat(lengthPrefix(bytes.length), bytes, ...pending);
}

export function restore(bytes: Uint8Array): MemberState {
  try {
    const [encoded, used] = internal.varLenDataDecoder(bytes, 0)!;
    const client = decodeAll(mls.clientStateDecoder, encoded, 'member state');
    const updates: PendingUpdate[] = [];
    let at = used;
    while (at < bytes.length) {
      const [publicKey, first] = internal.varLenDataDecoder(bytes, at)!;
      const [privateKey, second] = internal.varLenDataDecoder(bytes, at + first)!;
      updates.push({ publicKey, privateKey });
      at += first + second;
    }
    return wrap(client, updates);
  } catch (cause) {
    throw new MlsError('bad-state', `${bytes.length} bytes are no member state`, { cause });
  }
}
