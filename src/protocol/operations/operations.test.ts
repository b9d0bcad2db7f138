import { describe, expect, test } from 'vitest';
import {
  allOperations,
  bodiesOf,
  operationById,
  operationByPath,
  operations,
  pathOf,
} from './index.ts';

describe('the table of operations', () => {
  test('numbers and paths are unique, and lead back', () => {
    expect(new Set(allOperations.map((operation) => operation.id)).size).toBe(allOperations.length);
    for (const operation of allOperations) {
      expect(operationById(operation.id)).toBe(operation);
      expect(operationByPath(pathOf(operation, 2))).toEqual({ operation, version: 2 });
    }
    expect(operationById(0x9999)).toBeUndefined();
    expect(operationByPath('/v2/ds/fly')).toBeUndefined();
    expect(operationByPath('/v2/ds/send-message/../delete-group')).toBeUndefined();
  });

  test('v1 is the specification: no lanes, no re-initialization, sealed configs only', () => {
    const missing = allOperations.filter((operation) => bodiesOf(operation, 1) === undefined);
    expect(missing.map((operation) => operation.name)).toEqual([
      'announce-reinit',
      'commit-reinit',
      'create-successor',
      'set-policy',
      'accept-group',
    ]);
    expect(allOperations.every((operation) => bodiesOf(operation, 2) !== undefined)).toBe(true);
    expect(bodiesOf(operations.qs.dequeue, 3)).toBeUndefined();
  });

  test('every service has its own range of numbers', () => {
    const ranges = { ds: 1, qs: 2, as: 3, federation: 4, 'well-known': 5 };
    for (const operation of allOperations) {
      expect(operation.id >> 8).toBe(ranges[operation.service]);
    }
  });
});
