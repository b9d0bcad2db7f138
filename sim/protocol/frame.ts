/** What travels between the parts of the simulated world: bytes with an address. */
import { hash } from 'node:crypto';
import { uint32, uint8, oneOf, opaque, opaqueV, struct } from '../../src/protocol/codec/index.ts';
import type { Decoded } from '../../src/protocol/codec/index.ts';

/** Part of a homeserver's process: 0 is the homeserver itself, n its n-th client. */
export type Entity = number;
export const homeserverEntity: Entity = 0;

export const frameKinds = { request: 1, response: 2, wake: 3 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/**
 * `fingerprint` belongs to the simulation, not to the wire: the first bytes of the SHA-256 of the
 * payload as it was sent, by which invariants recognise what was tampered with.
 */
export const frame = struct('Frame', {
  kind: oneOf('FrameKind', uint8, frameKinds),
  from: uint32,
  to: uint32,
  fingerprint: opaque(8),
  payload: opaqueV(),
});
export type Frame = Decoded<typeof frame>;

export function fingerprintOf(payload: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', payload, 'buffer').subarray(0, 8));
}

export const domainOf = (homeserver: number): string => `hs${homeserver}.example`;

/** The homeserver of a domain; undefined for names of other worlds. */
export function homeserverOf(domain: string): number | undefined {
  const match = /^hs(\d+)\.example$/.exec(domain);
  return match === null ? undefined : Number(match[1]);
}
