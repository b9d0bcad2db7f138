/** Published vectors of every primitive; the sources stand beside the data in `testdata.ts`. */
import { describe, expect, test } from 'vitest';
import { aes128Gcm, chacha20Poly1305 } from './aead.ts';
import { kemP256, kemX25519 } from './dh-kem.ts';
import { deriveSecret, expandWithLabel, refHash, sha256 } from './hash.ts';
import { makeHpke, openWithLabel, sealWithLabel } from './hpke.ts';
import { seededRandom, type Random } from './random.ts';
import { ecdsaP256, ed25519, signWithLabel, verifyWithLabel } from './signature.ts';
import { cryptoSuite } from './suites.ts';
import {
  ecdsaP256Vector,
  ed25519Vectors,
  hkdfVectors,
  hpkePskVector,
  hpkeVectors,
  mlsVectors,
  voprfVectors,
  xWingVectors,
} from './testdata.ts';
import {
  blindInputs,
  deriveVoprfKeyPair,
  evaluateBlinded,
  evaluateClear,
  finalizeBlinded,
} from './voprf.ts';
import { kemXWing } from './xwing.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
/** Hands out the given bytes once each, then fails the test. */
function fixed(...parts: readonly Uint8Array[]): Random {
  const queue = [...parts];
  return {
    bytes(length) {
      const next = queue.shift();
      expect(next?.length).toBe(length);
      return next ?? new Uint8Array();
    },
  };
}

describe.each(hpkeVectors)('HPKE, $name', (v) => {
  const kem = v.kem === 'P-256' ? kemP256 : kemX25519;
  const hpke = makeHpke(kem, sha256, v.aead === 'aes-128-gcm' ? aes128Gcm : chacha20Poly1305);
  const plaintext = hex('4265617574792069732074727574682c20747275746820626561757479');
  const aad = (sequence: number): Uint8Array => new TextEncoder().encode(`Count-${sequence}`);

  test('key derivation and encapsulation', () => {
    const ephemeral = kem.deriveKeyPair(hex(v.ikmE));
    expect(hexOf(ephemeral.privateKey)).toBe(v.skEm);
    expect(hexOf(kem.deriveKeyPair(hex(v.ikmR)).publicKey)).toBe(v.pkRm);
    const { enc, sharedSecret } = kem.encapsulate(hex(v.pkRm), fixed(hex(v.skEm)));
    expect(hexOf(enc)).toBe(v.pkEm);
    expect(hexOf(sharedSecret)).toBe(v.sharedSecret);
    expect(hexOf(kem.decapsulate(hex(v.skRm), enc))).toBe(v.sharedSecret);
  });

  test('ciphertexts 0, 1 and 256, and exports', () => {
    const sender = hpke.setupSender(hex(v.pkRm), hex(v.info), fixed(hex(v.skEm)));
    const receiver = hpke.setupReceiver(hex(v.skRm), sender.enc, hex(v.info));
    const sealed = new Map<number, string>();
    for (let i = 0; i <= 256; i++) {
      const ciphertext = sender.seal(aad(i), plaintext);
      sealed.set(i, hexOf(ciphertext));
      expect(hexOf(receiver?.open(aad(i), ciphertext))).toBe(hexOf(plaintext));
    }
    expect([0, 1, 256].map((i) => sealed.get(i))).toEqual(v.ciphertexts);
    for (const context of [sender, receiver]) {
      expect(hexOf(context?.exportSecret(hex(''), 32))).toBe(v.exports[0]);
      expect(hexOf(context?.exportSecret(hex('54657374436f6e74657874'), 32))).toBe(v.exports[1]);
    }
  });

  test('single-shot', () => {
    const sealed = hpke.seal(hex(v.pkRm), hex(v.info), aad(0), plaintext, fixed(hex(v.skEm)));
    expect(hexOf(sealed.ciphertext)).toBe(v.ciphertexts[0]);
    expect(hexOf(hpke.open(hex(v.skRm), sealed, hex(v.info), aad(0)))).toBe(hexOf(plaintext));
  });
});

test('HPKE, RFC 9180 A.1.2, PSK mode', () => {
  const v = hpkePskVector;
  const { hpke } = cryptoSuite(1);
  const psk = { id: hex(v.pskId), secret: hex(v.psk) };
  const sender = hpke.setupSender(hex(v.pkRm), hex(v.info), fixed(hex(v.skEm)), psk);
  expect(hexOf(sender.enc)).toBe(v.enc);
  const plaintext = hex('4265617574792069732074727574682c20747275746820626561757479');
  const ciphertext = sender.seal(hex('436f756e742d30'), plaintext);
  expect(hexOf(ciphertext)).toBe(v.ciphertext);
  const receiver = hpke.setupReceiver(hex(v.skRm), sender.enc, hex(v.info), psk);
  expect(receiver?.open(hex('436f756e742d30'), ciphertext)).toEqual(plaintext);
});

test.each(ed25519Vectors)('Ed25519, RFC 8032, message "$message"', (v) => {
  const signature = ed25519.sign(hex(v.secret), hex(v.message));
  expect(hexOf(signature)).toBe(v.signature);
  expect(hexOf(ed25519.publicKeyOf(hex(v.secret)))).toBe(v.public);
  expect(ed25519.verify(hex(v.public), hex(v.message), signature)).toBe(true);
});

test('ECDSA P-256, RFC 6979', () => {
  const { secret, message, signature } = ecdsaP256Vector;
  const signed = ecdsaP256.sign(hex(secret), hex(message), { reproducible: true });
  expect(hexOf(signed)).toBe(signature);
  expect(ecdsaP256.verify(ecdsaP256.publicKeyOf(hex(secret)), hex(message), signed)).toBe(true);
});

