/**
 * What a receiver checks of a commit before it looks at the tree: the rules for lists of proposals
 * (RFC 9420, section 12.2), who may send what (12.1.8, 12.4), and what a leaf must support (7.3).
 * Each rule throws `MlsError`; the first that is broken is named.
 */
import type {
  GroupContext,
  GroupContextExtension,
  LeafNode,
  Proposal,
  ProposalWithSender,
  RatchetTree,
} from 'ts-mls';
import { equalBytes } from '../crypto/bytes.ts';
import { suites, type Suite } from '../suites/registry.ts';
import { MlsError } from './error.ts';
import { internal, mls } from './library/index.ts';

const types = mls.defaultProposalTypes;
const extensionTypes = mls.defaultExtensionTypes;

type Kind = keyof typeof types;
type Of<K extends Kind> = Extract<Proposal, { proposalType: (typeof types)[K] }>;

const isKind = <K extends Kind>(proposal: Proposal, kind: K): proposal is Of<K> =>
  proposal.proposalType === types[kind];

function ofKind<K extends Kind>(list: readonly ProposalWithSender[], kind: K) {
  return list.flatMap(({ proposal, senderLeafIndex }) =>
    isKind(proposal, kind) ? [{ proposal, sender: senderLeafIndex }] : [],
  );
}

const wrong = (text: string): MlsError => new MlsError('bad-proposals', text);

function require(condition: boolean, text: string): void {
  if (!condition) throw wrong(text);
}

const unique = (values: readonly (string | number | undefined)[]): boolean =>
  new Set(values).size === values.length;

const keyOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export function leafAt(tree: RatchetTree, leafIndex: number): LeafNode | undefined {
  const node = tree[2 * leafIndex];
  return node?.nodeType === mls.nodeTypes.leaf ? node.leaf : undefined;
}

/** Rules for the commit of a member. */
export function checkMemberCommit(
  list: readonly ProposalWithSender[],
  committer: number,
  tree: RatchetTree,
): void {
  require(ofKind(list, 'external_init').length === 0, 'external_init in the commit of a member');
  const updates = ofKind(list, 'update');
  const removes = ofKind(list, 'remove').map(({ proposal }) => proposal.remove.removed);
  require(updates.every(({ sender }) => sender !== committer), 'Update of the committer');
  require(updates.every(({ sender }) => sender !== undefined), 'Update of an outsider');
  require(!removes.includes(committer), 'Remove of the committer');
  require(unique([
    ...updates.map(({ sender }) => sender),
    ...removes,
  ]), 'two proposals to update or remove one leaf');
  require(removes.every((leaf) => leafAt(tree, leaf) !== undefined), 'Remove of an empty leaf');
  checkAdds(list, tree, new Set(removes));
  checkPsks(list);
  require(ofKind(list, 'group_context_extensions').length <= 1, 'two GroupContextExtensions');
  require(ofKind(list, 'reinit').length === 0 ||
    list.length === 1, 'ReInit together with other proposals');
  checkCustom(list, tree);
}

function checkAdds(
  list: readonly ProposalWithSender[],
  tree: RatchetTree,
  removed: ReadonlySet<number>,
): void {
  const added = ofKind(list, 'add').map(({ proposal }) =>
    keyOf(proposal.add.keyPackage.leafNode.signaturePublicKey),
  );
  if (added.length === 0) return;
  require(unique(added), 'two Adds of one client');
  const present = new Set<string>();
  for (let leaf = 0; 2 * leaf < tree.length; leaf++) {
    const node = leafAt(tree, leaf);
    if (node !== undefined && !removed.has(leaf)) present.add(keyOf(node.signaturePublicKey));
  }
  require(added.every((key) => !present.has(key)), 'Add of a client that is a member');
}

function checkPsks(list: readonly ProposalWithSender[]): void {
  const ids = ofKind(list, 'psk').map(({ proposal }) => proposal.psk.preSharedKeyId);
  const plain = ids.map((id) =>
    id.psktype === mls.pskTypes.external
      ? `external ${keyOf(id.pskId)}`
      : `resumption ${id.usage} ${id.pskEpoch} ${keyOf(id.pskGroupId)}`,
  );
  require(unique(plain), 'two PSK proposals with one identifier');
}

/** A proposal type that not every member knows may not be committed (section 12.2). */
function checkCustom(list: readonly ProposalWithSender[], tree: RatchetTree): void {
  const custom = list.filter(({ proposal }) => !mls.isDefaultProposal(proposal));
  if (custom.length === 0) return;
  const known = leaves(tree).every((leaf) =>
    custom.every(({ proposal }) => leaf.capabilities.proposals.includes(proposal.proposalType)),
  );
  require(known, 'a proposal type that not every member supports');
}

