/** What the door of `src/mls` speaks: plain values, no type of the library. */

/** A credential of RFC 9420, section 5.3. Type 1 is basic; `content` is its identity or data. */
export interface MlsCredential {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Extension as it stands on the wire. */
export interface MlsExtension {
  readonly type: number;
  readonly data: Uint8Array;
}

export interface MlsCapabilities {
  readonly suites: readonly number[];
  readonly credentials: readonly number[];
  /** Beyond those that every client must know. */
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
}

/** Seconds since 1970 within which a KeyPackage may be added. */
export interface MlsLifetime {
  readonly notBefore: bigint;
  readonly notAfter: bigint;
}

export interface SigningKeys {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A KeyPackage with what its owner keeps. */
export interface OwnKeyPackage {
  /** Encoded `KeyPackage` (section 10), not wrapped in an MLSMessage. */
  readonly keyPackage: Uint8Array;
  /** KeyPackageRef (section 5.2). */
  readonly reference: Uint8Array;
  readonly initPrivateKey: Uint8Array;
  readonly encryptionPrivateKey: Uint8Array;
  readonly signaturePrivateKey: Uint8Array;
}

export interface MlsMember {
  readonly leafIndex: number;
  readonly credential: MlsCredential;
  readonly signatureKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
  readonly capabilities: MlsCapabilities;
  readonly extensions: readonly MlsExtension[];
}

export interface ReinitTarget {
  readonly groupId: Uint8Array;
  readonly suite: number;
  readonly extensions: readonly MlsExtension[];
}

export interface ExternalPsk {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
}

/** A proposal to send or to commit. */
export type NewProposal =
  | { readonly kind: 'add'; readonly keyPackage: Uint8Array }
  | { readonly kind: 'remove'; readonly leafIndex: number }
  | { readonly kind: 'external-psk'; readonly id: Uint8Array }
  /** Resumption PSK of an epoch of this group that is still kept. */
  | { readonly kind: 'resumption-psk'; readonly epoch: bigint }
  | { readonly kind: 'group-context-extensions'; readonly extensions: readonly MlsExtension[] }
  | ({ readonly kind: 'reinit' } & ReinitTarget);

/** A proposal as a commit applied it, or as somebody sent it. */
export type SeenProposal = (
  | { readonly kind: 'add'; readonly credential: MlsCredential; readonly keyPackage: Uint8Array }
  | { readonly kind: 'update'; readonly leafIndex: number }
  | { readonly kind: 'remove'; readonly leafIndex: number }
  | { readonly kind: 'psk' }
  | { readonly kind: 'external-init' }
  | { readonly kind: 'group-context-extensions'; readonly extensions: readonly MlsExtension[] }
  | ({ readonly kind: 'reinit' } & ReinitTarget)
  | { readonly kind: 'custom'; readonly type: number; readonly data: Uint8Array }
) & {
  /** Leaf of the member that proposed it; undefined for outsiders. */
  readonly sender: number | undefined;
};

export type GroupStatus =
  | { readonly kind: 'active' }
  | { readonly kind: 'frozen'; readonly successor: ReinitTarget }
  | { readonly kind: 'removed' };

export interface GroupDescription {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly suite: number;
  readonly treeHash: Uint8Array;
  readonly extensions: readonly MlsExtension[];
  /** Ascending by leaf index. */
  readonly members: readonly MlsMember[];
}
