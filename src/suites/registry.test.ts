/** The constants against what an independent implementation (ts-mls) really produces. */
import { generateKeyPairSync, sign } from 'node:crypto';
import * as mls from 'ts-mls';
import type { CiphersuiteName } from 'ts-mls';
import { describe, expect, it } from 'vitest';
import { suiteIds } from './ids.ts';
import { findSuite, suites } from './registry.ts';

describe('suite constants', () => {
  it.each(suiteIds)('%s are those of the primitives', async (id) => {
    const suite = suites[id];
    expect(suite.id).toBe(id);
    expect(mls.ciphersuites[suite.name as CiphersuiteName]).toBe(suite.number);
    const real = await mls.getCiphersuiteImpl(suite.name as CiphersuiteName);
    const { kem, aead, hash, signature } = suite;
    const pair = await real.hpke.generateKeyPair();
    const empty = new Uint8Array();
    const sealed = await real.hpke.seal(pair.publicKey, new Uint8Array(100), empty, empty);
    expect({
      publicKey: (await real.hpke.exportPublicKey(pair.publicKey)).length,
      privateKey: (await real.hpke.exportPrivateKey(pair.privateKey)).length,
      output: sealed.enc.length,
      tag: sealed.ct.length - 100,
      key: real.hpke.keyLength,
      nonce: real.hpke.nonceLength,
      hash: (await real.hash.digest(empty)).length,
      kdf: real.kdf.size,
    }).toEqual({
      publicKey: kem.publicKeyBytes,
      privateKey: kem.privateKeyBytes,
      output: kem.outputBytes,
      tag: aead.tagBytes,
      key: aead.keyBytes,
      nonce: aead.nonceBytes,
      hash: hash.bytes,
      kdf: hash.bytes,
    });
    const signer = await real.signature.keygen();
    const signed = await real.signature.sign(signer.signKey, new Uint8Array(10));
    expect(signed.length).toBeGreaterThanOrEqual(signature.bytes.min);
    expect(signed.length).toBeLessThanOrEqual(signature.bytes.max);
    // Ed25519 keys come as PKCS #8 here: 16 bytes before the key.
    const wrapping = signature.name === 'Ed25519' ? 16 : 0;
    expect(signer.signKey.length).toBe(wrapping + signature.privateKeyBytes);
    // ts-mls makes compressed P-256 keys; RFC 9420 section 5.1.1 has them uncompressed.
    const compressed = id === '0x0002';
    expect(signer.publicKey.length).toBe(compressed ? 33 : signature.publicKeyBytes);
  });

  it('the expected size of an ECDSA signature is the rounded mean', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { min, expected, max } = suites['0x0002'].signature.bytes;
    const count = 2000;
    let total = 0;
    for (let i = 0; i < count; i++) {
      const { length } = sign('sha256', Buffer.from([i & 255, i >> 8]), privateKey);
      expect(length >= min && length <= max).toBe(true);
      total += length;
    }
    // Mean 70.99, standard deviation 0.72: six standard errors are 0.1.
    expect(Math.abs(total / count - 70.99)).toBeLessThan(0.1);
    expect(Math.round(total / count)).toBe(expected);
  });
});

describe('findSuite', () => {
  it.each([
    ['0x0001', '0x0001'],
    ['0X0001', '0x0001'],
    ['1', '0x0001'],
    ['0xF00D', '0xf00d'],
    ['61453', '0xf00d'],
    ['0x2', '0x0002'],
  ])('knows %s', (text, id) => expect(findSuite(text)?.id).toBe(id));

  it.each(['', '0x', '0x0004', '83', '1e0', ' 1', '-1', 'X25519'])('does not know %j', (text) =>
    expect(findSuite(text)).toBeUndefined(),
  );
});
