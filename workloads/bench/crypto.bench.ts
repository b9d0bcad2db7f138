/**
 * Operations of src/crypto against the bare node:crypto calls they need. Goal: within 15 %.
 * Run: `node workloads/bench/crypto.bench.ts`.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  hash,
  sign,
  verify,
} from 'node:crypto';
import { aes128Gcm } from '../../src/crypto/aead.ts';
import { seededRandom, systemRandom } from '../../src/crypto/random.ts';
import { ed25519 } from '../../src/crypto/signature.ts';
import { cryptoSuite, cryptoSuites } from '../../src/crypto/suites.ts';
import { finishTokens, makeTokenIssuer, requestTokens } from '../../src/crypto/tokens.ts';
import { compare, print, type Subject } from './interleaved.ts';

const random = seededRandom('crypto bench');
const none = new Uint8Array();
const message = random.bytes(120);
const info = new TextEncoder().encode('queue config');

/** The calls that one HPKE open needs: one import, one agreement, 7 HKDF steps, one decryption. */
function bareX25519Open(privateRaw: Uint8Array, enc: Uint8Array, ciphertext: Uint8Array) {
  const asymmetricKeyType = 'x25519';
  const privateKey = createPrivateKey({
    key: privateRaw,
    format: 'raw-private',
    asymmetricKeyType,
  });
  const key = random.bytes(32);
  const data = random.bytes(100);
  const nonce = random.bytes(12);
  const cipher = createCipheriv('aes-128-gcm', key.subarray(16), nonce);
  const sealed = Buffer.concat([cipher.update(message), cipher.final()]);
  const tag = cipher.getAuthTag();
  if (sealed.length + 16 !== ciphertext.length) throw new Error('other ciphertext');
  return () => {
    const publicKey = createPublicKey({ key: enc, format: 'raw-public', asymmetricKeyType });
    diffieHellman({ privateKey, publicKey });
    for (let i = 0; i < 7; i++) createHmac('sha256', key).update(data).digest();
    const decipher = createDecipheriv('aes-128-gcm', key.subarray(16), nonce, {
      authTagLength: 16,
    });
    decipher.setAuthTag(tag);
    decipher.update(sealed);
    decipher.final();
  };
}

function hpkeSubjects(): Subject[] {
  return [...cryptoSuites.values()].flatMap(({ hpke, kem, description }) => {
    const keys = kem.generateKeyPair(random);
    const sealed = hpke.seal(keys.publicKey, info, none, message, random);
    const run = () => hpke.open(keys.privateKey, sealed, info, none);
    if (run() === undefined) throw new Error('does not open');
    const name = `HPKE open ${description.id}`;
    const seal = {
      name: `HPKE seal ${description.id}`,
      run: () => hpke.seal(keys.publicKey, info, none, message, systemRandom),
    };
    if (description.id !== '0x0001') return [{ name, run }, seal];
    const bare = bareX25519Open(keys.privateKey, sealed.enc, sealed.ciphertext);
    return [{ name: `${name}, bare`, run: bare }, { name, run, baseline: `${name}, bare` }, seal];
  });
}

function signatureSubjects(): Subject[] {
  const { privateKey, publicKey } = ed25519.generateKeyPair(random);
  const asymmetricKeyType = 'ed25519';
  const secret = createPrivateKey({ key: privateKey, format: 'raw-private', asymmetricKeyType });
  const open = createPublicKey({ key: publicKey, format: 'raw-public', asymmetricKeyType });
  const signature = ed25519.sign(privateKey, message);
  return [
    { name: 'Ed25519 sign, bare', run: () => sign(null, message, secret) },
    {
      name: 'Ed25519 sign',
      run: () => ed25519.sign(privateKey, message),
      baseline: 'Ed25519 sign, bare',
    },
    { name: 'Ed25519 verify, bare', run: () => verify(null, message, open, signature) },
    {
      name: 'Ed25519 verify',
      run: () => ed25519.verify(publicKey, message, signature),
      baseline: 'Ed25519 verify, bare',
    },
  ];
}

function aeadSubjects(): Subject[] {
  const key = random.bytes(16);
  const nonce = random.bytes(12);
  const body = random.bytes(500);
  const bare = () => {
    const cipher = createCipheriv('aes-128-gcm', key, nonce, { authTagLength: 16 });
    const sealed = cipher.update(body);
    cipher.final();
    return [sealed, cipher.getAuthTag()];
  };
  const { hash: sha256 } = cryptoSuite(1);
  return [
    { name: 'AES-128-GCM seal 500 B, bare', run: bare },
    {
      name: 'AES-128-GCM seal 500 B',
      run: () => aes128Gcm.seal(key, nonce, none, body),
      baseline: 'AES-128-GCM seal 500 B, bare',
    },
    { name: 'HKDF expand 32 B', run: () => sha256.expand(key, info, 32) },
  ];
}

function xWingSubjects(): Subject[] {
  const { kem } = cryptoSuite(0xf00d);
  const keys = kem.generateKeyPair(random);
  const seeded = kem.encapsulate(keys.publicKey, random);
  const asymmetricKeyType = 'ml-kem-768';
  const key = createPrivateKey({ key: random.bytes(64), format: 'raw-seed', asymmetricKeyType });
  const x25519 = { asymmetricKeyType: 'x25519' } as const;
  const privateKey = createPrivateKey({ key: random.bytes(32), format: 'raw-private', ...x25519 });
  const bare = () => {
    decapsulate(key, seeded.enc.subarray(0, 1088));
    const raw = { key: seeded.enc.subarray(1088), format: 'raw-public' } as const;
    diffieHellman({ privateKey, publicKey: createPublicKey({ ...raw, ...x25519 }) });
    return hash('sha3-256', seeded.enc.subarray(0, 134), 'buffer');
  };
  return [
    { name: 'X-Wing decapsulate, bare', run: bare },
    {
      name: 'X-Wing decapsulate',
      run: () => kem.decapsulate(keys.privateKey, seeded.enc),
      baseline: 'X-Wing decapsulate, bare',
    },
    {
      name: 'X-Wing encapsulate, native',
      run: () => kem.encapsulate(keys.publicKey, systemRandom),
    },
    {
      name: 'X-Wing encapsulate, injected randomness',
      run: () => kem.encapsulate(keys.publicKey, random),
    },
  ];
}

print(compare([...signatureSubjects(), ...aeadSubjects(), ...hpkeSubjects(), ...xWingSubjects()]));

const issuer = makeTokenIssuer({ seed: random.bytes(32), domain: 'one.example', epochMs: 1e9 });
const start = performance.now();
const pending = requestTokens(issuer.currentKey(0), 'one.example', 64, random);
const requested = performance.now();
const elements = pending.blinded.map((item) => item.blinded);
const answer = issuer.issue(0, elements, random);
const issued = performance.now();
if (answer === undefined || finishTokens(pending, answer)?.length !== 64) throw new Error('tokens');
const finished = performance.now();
const each = (from: number, to: number): string => `${((to - from) / 64).toFixed(2)} ms`;
console.log(
  `tokens, 64 in a batch, each: request ${each(start, requested)}, issue ${each(requested, issued)}, finish ${each(issued, finished)}`,
);
