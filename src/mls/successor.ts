/**
 * Re-initialization (RFC 9420, section 11.2): a frozen group continues in a successor, bound to it
 * by a resumption PSK. Whether a suite may follow another is policy and not decided here.
 */
import type { Proposal } from 'ts-mls';
import { noBytes } from '../crypto/bytes.ts';
import {
  decodeKeyPackage,
  encodeMessage,
  fromCredential,
  membersOf,
  pskProposal,
  toContextExtensions,
} from './convert.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, refusing } from './error.ts';
import { ownParts } from './key-package.ts';
import {
  describe,
  encodeGroupInfoUpdate,
  inside,
  joinByWelcome,
  wrap,
  type JoinParams,
  type MemberState,
} from './member.ts';
import { internal, mls } from './library/index.ts';
import type { MemberCommit } from './messages.ts';
import type { MlsCredential, OwnKeyPackage, ReinitTarget } from './types.ts';

function targetOf(state: MemberState): ReinitTarget {
  const { status } = describe(state);
  if (status.kind !== 'frozen') {
    throw new MlsError('bad-proposals', 'the group is not re-initialized: commit a ReInit first');
  }
  return status.successor;
}

export interface CreateSuccessorParams {
  /** KeyPackage in the suite of the successor. */
  readonly own: OwnKeyPackage;
  /** Those of the other members. */
  readonly keyPackages: readonly Uint8Array[];
  readonly treeInWelcome?: boolean;
}

export interface Successor extends MemberCommit {
  /** The group before the commit that adds everybody: what a DS is given as the first epoch. */
  readonly initial: MemberState;
}

/** Creates the group that the ReInit named, with all others added in one commit. */
export function createSuccessor(
  environment: MlsEnvironment,
  frozen: MemberState,
  params: CreateSuccessorParams,
): Promise<Successor> {
  return refusing(async () => {
    const target = targetOf(frozen);
    const old = inside(frozen).client;
    const added = params.keyPackages.map(decodeKeyPackage);
    const { keyPackage, privateKeys } = ownParts(params.own);
    checkMembership(
      frozen,
      [keyPackage, ...added].map((k) => fromCredential(k.leafNode.credential)),
    );
    const context = environment.context(target.suite);
    const created = await mls.createGroup({
      context,
      groupId: target.groupId,
      keyPackage,
      privateKeyPackage: privateKeys,
      extensions: toContextExtensions(target.extensions),
    });
    const adds = added.map((k): Proposal => ({
      proposalType: mls.defaultProposalTypes.add,
      add: { keyPackage: k },
    }));
    const psk = pskProposal({
      psktype: mls.pskTypes.resumption,
      usage: mls.resumptionPSKUsages.reinit,
      pskGroupId: old.groupContext.groupId,
      pskEpoch: old.groupContext.epoch,
      pskNonce: environment.random.bytes(context.cipherSuite.kdf.size),
    });
    const made = await internal.createCommitInternal({
      context,
      state: created,
      resumingFromState: old,
      extraProposals: [...adds, psk],
      wireAsPublicMessage: true,
      ratchetTreeExtension: params.treeInWelcome ?? false,
      authenticatedData: noBytes,
    });
    return {
      initial: wrap(created),
      state: wrap(made.newState),
      commit: encodeMessage(made.commit),
      groupInfoUpdate: await encodeGroupInfoUpdate(context, made.newState),
      ...(made.welcome === undefined ? {} : { welcome: encodeMessage(made.welcome) }),
    };
  });
}

/** Joins the successor of a frozen group; nobody may be in it who was not in the old one. */
export function joinSuccessor(
  environment: MlsEnvironment,
  frozen: MemberState,
  params: Omit<JoinParams, 'resuming'>,
): Promise<MemberState> {
  return refusing(async () => {
    targetOf(frozen);
    const joined = await joinByWelcome(environment, { ...params, resuming: frozen });
    const members = membersOf(inside(joined).client.ratchetTree);
    checkMembership(
      frozen,
      members.map((member) => member.credential),
    );
    return joined;
  }, 'bad-welcome');
}

/** Members who are away may be missing (they come back by resync); strangers may not be there. */
function checkMembership(frozen: MemberState, credentials: readonly MlsCredential[]): void {
  const former = membersOf(inside(frozen).client.ratchetTree).map((member) => member.credential);
  const keyOf = ({ type, content }: MlsCredential): string =>
    `${type}:${Buffer.from(content).toString('latin1')}`;
  const left = new Map<string, number>();
  for (const credential of former) {
    left.set(keyOf(credential), (left.get(keyOf(credential)) ?? 0) + 1);
  }
  for (const credential of credentials) {
    const key = keyOf(credential);
    const count = left.get(key) ?? 0;
    if (count === 0) throw new MlsError('bad-proposals', 'the successor has a member that is new');
    left.set(key, count - 1);
  }
}
