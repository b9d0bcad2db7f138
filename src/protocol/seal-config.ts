/**
 * Sealed queue configs and push tokens: what a client makes, and what its QS opens.
 *
 * A sealed config is bound to the client by a signature over ciphertext and suite under the client
 * record key, so that nobody else can make one for its queue.
 */
import { concat, noBytes } from '../crypto/bytes.ts';
import { aes128Gcm, aes256Gcm, type Aead } from '../crypto/aead.ts';
import { openWithLabel, sealWithLabel } from '../crypto/hpke.ts';
import type { Random } from '../crypto/random.ts';
import { signWithLabel, verifyWithLabel, type SignatureScheme } from '../crypto/signature.ts';
import type { CryptoSuite } from '../crypto/suites.ts';
import { schemeOf } from './auth/schemes.ts';
import { decode, encode, struct } from './codec/index.ts';
import {
  hpkeCiphertext,
  suiteNumber,
  type HpkePublicKey,
  type VerifyingKey,
} from './wire/identifiers.ts';
import { queueConfig, type QueueConfig, type SealedQueueConfig } from './wire/queue-config.ts';

const sealLabel = 'SealedQueueConfig';
const signatureLabel = 'SealedQueueConfig';

/** What the signature covers: everything before it. */
const tbs = struct('SealedQueueConfigTbs', { suite: suiteNumber, sealed: hpkeCiphertext });

export interface ConfigSigner {
  readonly scheme: SignatureScheme;
  /** Private QS client record key. */
  readonly privateKey: Uint8Array;
}

/** Seals a config to the QS's published key; fresh randomness makes every one unlinkable. */
export function sealQueueConfig(
  config: QueueConfig,
  to: HpkePublicKey,
  suite: CryptoSuite,
  signer: ConfigSigner,
  random: Random,
): SealedQueueConfig {
  const plaintext = encode(queueConfig, config);
  const sealed = sealWithLabel(suite.hpke, to.key, sealLabel, noBytes, plaintext, random);
  const content = encode(tbs, { suite: to.suite, sealed });
  const { scheme, privateKey } = signer;
  const options = { reproducible: true };
  const signature = signWithLabel(scheme, privateKey, signatureLabel, content, options);
  return { suite: to.suite, sealed, signature };
}

/** The config, or undefined when it is not sealed to this key. One decapsulation. */
export function openQueueConfig(
  sealedConfig: SealedQueueConfig,
  privateKey: Uint8Array,
  suite: CryptoSuite,
): QueueConfig | undefined {
  const { sealed } = sealedConfig;
  const opened = openWithLabel(suite.hpke, privateKey, sealLabel, noBytes, sealed);
  const decoded = opened && decode(queueConfig, opened);
  return decoded?.ok === true ? decoded.value : undefined;
}

/** Whether the config was made by the owner of `key`. One signature verification. */
export function verifyQueueConfig(sealedConfig: SealedQueueConfig, key: VerifyingKey): boolean {
  const { suite, sealed, signature } = sealedConfig;
  const content = encode(tbs, { suite, sealed });
  return verifyWithLabel(schemeOf(key.scheme), key.key, signatureLabel, content, signature);
}

/** By the length of a push-token key: 16 or 32 bytes. */
function pushAead(key: Uint8Array): Aead | undefined {
  if (key.length === 16) return aes128Gcm;
  return key.length === 32 ? aes256Gcm : undefined;
}

/** The push token as it stands in the client record: nonce and ciphertext. */
export function sealPushToken(token: Uint8Array, key: Uint8Array, random: Random): Uint8Array {
  const aead = pushAead(key);
  if (aead === undefined) throw new RangeError(`a push key of ${key.length} bytes, not 16 or 32`);
  const nonce = random.bytes(12);
  return concat(nonce, aead.seal(key, nonce, noBytes, token));
}

/** The push token, or undefined when the key does not open it. */
export function openPushToken(sealed: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (sealed.length < 28) return undefined;
  return pushAead(key)?.open(key, sealed.subarray(0, 12), noBytes, sealed.subarray(12));
}
