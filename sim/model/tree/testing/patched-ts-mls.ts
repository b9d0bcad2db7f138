/**
 * Loads ts-mls 2.0.0-rc.10 with four defects of its commit creation mended in memory, so that it
 * can serve as the witness of the tree model. Nothing on disk changes, and nothing of the library's
 * source is kept here beyond the few expressions replaced. Must run before anything imports ts-mls.
 *
 *   1. A single Remove or Update goes without a path (RFC 9420 section 12.4 requires one; ts-mls
 *      issue 436).
 *   2. There is no way to ask for a path that is not required: `forcePath` is added.
 *   3. Path secrets are also encrypted to leaves that the same commit adds (section 7.5 excludes
 *      them; its own receivers exclude them too, so such commits cannot be processed).
 *   4. Path secrets are encrypted to the keys from before the proposals: a member whose Update is
 *      in the commit could only read with a key that it was to forget.
 */
import { registerHooks } from 'node:module';

interface Hunk {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const hunks: readonly Hunk[] = [
  {
    file: 'clientState.js',
    from: 'Object.values(grouped[defaultProposalTypes.update]).length > 1',
    to: 'Object.values(grouped[defaultProposalTypes.update]).length > 0',
  },
  {
    file: 'clientState.js',
    from: 'Object.values(grouped[defaultProposalTypes.remove]).length > 1',
    to: 'Object.values(grouped[defaultProposalTypes.remove]).length > 0',
  },
  {
    file: 'createCommit.js',
    from: '= res.needsUpdatePath\n',
    to: '= (res.needsUpdatePath || options.forcePath)\n',
  },
  {
    file: 'updatePath.js',
    from: 'pathSecret.sendTo.map(',
    to: `pathSecret.sendTo.filter((n) => n % 2 === 1 || updatedTree[n] === originalTree[n] ||
      updatedTree[n].leaf.leafNodeSource !== leafNodeSources.key_package).map(`,
  },
  {
    file: 'updatePath.js',
    from: 'getHpkePublicKey(originalTree[nodeIndex])',
    to: 'getHpkePublicKey(updatedTree[nodeIndex])',
  },
];

const applied = new Set<Hunk>();

registerHooks({
  load(url, context, nextLoad) {
    const result = nextLoad(url, context);
    const mine = hunks.filter((hunk) => url.endsWith(`/ts-mls/dist/src/${hunk.file}`));
    if (mine.length === 0) return result;
    let source = String(result.source);
    for (const hunk of mine) {
      if (source.split(hunk.from).length !== 2) {
        throw new Error(`ts-mls has changed: "${hunk.from}" is not once in ${hunk.file}`);
      }
      source = source.replace(hunk.from, () => hunk.to);
      applied.add(hunk);
    }
    return { ...result, source };
  },
});

/** The mended library. */
export const mls = await import('ts-mls');
export const { ratchetTreeEncoder } =
  await import('../../../../node_modules/ts-mls/dist/src/ratchetTree.js');
export const { updatePathEncoder } =
  await import('../../../../node_modules/ts-mls/dist/src/updatePath.js');
export const { signLeafNodeCommit } =
  await import('../../../../node_modules/ts-mls/dist/src/leafNode.js');

const missed = hunks.filter((hunk) => !applied.has(hunk));
if (missed.length > 0) {
  throw new Error(`ts-mls was loaded before its defects were mended: ${missed[0]?.file}`);
}
