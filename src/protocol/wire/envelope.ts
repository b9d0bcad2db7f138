/** What every exchange looks like, in both versions of the protocol. */
import { nested, opaqueV, struct, uint16 } from '../codec/index.ts';
import type { Codec, Decoded } from '../codec/index.ts';
import { authentication } from './authentication.ts';
import { fqdn, requestId } from './identifiers.ts';

/** Largest body in bytes: an MLS commit with room for a tree of 10,000 members. */
export const maxBodyBytes = 8 * 1024 * 1024;

/** Media type of requests and responses. */
export const mediaType = 'application/vnd.stormglass';

const requestOf = <B>(name: string, body: Codec<B>) =>
  struct(name, {
    protocol_version: uint16,
    operation: uint16,
    request_id: requestId,
    destination: fqdn,
    body,
    auth: authentication,
  });

/** A request whose body is still encoded. */
export const request = requestOf('Request', opaqueV(maxBodyBytes));

/** A request with its body decoded: the same bytes, encoded in one pass. */
export const requestWithBody = <B>(body: Codec<B>) =>
  requestOf('Request', nested(body, maxBodyBytes));

/** `status` 0 is success; anything else is a number of the error table, `body` its fields. */
export const response = struct('Response', {
  protocol_version: uint16,
  request_id: requestId,
  status: uint16,
  body: opaqueV(maxBodyBytes),
});

export type Request = Decoded<typeof request>;
export type Response = Decoded<typeof response>;
