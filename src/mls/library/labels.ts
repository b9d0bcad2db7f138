/**
 * The labelled inputs of RFC 9420, sections 5.1.2 and 8, in one allocation each. The library
 * composes an encoder and encodes the label for every call, 16 times per application message.
 * Loaded from within the library, hence free of imports.
 */

const labels = new Map<string, Uint8Array>();

const prefixSize = (length: number): number => (length < 0x40 ? 1 : length < 0x4000 ? 2 : 4);

function putLength(out: Uint8Array, at: number, length: number): number {
  const size = prefixSize(length);
  const marked = size === 1 ? length : size === 2 ? length | 0x4000 : length | 0x80000000;
  for (let i = 0; i < size; i++) out[at + i] = marked >>> (8 * (size - 1 - i));
  return at + size;
}

/** Labels of RFC 9420 are fewer; an exporter may be called with any, which then is not kept. */
const keptLabels = 64;

/** `"MLS 1.0 " + label` as `opaque<V>`. */
function prefixed(label: string): Uint8Array {
  const known = labels.get(label);
  if (known !== undefined) return known;
  const text = new TextEncoder().encode(`MLS 1.0 ${label}`);
  const made = new Uint8Array(prefixSize(text.length) + text.length);
  made.set(text, putLength(made, 0, text.length));
  if (labels.size < keptLabels) labels.set(label, made);
  return made;
}

function joined(start: number, label: string, content: Uint8Array): Uint8Array {
  const prefix = prefixed(label);
  const size = start + prefix.length + prefixSize(content.length) + content.length;
  const out = new Uint8Array(size);
  out.set(prefix, start);
  out.set(content, putLength(out, start + prefix.length, content.length));
  return out;
}

/** KDFLabel of section 8. */
export function kdfLabel(length: number, label: string, context: Uint8Array): Uint8Array {
  const out = joined(2, label, context);
  out[0] = length >> 8;
  out[1] = length;
  return out;
}

/** SignContent of section 5.1.2. */
export function signContent(label: string, content: Uint8Array): Uint8Array {
  return joined(0, label, content);
}
