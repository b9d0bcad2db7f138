/** Behaviour beside the vectors: hostile inputs, independent implementations, counters, caches. */
import { createCipheriv } from 'node:crypto';
import { XWing } from '@hpke/hybridkem-x-wing';
import { ed25519 as nobleEd25519, x25519 as nobleX25519 } from '@noble/curves/ed25519.js';
import { p256 as nobleP256 } from '@noble/curves/nist.js';
import { XWing as nobleXWing } from '@noble/post-quantum/hybrid.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { suites as descriptions } from '../suites/registry.ts';
import { CryptoError } from './error.ts';
import { KeyCache } from './key-cache.ts';
import { seededRandom, systemRandom } from './random.ts';
import {
  asymmetricOperations,
  counted,
  cryptoSuite,
  cryptoSuites,
  type Operation,
} from './suites.ts';
import { kemXWing } from './xwing.ts';

const all = [...cryptoSuites.values()];
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const none = new Uint8Array();

describe.each(all)('suite $description.id', (suite) => {
  const { kem, hpke, signature, aead, description } = suite;
  const random = seededRandom(`suite ${suite.number}`);
  const keys = kem.generateKeyPair(random);
  const signer = signature.generateKeyPair(random);

  test('has the sizes that src/suites states', () => {
    expect(keys.publicKey.length).toBe(description.kem.publicKeyBytes);
    expect(keys.privateKey.length).toBe(description.kem.privateKeyBytes);
    expect(kem.encSize).toBe(description.kem.outputBytes);
    expect(kem.encapsulate(keys.publicKey, random).enc.length).toBe(description.kem.outputBytes);
    expect(signer.publicKey.length).toBe(description.signature.publicKeyBytes);
    expect([aead.keySize, aead.nonceSize, aead.tagSize]).toEqual([
      description.aead.keyBytes,
      description.aead.nonceBytes,
      description.aead.tagBytes,
    ]);
    expect(suite.hash.digest(none).length).toBe(description.hash.bytes);
    const signed = signature.sign(signer.privateKey, text('m')).length;
    expect(signed).toBeGreaterThanOrEqual(description.signature.bytes.min);
    expect(signed).toBeLessThanOrEqual(description.signature.bytes.max);
  });

  test('what is sealed opens, and nothing else does', () => {
    const sealed = hpke.seal(keys.publicKey, text('info'), text('aad'), text('hello'), random);
    const open = (change: Partial<typeof sealed>, info = 'info', aad = 'aad') =>
      hpke.open(keys.privateKey, { ...sealed, ...change }, text(info), text(aad));
    expect(open({})).toEqual(text('hello'));
    expect(open({}, 'other')).toBeUndefined();
    expect(open({}, 'info', 'other')).toBeUndefined();
    expect(open({ ciphertext: sealed.ciphertext.subarray(1) })).toBeUndefined();
    expect(open({ ciphertext: none })).toBeUndefined();
    expect(open({ enc: sealed.enc.subarray(1) })).toBeUndefined();
    expect(open({ enc: new Uint8Array(sealed.enc.length) })).toBeUndefined();
    const psk = { id: text('id'), secret: new Uint8Array(32).fill(7) };
    const sender = hpke.setupSender(keys.publicKey, none, random, psk);
    const message = sender.seal(none, text('psk'));
    const receive = (key?: typeof psk) =>
      hpke.setupReceiver(keys.privateKey, sender.enc, none, key)?.open(none, message);
    expect(receive(psk)).toEqual(text('psk'));
    expect(receive({ ...psk, id: text('other') })).toBeUndefined();
    expect(receive()).toBeUndefined();
    const receiver = hpke.setupReceiver(keys.privateKey, sender.enc, none, psk);
    expect(receiver?.open(text('wrong aad'), message)).toBeUndefined();
    expect(receiver?.open(none, message)).toEqual(text('psk'));
    expect(receiver?.open(none, sender.seal(none, text('next')))).toEqual(text('next'));
  });

  test('equal random streams give equal keys, encapsulations and reproducible signatures', () => {
    const run = (): unknown => {
      const stream = seededRandom('again');
      const pair = kem.generateKeyPair(stream);
      const sign = signature.generateKeyPair(stream);
      return [
        pair,
        sign,
        kem.encapsulate(pair.publicKey, stream),
        signature.sign(sign.privateKey, text('m'), { reproducible: true }),
      ];
    };
    expect(run()).toEqual(run());
  });

  test('hostile public keys, signatures and encapsulations never throw', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc
        .uint8Array({ minLength: 65, maxLength: 65 })
        .map((b) => Uint8Array.from([4, ...b.slice(1)])),
    );
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        expect(signature.verify(a, text('m'), b)).toBe(false);
        expect(signature.verify(signer.publicKey, text('m'), a)).toBe(false);
        expect(typeof signature.isPublicKey(a)).toBe('boolean');
        expect(typeof kem.isPublicKey(a)).toBe('boolean');
        expect(hpke.open(keys.privateKey, { enc: a, ciphertext: b }, none, none)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test('own mistakes are CryptoErrors', () => {
    expect(() => kem.publicKeyOf(new Uint8Array(3))).toThrow(CryptoError);
    expect(() => signature.sign(new Uint8Array(3), none)).toThrow(CryptoError);
    expect(() => kem.encapsulate(new Uint8Array(3), random)).toThrow(CryptoError);
    expect(() => kem.encapsulate(new Uint8Array(kem.publicKeySize), random)).toThrow(CryptoError);
    expect(() => aead.seal(none, none, none, none)).toThrow(CryptoError);
  });

  test('operations are counted, one hook call each', () => {
    const counts: Operation[] = [];
    const observed = counted(suite, (operation) => counts.push(operation));
    const sealed = observed.hpke.seal(keys.publicKey, none, none, text('m'), random);
    observed.hpke.open(keys.privateKey, sealed, none, none);
    observed.signature.verify(
      signer.publicKey,
      none,
      observed.signature.sign(signer.privateKey, none),
    );
    const dear = counts.filter((operation) => asymmetricOperations.includes(operation));
    expect(dear).toEqual(['encapsulate', 'decapsulate', 'sign', 'verify']);
    expect(counts.filter((o) => o === 'seal' || o === 'open')).toEqual(['seal', 'open']);
    const before = counts.length;
    suite.hpke.open(keys.privateKey, sealed, none, none);
    expect(counts.length).toBe(before);
  });
});

describe('independent implementations agree', () => {
  const random = seededRandom('independent');

  test('Ed25519 and P-256 signatures, X25519 and P-256 agreement (@noble/curves)', () => {
    for (let i = 0; i < 20; i++) {
      const message = random.bytes(i * 7);
      const ed = cryptoSuite(1).signature;
      const edKeys = ed.generateKeyPair(random);
      const edSigned = ed.sign(edKeys.privateKey, message);
      expect(nobleEd25519.verify(edSigned, message, edKeys.publicKey)).toBe(true);
      expect(nobleEd25519.sign(message, edKeys.privateKey)).toEqual(edSigned);
      const ec = cryptoSuite(2).signature;
      const ecKeys = ec.generateKeyPair(random);
      const options = { lowS: false, format: 'der' } as const;
      const ecSigned = ec.sign(ecKeys.privateKey, message);
      expect(nobleP256.verify(ecSigned, message, ecKeys.publicKey, options)).toBe(true);
      const nobleSigned = nobleP256.sign(message, ecKeys.privateKey, options);
      expect(ec.verify(ecKeys.publicKey, message, nobleSigned)).toBe(true);
      const dh = cryptoSuite(1).kem.generateKeyPair(random);
      expect(nobleX25519.getPublicKey(dh.privateKey)).toEqual(dh.publicKey);
    }
  });

  test('X-Wing: @noble/post-quantum and @hpke, both ways, native and injected', async () => {
    const hpkeKem = new XWing();
    for (const source of [random, systemRandom]) {
      const keys = kemXWing.generateKeyPair(source);
      expect(nobleXWing.keygen(keys.privateKey).publicKey).toEqual(keys.publicKey);
      const ours = kemXWing.encapsulate(keys.publicKey, source);
      expect(nobleXWing.decapsulate(ours.enc, keys.privateKey)).toEqual(ours.sharedSecret);
      const theirs = nobleXWing.encapsulate(keys.publicKey);
      expect(kemXWing.decapsulate(keys.privateKey, theirs.cipherText)).toEqual(theirs.sharedSecret);
      const recipientKey = await hpkeKem.importKey('raw', keys.privateKey.slice().buffer, false);
      const secret = await hpkeKem.decap({ recipientKey, enc: ours.enc.slice().buffer });
      expect(new Uint8Array(secret)).toEqual(ours.sharedSecret);
    }
    const derived = await hpkeKem.deriveKeyPair(new Uint8Array(32).fill(5).buffer);
    const publicKey = new Uint8Array(await hpkeKem.serializePublicKey(derived.publicKey));
    expect(kemXWing.deriveKeyPair(new Uint8Array(32).fill(5)).publicKey).toEqual(publicKey);
  });
});

test('AEAD ciphertexts are those of node:crypto with the tag at the end', () => {
  const { aead } = cryptoSuite(1);
  const cipher = createCipheriv('aes-128-gcm', new Uint8Array(16), new Uint8Array(12));
  const body = Buffer.concat([cipher.update('hello'), cipher.final(), cipher.getAuthTag()]);
  const sealed = aead.seal(new Uint8Array(16), new Uint8Array(12), none, text('hello'));
  expect(Buffer.from(sealed).equals(body)).toBe(true);
});

test('Ed25519 keys of small order are not accepted for registration', () => {
  const { signature } = cryptoSuite(1);
  const identity = Uint8Array.from([1, ...new Uint8Array(31)]);
  expect(signature.isPublicKey(identity)).toBe(false);
  expect(signature.isPublicKey(new Uint8Array(32).fill(255))).toBe(false);
});

test('the key cache is bounded and keeps what is used', () => {
  const cache = new KeyCache<number>(4);
  let made = 0;
  const get = (n: number): number => cache.get(Uint8Array.of(n), () => ++made);
  for (let round = 0; round < 50; round++) for (const n of [1, 2, 3]) get(n);
  expect(made).toBe(3);
  for (let n = 0; n < 200; n++) get(n);
  expect(cache.size).toBeLessThanOrEqual(8);
});

test('unknown suites are refused', () => {
  expect(() => cryptoSuite(0x9999)).toThrow('no suite 0x9999');
  expect([...cryptoSuites.keys()]).toEqual(Object.values(descriptions).map((s) => s.number));
});

test('a seeded stream does not depend on how it is read', () => {
  const whole = seededRandom('x').bytes(100);
  const parts = seededRandom('x');
  expect([...parts.bytes(1), ...parts.bytes(60), ...parts.bytes(39)]).toEqual([...whole]);
  expect(seededRandom('y').bytes(100)).not.toEqual(whole);
});
