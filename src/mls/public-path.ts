/** The update path of a commit as a non-member checks it (RFC 9420, sections 7.3 to 7.9). */
import type {
  CiphersuiteImpl,
  GroupContext,
  KeyPackage,
  PublicMessage,
  RatchetTree,
  UpdatePath,
} from 'ts-mls';
import { equalBytes } from '../crypto/bytes.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError } from './error.ts';
import { checkLeafSupport, describedSuite } from './public-rules.ts';
import type { PublicState } from './public-state.ts';
import { internal, mls } from './library/index.ts';

/** One request: its message, and what was found of the group for it. */
export interface Work {
  readonly environment: MlsEnvironment;
  readonly state: PublicState;
  readonly suite: CiphersuiteImpl;
  readonly message: PublicMessage;
}

interface PathContext {
  readonly committer: number;
  readonly isExternal: boolean;
  readonly extensions: GroupContext['extensions'];
  readonly added: readonly (readonly [number, KeyPackage])[];
}

/** Checks the path for the tree after the proposals and puts it in (sections 7.3, 7.5, 7.9). */
export async function applyPath(
  work: Work,
  tree: RatchetTree,
  path: UpdatePath,
  where: PathContext,
): Promise<void> {
  const { environment, state, suite } = work;
  const { authService } = environment.context(state.context.cipherSuite);
  const { committer, isExternal, extensions, added } = where;
  const { leafNode } = path;
  const context = { ...state.context, extensions };
  internal.throwIfDefined(
    await internal.validateLeafNodeUpdateOrCommit(
      leafNode,
      committer,
      context,
      authService,
      suite.signature,
    ),
  );
  const own = isExternal ? undefined : committer;
  internal.throwIfDefined(
    await internal.validateLeafNodeCredentialAndKeyUniqueness(tree, leafNode, own),
  );
  checkLeafSupport(leafNode, state.context, extensions, tree);
  checkPathKeys(state.context, tree, path);
  const at = committer as Parameters<typeof internal.applyUpdatePath>[1];
  if (isExternal) internal.addLeafNodeMutable(tree, leafNode);
  await internal.applyUpdatePath(tree, at, path, suite.hash, isExternal);
  checkCiphertexts(state.context, tree, path, committer, new Set(added.map(([leaf]) => 2 * leaf)));
}

/** Keys of a path are new: none stands in the tree, and no two are equal (section 12.4.2). */
function checkPathKeys(context: GroupContext, tree: RatchetTree, path: UpdatePath): void {
  const { publicKeyBytes } = describedSuite(context).kem;
  const keys = [path.leafNode.hpkePublicKey, ...path.nodes.map((node) => node.hpkePublicKey)];
  if (keys.some((key) => key.length !== publicKeyBytes)) {
    throw new MlsError('bad-path', 'length of a public key');
  }
  const known = new Set(keys.map((key) => Buffer.from(key).toString('latin1')));
  if (known.size !== keys.length) throw new MlsError('bad-path', 'one key twice in the path');
  for (const node of tree) {
    if (node?.nodeType !== mls.nodeTypes.leaf) continue;
    if (path.nodes.some(({ hpkePublicKey: key }) => equalBytes(key, node.leaf.hpkePublicKey))) {
      throw new MlsError('bad-path', 'a key of the path stands in the tree');
    }
  }
}

/** One ciphertext per node to be reached, none for members added by the commit (section 7.6). */
function checkCiphertexts(
  context: GroupContext,
  tree: RatchetTree,
  path: UpdatePath,
  committer: number,
  added: ReadonlySet<number>,
): void {
  const { kem, hash, aead } = describedSuite(context);
  const at = committer as Parameters<typeof internal.filteredDirectPathAndCopathResolution>[0];
  const expected = internal.filteredDirectPathAndCopathResolution(at, tree);
  for (const [i, { encryptedPathSecret }] of path.nodes.entries()) {
    const reached = expected[i]!.resolution.filter((node) => !added.has(node));
    const fits = encryptedPathSecret.every(
      ({ kemOutput, ciphertext }) =>
        kemOutput.length === kem.outputBytes && ciphertext.length === hash.bytes + aead.tagBytes,
    );
    if (reached.length !== encryptedPathSecret.length || !fits) {
      throw new MlsError('bad-path', `ciphertexts of node ${i}`);
    }
  }
}
