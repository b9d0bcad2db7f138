/** What a DS keeps of a group: how it is taken over, described, stored and handed out. */
import type { GroupContext, GroupInfo, RatchetTree, Reinit, UnappliedProposals } from 'ts-mls';
import { concat, withLength } from '../crypto/bytes.ts';
import {
  decodeAll,
  decodeTree,
  encodeMessage,
  fromExtensions,
  fromProposal,
  fromReinit,
  membersOf,
} from './convert.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, refusing } from './error.ts';
import { inside as insideMember, readGroupInfo, type MemberState } from './member.ts';
import { cipherSuite } from './provider.ts';
import { describedSuite, leafAt } from './public-rules.ts';
import { internal, mls } from './library/index.ts';
import type { GroupDescription, ReinitTarget, SeenProposal } from './types.ts';

/** What a public group is made of; only for `src/mls`. */
export interface PublicState {
  readonly context: GroupContext;
  readonly tree: RatchetTree;
  readonly confirmationTag: Uint8Array;
  /** Signed by the last committer; undefined when it gave no GroupInfo update. */
  readonly info: GroupInfo | undefined;
  readonly open: UnappliedProposals;
  readonly reinit: Reinit | undefined;
}

declare const publicGroup: unique symbol;

/** Opaque outside `src/mls`. */
export interface PublicGroup {
  readonly [publicGroup]: true;
}

export const wrap = (state: PublicState): PublicGroup => state as unknown as PublicGroup;
export const inside = (group: PublicGroup): PublicState => group as unknown as PublicState;

export interface OpenParams {
  /** MLSMessage with a GroupInfo; one that holds the tree cannot be handed on afterwards. */
  readonly groupInfo: Uint8Array;
  /** Encoded ratchet tree, when the GroupInfo has none. */
  readonly tree?: Uint8Array;
}

/** Takes a group over from its creator's GroupInfo and validates all of it (section 12.4.3.1). */
export function openPublicGroup(
  environment: MlsEnvironment,
  params: OpenParams,
): Promise<PublicGroup> {
  return refusing(async () => {
    const full = readGroupInfo(params.groupInfo);
    const context = full.groupContext;
    const { cipherSuite, authService, clientConfig } = environment.context(context.cipherSuite);
    const tree =
      params.tree === undefined ? internal.ratchetTreeFromExtension(full) : decodeTree(params.tree);
    if (tree === undefined) throw new MlsError('bad-tree', 'neither GroupInfo nor request has it');
    internal.throwIfDefined(
      await internal.validateRatchetTree(
        tree,
        context,
        clientConfig!.lifetimeConfig,
        authService,
        context.treeHash,
        cipherSuite,
      ),
    );
    const signer = leafAt(tree, full.signer);
    if (signer === undefined) throw new MlsError('not-a-member', 'the signer is no member');
    const key = signer.signaturePublicKey;
    if (!(await internal.verifyGroupInfoSignature(full, key, cipherSuite.signature))) {
      throw new MlsError('bad-signature', 'signature of the GroupInfo');
    }
    const treeless = full.extensions.every(
      ({ extensionType }) => extensionType === mls.defaultExtensionTypes.external_pub,
    );
    const { confirmationTag } = full;
    const info = treeless ? full : undefined;
    return wrap({ context, tree, confirmationTag, info, open: {}, reinit: undefined });
  }, 'bad-tree');
}

/** What a non-member sees of a member's state; without GroupInfo until the next commit. */
export function publicViewOf(state: MemberState): PublicGroup {
  const { client } = insideMember(state);
  const { groupContext: context, ratchetTree: tree, confirmationTag } = client;
  const { unappliedProposals: open, groupActiveState: status } = client;
  const reinit = status.kind === 'suspendedPendingReinit' ? status.reinit : undefined;
  return wrap({ context, tree, confirmationTag, info: undefined, open, reinit });
}

