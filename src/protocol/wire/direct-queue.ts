/** What stands in a direct queue: an offer of a connection, which only the owner can open. */
import { opaqueV, struct, uint16 } from '../codec/index.ts';

/** Plaintext of a queue entry; the package inside is encrypted under the connection key. */
export const directQueuePayload = struct('DirectQueuePayload', {
  suite: uint16,
  connection_establishment_ctxt: opaqueV(64 * 1024),
});
