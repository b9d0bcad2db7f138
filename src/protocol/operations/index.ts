/** All operations of the homeserver protocol, by name, by number and by path. */
import { asOperations } from './as.ts';
import { dsOperations } from './ds.ts';
import { federationOperations, wellKnownOperations } from './federation.ts';
import type { AnyBodies, Operation } from './operation.ts';
import { qsOperations } from './qs.ts';

export type { Bodies, Operation, Service } from './operation.ts';

export const operations = {
  ds: dsOperations,
  qs: qsOperations,
  as: asOperations,
  federation: federationOperations,
  wellKnown: wellKnownOperations,
} as const;

export const allOperations: readonly Operation[] = Object.values(operations).flatMap((table) =>
  Object.values<Operation>(table),
);

const byId = new Map(allOperations.map((operation) => [operation.id, operation]));
const byPath = new Map(
  allOperations.map((operation) => [`${operation.service}/${operation.name}`, operation]),
);

/** The operation of a number on the wire. */
export function operationById(id: number): Operation | undefined {
  return byId.get(id);
}

/** Bodies of an operation in a version, or undefined when that version does not have it. */
export function bodiesOf(operation: Operation, version: number): AnyBodies | undefined {
  return version === 1 || version === 2 ? operation.bodies[version] : undefined;
}

/** Path of an operation: `/v2/ds/send-message`. */
export function pathOf(operation: Operation, version: number): string {
  return `/v${version}/${operation.service}/${operation.name}`;
}

/** The operation and version of a path, or undefined when there is none. */
export function operationByPath(
  path: string,
): { readonly operation: Operation; readonly version: number } | undefined {
  const match = /^\/v(\d{1,5})\/([a-z-]+\/[a-z-]+)$/.exec(path);
  const operation = byPath.get(match?.[2] ?? '');
  return operation === undefined ? undefined : { operation, version: Number(match?.[1]) };
}
