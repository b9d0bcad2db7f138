/** Errors of the protocol as values: they are answers, not exceptions. */
import { decode, encode, struct, type Codec, type CodecError } from './codec/index.ts';
import {
  errorCodes,
  fieldCodecs,
  type ErrorCode,
  type ErrorDescription,
  type FieldKind,
} from './error-codes.ts';
import type { Response } from './wire/envelope.ts';

type FieldValue = {
  readonly uint64: number;
  readonly uint16: number;
  readonly uint16s: readonly number[];
  readonly bytes: Uint8Array;
  readonly text: string;
};

type FieldsOf<C extends ErrorCode> = {
  readonly [
    F in keyof (typeof errorCodes)[C]['fields']
  ]: (typeof errorCodes)[C]['fields'][F] extends infer K extends FieldKind ? FieldValue[K] : never;
};

/** One error with the fields that its code states. */
export type ProtocolError = {
  readonly [C in ErrorCode]: { readonly code: C; readonly fields: FieldsOf<C> };
}[ErrorCode];

/** Result of a step that may answer with an error. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ProtocolError };

export const success = <T>(value: T): Outcome<T> => ({ ok: true, value });

/** A refusal: `refuse('wrong_epoch', { current: 7 })`. */
export function refuse<C extends ErrorCode>(code: C, fields: FieldsOf<C>) {
  return { ok: false, error: { code, fields } as unknown as ProtocolError } as const;
}

/** The refusal of bytes that do not decode. */
export function refuseMalformed(error: CodecError) {
  return refuse('malformed_request', { path: error.path, offset: error.offset });
}

type AnyFields = Record<string, never>;
const bodyCodecs = new Map<string, Codec<AnyFields>>();
const codeByStatus = new Map<number, ErrorCode>();
for (const [code, entry] of Object.entries<ErrorDescription>(errorCodes)) {
  const fields = Object.entries(entry.fields).map(([name, kind]) => [name, fieldCodecs[kind]]);
  const codec = struct(code, Object.fromEntries(fields) as unknown as Record<string, Codec<never>>);
  bodyCodecs.set(code, codec as unknown as Codec<AnyFields>);
  codeByStatus.set(entry.status, code as ErrorCode);
}

const bodyCodecOf = (code: string): Codec<AnyFields> => bodyCodecs.get(code) as Codec<AnyFields>;

/** The response that carries an error. */
export function errorResponse(
  error: ProtocolError,
  to: Pick<Response, 'protocol_version' | 'request_id'>,
): Response {
  return {
    protocol_version: to.protocol_version,
    request_id: to.request_id,
    status: errorCodes[error.code].status,
    body: encode(bodyCodecOf(error.code), error.fields as unknown as AnyFields),
  };
}

/** The error of a response; undefined when it is a success, or its status or body is unknown. */
export function errorOf(response: Response): ProtocolError | undefined {
  const code = codeByStatus.get(response.status);
  if (code === undefined) return undefined;
  const fields = decode(bodyCodecOf(code), response.body);
  return fields.ok ? ({ code, fields: fields.value } as unknown as ProtocolError) : undefined;
}

function jsonValue(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

/** RFC 9457 `application/problem+json`; byte strings in hexadecimal. */
export function problemJson(error: ProtocolError): Readonly<Record<string, unknown>> {
  const { http, sentence, remedy } = errorCodes[error.code];
  const fields = Object.entries(error.fields).map(([name, value]) => [name, jsonValue(value)]);
  return {
    type: `urn:stormglass:error:${error.code}`,
    title: sentence,
    status: http,
    detail: remedy,
    code: error.code,
    ...(Object.fromEntries(fields) as Record<string, unknown>),
  };
}
