/**
 * Enqueue per recipient (sealed, plain), dequeue of 500, and the owner's opening of them, each
 * against the bare node:crypto calls it needs, in the same run. Goal: within 15 %.
 * Run: `node workloads/bench/qs.bench.ts`.
 *
 * Everything the homeserver does is inside: decoding the outbox entry, reading and writing the
 * memory store, records, ratchet, counters. Bare calls have their keys and inputs prepared.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import { seededRandom } from '../../src/crypto/random.ts';
import { cryptoSuites } from '../../src/crypto/suites.ts';
import { makeInProcess, type InProcess } from '../../src/homeserver/in-process.ts';
import { makePolicy } from '../../src/homeserver/policy.ts';
import { fanOut, queuingService } from '../../src/homeserver/qs/index.ts';
import { now, TestClient } from '../../src/homeserver/qs/test-client.ts';
import { qsOperations } from '../../src/protocol/operations/qs.ts';
import { newReader, openEntry } from '../../src/protocol/queue-ratchet.ts';
import { lanes } from '../../src/protocol/wire/identifiers.ts';
import type { QueueEntry } from '../../src/protocol/wire/queue-messages.ts';
import { makeDisk, memoryStore, type MemoryDisk } from '../../src/store/memory.ts';
import { compare, print, type Subject } from './interleaved.ts';

const domain = 'one.example';
const nowMs = 1_700_000_000_000;
const messageBytes = 1000;
const random = seededRandom('qs bench');
const one = Uint8Array.of(1);

// ---- the bare calls

const key16 = random.bytes(16);
const key32 = random.bytes(32);
const nonce = random.bytes(12);
const aad = random.bytes(9);
const info = random.bytes(40);
const message = random.bytes(messageBytes);
const options = { authTagLength: 16 } as const;

const mac = (data: Uint8Array): Buffer => createHmac('sha256', key32).update(data).digest();
const expand = (): Buffer => createHmac('sha256', key32).update(info).update(one).digest();

function seal(data: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-gcm', key16, nonce, options);
  cipher.setAAD(aad);
  cipher.update(data);
  cipher.final();
  return cipher.getAuthTag();
}

const tagOf = (data: Uint8Array): { readonly body: Buffer; readonly tag: Buffer } => {
  const cipher = createCipheriv('aes-128-gcm', key16, nonce, options);
  cipher.setAAD(aad);
  const body = cipher.update(data);
  cipher.final();
  return { body, tag: cipher.getAuthTag() };
};

function open({ body, tag }: ReturnType<typeof tagOf>): void {
  const decipher = createDecipheriv('aes-128-gcm', key16, nonce, options);
  decipher.setAuthTag(tag);
  decipher.setAAD(aad);
  decipher.update(body);
  decipher.final();
}

const recipient = createPrivateKey({
  key: random.bytes(32),
  format: 'raw-private',
  asymmetricKeyType: 'x25519',
});
const encBytes = createPublicKey(
  createPrivateKey({ key: random.bytes(32), format: 'raw-private', asymmetricKeyType: 'x25519' }),
).export({ format: 'raw-public' });
const sealedConfig = tagOf(random.bytes(60));
const configBytes = random.bytes(230);

function importEnc() {
  return createPublicKey({ key: encBytes, format: 'raw-public', asymmetricKeyType: 'x25519' });
}

/** HPKE's open: one agreement, six HMACs of KEM and key schedule, one decryption. */
function hpkeOpen(): void {
  diffieHellman({ privateKey: recipient, publicKey: importEnc() });
  for (let i = 0; i < 6; i++) mac(info);
  open(sealedConfig);
}

/**
 * The update of the ratchet, once in 100 messages: a key pair, an agreement, eight HMACs, a seal.
 */
function ratchetUpdate(): void {
  const ephemeral = createPrivateKey({
    key: random.bytes(32),
    format: 'raw-private',
    asymmetricKeyType: 'x25519',
  });
  createPublicKey(ephemeral).export({ format: 'raw-public' });
  diffieHellman({ privateKey: ephemeral, publicKey: importEnc() });
  for (let i = 0; i < 8; i++) mac(info);
  seal(key32);
}

let enqueued = 0;
/** Per recipient: the group's tag, two keys of the ratchet, one encryption. */
function bareEnqueue(sealed: boolean): void {
  if (sealed) {
    hpkeOpen();
    createHash('sha256').update(configBytes).digest();
  }
  mac(info);
  expand();
  expand();
  seal(message);
  if (enqueued++ % 100 === 0) ratchetUpdate();
}

// ---- the homeserver

function serverOn(disk: MemoryDisk, discardWrites = false): InProcess {
  const store = memoryStore({ disk });
  const unlimited = { configMessagesPerHour: Infinity, queueMessagesPerHour: Infinity };
  return makeInProcess({
    domain,
    policy: makePolicy({
      versions: [2],
      auth: 'raw',
      queueConfig: 'plain-when-local',
      spam: 'categories',
      limits: { ...unlimited, laneMessages: Infinity, laneBytes: Infinity },
    }),
    store: discardWrites ? { ...store, write: () => 'written' } : store,
    services: [queuingService],
    now: () => nowMs,
  });
}