/** MLSMessage with the GroupInfo of this epoch, without tree. */
export function publicGroupInfo(group: PublicGroup): Uint8Array {
  const { info } = inside(group);
  if (info === undefined) {
    throw new MlsError('bad-state', 'the last commit came without a GroupInfo update');
  }
  return encodeMessage({
    version: mls.protocolVersions.mls10,
    wireformat: mls.wireformats.mls_group_info,
    groupInfo: info,
  });
}

export const publicTree = (group: PublicGroup): Uint8Array =>
  mls.encode(internal.ratchetTreeEncoder, inside(group).tree);

export interface PublicDescription extends GroupDescription {
  readonly confirmedTranscriptHash: Uint8Array;
  readonly openProposals: readonly SeenProposal[];
  /** Set when the group is frozen. */
  readonly successor: ReinitTarget | undefined;
}

export function describePublic(group: PublicGroup): PublicDescription {
  const { context, tree, open, reinit } = inside(group);
  return {
    groupId: context.groupId,
    epoch: context.epoch,
    suite: context.cipherSuite,
    treeHash: context.treeHash,
    confirmedTranscriptHash: context.confirmedTranscriptHash,
    extensions: fromExtensions(context.extensions),
    members: membersOf(tree),
    openProposals: Object.values(open).map((p) => fromProposal(p.proposal, p.senderLeafIndex)),
    successor: reinit === undefined ? undefined : fromReinit(reinit),
  };
}

/**
 * `opaque group_info<V>` (empty: none), then context, confirmation tag, tree, open proposals,
 * ReInit and the hashes of all subtrees in node order (empty: not known), each as `opaque<V>`.
 * With the hashes, the next commit hashes its path only: hashing 1,000 members anew takes tens
 * of ms.
 */
export function serializePublicGroup(group: PublicGroup): Uint8Array {
  const { context, tree, confirmationTag, info, open, reinit } = inside(group);
  const none = new Uint8Array();
  const parts = [
    info === undefined ? none : mls.encode(internal.groupInfoEncoder, info),
    mls.encode(internal.groupContextEncoder, context),
    confirmationTag,
    mls.encode(internal.ratchetTreeEncoder, tree),
    mls.encode(internal.unappliedProposalsEncoder, open),
    reinit === undefined ? none : mls.encode(internal.reinitEncoder, reinit),
    concat(...internal.keptTreeHashes(tree as never, hashOf(context) as never)),
  ];
  return concat(...parts.map(withLength));
}

/** What `serializePublicGroup` wrote, taken as it is: the record is the DS's own, and sealed. */
export function restorePublicGroup(bytes: Uint8Array): PublicGroup {
  try {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const [part, used] = internal.varLenDataDecoder(bytes, at)!;
      parts.push(part);
      at += used;
    }
    const [info, encodedContext, confirmationTag, encodedTree, open, reinit, hashes] = parts;
    const context = decodeAll(internal.groupContextDecoder, encodedContext!, 'context');
    const tree = decodeTree(encodedTree!);
    primeHashes(context, tree, hashes!);
    return wrap({
      info: info!.length === 0 ? undefined : decodeAll(internal.groupInfoDecoder, info!, 'info'),
      context,
      confirmationTag: confirmationTag!,
      tree,
      open: decodeAll(internal.unappliedProposalsDecoder, open!, 'proposals'),
      reinit:
        reinit!.length === 0 ? undefined : decodeAll(internal.reinitDecoder, reinit!, 'reinit'),
    });
  } catch (cause) {
    throw new MlsError('bad-state', `${bytes.length} bytes are no public group`, { cause });
  }
}

/** The hash whose memo the groups of this suite use. */
const hashOf = (context: GroupContext) => cipherSuite(context.cipherSuite).hash;

function primeHashes(context: GroupContext, tree: RatchetTree, hashes: Uint8Array): void {
  if (hashes.length === 0) return;
  const size = hashes.length / tree.length;
  if (size !== describedSuite(context).hash.bytes) throw new MlsError('bad-state', 'tree hashes');
  const kept = tree.map((_, at) => hashes.subarray(at * size, (at + 1) * size));
  internal.primeTreeHashes(tree as never, hashOf(context) as never, kept);
}
