/**
 * What is mended in ts-mls 2.0.0-rc.10, as data: one entry per defect, with the rule it broke or
 * the cost it had. `from` must occur exactly once in its file and the file must be the very one
 * that was read (`digests`), so nothing is applied to a source nobody looked at. When ts-mls 2.0
 * is out, entries that it makes needless go.
 */
import type { Hunk } from './load.ts';

/** SHA-256 of the files as published. */
export const digests: Readonly<Record<string, string>> = {
  'clientState.js': '8c2a04e8a58d16bf52050bff30f977843e1b2af2f6eb3a674de32bd8299c437f',
  'createCommit.js': 'd1ad924e97cdc50cbef99595f8b70ae4bcb301a76eace0026659ace593f6e8e8',
  'updatePath.js': '9b272c9a8a9efb758d0a1fd038e2b7d5b59e587fa4da76031041ae5d5a89bb2b',
  'pathSecrets.js': 'e794dfd389d3a23a9d95c5af8ada9e4e07ade94f5602a0c73a1959610988aee5',
  'processMessages.js': '19e76db27de457e4981f6804666a8a9dfbeb3cdae47d3dd8055198172324dc52',
  'extension.js': 'd7e53c4efb45d6dde4a7f7edad48117c9270ea326245f20da3d95ebd1a64b4aa',
  'publicMessage.js': '034c504ce94edea54044f723432dcc9b27e3f8bc7b8851b946f309b647066a5f',
  'externalProposal.js': '1732e90fe6152461a225e1370021eeb72238cb55b7740e2bd04c44f88ec11d17',
  'codec/variableLength.js': 'e940a04ea64cf2727f4160c8d363143602f19e846c4671a116c039da01b29d7c',
  'util/byteArray.js': '13597b36035ad712f4ae650456c0b2f41b2401bd0332a4be167a93c31d146c9d',
  'treeHash.js': 'eebce01f72220319a0c3e2a63aa64e7d49e622cf406cd3ca81029177ca1c5d6b',
  'parentHash.js': '368995b18e6eb1ada4f674e68eb1634f90094cb084c489937c2d467951c2f9a2',
  'codec/tlsDecoder.js': 'f2707f35b82b69441f605f5284c22d6683c7fed8dd7460974da211f4a2527985',
  'crypto/kdf.js': 'b0efa9e86fb7d216f6ba9b799a6ca06267e1ba8287e7a7554b290d98b77423f4',
  'crypto/signature.js': '1020ac13b54b17c3ee64aad59386e347512f71bf478ca1eab5519fc532adc3b2',
};

