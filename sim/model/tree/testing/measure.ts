/** Counts and sizes of a real commit, read from its encoding. */
import type { Commit, CreateCommitResult, UpdatePath } from 'ts-mls';
import { mls, updatePathEncoder } from './patched-ts-mls.ts';

/** What was measured of one real commit. */
export interface RealCommit {
  readonly encryptedPathSecrets: number;
  readonly filteredDirectPath: number;
  readonly updatePathBytes: number;
  readonly commitBytes: number;
  readonly welcomeBytes: number;
  readonly members: number;
  /** Lengths of the signatures: of the path's LeafNode, and of all in the commit's encoding. */
  readonly signatures: { readonly path: readonly number[]; readonly commit: readonly number[] };
}

/** Two signatures per Add by value: the KeyPackage's and its LeafNode's. */
function addedSignatures(commit: Commit): number[] {
  return commit.proposals.flatMap((entry) => {
    if (entry.proposalOrRefType !== mls.proposalOrRefTypes.proposal) return [];
    const { proposal } = entry;
    if (!mls.isDefaultProposal(proposal)) return [];
    if (proposal.proposalType !== mls.defaultProposalTypes.add) return [];
    const { keyPackage } = proposal.add;
    return [keyPackage.signature.length, keyPackage.leafNode.signature.length];
  });
}

/** Decodes what was sent and measures it. */
export function measure(made: CreateCommitResult): RealCommit {
  const { commit: message, welcome, newState } = made;
  const encoded = mls.encode(mls.mlsMessageEncoder, message);
  const decoded = mls.decode(mls.mlsMessageDecoder, encoded);
  if (decoded?.wireformat !== mls.wireformats.mls_public_message) throw new Error('not public');
  const { content, auth } = decoded.publicMessage;
  if (content.contentType !== mls.contentTypes.commit) throw new Error('not a commit');
  const path: UpdatePath | undefined = content.commit.path;
  const nodes = path?.nodes ?? [];
  const pathSignature = path === undefined ? [] : [path.leafNode.signature.length];
  const commit = [...pathSignature, auth.signature.length, ...addedSignatures(content.commit)];
  return {
    encryptedPathSecrets: nodes.reduce((sum, node) => sum + node.encryptedPathSecret.length, 0),
    filteredDirectPath: nodes.length,
    updatePathBytes: path === undefined ? 0 : mls.encode(updatePathEncoder, path).length,
    commitBytes: encoded.length,
    welcomeBytes: welcome === undefined ? 0 : mls.encode(mls.mlsMessageEncoder, welcome).length,
    members: mls.getGroupMembers(newState).length,
    signatures: { path: pathSignature, commit },
  };
}
