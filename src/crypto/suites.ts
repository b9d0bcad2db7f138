/**
 * The suites as working cryptography: what `src/suites` names and measures, this makes. `counted`
 * gives the same suite with every operation reported to a hook.
 */
import { suites as sizes, type Suite } from '../suites/registry.ts';
import { aes128Gcm, aes256Gcm, chacha20Poly1305, type Aead } from './aead.ts';
import { CryptoError } from './error.ts';
import { sha256, sha512, type Hash } from './hash.ts';
import { makeHpke, type Hpke } from './hpke.ts';
import { kemP256, kemX25519 } from './dh-kem.ts';
import type { Kem } from './kem.ts';
import { ecdsaP256, ed25519, type SignatureScheme } from './signature.ts';
import { kemXWing } from './xwing.ts';

export interface CryptoSuite {
  /** Number on the wire. */
  readonly number: number;
  readonly description: Suite;
  readonly hash: Hash;
  readonly aead: Aead;
  readonly kem: Kem;
  readonly hpke: Hpke;
  readonly signature: SignatureScheme;
}

function makeSuite(
  description: Suite,
  parts: Pick<CryptoSuite, 'hash' | 'aead' | 'kem' | 'signature'>,
): CryptoSuite {
  const hpke = makeHpke(parts.kem, parts.hash, parts.aead);
  return { number: description.number, description, hpke, ...parts };
}

/** By number on the wire. */
export const cryptoSuites: ReadonlyMap<number, CryptoSuite> = new Map(
  [
    makeSuite(sizes['0x0001'], {
      hash: sha256,
      aead: aes128Gcm,
      kem: kemX25519,
      signature: ed25519,
    }),
    makeSuite(sizes['0x0002'], {
      hash: sha256,
      aead: aes128Gcm,
      kem: kemP256,
      signature: ecdsaP256,
    }),
    makeSuite(sizes['0x0003'], {
      hash: sha256,
      aead: chacha20Poly1305,
      kem: kemX25519,
      signature: ed25519,
    }),
    makeSuite(sizes['0xf00d'], {
      hash: sha512,
      aead: aes256Gcm,
      kem: kemXWing,
      signature: ed25519,
    }),
  ].map((suite) => [suite.number, suite]),
);

/** The suite of a number, or `CryptoError` `unknown-suite`. */
export function cryptoSuite(number: number): CryptoSuite {
  const suite = cryptoSuites.get(number);
  if (suite === undefined) {
    throw new CryptoError('unknown-suite', `no suite 0x${number.toString(16).padStart(4, '0')}`);
  }
  return suite;
}

/**
 * What is counted. The hash calls of HPKE's key schedule count too; those inside a KEM and inside a
 * signature belong to that operation.
 */
export type Operation =
  'sign' | 'verify' | 'encapsulate' | 'decapsulate' | 'seal' | 'open' | 'hash' | 'generate';

export type OperationHook = (operation: Operation) => void;

/** Operations that cost a public-key computation. */
export const asymmetricOperations: readonly Operation[] = [
  'sign',
  'verify',
  'encapsulate',
  'decapsulate',
  'generate',
];

/** The method as it was, with one call of the hook before it. */
function before<A extends readonly unknown[], R>(
  hook: OperationHook,
  operation: Operation,
  method: (...args: A) => R,
): (...args: A) => R {
  return (...args) => {
    hook(operation);
    return method(...args);
  };
}

/** The suite with its operations counted. The plain suite is untouched: no hook, no cost. */
export function counted(suite: CryptoSuite, hook: OperationHook): CryptoSuite {
  const { hash, aead, kem, signature } = suite;
  return makeSuite(suite.description, {
    hash: {
      ...hash,
      digest: before(hook, 'hash', hash.digest),
      mac: before(hook, 'hash', hash.mac),
      verifyMac: before(hook, 'hash', hash.verifyMac),
      extract: before(hook, 'hash', hash.extract),
      expand: before(hook, 'hash', hash.expand),
    },
    aead: {
      ...aead,
      seal: before(hook, 'seal', aead.seal),
      open: before(hook, 'open', aead.open),
    },
    kem: {
      ...kem,
      generateKeyPair: before(hook, 'generate', kem.generateKeyPair),
      deriveKeyPair: before(hook, 'generate', kem.deriveKeyPair),
      encapsulate: before(hook, 'encapsulate', kem.encapsulate),
      decapsulate: before(hook, 'decapsulate', kem.decapsulate),
    },
    signature: {
      ...signature,
      generateKeyPair: before(hook, 'generate', signature.generateKeyPair),
      sign: before(hook, 'sign', signature.sign),
      verify: before(hook, 'verify', signature.verify),
    },
  });
}
