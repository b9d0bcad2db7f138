/**
 * The codec on the structures that are met most. Baseline: copying the bytes once, the least that
 * any encoder must do. Run: `node workloads/bench/codec.bench.ts`.
 */
import { seededRandom } from '../../src/crypto/random.ts';
import { decode, encode, type Codec } from '../../src/protocol/codec/index.ts';
import { operations } from '../../src/protocol/operations/index.ts';
import { request } from '../../src/protocol/wire/envelope.ts';
import { fanOutMessageV2, queueEntry } from '../../src/protocol/wire/queue-messages.ts';
import { compare, print, type Subject } from './interleaved.ts';

const random = seededRandom('codec bench');
const qsCid = () => ({ qs_uid: { user_id: random.bytes(16) }, client_id: random.bytes(16) });
const sealedConfig = () => ({
  kind: 'sealed' as const,
  client_homeserver_domain: 'one.example',
  sealed_config: {
    suite: 1,
    sealed: { enc: random.bytes(32), ciphertext: random.bytes(49) },
    signature: random.bytes(64),
  },
});

function subjectsOf<T>(name: string, codec: Codec<T>, value: T): Subject[] {
  const bytes = encode(codec, value);
  if (!decode(codec, bytes).ok) throw new Error(`${name} does not decode`);
  const label = `${name} (${bytes.length} B)`;
  return [
    { name: `${label}, copy`, run: () => Uint8Array.from(bytes) },
    { name: `${label}, encode`, run: () => encode(codec, value), baseline: `${label}, copy` },
    { name: `${label}, decode`, run: () => decode(codec, bytes), baseline: `${label}, copy` },
  ];
}

print(
  compare([
    ...subjectsOf('Request', request, {
      protocol_version: 2,
      operation: operations.ds.sendMessage.id,
      request_id: random.bytes(16),
      destination: 'one.example',
      body: random.bytes(600),
      auth: {
        kind: 'raw',
        anonymous_token: undefined,
        sender: { kind: 'leaf', group_id: random.bytes(32), leaf_index: 5 },
        timestamp: 1_700_000_000_000,
        offered_versions: [2, 1],
        signature: random.bytes(64),
      },
    }),
    ...subjectsOf('FanOutMessage, 100 sealed configs', fanOutMessageV2, {
      group_id: random.bytes(32),
      client_queue_configs: Array.from({ length: 100 }, sealedConfig),
      message_content: { kind: 'application', message: random.bytes(500) },
    }),
    ...subjectsOf('QueueEntry', queueEntry, {
      kind: 'sealed',
      sequence: 17,
      ciphertext: random.bytes(700),
    }),
    ...subjectsOf('dequeue response of 500', operations.qs.dequeue.bodies[2].response, {
      lane: 1,
      entries: Array.from({ length: 500 }, (_, sequence) => ({
        kind: 'sealed' as const,
        sequence,
        ciphertext: random.bytes(700),
      })),
      remaining: 0,
    }),
    ...subjectsOf('dequeue request', operations.qs.dequeue.bodies[2].request, {
      qs_cid: qsCid(),
      lane: 1,
      sequence_number_start: 9,
      max_message_number: 500,
    }),
  ]),
);
