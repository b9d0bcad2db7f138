/** What the entries of a homeserver's outbox hold. */
import { localPrefix, remotePrefix } from '../../src/homeserver/qs/fan-out.ts';
import { localFanOut } from '../../src/homeserver/qs/records.ts';
import { decode } from '../../src/protocol/codec/index.ts';
import {
  fanOutMessageV2,
  queuePayload,
  type MessageContent,
} from '../../src/protocol/wire/queue-messages.ts';

/** The content and group of an entry; undefined for reports and what does not decode. */
export function messageIn(
  destination: string,
  bytes: Uint8Array,
): { readonly group_id: Uint8Array; readonly message_content: MessageContent } | undefined {
  if (destination.startsWith(remotePrefix)) {
    const decoded = decode(fanOutMessageV2, bytes);
    return decoded.ok ? decoded.value : undefined;
  }
  const local = destination.startsWith(localPrefix) ? decode(localFanOut, bytes) : undefined;
  const payload = local?.ok === true ? decode(queuePayload, local.value.payload) : undefined;
  return payload?.ok === true && payload.value.kind === 'message' ? payload.value : undefined;
}
