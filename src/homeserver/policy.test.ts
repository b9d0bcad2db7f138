import { describe, expect, test } from 'vitest';
import { ValidationError } from '../errors.ts';
import { fullPolicy, makePolicy, policyProblems, todayPolicy } from './policy.ts';

function problemsOf(changes: object): string[] {
  try {
    makePolicy(changes as never, 'server.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    expect(error.problems.every(({ file, remedy }) => file === 'server.yaml' && remedy)).toBe(true);
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('policy', () => {
  test('the specification as it is, and everything at once, make sense', () => {
    expect(policyProblems(todayPolicy)).toEqual([]);
    expect(policyProblems(fullPolicy)).toEqual([]);
    expect(makePolicy({})).toEqual(todayPolicy);
    expect(makePolicy({ limits: { blocklist: 5 } }).limits).toMatchObject({
      blocklist: 5,
      dequeueMessages: 500,
    });
  });

  test('unknown settings, lists and limits are named together', () => {
    const changes = {
      spam: 'maybe',
      auth: 'none',
      suites: { mode: 'any', ranked: [0x0001, 0x9999] },
      versions: [3],
      limits: { dequeueMessages: 501, blocklist: 0, laneBytes: 1.5, addPackages: 2000 },
    };
    expect(problemsOf(changes)).toEqual([
      'spam: unknown setting "maybe"',
      'auth: unknown setting "none"',
      'suites.mode: unknown setting',
      'versions: not a list of spoken versions',
      'suites.ranked: unknown suite 39321',
      'limits.laneBytes: 1.5 is not a positive integer',
      'limits.blocklist: 0 is not a positive integer',
      "limits.dequeueMessages: 501 messages per dequeue exceed the specification's 500",
      'limits.addPackages: 2000 AddPackages do not fit a request',
    ]);
  });

  test('an unlimited lane is a limit too', () => {
    expect(problemsOf({ limits: { laneMessages: Infinity } })).toEqual([]);
  });

  test('ideas that need v2 are refused without it, all at once', () => {
    const { identity, queueConfig, spam, auth, reinit } = fullPolicy;
    expect(problemsOf({ identity, queueConfig, spam, auth, reinit, versions: [1] })).toEqual([
      'identity: identified groups need protocol version 2',
      'queueConfig: plain queue configs need protocol version 2',
      'spam: lanes need protocol version 2',
      'auth: signatures over the request need protocol version 2',
      'reinit: re-initialization need protocol version 2',
    ]);
  });

  test('versions and suites that are bound to each other must be as many', () => {
    const suites = { mode: 'version-bound', ranked: [1] };
    expect(problemsOf({ versions: [2, 1], suites })).toEqual(['suites: 2 versions bind 1 suites']);
    expect(problemsOf({ versions: [1], suites })).toEqual([]);
  });
});