test.each(hkdfVectors)('HKDF, RFC 5869, $length bytes', (v) => {
  const prk = sha256.extract(hex(v.salt), hex(v.ikm));
  expect(hexOf(prk)).toBe(v.prk);
  expect(hexOf(sha256.expand(prk, hex(v.info), v.length))).toBe(v.okm);
});

describe.each(mlsVectors)('MLS crypto-basics, suite $suite', (v) => {
  const suite = cryptoSuite(v.suite);

  test('ExpandWithLabel, DeriveSecret, RefHash', () => {
    const { secret, context, length, out } = v.expand;
    const derived = expandWithLabel(
      suite.hash,
      hex(secret),
      'ExpandWithLabel',
      hex(context),
      length,
    );
    expect(hexOf(derived)).toBe(out);
    expect(hexOf(deriveSecret(suite.hash, hex(v.derive.secret), 'DeriveSecret'))).toBe(
      v.derive.out,
    );
    expect(hexOf(refHash(suite.hash, 'RefHash', hex(v.refHash.value)))).toBe(v.refHash.out);
  });

  test('EncryptWithLabel', () => {
    const { private: key, context, enc, ciphertext, plaintext } = v.encrypt;
    const sealed = { enc: hex(enc), ciphertext: hex(ciphertext) };
    const opened = openWithLabel(suite.hpke, hex(key), 'EncryptWithLabel', hex(context), sealed);
    expect(hexOf(opened)).toBe(plaintext);
    const publicKey = suite.kem.publicKeyOf(hex(key));
    const again = sealWithLabel(
      suite.hpke,
      publicKey,
      'EncryptWithLabel',
      hex(context),
      hex(plaintext),
      seededRandom('seal'),
    );
    const reopened = openWithLabel(suite.hpke, hex(key), 'EncryptWithLabel', hex(context), again);
    expect(hexOf(reopened)).toBe(plaintext);
  });

  test('SignWithLabel', () => {
    const { content, public: publicKey, private: privateKey, signature } = v.sign;
    const label = 'SignWithLabel';
    const verify = (bytes: Uint8Array, name = label): boolean =>
      verifyWithLabel(suite.signature, hex(publicKey), name, hex(content), bytes);
    expect(verify(hex(signature))).toBe(true);
    expect(verify(hex(signature), 'OtherLabel')).toBe(false);
    expect(verify(signWithLabel(suite.signature, hex(privateKey), label, hex(content)))).toBe(true);
    expect(hexOf(suite.signature.publicKeyOf(hex(privateKey)))).toBe(publicKey);
  });
});

test.each(xWingVectors)('X-Wing, vector of seed $seed', (v) => {
  const publicKey = kemXWing.publicKeyOf(hex(v.seed));
  expect(publicKey.length).toBe(1216);
  expect(hexOf(publicKey).startsWith(v.publicKeyStart)).toBe(true);
  const randomness = hex(v.randomness);
  const random = fixed(randomness.subarray(0, 32), randomness.subarray(32));
  const { enc, sharedSecret } = kemXWing.encapsulate(publicKey, random);
  expect(enc.length).toBe(1120);
  expect(hexOf(enc).startsWith(v.encStart)).toBe(true);
  expect(hexOf(sharedSecret)).toBe(v.sharedSecret);
  expect(hexOf(kemXWing.decapsulate(hex(v.seed), enc))).toBe(v.sharedSecret);
});

/** @noble/curves maps random bytes to a scalar r mod (q - 1) + 1: the inverse, for given scalars. */
function scalars(...values: readonly string[]): Random {
  const queue = [...values];
  return {
    bytes(length) {
      const little = hex(queue.shift() ?? '');
      let value = BigInt(`0x${hexOf(little.toReversed())}`) - 1n;
      return Uint8Array.from({ length }, () => {
        const byte = Number(value & 255n);
        value >>= 8n;
        return byte;
      });
    },
  };
}

describe('VOPRF, RFC 9497 A.1.2', () => {
  const v = voprfVectors;
  const keys = deriveVoprfKeyPair(hex(v.seed), hex(v.keyInfo));

  test('key derivation', () => {
    expect(hexOf(keys.secretKey)).toBe(v.secretKey);
    expect(hexOf(keys.publicKey)).toBe(v.publicKey);
  });

  test.each([
    [
      'single',
      {
        inputs: [v.single.input],
        blinds: [v.single.blind],
        blinded: [v.single.blinded],
        evaluated: [v.single.evaluated],
        proof: v.single.proof,
        proofRandom: v.single.proofRandom,
        outputs: [v.single.output],
      },
    ],
    ['batch', v.batch],
  ])('%s', (_, { inputs, blinds, blinded, evaluated, proof, proofRandom, outputs }) => {
    const request = blindInputs(inputs.map(hex), scalars(...blinds));
    expect(request.map((item) => hexOf(item.blinded))).toEqual(blinded);
    const elements = request.map((item) => item.blinded);
    const answer = evaluateBlinded(keys, elements, scalars(proofRandom));
    expect(answer?.evaluated.map(hexOf)).toEqual(evaluated);
    expect(hexOf(answer?.proof)).toBe(proof);
    const final = finalizeBlinded(request, answer!, keys.publicKey);
    expect(final?.map(hexOf)).toEqual(outputs);
    expect(inputs.map((input) => hexOf(evaluateClear(keys.secretKey, hex(input))))).toEqual(
      outputs,
    );
  });
});
