/**
 * A mutation fuzzer over every decoder. Each input either decodes, and then encodes to the same
 * bytes, or is refused by a `CodecError`; whatever else happens is a failure, printed with the
 * input.
 *
 * `fuzzDecoders(1_000_000, 1)` is the long run; unit tests and CI use smaller counts.
 */
import { allCodecs } from './all-codecs.ts';
import { CodecError, decode, encode, type Codec, type Pick } from './codec/index.ts';

export interface FuzzFailure {
  readonly decoder: string;
  /** Hexadecimal. */
  readonly input: string;
  readonly what: string;
}

export interface FuzzReport {
  readonly decoders: number;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  /** At most 20; the first ones. */
  readonly failures: readonly FuzzFailure[];
}

/** A small generator (xorshift32): the fuzzer must replay from its seed, on every machine. */
export function pickFrom(seed: number): Pick {
  let state = seed >>> 0 || 0x9e3779b9;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return Math.floor((state / 0x100000000) * below);
  };
}

/** Length prefixes that lie: largest, reserved, not shortest. */
const lies = [[0xbf, 0xff, 0xff, 0xff], [0xc0], [0x40, 0x01], [0x80, 0, 0, 1], [0x7f, 0xff]];

const randomBytes = (pick: Pick, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => pick(256));

/** One to four changes: flip, overwrite, insert, delete, cut, double, or a lying prefix. */
function mutate(bytes: Uint8Array, pick: Pick): Uint8Array {
  let now = [...bytes];
  for (let changes = 1 + pick(4); changes > 0; changes--) {
    const at = pick(now.length + 1);
    const kind = pick(7);
    if (kind === 0) now[at % Math.max(1, now.length)] = pick(256);
    else if (kind === 1) now[at] = (now[at] ?? 0) ^ (1 << pick(8));
    else if (kind === 2) now.splice(at, 0, pick(256));
    else if (kind === 3) now.splice(at, 1 + pick(4));
    else if (kind === 4) now = now.slice(0, at);
    else if (kind === 5) now.splice(at, 0, ...now.slice(at, at + 16));
    else now.splice(at, 4, ...(lies[pick(lies.length)] ?? []));
  }
  return Uint8Array.from(now);
}

function makeInput(codec: Codec<unknown>, pick: Pick): Uint8Array {
  const kind = pick(8);
  if (kind === 0) return randomBytes(pick, pick(64));
  const valid = encode(codec, codec.sample(pick));
  return kind === 1 ? valid : mutate(valid, pick);
}

/** What is wrong with how the decoder met the input, or whether it accepted it. */
function judge(codec: Codec<unknown>, input: Uint8Array): string | boolean {
  try {
    const result = decode(codec, input);
    if (!result.ok) {
      const sane = result.error instanceof CodecError && result.error.offset <= input.length;
      return sane ? false : 'an error that is no CodecError within the input';
    }
    const again = encode(codec, result.value);
    return Buffer.compare(again, input) === 0 ? true : 'decodes, but encodes to other bytes';
  } catch (error) {
    return `throws ${String(error)}`;
  }
}

/** Runs `count` inputs through every decoder. A function of `count` and `seed`. */
export function fuzzDecoders(
  count: number,
  seed: number,
  codecs: ReadonlyMap<string, Codec<unknown>> = allCodecs,
): FuzzReport {
  const pick = pickFrom(seed);
  const failures: FuzzFailure[] = [];
  let accepted = 0;
  let refused = 0;
  for (const [decoder, codec] of codecs) {
    for (let i = 0; i < count; i++) {
      const input = makeInput(codec, pick);
      const verdict = judge(codec, input);
      if (verdict === true) accepted++;
      else if (verdict === false) refused++;
      else if (failures.length < 20) {
        failures.push({ decoder, input: Buffer.from(input).toString('hex'), what: verdict });
      }
    }
  }
  return { decoders: codecs.size, inputs: codecs.size * count, accepted, refused, failures };
}
