/** The TLS presentation language as RFC 9420 uses it, in small parts. Start at `codec.ts`. */
export { CodecError } from './error.ts';
export { defaultLimits, varintSize } from './bytes.ts';
export { decode, encode, type Codec, type Decoded, type Pick } from './codec.ts';
export { oneOf, uint16, uint32, uint53, uint64, uint8 } from './numbers.ts';
export { ascii, opaque, opaqueV, text } from './strings.ts';
export { empty, nested, optional, refine, struct, union, vector } from './compose.ts';