/** Delivery of one message to `count` queues; settles what it puts, so the outbox stays short. */
function enqueueSubjects(kind: 'sealed' | 'plain', count: number): Subject[] {
  const disk = makeDisk();
  const server = serverOn(disk);
  const store = memoryStore({ disk });
  const configs = Array.from({ length: count }, (_, i) => {
    const client = new TestClient(`c${i}`, { server: () => server, now: () => nowMs }).register();
    return kind === 'sealed' ? client.sealedConfig() : client.plainConfig();
  });
  const content = { kind: 'application', message } as const;
  const group_id = random.bytes(32);
  const outbox = fanOut(
    { group_id, client_queue_configs: configs, message_content: content },
    server,
  );
  const run = (): void => {
    store.write({ outbox });
    server.drain();
  };
  run();
  const before = server.counts.get('qs.enqueued.ham');
  if (before !== count) throw new Error(`${before} of ${count} enqueued`);
  const name = `enqueue ${kind}, ${count} recipients`;
  const bare = (): void => {
    for (let i = 0; i < count; i++) bareEnqueue(kind === 'sealed');
  };
  // The same step again and again, on a disk that stays as it is: without what keeping messages costs.
  const still = makeDisk();
  Object.assign(still, { cells: disk.cells, outbox: new Map() });
  memoryStore({ disk: still }).write({ outbox });
  const destination = outbox[0]?.destination ?? '';
  const discarding = serverOn(still, true);
  const step = (): unknown => discarding.shell.deliver(destination);
  return [
    { name: `${name}, bare`, run: bare },
    { name, run, baseline: `${name}, bare` },
    { name: `${name}, writes discarded`, run: step, baseline: `${name}, bare` },
  ];
}

function queueOf500() {
  const disk = makeDisk();
  const server = serverOn(disk);
  const client = new TestClient('owner', { server: () => server, now: () => nowMs }).register();
  const store = memoryStore({ disk });
  for (let i = 0; i < 520; i++) {
    const content = { kind: 'application', message } as const;
    const client_queue_configs = [client.plainConfig()];
    const group_id = Uint8Array.of(1);
    store.write({
      outbox: fanOut({ group_id, client_queue_configs, message_content: content }, server),
    });
  }
  server.drain();
  return { disk, client };
}

function dequeueSubjects(): Subject[] {
  const { disk, client } = queueOf500();
  // The same request state again and again: what it would delete is not deleted.
  const server = serverOn(disk, true);
  const body = {
    qs_cid: client.cid,
    lane: lanes.ham,
    sequence_number_start: 5,
    max_message_number: 500,
  };
  const requests = Array.from({ length: 6000 }, () => client.encoded(qsOperations.dequeue, body));
  let next = 0;
  const run = (): void => {
    const answer = now(server.request(requests[next++] ?? new Uint8Array()));
    if (answer.length < 500 * messageBytes) throw new Error('not 500 entries');
  };
  run();
  const pair = generateKeyPairSync('ed25519');
  const content = (requests[0] ?? message).subarray(0, -66);
  const signature = sign(null, content, pair.privateKey);
  const entries = Array.from({ length: 500 }, () => random.bytes(messageBytes + 60));
  const copy = (): Uint8Array => {
    const out = new Uint8Array(500 * (messageBytes + 60));
    entries.forEach((entry, i) => out.set(entry, i * entry.length));
    return out;
  };
  const bare = (): boolean => verify(null, content, pair.publicKey, signature);
  const twice = (): void => {
    bare();
    copy();
    copy();
  };
  return [
    { name: 'dequeue 500, bare verification', run: bare },
    { name: 'dequeue 500, bare verification and two copies', run: twice },
    { name: 'dequeue 500', run, baseline: 'dequeue 500, bare verification and two copies' },
  ];
}

function openSubjects(): Subject[] {
  const { client } = queueOf500();
  const body = {
    qs_cid: client.cid,
    lane: lanes.ham,
    sequence_number_start: 0,
    max_message_number: 500,
  };
  const { entries } = client.must(qsOperations.dequeue, body);
  const run = (): void => {
    let reader = newReader(lanes.ham);
    for (const entry of entries as readonly QueueEntry[]) {
      const opened = openEntry(reader, entry, client.queueKeys, (n) => cryptoSuites.get(n));
      if (!opened.ok) throw new Error(opened.fault);
      reader = opened.reader;
    }
  };
  const sealed = tagOf(random.bytes(messageBytes + 20));
  const bare = (): void => {
    for (const entry of entries) {
      if (entry.kind === 'ratchetUpdate') {
        hpkeOpen();
        expand();
        mac(info);
        continue;
      }
      expand();
      expand();
      open(sealed);
    }
  };
  return [
    { name: 'owner opens 500, bare', run: bare },
    { name: 'owner opens 500', run, baseline: 'owner opens 500, bare' },
  ];
}

print(compare(enqueueSubjects('sealed', 1)));
print(compare(enqueueSubjects('sealed', 64)));
print(compare(enqueueSubjects('plain', 1)));
print(compare(enqueueSubjects('plain', 64)));
print(compare(dequeueSubjects()));
print(compare(openSubjects()));