const leaves = (tree: RatchetTree): LeafNode[] =>
  tree.flatMap((node) => (node?.nodeType === mls.nodeTypes.leaf ? [node.leaf] : []));

/** Rules for the commit of somebody who joins by it (section 12.4.3.2). */
export function checkExternalCommit(
  list: readonly ProposalWithSender[],
  byReference: boolean,
  tree: RatchetTree,
  isSameClient: (former: LeafNode) => boolean,
): void {
  require(!byReference, 'proposals by reference in an external commit');
  require(ofKind(list, 'external_init').length === 1, 'not exactly one external_init');
  const removes = ofKind(list, 'remove').map(({ proposal }) => proposal.remove.removed);
  require(removes.length <= 1, 'more than one Remove in an external commit');
  const allowed: readonly number[] = [types.external_init, types.remove, types.psk];
  require(list.every(({ proposal }) =>
    allowed.includes(proposal.proposalType),
  ), 'a proposal that an external commit may not have');
  checkPsks(list);
  for (const leaf of removes) {
    const former = leafAt(tree, leaf);
    if (former === undefined) throw wrong('Remove of an empty leaf');
    require(isSameClient(former), 'the removed leaf is another client');
  }
}

/** Whether the commit may go without a path (section 17.4, column Path Required). */
export function needsPath(list: readonly ProposalWithSender[]): boolean {
  const without: readonly number[] = [types.add, types.psk, types.reinit];
  return list.length === 0 || list.some((p) => !without.includes(p.proposal.proposalType));
}

/** Proposals that an external sender or a new member may send (section 12.1.8). */
export function checkOutsiderProposal(proposal: Proposal, isNewMember: boolean): void {
  if (isNewMember) {
    require(isKind(proposal, 'add'), 'a new member may propose its Add only');
    return;
  }
  const never = isKind(proposal, 'update') || isKind(proposal, 'external_init');
  require(!never, 'a proposal that an external sender may not send');
}

/** What a leaf supports of what the group uses, beyond what the library checks (section 7.3). */
export function checkLeafSupport(
  leaf: LeafNode,
  context: GroupContext,
  extensions: readonly GroupContextExtension[],
  tree: RatchetTree,
): void {
  const { capabilities, credential } = leaf;
  const refuse = (text: string): never => {
    throw new MlsError('bad-leaf', text);
  };
  if (!capabilities.ciphersuites.includes(context.cipherSuite)) refuse('suite not supported');
  if (!capabilities.versions.includes(context.version)) refuse('version not supported');
  if (!capabilities.credentials.includes(credential.credentialType)) {
    refuse('its own credential type is not among its capabilities');
  }
  if (!internal.extensionsSupportedByCapabilities([...extensions], capabilities)) {
    refuse('an extension of the group is not supported');
  }
  const inUse = new Set(leaves(tree).map((other) => other.credential.credentialType));
  for (const type of inUse) {
    if (!capabilities.credentials.includes(type)) refuse(`credential type ${type} not supported`);
  }
}

/** New group context extensions are supported by every leaf of the new tree. */
export function checkNewExtensions(
  extensions: readonly GroupContextExtension[],
  tree: RatchetTree,
): void {
  require(unique(
    extensions.map(({ extensionType }) => extensionType),
  ), 'two group context extensions of one type');
  const required = extensions.find(
    ({ extensionType }) => extensionType === extensionTypes.required_capabilities,
  )?.extensionData;
  for (const { capabilities } of leaves(tree)) {
    require(internal.extensionsSupportedByCapabilities(
      [...extensions],
      capabilities,
    ), 'a member does not support a new extension of the group');
    if (required === undefined || !('extensionTypes' in required)) continue;
    const { extensionTypes: e, proposalTypes: p, credentialTypes: c } = required;
    const supported =
      c.every((type) => capabilities.credentials.includes(type)) &&
      p.every((type) => type <= 7 || capabilities.proposals.includes(type)) &&
      e.every((type) => type <= 5 || capabilities.extensions.includes(type));
    require(supported, 'a member lacks a required capability');
  }
}

export const sameCredential = (a: LeafNode, b: LeafNode): boolean => {
  const bytes = ({ credential: c }: LeafNode): Uint8Array | undefined =>
    'identity' in c ? c.identity : 'data' in c ? c.data : undefined;
  const [left, right] = [bytes(a), bytes(b)];
  const isSameType = a.credential.credentialType === b.credential.credentialType;
  return isSameType && left !== undefined && right !== undefined && equalBytes(left, right);
};

/** Sizes of the group's suite. */
export function describedSuite(context: GroupContext): Suite {
  const found = Object.values(suites).find(({ number }) => number === context.cipherSuite);
  if (found === undefined) throw new MlsError('unsupported-suite', `${context.cipherSuite}`);
  return found;
}
