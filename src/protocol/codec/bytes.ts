/**
 * Byte cursors, and the variable-length prefix of RFC 9420, section 2.1.2 (RFC 9000, section 16,
 * without its eight-byte form, and with the shortest form mandatory).
 */
import { CodecError } from './error.ts';

/** Largest length a prefix can carry. */
export const maxVarint = 0x3fffffff;

/** Bounds on what one decoding may read. All of them are checked before anything is allocated. */
export interface DecodeLimits {
  /** Largest input in bytes. Default 16 MiB. */
  readonly maxBytes: number;
  /** Largest nesting of structures, vectors and unions. Default 32. */
  readonly maxDepth: number;
  /** Largest number of vector elements in the whole input. Default 1,048,576. */
  readonly maxElements: number;
}

export const defaultLimits: DecodeLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxDepth: 32,
  maxElements: 1 << 20,
};

/** Reads forward through one input; every method throws `CodecError` rather than read past `end`. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly limits: DecodeLimits;
  position = 0;
  end = 0;
  depth = 0;
  elements = 0;

  constructor(bytes: Uint8Array, limits: DecodeLimits = defaultLimits) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limits = limits;
    this.end = bytes.length;
  }

  fail(kind: CodecError['kind'], detail: string, offset = this.position): never {
    throw new CodecError(kind, offset, detail);
  }

  /** Moves past `length` bytes and returns where they began. */
  take(length: number): number {
    const start = this.position;
    if (length > this.end - start) {
      this.fail('truncated', `needs ${length} bytes, ${this.end - start} are left`);
    }
    this.position = start + length;
    return start;
  }

  /** A view of the next `length` bytes; no copy, so it shares memory with the input. */
  view8(length: number): Uint8Array {
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  varint(): number {
    const start = this.take(1);
    const first = this.view.getUint8(start);
    const form = first >> 6;
    if (form === 0) return first;
    if (form === 3) this.fail('bad-length', 'reserved form of a length prefix', start);
    this.take(form === 1 ? 1 : 3);
    const value =
      form === 1 ? this.view.getUint16(start) & 0x3fff : this.view.getUint32(start) & maxVarint;
    if (value < (form === 1 ? 0x40 : 0x4000)) {
      this.fail('bad-length', `length ${value} is not in its shortest form`, start);
    }
    return value;
  }

  enter(): void {
    if (++this.depth > this.limits.maxDepth) {
      this.fail('too-large', `nested deeper than ${this.limits.maxDepth}`);
    }
  }

  leave(): void {
    this.depth--;
  }

  /** Counts one vector element against the budget of the whole input. */
  element(): void {
    if (++this.elements > this.limits.maxElements) {
      this.fail('too-large', `more than ${this.limits.maxElements} elements`);
    }
  }
}

/** Bytes that a length prefix for `value` takes. */
export function varintSize(value: number): number {
  if (value < 0x40) return 1;
  return value < 0x4000 ? 2 : 4;
}

/** Writes forward into a buffer of exactly the right size. */
export class Writer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  position = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }

  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  varint(value: number): void {
    const at = this.position;
    if (value < 0x40) this.view.setUint8(at, value);
    else if (value < 0x4000) this.view.setUint16(at, value | 0x4000);
    else if (value <= maxVarint) this.view.setUint32(at, (value | 0x80000000) >>> 0);
    else throw new CodecError('too-large', 0, `length ${value} exceeds ${maxVarint}`);
    this.position = at + varintSize(value);
  }
}
