import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterVersionUnsupported,
  effectiveGroupVersion,
  highestCommonVersion,
  isDowngraded,
  negotiateVersion,
} from './versions.ts';

describe('negotiation', () => {
  test.each([
    [[2, 1], [2, 1], 2],
    [[2, 1], [1], 1],
    [[1], [2, 1], 1],
    [[1, 2], [2, 3], 2],
  ])('client %j, homeserver %j: %i', (client, homeserver, version) => {
    expect(negotiateVersion(client, homeserver)).toEqual({ ok: true, value: version });
  });

  test('without a common version the answer names what is supported', () => {
    expect(negotiateVersion([1], [2])).toEqual({
      ok: false,
      error: { code: 'version_unsupported', fields: { supported: [2] } },
    });
  });

  test('the highest common version is in every list and none higher is', () => {
    const list = fc.array(fc.nat(6), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(list, { minLength: 1, maxLength: 4 }), (lists) => {
        const found = highestCommonVersion(...lists);
        const inAll = (version: number): boolean => lists.every((l) => l.includes(version));
        const all = [0, 1, 2, 3, 4, 5, 6].filter(inAll);
        expect(found).toBe(all.at(-1));
      }),
    );
  });

  test('a group is as new as its oldest member or homeserver', () => {
    const v1 = { versions: [1] };
    const v2 = { versions: [2, 1] };
    expect(effectiveGroupVersion([v2, v2], [[2, 1]])).toBe(2);
    expect(effectiveGroupVersion([v2, v1, v2], [[2, 1]])).toBe(1);
    expect(effectiveGroupVersion([v2, v2], [[2, 1], [1]])).toBe(1);
    expect(effectiveGroupVersion([{ versions: [2] }, v1], [[2, 1]])).toBeUndefined();
  });
});

describe('downgrade', () => {
  test('the homeserver sees it in the signed offer', () => {
    expect(isDowngraded(1, [2, 1], [2, 1])).toBe(true);
    expect(isDowngraded(1, [1], [2, 1])).toBe(false);
    expect(isDowngraded(1, [2, 1], [1])).toBe(false);
    expect(isDowngraded(2, [3, 2, 1], [2, 1])).toBe(false);
  });

  test('the client sees it against the signed document', () => {
    const code = (result: ReturnType<typeof afterVersionUnsupported>): unknown =>
      result.ok ? result.value : result.error.code;
    expect(code(afterVersionUnsupported([2, 1], [1], [2, 1]))).toBe('downgrade_detected');
    expect(code(afterVersionUnsupported([2, 1], [], [2, 1]))).toBe('downgrade_detected');
    expect(code(afterVersionUnsupported([2, 1], [1], [1]))).toBe(1);
    expect(code(afterVersionUnsupported([2], [1], [1]))).toBe('version_unsupported');
  });
});
