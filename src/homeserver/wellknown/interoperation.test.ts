/**
 * The interoperation matrix (idea 6): clients and homeservers that speak v1, v2 or both. What both
 * sides can do must work, in the highest version both speak; what must be refused is refused
 * with the code that the protocol states.
 */
import { describe, expect, test } from 'vitest';
import { makeSetting, type Setting } from '../../attack/setting.ts';
import { ed25519 } from '../../crypto/signature.ts';
import { plainRequest, signRequest } from '../../protocol/auth/sign.ts';
import { decode, encode } from '../../protocol/codec/index.ts';
import { allOperations, bodiesOf, operations } from '../../protocol/operations/index.ts';
import { errorOf } from '../../protocol/protocol-error.ts';
import {
  afterVersionUnsupported,
  effectiveGroupVersion,
  negotiateVersion,
} from '../../protocol/versions.ts';
import { response } from '../../protocol/wire/envelope.ts';
import type { ProtocolVersion } from '../../protocol/wire/identifiers.ts';
import { twoWorlds, texts } from '../qs/test-world.ts';
import type { PolicyChanges } from '../policy.ts';

type Kind = 'v1' | 'v2' | 'mixed';
const kinds = ['v1', 'v2', 'mixed'] as const;
const versionsOf: Readonly<Record<Kind, readonly ProtocolVersion[]>> = {
  v1: [1],
  v2: [2],
  mixed: [2, 1],
};

const settings: Readonly<Record<Kind, Setting>> = {
  v1: makeSetting('token', { policy: { versions: [1] } }),
  v2: makeSetting('raw', { policy: { versions: [2] } }),
  mixed: makeSetting('raw', { policy: { versions: [2, 1] } }),
};

const pairs = kinds.flatMap((client) => kinds.map((server) => [client, server] as const));
const signed = allOperations.filter(
  ({ service, senders }) => senders.length > 0 && service !== 'ds',
);
let serial = 0;
const nextId = (): Uint8Array => {
  serial++;
  return Uint8Array.from({ length: 16 }, (_, i) => (i < 12 ? 7 : serial >> (8 * (15 - i))));
};

/** The answer to every signed operation, sent in `version` as a client of `kind` would. */
function answers(kind: Kind, setting: Setting, version: ProtocolVersion): Map<string, string> {
  const codes = new Map<string, string>();
  for (const operation of signed) {
    const { victim } = setting.parties[operation.senders[0]!];
    const capture = { ...setting.captures[0]!, operation, party: victim };
    const { nowMs, body } = setting.situation(capture);
    const has = bodiesOf(operation, version) !== undefined;
    // An operation that the version does not have is asked for all the same, with v2's body.
    const bytes = body(operation, has ? version : 2, victim, 0);
    const request = signRequest(
      {
        version,
        operation,
        requestId: nextId(),
        destination: 'one.example',
        body: bytes ?? new Uint8Array(),
      },
      {
        scheme: version === 1 ? 'token' : 'raw',
        sender: victim.sender,
        signature: ed25519,
        privateKey: victim.key.privateKey,
        nowMs,
        offeredVersions: versionsOf[kind],
      },
    );
    codes.set(
      `${operation.service}/${operation.name}`,
      setting.one.copy().serve(request, nowMs).code,
    );
  }
  return codes;
}

describe.each(pairs)('a %s client with a %s homeserver', (client, server) => {
  const setting = settings[server];
  const negotiated = negotiateVersion(versionsOf[client], versionsOf[server]);

  test('does everything that both can do, in the highest common version', () => {
    if (!negotiated.ok) {
      expect([client, server].sort()).toEqual(['v1', 'v2']);
      return;
    }
    const version = negotiated.value as ProtocolVersion;
    expect(version).toBe([client, server].includes('v1') ? 1 : 2);
    for (const [name, code] of answers(client, setting, version)) {
      const operation = signed.find((o) => name === `${o.service}/${o.name}`)!;
      const expected = bodiesOf(operation, version) === undefined ? 'unknown_operation' : 'ok';
      expect(code, name).toBe(expected);
    }
  });

  test('is refused in every version that the homeserver does not speak, and told which', () => {
    const refused = versionsOf[client].filter((v) => !versionsOf[server].includes(v));
    for (const version of refused) {
      const codes = new Set(answers(client, setting, version).values());
      expect(codes).toEqual(new Set(['version_unsupported']));
    }
    expect(refused.length > 0).toBe(client !== server && server !== 'mixed');
  });

  test('reads what is public without a signature', () => {
    if (!negotiated.ok) return;
    const version = negotiated.value as ProtocolVersion;
    const { verifyingKey, configEncryptionKey } = operations.qs;
    for (const operation of [operations.as.credentials, verifyingKey, configEncryptionKey]) {
      const draft = { version, operation, requestId: nextId(), destination: 'one.example' };
      const bytes = plainRequest({ ...draft, body: new Uint8Array() });
      const { nowMs } = setting.situation(setting.captures[0]!);
      const answer = setting.one.ask(bytes, nowMs);
      const envelope = decode(response, answer.response);
      if (!envelope.ok) throw envelope.error;
      expect(envelope.value.protocol_version).toBe(version);
      const reply = decode(bodiesOf(operation, version)!.response, envelope.value.body);
      expect(reply.ok, operation.name).toBe(true);
    }
  });
});

