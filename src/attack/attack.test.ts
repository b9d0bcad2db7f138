import { describe, expect, test } from 'vitest';
import { allOperations, operations } from '../protocol/operations/index.ts';
import { attackNames, attemptsOn, type Attempt } from './attacks.ts';
import { expectedReason } from './expected.ts';
import { runAttacks } from './run.ts';
import { makeSetting } from './setting.ts';
import { formatMatrix, summarise } from './summary.ts';
import type { Scheme } from './types.ts';

/** The command line tries four times as many; what is found is the same. */
const few = { mutations: 40 };
const schemes = ['token', 'reencoded', 'raw'] as const satisfies readonly Scheme[];
const reports = Object.fromEntries(
  schemes.map((scheme) => [scheme, runAttacks(scheme, makeSetting(scheme, few))]),
) as Readonly<Record<Scheme, ReturnType<typeof runAttacks>>>;

const signed = allOperations.filter(({ senders }) => senders.length > 0);

describe.each(schemes)('scheme %s', (scheme) => {
  const report = reports[scheme];

  test('every operation that takes a signature is attacked, by everything that applies', () => {
    const names = signed.map(({ service, name }) => `${service}/${name}`);
    expect(report.operations).toEqual(names);
    for (const operation of names) {
      const tried = report.findings.filter((finding) => finding.operation === operation);
      const attacks = new Set(tried.map(({ attack }) => attack));
      const missing = attackNames.filter((attack) => !attacks.has(attack));
      const optional = [
        'other-body',
        'other-subject',
        'other-version',
        'stripped-offer',
        'token-of-v1',
      ];
      expect(optional, operation).toEqual(expect.arrayContaining(missing));
    }
  });

  test('the admitted set is exactly the expected one, in both directions', () => {
    expect(report.deviations).toEqual([]);
  });

  test('requests are refused for reasons of authentication, not because they are malformed', () => {
    const codes = new Set(
      report.findings
        .filter(({ attack }) => attack !== 'mutated-bytes')
        .flatMap(({ refusals }) => Object.keys(refusals)),
    );
    expect(codes).not.toContain('malformed_request');
    expect(codes).not.toContain('internal_error');
  });
});

test.each(['reencoded', 'raw'] as const)('%s admits nothing at all', (scheme) => {
  const summary = summarise(reports[scheme]);
  expect(summary.admitted).toEqual([]);
  expect(summary.attempts).toBeGreaterThan(3000);
});

test('raw refuses each attack by the check that is meant for it', () => {
  const codesOf = (attack: string) =>
    new Set(
      reports.raw.findings
        .filter((finding) => finding.attack === attack && finding.operation === 'qs/dequeue')
        .flatMap(({ refusals }) => Object.keys(refusals)),
    );
  expect(codesOf('other-body')).toEqual(new Set(['bad_signature']));
  expect(codesOf('other-subject')).toEqual(new Set(['bad_signature']));
  expect(codesOf('token-of-v1')).toEqual(new Set(['auth_scheme_not_accepted']));
  expect(codesOf('other-destination')).toEqual(new Set(['bad_signature']));
  expect(codesOf('sent-elsewhere')).toEqual(new Set(['wrong_destination']));
  expect(codesOf('other-request-id')).toEqual(new Set(['bad_signature']));
  expect(codesOf('replay-at-once')).toEqual(new Set(['replayed']));
  expect(codesOf('replay-in-window')).toEqual(new Set(['replayed']));
  expect(codesOf('replay-fast-clock')).toEqual(new Set(['replayed']));
  expect(codesOf('replay-after-window')).toEqual(new Set(['request_expired']));
  expect(codesOf('replay-clock-set-back')).toEqual(new Set(['request_expired']));
  expect(codesOf('replay-after-restart')).toEqual(new Set(['request_expired']));
});

