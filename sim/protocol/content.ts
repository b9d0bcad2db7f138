/** What clients of the simulation write to each other. */
import { decode, encode, struct, uint32, uint53, uint8 } from '../../src/protocol/codec/index.ts';
import type { Decoded } from '../../src/protocol/codec/index.ts';

const content = struct('SimulatedContent', {
  group: uint32,
  /** Over all clients. */
  sender: uint32,
  /** Number of the message among those of its sender in the group. */
  generation: uint32,
  /** 1: a delivery receipt. */
  receipt: uint8,
  /** Simulated time in nanoseconds. */
  sentNs: uint53,
});
export type Content = Decoded<typeof content>;

/** Bytes of the smallest content. */
export const contentBytesMin = 21;

/** @param bytes - of the plaintext, filled with zeros */
export function encodeContent(value: Content, bytes: number): Uint8Array {
  const out = new Uint8Array(Math.max(bytes, contentBytesMin));
  out.set(encode(content, value));
  return out;
}

/** Undefined for what no client of the simulation wrote. */
export function decodeContent(bytes: Uint8Array): Content | undefined {
  const decoded = decode(content, bytes.subarray(0, contentBytesMin));
  return decoded.ok ? decoded.value : undefined;
}
