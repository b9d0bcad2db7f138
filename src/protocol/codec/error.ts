/**
 * The one error a codec can produce. Decoders of this room never throw anything else, whatever the
 * input: that is what the fuzzer checks.
 */

/** Why bytes are not a value of the structure, or a value cannot be encoded. */
export type CodecErrorKind =
  /** The input ends inside a field. */
  | 'truncated'
  /** Bytes are left over after the structure. */
  | 'trailing'
  /** A length prefix is longer than needed, or uses the reserved four-byte-plus form. */
  | 'bad-length'
  /** A length, count or nesting exceeds its limit. */
  | 'too-large'
  /** A tag, a presence byte or a value is outside its range. */
  | 'bad-value';

/** What each kind asks of whoever meets it. */
const remedies: Record<CodecErrorKind, string> = {
  truncated: 'send the whole structure',
  trailing: 'send exactly one structure',
  'bad-length': 'use the shortest length prefix (RFC 9420, section 2.1.2)',
  'too-large': 'keep within the limits of the protocol',
  'bad-value': 'use a value that the protocol defines',
};

/** A failed decoding or encoding, with the path of the field and its byte offset. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly kind: CodecErrorKind;
  /** Byte offset of the field in the input; 0 when encoding. */
  readonly offset: number;
  readonly remedy: string;
  /** Innermost field first while unwinding. */
  private readonly trail: string[] = [];
  private readonly detail: string;

  constructor(kind: CodecErrorKind, offset: number, detail: string) {
    super(detail);
    this.kind = kind;
    this.offset = offset;
    this.detail = detail;
    this.remedy = remedies[kind];
  }

  /** Path of the field from the outermost structure, such as `Request.auth.signature`. */
  get path(): string {
    let path = '';
    for (let i = this.trail.length - 1; i >= 0; i--) {
      const step = this.trail[i] ?? '';
      path += path === '' || step.startsWith('[') ? step : `.${step}`;
    }
    return path;
  }

  /** Called by the combinators while unwinding, innermost first. */
  within(step: string): this {
    this.trail.push(step);
    this.message = `${this.path} at byte ${this.offset}: ${this.detail}`;
    return this;
  }
}

/** Names the field in a codec error that passes through, and hands every error on. */
export function atField(error: unknown, step: string): unknown {
  return error instanceof CodecError ? error.within(step) : error;
}
