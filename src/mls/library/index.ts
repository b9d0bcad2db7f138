/** The mended library. Only src/mls imports it; the door is `src/mls/index.ts`. */
import type * as TsMls from 'ts-mls';
import type * as AuthenticatedContent from '../../../node_modules/ts-mls/dist/src/authenticatedContent.js';
import type * as ClientState from '../../../node_modules/ts-mls/dist/src/clientState.js';
import type * as CreateCommit from '../../../node_modules/ts-mls/dist/src/createCommit.js';
import type * as Extension from '../../../node_modules/ts-mls/dist/src/extension.js';
import type * as FramedContent from '../../../node_modules/ts-mls/dist/src/framedContent.js';
import type * as GroupInfo from '../../../node_modules/ts-mls/dist/src/groupInfo.js';
import type * as LeafNode from '../../../node_modules/ts-mls/dist/src/leafNode.js';
import type * as RatchetTree from '../../../node_modules/ts-mls/dist/src/ratchetTree.js';
import type * as TreeHash from '../../../node_modules/ts-mls/dist/src/treeHash.js';
import type * as UnappliedProposals from '../../../node_modules/ts-mls/dist/src/unappliedProposals.js';
import type * as Treemath from '../../../node_modules/ts-mls/dist/src/treemath.js';
import type * as UpdatePath from '../../../node_modules/ts-mls/dist/src/updatePath.js';
import type * as GroupContext from '../../../node_modules/ts-mls/dist/src/groupContext.js';
import type * as PublicMessage from '../../../node_modules/ts-mls/dist/src/publicMessage.js';
import type * as KeyPackage from '../../../node_modules/ts-mls/dist/src/keyPackage.js';
import type * as Proposal from '../../../node_modules/ts-mls/dist/src/proposal.js';
import type * as VariableLength from '../../../node_modules/ts-mls/dist/src/codec/variableLength.js';
import { digests, hunks } from './hunks.ts';
import { loadMended } from './load.ts';

const load = loadMended(hunks, digests);

export const mls = load('index.js') as typeof TsMls;

/** Internals, which the package does not export. */
export const internal = {
  ...(load('authenticatedContent.js') as typeof AuthenticatedContent),
  ...(load('clientState.js') as typeof ClientState),
  ...(load('createCommit.js') as typeof CreateCommit),
  ...(load('extension.js') as typeof Extension),
  ...(load('framedContent.js') as typeof FramedContent),
  ...(load('groupContext.js') as typeof GroupContext),
  ...(load('groupInfo.js') as typeof GroupInfo),
  ...(load('leafNode.js') as typeof LeafNode),
  ...(load('ratchetTree.js') as typeof RatchetTree),
  ...(load('treeHash.js') as typeof TreeHash),
  ...(load('unappliedProposals.js') as typeof UnappliedProposals),
  ...(load('treemath.js') as typeof Treemath),
  ...(load('publicMessage.js') as typeof PublicMessage),
  ...(load('keyPackage.js') as typeof KeyPackage),
  ...(load('proposal.js') as typeof Proposal),
  ...(load('codec/variableLength.js') as typeof VariableLength),
  ...(load('updatePath.js') as typeof UpdatePath),
};