const correctness: readonly Hunk[] = [
  {
    reason: 'a single Remove or Update needs a path (RFC 9420, section 12.4; upstream 436)',
    file: 'clientState.js',
    from: 'Object.values(grouped[defaultProposalTypes.update]).length > 1 ||',
    to: `allProposals.some(({ proposal: { proposalType: t } }) =>
              t !== defaultProposalTypes.add && t !== defaultProposalTypes.psk) ||`,
  },
  {
    reason: 'the same condition, second half',
    file: 'clientState.js',
    from: 'Object.values(grouped[defaultProposalTypes.remove]).length > 1;',
    to: 'false;',
  },
  {
    reason: 'a committer may add a path that is not required (section 12.4)',
    file: 'createCommit.js',
    from: '= res.needsUpdatePath\n',
    to: '= (res.needsUpdatePath || options.forcePath)\n',
  },
  {
    reason: 'path secrets are not encrypted to leaves of the same commit (section 7.5)',
    file: 'updatePath.js',
    from: 'pathSecret.sendTo.map(',
    to: `pathSecret.sendTo.filter((n) => n % 2 === 1 || updatedTree[n] === originalTree[n] ||
      updatedTree[n].leaf.leafNodeSource !== leafNodeSources.key_package).map(`,
  },
  {
    reason: 'path secrets are encrypted to the keys after the proposals (section 12.4.1)',
    file: 'updatePath.js',
    from: 'getHpkePublicKey(originalTree[nodeIndex])',
    to: 'getHpkePublicKey(updatedTree[nodeIndex])',
  },
  {
    reason:
      'the leaf counts as a path secret where nothing is above it: removing the last other member must not leave an all-zero commit secret (section 7.4)',
    file: 'updatePath.js',
    from: 'return [mutableTree, updatePath, pathSecrets, leafKeypair.privateKey];',
    to: 'return [mutableTree, updatePath, pathSecrets, leafKeypair.privateKey, ps[0].secret];',
  },
  {
    reason: 'the same, committer',
    file: 'createCommit.js',
    from: 'const [tree, updatePath, pathSecrets, newPrivateKey] = ',
    to: 'const [tree, updatePath, pathSecrets, newPrivateKey, topSecret] = ',
  },
  {
    reason: 'the same, committer',
    file: 'createCommit.js',
    from: `const lastPathSecret = pathSecrets.at(-1);
    const commitSecret = lastPathSecret === undefined
        ? new Uint8Array(cipherSuite.kdf.size)
        : await deriveSecret(lastPathSecret.secret, "path", cipherSuite.kdf);`,
    to: `const commitSecret = topSecret === undefined
        ? new Uint8Array(cipherSuite.kdf.size)
        : await deriveSecret(topSecret, "path", cipherSuite.kdf);`,
  },
  {
    reason: 'the path ends below a root whose other half is empty (section 7.4)',
    file: 'pathSecrets.js',
    from: 'const nextSecret =',
    to: `if (tree[nextIndex] === undefined)
            break;
        const nextSecret =`,
  },
  {
    reason: 'the commit secret follows the last secret of the path, not that of the root',
    file: 'processMessages.js',
    from: `const rootIndex = root(leafWidth(tree.length));
    const rootSecret = pathSecrets[rootIndex];`,
    to: `let top = secret.nodeIndex;
    while (top !== root(leafWidth(tree.length))) {
        const above = findFirstNonBlankAncestor(tree, top);
        if (pathSecrets[above] === undefined)
            break;
        top = above;
    }
    const rootSecret = pathSecrets[top];`,
  },
  {
    reason: 'import for the hunk above',
    file: 'processMessages.js',
    from: 'import { findBlankLeafNodeIndex, addLeafNodeMutable } from',
    to: 'import { findBlankLeafNodeIndex, addLeafNodeMutable, findFirstNonBlankAncestor } from',
  },
  {
    reason: 'external_pub holds HPKEPublicKey<V> (section 12.4.3.2), GroupInfo alone',
    file: 'createCommit.js',
    from: '[...extensions, { extensionType: defaultExtensionTypes.external_pub, extensionData: externalPub }]',
    to: '[...extensions, { extensionType: defaultExtensionTypes.external_pub, extensionData: encode(varLenDataEncoder, externalPub) }]',
  },
  {
    reason: 'external_pub, GroupInfo with tree',
    file: 'createCommit.js',
    from: '{ extensionType: defaultExtensionTypes.external_pub, extensionData: externalPub },\n',
    to: '{ extensionType: defaultExtensionTypes.external_pub, extensionData: encode(varLenDataEncoder, externalPub) },\n',
  },
  {
    reason: 'external_pub, joiner',
    file: 'createCommit.js',
    from: 'exportSecret(externalPub.extensionData, cs)',
    to: 'exportSecret(varLenDataDecoder(externalPub.extensionData, 0)[0], cs)',
  },
  {
    reason: 'import for external_pub',
    file: 'createCommit.js',
    from: 'import { encode } from "./codec/tlsEncoder.js";',
    to: `import { encode } from "./codec/tlsEncoder.js";
import { varLenDataDecoder, varLenDataEncoder } from "./codec/variableLength.js";`,
  },
  {
    reason: 'external_senders is a vector (section 12.1.8.1), encoder',
    file: 'extension.js',
    from: 'return [e.extensionType, encode(externalSenderEncoder, e.extensionData)];',
    to: 'return [e.extensionType, encode(varLenTypeEncoder(externalSenderEncoder), e.extensionData)];',
  },
  {
    reason: 'external_senders, decoder',
    file: 'extension.js',
    from: 'decode(externalSenderDecoder, extensionData)',
    to: 'decode(varLenTypeDecoder(externalSenderDecoder), extensionData)',
  },
  {
    reason: 'external_senders, comparison',
    file: 'extension.js',
    from: 'constantTimeEqual(encode(externalSenderEncoder, a.extensionData), encode(externalSenderEncoder, b.extensionData))',
    to: `constantTimeEqual(
            encode(varLenTypeEncoder(externalSenderEncoder), a.extensionData),
            encode(varLenTypeEncoder(externalSenderEncoder), b.extensionData))`,
  },
  {
    reason: 'import for external_senders',
    file: 'extension.js',
    from: 'import { varLenDataDecoder, varLenDataEncoder } from',
    to: 'import { varLenDataDecoder, varLenDataEncoder, varLenTypeDecoder, varLenTypeEncoder } from',
  },
  {
    reason: 'external_senders, lookup of the key',
    file: 'publicMessage.js',
    from: `const externalSenderExtension = externalSenderExtensions[senderIndex];
    if (externalSenderExtension !== undefined) {
        return externalSenderExtension.extensionData;
    }`,
    to: 'return externalSenderExtensions[0]?.extensionData[senderIndex];',
  },
  {
    reason: 'external_senders, every credential is validated',
    file: 'clientState.js',
    from: 'for (const externalSender of externalSenders) {',
    to: `for (const extensionData of externalSenders.flatMap((e) => e.extensionData)) {
        const externalSender = { extensionData };`,
  },
  {
    reason: 'external_senders, index of the sender',
    file: 'externalProposal.js',
    from: `groupInfo.groupContext.extensions.findIndex((ex) => {
        if (!isDefaultExtension(ex) || ex.extensionType !== defaultExtensionTypes.external_senders)
            return false;
        return constantTimeEqual(ex.extensionData.signaturePublicKey, signaturePublicKey);
    });`,
    to: `(groupInfo.groupContext.extensions
        .find((ex) => ex.extensionType === defaultExtensionTypes.external_senders)
        ?.extensionData ?? [])
        .findIndex((sender) => constantTimeEqual(sender.signaturePublicKey, signaturePublicKey));`,
  },
  {
    reason: 'required_capabilities are compared by value (a ReInit with them could not be joined)',
    file: 'extension.js',
    from: 'return a.extensionData === b.extensionData;',
    to: `return constantTimeEqual(
                encode(requiredCapabilitiesEncoder, a.extensionData),
                encode(requiredCapabilitiesEncoder, b.extensionData));`,
  },
  {
    reason: 'unmerged leaves are checked below their node, not above it (section 7.9)',
    file: 'clientState.js',
    from: 'if (tree[nodeIndex]?.nodeType !== nodeTypes.leaf && !dp.includes(toNodeIndex(i)))',
    to: 'if (tree[nodeIndex]?.nodeType !== nodeTypes.leaf || !dp.includes(toNodeIndex(i)))',
  },
  {
    reason: 'the same, nodes in between',
    file: 'clientState.js',
    from: `for (const parentIdx of dp) {
                    const dpNode`,
    to: `for (const parentIdx of dp.slice(0, dp.indexOf(i))) {
                    const dpNode`,
  },
  {
    reason: 'the same, the node in between lists this leaf',
    file: 'clientState.js',
    from: 'if (!arraysEqual(dpNode.parent.unmergedLeaves, n.parent.unmergedLeaves))',
    to: 'if (!dpNode.parent.unmergedLeaves.includes(unmergedLeaf))',
  },
  {
    reason:
      'a member whose leaf is taken over by an Add of the same commit is removed all the same',
    file: 'clientState.js',
    from: 'const selfRemoved = mutableTree[leafToNodeIndex(toLeafIndex(state.privatePath.leafIndex))] === undefined;',
    to: `const selfRemoved = grouped[defaultProposalTypes.remove]
            .some(({ proposal }) => proposal.remove.removed === state.privatePath.leafIndex);`,
  },
  {
    reason: 'path secrets are encrypted under the extensions of the next epoch (section 12.4.1)',
    file: 'createCommit.js',
    from: 'mutableTree, toLeafIndex(state.privatePath.leafIndex), state.groupContext,',
    to: `mutableTree, toLeafIndex(state.privatePath.leafIndex),
            { ...state.groupContext,
                extensions: res.additionalResult.extensions ?? state.groupContext.extensions },`,
  },
  {
    reason: 'GroupContextExtensions may empty the list: applied extensions',
    file: 'clientState.js',
    from: 'const newExtensions = flattenExtensions(',
    to: `const newExtensions = grouped[defaultProposalTypes.group_context_extensions].length === 0
            ? state.groupContext.extensions
            : flattenExtensions(`,
  },
  {
    reason: 'the same, committer',
    file: 'createCommit.js',
    from: '=== "memberCommit" && res.additionalResult.extensions.length > 0',
    to: '=== "memberCommit"',
  },
  {
    reason: 'the same, receiver',
    file: 'processMessages.js',
    from: '=== "memberCommit" && result.additionalResult.extensions.length > 0',
    to: '=== "memberCommit"',
  },
  {
    reason: 'external PSKs are known when a commit is private, too',
    file: 'processMessages.js',
    from: 'context: { cipherSuite: cs, authService, externalPsks: {}, clientConfig },',
    to: 'context: { cipherSuite: cs, authService, externalPsks, clientConfig },',
  },
  {
    reason: 'length prefixes are minimal (section 2.1.2), two bytes',
    file: 'codec/variableLength.js',
    from: 'throw new CodecError("Incomplete 2-byte length");',
    to: `throw new CodecError("Incomplete 2-byte length");
        if ((firstByte & 0b00111111) === 0 && data[offset + 1] < 64)
            throw new CodecError("Length prefix is not minimal");`,
  },
  {
    reason: 'length prefixes are minimal, four bytes',
    file: 'codec/variableLength.js',
    from: 'throw new CodecError("Incomplete 4-byte length");',
    to: `throw new CodecError("Incomplete 4-byte length");
        if ((firstByte & 0b00111111) === 0 && data[offset + 1] === 0 && data[offset + 2] < 64)
            throw new CodecError("Length prefix is not minimal");`,
  },
  {
    reason: 'time comes from the configuration: lifetimes are judged by the caller (virtual time)',
    file: 'clientState.js',
    from: 'BigInt(Math.floor(Date.now() / 1000))',
    to: '(config.nowSeconds ?? BigInt(Math.floor(Date.now() / 1000)))',
  },
  {
    reason: 'erasing draws no randomness',
    file: 'util/byteArray.js',
    from: 'crypto.getRandomValues(buf);',
    to: '',
  },
];

