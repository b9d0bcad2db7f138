/** MLS extensions of the homeserver protocol (RFC 9420, section 13; numbers of the private range). */
import { struct, uint16, vector } from '../codec/index.ts';
import type { Decoded } from '../codec/index.ts';
import { identityKind, leafIndex, suiteNumber } from './identifiers.ts';

export const extensionTypes = {
  /** KeyPackage and LeafNode: what the client understands (idea 6). */
  clientSupport: 0xf5a0,
  /** GroupContext: pseudonymous or identified, fixed for the group's life (idea 1). */
  groupKind: 0xf5a1,
  /** KeyPackage and LeafNode: where messages for this client go. */
  queueConfig: 0xf5a2,
  /** GroupContext: admins and members. */
  roles: 0xf5a3,
} as const;

/** In order of preference, best first. */
export const clientSupport = struct('ClientSupport', {
  versions: vector(uint16, { min: 1, max: 16 }),
  suites: vector(suiteNumber, { min: 1, max: 64 }),
  identity_kinds: vector(identityKind, { min: 1, max: 8 }),
});

export const groupKind = struct('GroupKind', { identity: identityKind });

export const roles = struct('Roles', { admins: vector(leafIndex), members: vector(leafIndex) });

export type ClientSupport = Decoded<typeof clientSupport>;
export type GroupKind = Decoded<typeof groupKind>;
export type Roles = Decoded<typeof roles>;
