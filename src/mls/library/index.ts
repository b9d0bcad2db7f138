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
import type * as Commit from '../../../node_modules/ts-mls/dist/src/commit.js';
import type * as CryptoHash from '../../../node_modules/ts-mls/dist/src/crypto/hash.js';
import type * as CryptoHpke from '../../../node_modules/ts-mls/dist/src/crypto/hpke.js';
import type * as CryptoKdf from '../../../node_modules/ts-mls/dist/src/crypto/kdf.js';
import type * as CryptoSignature from '../../../node_modules/ts-mls/dist/src/crypto/signature.js';
import type * as GroupSecrets from '../../../node_modules/ts-mls/dist/src/groupSecrets.js';
import type * as KeySchedule from '../../../node_modules/ts-mls/dist/src/keySchedule.js';
import type * as ParentHash from '../../../node_modules/ts-mls/dist/src/parentHash.js';
import type * as PreSharedKey from '../../../node_modules/ts-mls/dist/src/presharedkey.js';
import type * as SecretTree from '../../../node_modules/ts-mls/dist/src/secretTree.js';
import type * as TranscriptHash from '../../../node_modules/ts-mls/dist/src/transcriptHash.js';
import type * as Welcome from '../../../node_modules/ts-mls/dist/src/welcome.js';
import type * as MessageProtection from '../../../node_modules/ts-mls/dist/src/messageProtection.js';
import type * as MessageProtectionPublic from '../../../node_modules/ts-mls/dist/src/messageProtectionPublic.js';
import type * as PathSecrets from '../../../node_modules/ts-mls/dist/src/pathSecrets.js';
import type * as Credential from '../../../node_modules/ts-mls/dist/src/credential.js';
import { digests, hunks } from './hunks.ts';
import type * as TreeHashMemo from './tree-hash.ts';
import { loadMended } from './load.ts';

const load = loadMended(hunks, digests);

export const mls = load('index.js') as typeof TsMls;

/** Internals, which the package does not export. */
export const internal = {
  ...(load('authenticatedContent.js') as typeof AuthenticatedContent),
  ...(load('clientState.js') as typeof ClientState),
  ...(load('createCommit.js') as typeof CreateCommit),
  ...(load('credential.js') as typeof Credential),
  ...(load('extension.js') as typeof Extension),
  ...(load('framedContent.js') as typeof FramedContent),
  ...(load('groupContext.js') as typeof GroupContext),
  ...(load('groupInfo.js') as typeof GroupInfo),
  ...(load('leafNode.js') as typeof LeafNode),
  ...(load('ratchetTree.js') as typeof RatchetTree),
  ...(load('treeHash.js') as typeof TreeHash & typeof TreeHashMemo),
  ...(load('unappliedProposals.js') as typeof UnappliedProposals),
  ...(load('treemath.js') as typeof Treemath),
  ...(load('publicMessage.js') as typeof PublicMessage),
  ...(load('keyPackage.js') as typeof KeyPackage),
  ...(load('proposal.js') as typeof Proposal),
  ...(load('codec/variableLength.js') as typeof VariableLength),
  ...(load('updatePath.js') as typeof UpdatePath),
};

/** Internals that only the official vectors drive. */
export const testOnly = {
  ...(load('commit.js') as typeof Commit),
  ...(load('crypto/hash.js') as typeof CryptoHash),
  ...(load('crypto/hpke.js') as typeof CryptoHpke),
  ...(load('crypto/kdf.js') as typeof CryptoKdf),
  ...(load('crypto/signature.js') as typeof CryptoSignature),
  ...(load('groupSecrets.js') as typeof GroupSecrets),
  ...(load('keySchedule.js') as typeof KeySchedule),
  ...(load('parentHash.js') as typeof ParentHash),
  ...(load('presharedkey.js') as typeof PreSharedKey),
  ...(load('secretTree.js') as typeof SecretTree),
  ...(load('transcriptHash.js') as typeof TranscriptHash),
  ...(load('welcome.js') as typeof Welcome),
  ...(load('messageProtection.js') as typeof MessageProtection),
  ...(load('messageProtectionPublic.js') as typeof MessageProtectionPublic),
  ...(load('pathSecrets.js') as typeof PathSecrets),
};
