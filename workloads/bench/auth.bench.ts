/**
 * Verification of a request under each scheme against the bare signature verification of
 * node:crypto over the same bytes. Goal: within 15 %. Run: `node workloads/bench/auth.bench.ts`.
 */
import { createPublicKey, verify } from 'node:crypto';
import { seededRandom } from '../../src/crypto/random.ts';
import {
  ecdsaP256,
  ed25519,
  signContent,
  type SignatureScheme,
} from '../../src/crypto/signature.ts';
import { makeReplayCache, type ReplayCache } from '../../src/protocol/auth/replay-cache.ts';
import { requestLabels, tokenLabels } from '../../src/protocol/auth/schemes.ts';
import { signRequest, type RequestSigner } from '../../src/protocol/auth/sign.ts';
import { defaultAuthPolicy, verifyRequest } from '../../src/protocol/auth/verify.ts';
import { decode, encode } from '../../src/protocol/codec/index.ts';
import { operations } from '../../src/protocol/operations/index.ts';
import { authTokenTbs, type Sender } from '../../src/protocol/wire/authentication.ts';
import { request } from '../../src/protocol/wire/envelope.ts';
import { signatureSchemes } from '../../src/protocol/wire/identifiers.ts';
import { compare, print, type Subject } from './interleaved.ts';

const nowMs = 1_700_000_000_000;
const random = seededRandom('auth bench');
const policy = { ...defaultAuthPolicy, domain: 'one.example' };
const group = random.bytes(32);
const sender: Sender = { kind: 'leaf', group_id: group, leaf_index: 4 };
const operation = operations.ds.sendMessage;

/** Admits everything: a benchmark verifies the same request again and again. */
const forgetful: ReplayCache = {
  ...makeReplayCache({ windowMs: 1, capacity: 1 }),
  check: () => 'fresh',
  admit: () => 'fresh',
};

function subjectsOf(scheme: SignatureScheme, messageBytes: number): Subject[] {
  const { privateKey, publicKey } = scheme.generateKeyPair(random);
  const key = {
    scheme: signatureSchemes[scheme === ed25519 ? 'ed25519' : 'ecdsaP256'],
    key: publicKey,
  };
  const raw = { key: publicKey, format: 'raw-public' } as const;
  const imported =
    scheme === ed25519
      ? createPublicKey({ ...raw, asymmetricKeyType: 'ed25519' })
      : createPublicKey({ ...raw, asymmetricKeyType: 'ec', namedCurve: 'P-256' });
  const hash = scheme === ed25519 ? null : 'sha256';
  const body = encode(operation.bodies[2].request, {
    group_id: group,
    group_state_ear_key: random.bytes(32),
    application_message: random.bytes(messageBytes),
  });
  return (['token', 'reencoded', 'raw'] as const).flatMap((name) => {
    const draft = {
      version: 2,
      operation,
      requestId: random.bytes(16),
      destination: policy.domain,
      body,
    };
    const signer: RequestSigner = {
      scheme: name,
      sender,
      signature: scheme,
      privateKey,
      nowMs,
      offeredVersions: [2, 1],
    };
    const bytes = signRequest(draft, signer);
    const decoded = decode(request, bytes);
    if (!decoded.ok || decoded.value.auth.kind === 'none') throw new Error('not signed');
    const { signature } = decoded.value.auth;
    const content =
      name === 'token'
        ? signContent(tokenLabels.ds, encode(authTokenTbs, { sender, timestamp: nowMs }))
        : signContent(
            requestLabels.ds,
            bytes.subarray(0, -signature.length - (signature.length < 64 ? 1 : 2)),
          );
    if (!verify(hash, content, imported, signature)) throw new Error('bare verification fails');
    const run = () => verifyRequest(bytes, () => key, policy, forgetful, nowMs);
    if (!run().ok) throw new Error('verification fails');
    const label = `${scheme.name} ${name} ${messageBytes} B`;
    return [
      { name: `${label}, bare`, run: () => verify(hash, content, imported, signature) },
      { name: label, run, baseline: `${label}, bare` },
    ];
  });
}

for (const size of [500, 20_000]) {
  for (const scheme of [ed25519, ecdsaP256]) print(compare(subjectsOf(scheme, size)));
}
const cache = makeReplayCache({ windowMs: 300_000, capacity: 1_000_000 });
let id = 0;
print(
  compare([
    {
      name: 'replay cache, admit',
      run: () => cache.admit(`sender and request id ${id++}`, nowMs, nowMs + id),
    },
  ]),
);