const policies: Readonly<Record<Kind, PolicyChanges>> = {
  v1: { versions: [1], auth: 'token', queueConfig: 'sealed', spam: 'off' },
  v2: { versions: [2] },
  mixed: { versions: [2, 1] },
};

describe.each(pairs)('a message from a %s homeserver to a %s one', (from, to) => {
  test('arrives in the highest common version, or waits where there is none', () => {
    const [one, two] = twoWorlds({ policy: policies[from] }, { policy: policies[to] });
    const recipients = versionsOf[to].map((version) => two.member(`r${version}`, { version }));
    one.send(
      'hello',
      'group',
      recipients.map((recipient) => recipient.sealedConfig()),
    );
    two.drain();
    const common = negotiateVersion(versionsOf[from], versionsOf[to]);
    const got = recipients.map((recipient) => texts(recipient));
    expect(got).toEqual(recipients.map(() => (common.ok ? ['hello'] : [])));
    expect(one.count('qs.forwarded')).toBe(common.ok ? 1 : 0);
    const waiting = one.openStore().destinations() as readonly string[];
    expect(waiting.some((name) => name.startsWith('remote/'))).toBe(!common.ok);
  });
});

describe('downgrade', () => {
  test('an answer that hides the version both speak is found by the client', () => {
    // Somebody between answers `version_unsupported` in the homeserver's place.
    const forged = encode(response, {
      protocol_version: 1,
      request_id: new Uint8Array(16),
      status: 0x0002,
      body: Uint8Array.of(2, 0, 1),
    });
    const decoded = decode(response, forged);
    if (!decoded.ok) throw decoded.error;
    const error = errorOf(decoded.value);
    if (error?.code !== 'version_unsupported') throw new Error('not the answer');
    const { supported } = error.fields;
    const documented = settings.mixed.one.options.policy.versions;
    const outcome = afterVersionUnsupported([2, 1], supported, documented);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'downgrade_detected' } });
    // The same answer of a homeserver that documents v1 only is honest.
    expect(afterVersionUnsupported([2, 1], supported, [1])).toEqual({ ok: true, value: 1 });
  });

  test('a v2 signature is worth nothing in v1, although the homeserver speaks both', () => {
    const setting = settings.mixed;
    const capture = setting.captures.find((c) => c.operation === operations.qs.dequeue)!;
    const { nowMs } = setting.situation(capture);
    const stripped = Uint8Array.from(capture.bytes);
    stripped[1] = 1;
    expect(setting.one.copy().serve(stripped, nowMs).code).toBe('auth_scheme_not_accepted');
  });

  test('a stripped offer of versions breaks the signature', () => {
    const setting = settings.mixed;
    const capture = setting.captures.find((c) => c.operation === operations.qs.dequeue)!;
    const { nowMs } = setting.situation(capture);
    const at = capture.bytes.length - 66 - 5;
    // `<V>` of two versions: 4 0002 0001, in front of the signature.
    expect([...capture.bytes.subarray(at, at + 5)]).toEqual([4, 0, 2, 0, 1]);
    const stripped = Uint8Array.from(capture.bytes);
    stripped[at + 2] = 1;
    expect(setting.one.copy().serve(stripped, nowMs).code).toBe('bad_signature');
  });
});

describe("a group's effective version", () => {
  const leaf = (kind: Kind) => ({ versions: versionsOf[kind] });
  test.each(pairs)('with a mixed member and a %s one, on a %s homeserver', (member, server) => {
    const version = effectiveGroupVersion([leaf('mixed'), leaf(member)], [versionsOf[server]]);
    const common = negotiateVersion(versionsOf[member], versionsOf[server]);
    expect(version).toBe(common.ok ? common.value : undefined);
  });

  test('falls to v1 with the first v1 member, and rises when it has left', () => {
    const homeservers = [versionsOf.mixed, versionsOf.mixed];
    const two = [leaf('mixed'), leaf('mixed')];
    expect(effectiveGroupVersion(two, homeservers)).toBe(2);
    expect(effectiveGroupVersion([...two, leaf('v1')], homeservers)).toBe(1);
    expect(effectiveGroupVersion(two, [...homeservers, versionsOf.v1])).toBe(1);
    expect(effectiveGroupVersion([...two, leaf('v2')], homeservers)).toBe(2);
    // A v1 and a v2 client have nothing in common: neither may be added beside the other.
    expect(effectiveGroupVersion([leaf('v1'), leaf('v2')], homeservers)).toBeUndefined();
  });
});
