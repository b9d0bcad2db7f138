/**
 * Who may throw: what a peer controls (ciphertexts, encapsulated keys, signatures, public keys in
 * `verify`) never throws but gives `undefined` or `false`. What the caller controls (own private
 * keys, key lengths, the recipient of a `seal`) throws `CryptoError` when it is malformed.
 */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly kind: CryptoErrorKind;
  readonly remedy: string;
  constructor(kind: CryptoErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.remedy = remedies[kind];
  }
}

export type CryptoErrorKind = keyof typeof remedies;

const remedies = {
  'bad-private-key': 'use a private key of this suite, as its key generation returned it',
  'bad-public-key': 'check the public key with isPublicKey() when it is registered',
  'bad-length': 'use the lengths that the suite states',
  'unknown-suite': 'use a suite of the registry in src/crypto/suites.ts',
  'message-limit': 'open a new HPKE context: the nonce space of this one is used up',
  'bad-token': 'request new tokens under the issuer key that is published now',
} as const;
