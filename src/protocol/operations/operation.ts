/** How an operation is described. The tables of the services are in the files beside this one. */
import type { Codec } from '../codec/index.ts';
import type { SenderKind } from '../wire/authentication.ts';
import type { ProtocolVersion } from '../wire/identifiers.ts';

export type Service = 'ds' | 'qs' | 'as' | 'federation' | 'well-known';

/** Bodies of one operation in one version. */
export interface Bodies<Q, R> {
  readonly request: Codec<Q>;
  readonly response: Codec<R>;
}

/** Any bodies, where the table does not care for their types. */
// oxlint-disable-next-line typescript/no-explicit-any -- a codec is invariant in its value type
export type AnyBodies = Bodies<any, any>;

export interface Operation {
  /** Number on the wire: the service in the high byte. */
  readonly id: number;
  readonly service: Service;
  /** Last part of the path `/v{version}/{service}/{name}`. */
  readonly name: string;
  /** Who may sign it; empty where the body itself proves the right (a token, a key). */
  readonly senders: readonly SenderKind[];
  /** Whether a client must add an anonymous token. */
  readonly anonymousToken: boolean;
  /** Whether the body names the group that the sender must name too. */
  readonly inGroup: boolean;
  /** One sentence for the reference. */
  readonly summary: string;
  /** Versions that have it, with their bodies. */
  readonly bodies: Readonly<Partial<Record<ProtocolVersion, AnyBodies>>>;
}

/** The same bodies in both versions. */
export function both<Q, R>(request: Codec<Q>, response: Codec<R>) {
  const bodies = { request, response };
  return { 1: bodies, 2: bodies } as const;
}

/** Bodies of v2 only. */
export function onlyV2<Q, R>(request: Codec<Q>, response: Codec<R>) {
  return { 2: { request, response } } as const;
}

/** Bodies that differ between the versions. */
export function each<Q1, R1, Q2, R2>(v1: Bodies<Q1, R1>, v2: Bodies<Q2, R2>) {
  return { 1: v1, 2: v2 } as const;
}
