import { expect, test } from 'vitest';
import { seededRandom } from '../../crypto/random.ts';
import { ed25519 } from '../../crypto/signature.ts';
import { pickFrom } from '../fuzz.ts';
import { signatureSchemes } from '../wire/identifiers.ts';
import { clientQueueConfigV1 } from '../wire/queue-config.ts';
import { admitQsToQs, signQsToQs } from './federation.ts';

const random = seededRandom('federation');
const keys = ed25519.generateKeyPair(random);
const key = { scheme: signatureSchemes.ed25519, key: keys.publicKey };
const sealed = clientQueueConfigV1.sample(pickFrom(1));
const common = { source: 'a.example', destination: 'b.example' };
const payload = {
  group_id: Uint8Array.of(1),
  message_content: { kind: 'commit', message: Uint8Array.of(2) },
} as const;
const v1 = {
  version: 1,
  message: { ...common, payload: { ...payload, client_queue_configs: [sealed] } },
} as const;
const plain = {
  kind: 'plain',
  client_homeserver_domain: 'b.example',
  queue_config: {
    option_push_token_key: undefined,
    pseudonymous_client_id: { qs_uid: { user_id: random.bytes(16) }, client_id: random.bytes(16) },
  },
} as const;

test('a signed message is admitted by its destination only, and v1 becomes v2', () => {
  const signature = signQsToQs(v1, ed25519, keys.privateKey);
  const admit = (content: typeof v1, domain = 'b.example', known = key) =>
    admitQsToQs(content, signature, domain, (source) =>
      source === 'a.example' ? known : undefined,
    );
  const admitted = admit(v1);
  expect(admitted.ok && admitted.value.payload.client_queue_configs[0]).toEqual({
    kind: 'sealed',
    ...sealed,
  });
  const code = (result: typeof admitted): string => (result.ok ? 'ok' : result.error.code);
  expect(code(admit(v1, 'c.example'))).toBe('wrong_destination');
  const from = (source: string) => ({ ...v1, message: { ...v1.message, source } });
  expect(code(admit(from('z.example')))).toBe('remote_signature_invalid');
  const other = { ...key, key: ed25519.generateKeyPair(random).publicKey };
  expect(code(admit(v1, 'b.example', other))).toBe('remote_signature_invalid');
});

test('a plain queue config is refused between homeservers', () => {
  const content = {
    version: 2,
    message: { ...common, payload: { ...payload, client_queue_configs: [plain] } },
  } as const;
  const signature = signQsToQs(content, ed25519, keys.privateKey);
  const result = admitQsToQs(content, signature, 'b.example', () => key);
  expect(result.ok ? 'ok' : result.error.code).toBe('plain_config_from_remote');
});
