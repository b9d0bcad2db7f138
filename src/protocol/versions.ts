/**
 * Version negotiation (idea 6). Lists of versions are in order of preference; the protocol always
 * takes the highest number both sides know, so the order is informative only.
 */
import { protocolVersions, type ProtocolVersion } from './wire/identifiers.ts';
import type { ClientSupport } from './wire/extensions.ts';
import { refuse, success, type Outcome } from './protocol-error.ts';

/** Every version this code speaks, best first. */
export const spokenVersions: readonly ProtocolVersion[] = [
  protocolVersions.v2,
  protocolVersions.v1,
];

/** Highest version in all lists, or undefined when there is none. */
export function highestCommonVersion(...lists: readonly (readonly number[])[]): number | undefined {
  const [first = [], ...rest] = lists;
  const common = first.filter((version) => rest.every((list) => list.includes(version)));
  return common.length === 0 ? undefined : Math.max(...common);
}

/** The version a client uses with a homeserver, or `version_unsupported`. */
export function negotiateVersion(
  client: readonly number[],
  homeserver: readonly number[],
): Outcome<number> {
  const version = highestCommonVersion(client, homeserver);
  if (version !== undefined) return success(version);
  return refuse('version_unsupported', { supported: [...homeserver] });
}

/**
 * What a client makes of `version_unsupported`. Against the homeserver's signed document, an answer
 * that hides a version both speak is a downgrade attempt; otherwise the client retries with
 * the returned version.
 */
export function afterVersionUnsupported(
  client: readonly number[],
  answered: readonly number[],
  documented: readonly number[],
): Outcome<number> {
  const best = highestCommonVersion(client, documented);
  const offered = highestCommonVersion(client, answered);
  if (best !== undefined && (offered === undefined || offered < best)) {
    return refuse('downgrade_detected', { offered: [...client], supported: [...documented] });
  }
  return negotiateVersion(client, answered);
}

/** Whether a request in `used` hides a higher version that the signer offered and we support. */
export function isDowngraded(
  used: number,
  offered: readonly number[],
  supported: readonly number[],
): boolean {
  const best = highestCommonVersion(offered, supported);
  return best !== undefined && best > used;
}

/**
 * A group's effective version: the highest that every member's leaf and every homeserver involved
 * support. Undefined when there is none, which is when a member must not be added.
 */
export function effectiveGroupVersion(
  leaves: readonly Pick<ClientSupport, 'versions'>[],
  homeservers: readonly (readonly number[])[],
): number | undefined {
  return highestCommonVersion(...leaves.map((leaf) => leaf.versions), ...homeservers);
}