test('token: what is lifted is executed, where the service is there to execute it', () => {
  const { admitted } = summarise(reports.token);
  const find = (operation: string, attack: string) =>
    admitted.find((each) => each.operation === operation && each.attack === attack);
  const lifted = find('qs/dequeue', 'other-operation');
  expect(lifted?.targets).toContain('qs/delete-client-record');
  expect(lifted?.executed).toBe(lifted?.attempts);
  expect(find('ds/send-message', 'other-operation')?.targets).toContain('ds/update-queue-info');
  expect(find('as/issue-tokens', 'replay-at-once')?.executed).toBe(2);
  // Abroad, only token issuance knows the clients of another AS.
  expect(find('as/issue-tokens', 'other-destination')).toBeDefined();
  expect(find('as/update-user-profile', 'other-destination')).toBeUndefined();
  // What ends the key cannot be replayed.
  expect(find('qs/delete-user-record', 'replay-at-once')).toBeUndefined();
});

describe('the tester is tested', () => {
  test('a homeserver that forgets replays is found', () => {
    const setting = makeSetting('raw');
    const forgetful = { ...setting.one, copy: () => forgetfulCopy(setting.one.copy()) };
    const report = runAttacks('raw', { ...setting, one: forgetful, captures: some(setting) });
    const attacks = new Set(report.deviations.map(({ attack }) => attack));
    expect([...attacks]).toEqual([
      'replay-at-once',
      'replay-in-window',
      'replay-fast-clock',
      'replay-clock-set-back',
    ]);
    expect(report.deviations.every(({ kind }) => kind === 'admitted-unexpectedly')).toBe(true);
  });

  test('a homeserver that admits less than tokens allow is found', () => {
    const setting = makeSetting('token');
    const strict = makeSetting('token', { policy: { limits: { tokenAgeMs: 60_000 } } });
    const captures = some(strict).map((capture) => ({ ...capture }));
    const situation = { ...strict, captures, situation: setting.situation };
    const { deviations } = runAttacks('token', situation);
    const found = new Set(deviations.map(({ kind, attack }) => `${kind} ${attack}`));
    expect(found).toContain('refused-unexpectedly replay-after-window');
    expect(found).toContain('refused-unexpectedly replay-in-window');
    expect(found).not.toContain('refused-unexpectedly other-body');
  });

  const some = ({ captures }: ReturnType<typeof makeSetting>) =>
    captures.filter(
      ({ operation, version }) => operation === operations.qs.getUserRecord && version === 2,
    );
  /** A homeserver whose replay cache is empty at every request. */
  function forgetfulCopy(home: ReturnType<typeof makeSetting>['one']): typeof home {
    return { ...home, serve: (bytes, nowMs) => home.copy().serve(bytes, nowMs) };
  }
});

test('attacks are what they say: each changes what it names and keeps the signature', () => {
  const setting = makeSetting('token');
  const capture = setting.captures.find(({ operation }) => operation === operations.qs.dequeue)!;
  const attempts = attemptsOn(capture, setting.situation(capture));
  const of = (attack: string): readonly Attempt[] => attempts.filter((a) => a.attack === attack);
  expect(of('replay-at-once')[0]?.bytes).toEqual(capture.bytes);
  expect(of('other-operation')).toHaveLength(
    signed.filter(({ bodies, id }) => 2 in bodies && id !== capture.operation.id).length,
  );
  for (const attack of ['other-body', 'other-subject', 'other-version'] as const) {
    const bytes = of(attack)[0]?.bytes ?? new Uint8Array();
    expect(bytes).not.toEqual(capture.bytes);
    expect(bytes.subarray(-64)).toEqual(capture.bytes.subarray(-64));
  }
  const whole = of('mutated-bytes');
  expect(new Set(whole.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(
    whole.length,
  );
});

test('nothing but the token scheme is expected to admit anything', () => {
  const setting = makeSetting('raw');
  for (const capture of setting.captures) {
    for (const attempt of attemptsOn(capture, setting.situation(capture))) {
      expect(expectedReason(capture, attempt, setting.ground)).toBeUndefined();
    }
  }
});

test('equal schemes give equal reports; the matrix names all operations and attacks', () => {
  expect(runAttacks('raw', makeSetting('raw', few))).toEqual(reports.raw);
  const matrix = formatMatrix(reports.token);
  for (const operation of reports.token.operations) expect(matrix).toContain(`\n${operation}`);
  for (const attack of attackNames) expect(matrix).toContain(`  ${attack}: `);
  expect(matrix).toContain('The admitted set is exactly the expected one.');
  expect(matrix).not.toMatch(/^(as|qs|ds|fed).*!/m);
});
