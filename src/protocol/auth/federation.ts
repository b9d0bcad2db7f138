/** Signatures between homeservers: over source, destination and payload of a QS-to-QS message. */
import { signWithLabel, verifyWithLabel, type SignatureScheme } from '../../crypto/signature.ts';
import { encode } from '../codec/index.ts';
import { refuse, success, type Outcome } from '../protocol-error.ts';
import { fromV1, type ClientQueueConfig } from '../wire/queue-config.ts';
import { qsToQsTbsV1, qsToQsTbsV2, type QsToQsMessage } from '../wire/queue-messages.ts';
import type { Decoded } from '../codec/index.ts';
import type { VerifyingKey } from '../wire/identifiers.ts';
import { qsToQsLabel, schemeOf } from './schemes.ts';

type MessageV1 = Decoded<typeof qsToQsTbsV1>;
type MessageV2 = Decoded<typeof qsToQsTbsV2>;
type Versioned =
  | { readonly version: 1; readonly message: MessageV1 }
  | { readonly version: 2; readonly message: MessageV2 };

function tbsOf(content: Versioned): Uint8Array {
  return content.version === 1
    ? encode(qsToQsTbsV1, content.message)
    : encode(qsToQsTbsV2, content.message);
}

/** The signature of the sending QS. */
export function signQsToQs(
  content: Versioned,
  scheme: SignatureScheme,
  privateKey: Uint8Array,
): Uint8Array {
  return signWithLabel(scheme, privateKey, qsToQsLabel, tbsOf(content), { reproducible: true });
}

/**
 * The message, in v2's form, when it is meant for `domain`, signed by its source, and carries no
 * plain queue config (idea 2).
 */
export function admitQsToQs(
  content: Versioned,
  signature: Uint8Array,
  domain: string,
  keyOf: (source: string) => VerifyingKey | undefined,
): Outcome<Omit<QsToQsMessage, 'signature'>> {
  const { source, destination } = content.message;
  if (destination !== domain) return refuse('wrong_destination', { domain });
  const key = keyOf(source);
  const valid =
    key !== undefined &&
    verifyWithLabel(schemeOf(key.scheme), key.key, qsToQsLabel, tbsOf(content), signature);
  if (!valid) return refuse('remote_signature_invalid', { domain: source });
  const configs: readonly ClientQueueConfig[] =
    content.version === 1
      ? content.message.payload.client_queue_configs.map(fromV1)
      : content.message.payload.client_queue_configs;
  if (configs.some((config) => config.kind === 'plain')) {
    return refuse('plain_config_from_remote', {});
  }
  const { group_id, message_content } = content.message.payload;
  const payload = { group_id, client_queue_configs: configs, message_content };
  return success({ source, destination, payload });
}
