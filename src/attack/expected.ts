/**
 * What each scheme is expected to admit, derived from what its signature covers, independently of
 * the code that verifies it.
 *
 * `reencoded` and `raw` cover the whole request: nothing is admitted.
 * `token` covers the sender (for the DS with the group) and the time, under a label per service. So
 * whatever keeps these three is admitted for the hour that a token lives.
 */
import { bodiesOf, operations, type Operation } from '../protocol/operations/index.ts';
import type { Attempt, AttackName } from './attacks.ts';
import type { Capture, Layer } from './types.ts';

export interface Ground {
  readonly supportedVersions: readonly number[];
  readonly layerOf: (operation: number) => Layer;
}

/** Why a token is admitted by an attack that changes nothing it covers. */
const tokenReasons: Partial<Readonly<Record<AttackName, string>>> = {
  'other-body': 'the token covers sender and time, not the body',
  'other-operation': 'the token covers the service by its label, not the operation',
  'other-destination':
    'the token covers no destination: whoever knows this sender by this key takes it',
  'other-version': 'the token covers no version',
  'other-request-id': 'the token covers no request id and is not remembered',
  'other-anonymous-token': 'the token does not cover the anonymous token beside it',
  'replay-at-once': 'a token is good for an hour and is not remembered',
  'replay-in-window': 'a token is good for an hour and is not remembered',
  'replay-after-window': 'a token is good for an hour and is not remembered',
  'replay-fast-clock': 'a token of a fast clock is good for an hour from its own time',
  'replay-clock-set-back': 'a token is not remembered',
  'replay-after-restart': 'a token is not remembered',
  'mutated-bytes': 'the token covers sender and time; other bytes may change',
};

/**
 * Operations after which the key that signed them is no longer the sender's: their own success is
 * what stops their replay, under any scheme.
 */
const endsKey: readonly Operation[] = [
  operations.qs.updateUserRecord,
  operations.qs.deleteUserRecord,
  operations.qs.updateClientRecord,
  operations.qs.deleteClientRecord,
  operations.as.issueClientCredential,
  operations.as.deleteUser,
  operations.as.deleteAlias,
];

/** AS clients are known under their homeserver's name; abroad only token issuance knows them. */
function isKnownAbroad({ party }: Capture, target: Operation): boolean {
  return party.sender.kind !== 'client' || target === operations.as.issueTokens;
}

/** Why the homeserver is expected to admit the attempt, or undefined when it must refuse. */
export function expectedReason(
  capture: Capture,
  attempt: Omit<Attempt, 'bytes'>,
  ground: Ground,
): string | undefined {
  if (capture.scheme !== 'token') return undefined;
  const { attack, target, version, home, before } = attempt;
  const takesSender = target.senders.includes(capture.party.sender.kind);
  const sameLabel = target.service === capture.operation.service;
  const hasBody = bodiesOf(target, version) !== undefined;
  if (!takesSender || !sameLabel || !hasBody) return undefined;
  if (!ground.supportedVersions.includes(version)) return undefined;
  if (home === 'two' && !isKnownAbroad(capture, target)) return undefined;
  const keyEnded =
    endsKey.includes(capture.operation) && ground.layerOf(capture.operation.id) === 'service';
  if (before !== 'intercepted' && keyEnded) return undefined;
  return tokenReasons[attack];
}