const speed: readonly Hunk[] = [
  {
    reason:
      'tree hashes are kept per node; hashing the whole tree at every commit was 40 % at n = 128',
    file: 'treeHash.js',
    from: 'export async function treeHash(tree, subtreeIndex, h) {',
    to: `import { memoizedTreeHash } from "\${room}/tree-hash.ts";
export { keptTreeHashes, primeTreeHashes } from "\${room}/tree-hash.ts";
const hashInputs = {
    leaf: (leafIndex, leafNode) =>
        encode(leafNodeHashInputEncoder, { nodeType: nodeTypes.leaf, leafIndex, leafNode }),
    parent: (parentNode, leftHash, rightHash) => encode(parentNodeHashInputEncoder,
        { nodeType: nodeTypes.parent, parentNode, leftHash, rightHash }),
};
export function treeHash(tree, subtreeIndex, h, without = []) {
    return memoizedTreeHash(hashInputs, tree, subtreeIndex, h, without);
}
async function literalTreeHash(tree, subtreeIndex, h) {`,
  },
  {
    reason: 'no copy of the whole tree for every node of a path',
    file: 'parentHash.js',
    from: `const removedUnmerged = removeLeaves(tree, parentNode.parent.unmergedLeaves);
    const originalSiblingTreeHash = await treeHash(removedUnmerged, siblingIndex, h);`,
    to: `const originalSiblingTreeHash =
        await treeHash(tree, siblingIndex, h, parentNode.parent.unmergedLeaves);`,
  },
  {
    reason: 'no copy of all counts for every leaf',
    file: 'parentHash.js',
    from: 'let updated = { ...(await acc) };',
    to: 'let updated = await acc;',
  },
  {
    reason: 'no copy of all counts for every node',
    file: 'parentHash.js',
    from: 'updated = { ...updated, [parentHashNodeIndex]: newCount };',
    to: 'updated[parentHashNodeIndex] = newCount;',
  },
  {
    reason: 'no copy of the list for every node',
    file: 'parentHash.js',
    from: 'return [...acc, index];',
    to: '{ acc.push(index); return acc; }',
  },
  {
    reason:
      "the new leaf's keys are compared with the tree's (section 7.3); the original compared the tree with itself in base64, and never the leaf",
    file: 'clientState.js',
    from: 'export async function validateLeafNodeCredentialAndKeyUniqueness(tree, leafNode, existingLeafIndex) {',
    to: `import { leafConflict } from "\${room}/uniqueness.ts";
export async function validateLeafNodeCredentialAndKeyUniqueness(
    tree, leafNode, existingLeafIndex) {
    const conflict = leafConflict(tree, leafNode, existingLeafIndex);
    return conflict === undefined ? undefined : new ValidationError(conflict);
}
async function literalUniqueness(tree, leafNode, existingLeafIndex) {`,
  },
  {
    reason: 'a commit that adds nobody signs no GroupInfo for a Welcome',
    file: 'createCommit.js',
    from: 'const groupInfo = ratchetTreeExtension\n',
    to: `if (!(res.additionalResult.addedLeafNodes?.length > 0))
        return undefined;
    const groupInfo = ratchetTreeExtension\n`,
  },
  {
    reason: 'public keys need no constant-time comparison',
    file: 'updatePath.js',
    from: 'constantTimeEqual(treeNode.parent.hpkePublicKey, node.hpkePublicKey)',
    to: 'fastEqual(treeNode.parent.hpkePublicKey, node.hpkePublicKey)',
  },
  {
    reason: 'import for the hunk above',
    file: 'updatePath.js',
    from: 'import { constantTimeEqual } from',
    to: `import { fastEqual } from "./util/byteArray.js";
import { constantTimeEqual } from`,
  },
  {
    reason: 'no copy before encoding',
    file: 'util/byteArray.js',
    from: 'return Buffer.from(bytes).toString("base64");',
    to: 'return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");',
  },
  {
    reason: 'records are decoded without copying the fields read so far',
    file: 'codec/tlsDecoder.js',
    from: 'const result = rsDecoder.reduce(',
    to: `const values = new Array(rsDecoder.length);
        let at = offset;
        for (let i = 0; i < rsDecoder.length; i++) {
            const decoded = rsDecoder[i](b, at);
            if (!decoded)
                return undefined;
            values[i] = decoded[0];
            at += decoded[1];
        }
        return [f(...values), at - offset];
        const result = rsDecoder.reduce(`,
  },
  {
    reason: 'labelled inputs are assembled directly: the key derivation',
    file: 'crypto/kdf.js',
    from: 'encode(infoEncoder, [length, new TextEncoder().encode(`MLS 1.0 ${label}`), context])',
    to: 'kdfLabel(length, label, context)',
  },
  {
    reason: 'the same, no encoder is composed for it',
    file: 'crypto/kdf.js',
    from: 'const infoEncoder = composeBufferEncoders([uint16Encoder, varLenDataEncoder, varLenDataEncoder]);',
    to: '',
  },
  {
    reason: 'import for labelled inputs',
    file: 'crypto/kdf.js',
    from: 'import { varLenDataEncoder } from "../codec/variableLength.js";',
    to: 'import { kdfLabel } from "${room}/labels.ts";',
  },
  {
    reason: 'labelled inputs: signing',
    file: 'crypto/signature.js',
    from: 's.sign(signKey, encode(messageEncoder, [new TextEncoder().encode(`MLS 1.0 ${label}`), content]))',
    to: 's.sign(signKey, signContent(label, content))',
  },
  {
    reason: 'labelled inputs: verifying',
    file: 'crypto/signature.js',
    from: 'encode(messageEncoder, [new TextEncoder().encode(`MLS 1.0 ${label}`), content]), signature)',
    to: 'signContent(label, content), signature)',
  },
  {
    reason: 'import for labelled inputs',
    file: 'crypto/signature.js',
    from: 'import { varLenDataEncoder } from "../codec/variableLength.js";',
    to: `import { varLenDataEncoder } from "../codec/variableLength.js";
import { signContent } from "\${room}/labels.ts";`,
  },
];

export const hunks: readonly Hunk[] = [...correctness, ...speed];
