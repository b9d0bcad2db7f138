/**
 * The one table of error codes: number on the wire, HTTP status, fields, who must act, sentence and
 * remedy. Responses, `application/problem+json` and the reference in docs/ are made from it.
 */
import { opaqueV, text, uint16, uint53, vector } from './codec/index.ts';

/** Kinds of fields an error may carry. */
export const fieldCodecs = {
  uint64: uint53,
  uint16,
  uint16s: vector(uint16, { max: 64 }),
  bytes: opaqueV(255),
  text: text(1024),
} as const;

export type FieldKind = keyof typeof fieldCodecs;

export interface ErrorDescription {
  /** `status` of the response; the high byte is the room, 0 is success. */
  readonly status: number;
  readonly http: number;
  readonly fields: Readonly<Record<string, FieldKind>>;
  /** `client`: change the request; `retry`: send it again later; `operator`: look at the server. */
  readonly actor: 'client' | 'retry' | 'operator';
  readonly sentence: string;
  readonly remedy: string;
}

const none = {} as const;
const retryAfter = { retry_after_ms: 'uint64' } as const;

export const errorCodes = {
  malformed_request: {
    status: 0x0001,
    http: 400,
    fields: { path: 'text', offset: 'uint64' },
    actor: 'client',
    sentence: 'The request is not a value of its structure.',
    remedy: 'Encode it as the operation and version say; `path` and `offset` name the field.',
  },
  version_unsupported: {
    status: 0x0002,
    http: 400,
    fields: { supported: 'uint16s' },
    actor: 'client',
    sentence: 'The homeserver does not speak this version of the protocol.',
    remedy: 'Use the highest common version; check `supported` against the well-known document.',
  },
  unknown_operation: {
    status: 0x0003,
    http: 404,
    fields: none,
    actor: 'client',
    sentence: 'The version has no operation of this number.',
    remedy: 'Use an operation of the table, or a version that has it.',
  },
  wrong_destination: {
    status: 0x0004,
    http: 421,
    fields: { domain: 'text' },
    actor: 'client',
    sentence: 'The request names another homeserver as its destination.',
    remedy: 'Send it to the homeserver it names.',
  },
  request_too_large: {
    status: 0x0005,
    http: 413,
    fields: { limit_bytes: 'uint64' },
    actor: 'client',
    sentence: 'The request is larger than the homeserver takes.',
    remedy: 'Send less at once.',
  },
  rate_limited: {
    status: 0x0006,
    http: 429,
    fields: { ...retryAfter, scope: 'text' },
    actor: 'retry',
    sentence: 'Too many requests of this sender, queue or domain.',
    remedy: 'Wait `retry_after_ms`, with jitter.',
  },
  unavailable: {
    status: 0x0007,
    http: 503,
    fields: retryAfter,
    actor: 'retry',
    sentence: 'The homeserver cannot answer at the moment.',
    remedy: 'Wait `retry_after_ms`, with jitter.',
  },
  internal_error: {
    status: 0x0008,
    http: 500,
    fields: none,
    actor: 'operator',
    sentence: 'The homeserver met a fault of its own.',
    remedy: "Look at the homeserver's log for the request id.",
  },
  authentication_required: {
    status: 0x0101,
    http: 401,
    fields: none,
    actor: 'client',
    sentence: 'The operation needs a signature.',
    remedy: 'Sign the request as a sender of the operation.',
  },
  auth_scheme_not_accepted: {
    status: 0x0102,
    http: 401,
    fields: { accepted: 'uint16s' },
    actor: 'client',
    sentence: 'The homeserver does not accept this authentication scheme.',
    remedy: 'Use one of `accepted`; v1 knows `token` only.',
  },
  sender_not_allowed: {
    status: 0x0103,
    http: 403,
    fields: none,
    actor: 'client',
    sentence: 'This kind of sender may not use the operation.',
    remedy: 'Sign as the kind of sender that the operation states.',
  },
  unknown_sender: {
    status: 0x0104,
    http: 401,
    fields: none,
    actor: 'client',
    sentence: 'The homeserver has no key for this sender.',
    remedy: 'Check the record or the group; it may have been deleted.',
  },
  bad_signature: {
    status: 0x0105,
    http: 401,
    fields: none,
    actor: 'client',
    sentence: 'The signature does not cover this request.',
    remedy: 'Sign exactly what is sent, under the label of the service.',
  },
  request_expired: {
    status: 0x0106,
    http: 401,
    fields: { now_ms: 'uint64', max_age_ms: 'uint64' },
    actor: 'client',
    sentence: 'The time of the request is too long ago.',
    remedy: 'Correct the clock by `now_ms` and sign again with a fresh request id.',
  },
  request_from_future: {
    status: 0x0107,
    http: 401,
    fields: { now_ms: 'uint64', max_skew_ms: 'uint64' },
    actor: 'client',
    sentence: 'The time of the request is ahead of the homeserver by more than the allowed skew.',
    remedy: 'Correct the clock by `now_ms` and sign again with a fresh request id.',
  },
  replayed: {
    status: 0x0108,
    http: 409,
    fields: none,
    actor: 'client',
    sentence: 'A request of this sender with this request id was already admitted.',
    remedy: 'Draw a fresh request id for every request.',
  },
  replay_cache_full: {
    status: 0x0109,
    http: 503,
    fields: retryAfter,
    actor: 'retry',
    sentence: 'The homeserver cannot remember more requests and therefore admits none.',
    remedy: 'Wait `retry_after_ms`; operators: raise the capacity of the replay cache.',
  },
  downgrade_detected: {
    status: 0x010a,
    http: 400,
    fields: { offered: 'uint16s', supported: 'uint16s' },
    actor: 'client',
    sentence: 'Both sides speak a higher version than the one the request uses.',
    remedy: 'Fetch the well-known document again; somebody between may strip versions.',
  },
  token_required: {
    status: 0x010b,
    http: 401,
    fields: none,
    actor: 'client',
    sentence: 'The operation needs an anonymous token.',
    remedy: 'Fetch tokens from the AS of this homeserver and add one.',
  },
  token_invalid: {
    status: 0x010c,
    http: 401,
    fields: none,
    actor: 'client',
    sentence: 'The anonymous token is not of a current key of this homeserver.',
    remedy: 'Fetch fresh tokens; keep them no longer than their epoch and the next.',
  },
  token_spent: {
    status: 0x010d,
    http: 401,
    fields: none,
    actor: 'client',
    sentence: 'The anonymous token was used before.',
    remedy: 'Use every token once.',
  },
  group_mismatch: {
    status: 0x010e,
    http: 403,
    fields: none,
    actor: 'client',
    sentence: 'The sender signs for another group than the request is about.',
    remedy: 'Sign as a member of the group in the body.',
  },
  group_unknown: {
    status: 0x0201,
    http: 404,
    fields: none,
    actor: 'client',
    sentence: 'There is no group of this id, or the key to its state is wrong.',
    remedy: 'Leave the group locally; it was deleted or never created.',
  },
  group_exists: {
    status: 0x0202,
    http: 409,
    fields: none,
    actor: 'client',
    sentence: 'The group id is taken or was not reserved.',
    remedy: 'Request a fresh group id.',
  },
  wrong_epoch: {
    status: 0x0203,
    http: 409,
    fields: { current: 'uint64' },
    actor: 'client',
    sentence: 'The commit is for another epoch; the first commit of an epoch wins.',
    remedy: 'Read the queue up to epoch `current`, then commit again.',
  },
  proposals_pending: {
    status: 0x0204,
    http: 409,
    fields: { count: 'uint64' },
    actor: 'client',
    sentence: 'The group has stored proposals, which the next commit must contain.',
    remedy: 'Read the queue and send an update commit with all `count` proposals.',
  },
  invalid_message: {
    status: 0x0205,
    http: 422,
    fields: { reason: 'text' },
    actor: 'client',
    sentence: 'A receiving member would reject this MLS message.',
    remedy: 'Rebuild it on the current state of the group.',
  },
  not_admin: {
    status: 0x0206,
    http: 403,
    fields: none,
    actor: 'client',
    sentence: 'The operation is for admins of the group.',
    remedy: 'Ask an admin.',
  },
  group_frozen: {
    status: 0x0207,
    http: 409,
    fields: { successor: 'bytes' },
    actor: 'client',
    sentence: 'The group is being re-initialized and takes no more messages.',
    remedy: 'Join or create the successor group.',
  },
  successor_exists: {
    status: 0x0208,
    http: 409,
    fields: { successor: 'bytes' },
    actor: 'client',
    sentence: 'Another member has created the successor already.',
    remedy: 'Join it with the Welcome in the queue.',
  },
  suite_downgrade: {
    status: 0x0209,
    http: 422,
    fields: { current: 'uint16', proposed: 'uint16' },
    actor: 'client',
    sentence: 'The policy ranks the proposed suite below that of the group.',
    remedy: "Propose a suite that the homeserver's well-known document ranks higher.",
  },
  identity_not_accepted: {
    status: 0x020a,
    http: 403,
    fields: { accepted: 'uint16s' },
    actor: 'client',
    sentence: 'The homeserver does not accept groups or members of this identity kind.',
    remedy: 'Use a kind of `accepted`.',
  },
  plain_config_from_remote: {
    status: 0x020b,
    http: 422,
    fields: none,
    actor: 'client',
    sentence: 'A plain queue config may not leave its own homeserver.',
    remedy: 'Send a sealed queue config.',
  },
  record_unknown: {
    status: 0x0301,
    http: 404,
    fields: none,
    actor: 'client',
    sentence: 'There is no such user or client record.',
    remedy: 'Create the record again; it may have expired.',
  },
  too_many_clients: {
    status: 0x0302,
    http: 409,
    fields: { limit: 'uint64' },
    actor: 'client',
    sentence: 'The user record has as many client records as it may.',
    remedy: 'Delete a client record first.',
  },
  queue_full: {
    status: 0x0303,
    http: 507,
    fields: { limit: 'uint64' },
    actor: 'client',
    sentence: 'The queue refuses new messages until some are dequeued.',
    remedy: 'Recipients: dequeue. Senders: the message is not delivered to this client.',
  },
  friendship_token_unknown: {
    status: 0x0304,
    http: 403,
    fields: none,
    actor: 'client',
    sentence: 'No user has this friendship token.',
    remedy: 'Ask the user for the current token.',
  },
  no_key_package: {
    status: 0x0305,
    http: 404,
    fields: none,
    actor: 'client',
    sentence: 'The user has published no KeyPackage that can be used.',
    remedy: 'Try again when the user has been online.',
  },
  bad_key: {
    status: 0x0306,
    http: 422,
    fields: { field: 'text' },
    actor: 'client',
    sentence: 'A public key is none of its suite.',
    remedy: 'Generate the key of `field` again.',
  },
  user_exists: {
    status: 0x0401,
    http: 409,
    fields: none,
    actor: 'client',
    sentence: 'The user id or alias is taken.',
    remedy: 'Choose another one.',
  },
  bad_credential: {
    status: 0x0402,
    http: 403,
    fields: { reason: 'text' },
    actor: 'client',
    sentence: 'The credential chain does not hold.',
    remedy: 'Fetch the AS credentials again and renew the client credential.',
  },
  allowance_used: {
    status: 0x0403,
    http: 429,
    fields: retryAfter,
    actor: 'retry',
    sentence: 'The client has taken all tokens of this epoch.',
    remedy: 'Wait `retry_after_ms` for the next epoch.',
  },
  no_connection_package: {
    status: 0x0404,
    http: 404,
    fields: none,
    actor: 'client',
    sentence: 'The user or alias has published no connection package.',
    remedy: 'Try again when the user has been online.',
  },
  remote_unreachable: {
    status: 0x0501,
    http: 502,
    fields: { domain: 'text', ...retryAfter },
    actor: 'retry',
    sentence: 'The other homeserver does not answer.',
    remedy: 'Nothing is lost: the message waits in the queue for that homeserver.',
  },
  remote_signature_invalid: {
    status: 0x0502,
    http: 403,
    fields: { domain: 'text' },
    actor: 'operator',
    sentence: 'The message is not signed by the homeserver it names as its source.',
    remedy: 'Fetch the well-known document of the source again; its key may have changed.',
  },
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof errorCodes;

function row([code, entry]: [string, ErrorDescription]): string {
  const fields = Object.entries(entry.fields).map(([name, kind]) => `\`${name}\` ${kind}`);
  const status = `0x${entry.status.toString(16).padStart(4, '0')}`;
  const cells = [
    `\`${code}\``,
    status,
    String(entry.http),
    fields.join(', '),
    entry.actor,
    entry.sentence,
    entry.remedy,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The reference of error codes, for docs/reference. */
export function errorCodesMarkdown(): string {
  const entries = Object.entries<ErrorDescription>(errorCodes);
  return [
    '# Error codes',
    '',
    'Generated from `src/protocol/error-codes.ts`. `status` is the number in a `Response`, whose body',
    'holds the fields in this order; with `application/problem+json` the fields stand beside `code`.',
    '',
    '| code | status | HTTP | fields | who acts | what happened | remedy |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...entries.map(row),
    '',
  ].join('\n');
}
