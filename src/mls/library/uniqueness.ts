/**
 * Whether a leaf may enter a tree (RFC 9420, section 7.3): its encryption and signature keys are
 * nobody else's, and every member knows its credential type. Loaded from within the library, hence
 * free of imports. Differing keys differ early, so a tree of 1,000 members takes microseconds.
 */

interface LeafLike {
  readonly hpkePublicKey: Uint8Array;
  readonly signaturePublicKey: Uint8Array;
  readonly credential: { readonly credentialType: number };
  readonly capabilities: { readonly credentials: readonly number[] };
}

interface NodeLike {
  readonly leaf?: LeafLike;
  readonly parent?: { readonly hpkePublicKey: Uint8Array };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * What forbids `leaf`, or undefined. `ownIndex` is the leaf that it replaces: there the signature
 * key may stay, the encryption key may not.
 */
export function leafConflict(
  tree: readonly (NodeLike | undefined)[],
  leaf: LeafLike,
  ownIndex?: number,
): string | undefined {
  const { credentialType } = leaf.credential;
  const conflict = (node: NodeLike | undefined, index: number): string | undefined => {
    if (node === undefined) return undefined;
    const other = node.leaf;
    const key = other === undefined ? node.parent!.hpkePublicKey : other.hpkePublicKey;
    if (equal(key, leaf.hpkePublicKey)) return 'hpke keys not unique';
    if (other === undefined || index === 2 * (ownIndex ?? -1)) return undefined;
    if (!other.capabilities.credentials.includes(credentialType)) {
      return 'LeafNode has credential that is not supported by member of the group';
    }
    const same = equal(other.signaturePublicKey, leaf.signaturePublicKey);
    return same ? 'signature keys not unique' : undefined;
  };
  for (let index = 0; index < tree.length; index++) {
    const found = conflict(tree[index], index);
    if (found !== undefined) return found;
  }
  return undefined;
}
