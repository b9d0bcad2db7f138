/**
 * Keyed random streams: `stream(seed, entity, purpose)`. A stream belongs to one entity and one
 * purpose, so adding a draw in one part of a model shifts no other part, and two policies compared
 * under one seed see the same random world.
 *
 * The generator is a hash of a counter under a 64-bit key (multiply-xorshift rounds in the manner
 * of MurmurHash3's finaliser and C. Wellons' `prospector` constants) with 4 bytes of state, so ten
 * million clients afford one stream each. TestU01 SmallCrush passed for one stream, Crush for
 * 65,536 interleaved ones; good for about 2^20 draws. Heavier streams take `Sfc32` (C.
 * Doty-Humphrey's small fast counting generator, period at least 2^32).
 */

/** Anything that yields uniform 32-bit integers. All samplers draw from this. */
export interface RandomSource {
  /** Uniform integer in 0..2^32-1. */
  u32(): number;
}

/** Bound once: bytecode of half the size, see the note on inlining in kernel.ts. */
const { imul } = Math;

const TWO_NEG_32 = 2.3283064365386963e-10;
const TWO_NEG_53 = 1.1102230246251565e-16;
const GOLDEN = 0x9e3779b9 | 0;
const ENTITY_STEP_0 = 0x85157af5 | 0;
const ENTITY_STEP_1 = 0x27d4eb2f;

/** Bijective mixing of 32 bits (MurmurHash3's finaliser). */
function mix(x: number): number {
  x = imul(x ^ (x >>> 16), 0x85ebca6b);
  x = imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Hash of a purpose's name (FNV-1a over UTF-16 units, then mixed); two lanes by two bases. */
function hashName(name: string, basis: number): number {
  let hash = basis | 0;
  for (let i = 0; i < name.length; i++) hash = imul(hash ^ name.charCodeAt(i), 0x01000193);
  return mix(hash ^ name.length);
}

/** First half of the key shared by all entities of a purpose. */
function purposeKey(seed: number, purpose: string, basis: number): number {
  const low = seed | 0;
  const high = Math.floor(seed / 4294967296) | 0;
  return mix(mix(mix(low ^ basis) + high) ^ hashName(purpose, basis));
}

/** @throws {RangeError} unless the seed is an integer in 0..2^53-1. */
function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed ${seed} is not an integer in 0..9007199254740991`);
  }
}

/** The c-th output of the stream with the given key. */
function counterHash(counter: number, key0: number, key1: number): number {
  let x = (imul(counter, GOLDEN) + key0) | 0;
  x = imul(x ^ (x >>> 16), 0x21f0aaad);
  x = imul(x ^ (x >>> 15), 0x735a2d97);
  x = ((x ^ (x >>> 15)) + key1) | 0;
  x = imul(x ^ (x >>> 16), 0x85ebca6b);
  x = imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

const KEY_BASIS_0 = 0x811c9dc5 | 0;
const KEY_BASIS_1 = 0x5bd1e995;

/** One keyed stream. Make it with `stream`. */
export class Stream implements RandomSource {
  private counter = 0;
  private readonly key0: number;
  private readonly key1: number;

  constructor(key0: number, key1: number) {
    this.key0 = key0;
    this.key1 = key1;
  }

  u32(): number {
    const counter = this.counter;
    this.counter = (counter + 1) | 0;
    return counterHash(counter, this.key0, this.key1);
  }
}

/**
 * The stream of one entity for one purpose.
 *
 * @param seed - integer in 0..2^53-1
 * @param entity - integer in 0..2^31-1
 * @param purpose - a name such as `network.jitter`; hashed here, so make streams at construction
 */
export function stream(seed: number, entity: number, purpose: string): Stream {
  checkSeed(seed);
  return new Stream(
    (purposeKey(seed, purpose, KEY_BASIS_0) + imul(entity, ENTITY_STEP_0)) | 0,
    (purposeKey(seed, purpose, KEY_BASIS_1) + imul(entity, ENTITY_STEP_1)) | 0,
  );
}

/**
 * The streams of entities 0..n-1 for one purpose, in 4 bytes each. `select(entity)` makes the table
 * the source of that entity's draws, which are those of `stream(seed, entity, purpose)`.
 */
export class StreamTable implements RandomSource {
  private readonly counters: Int32Array;
  private readonly base0: number;
  private readonly base1: number;
  private entity = 0;
  private key0 = 0;
  private key1 = 0;

  /**
   * @param counters - state, zeroed; may lie in a SharedArrayBuffer when each entity has one writer
   */
  constructor(seed: number, purpose: string, counters: Int32Array) {
    checkSeed(seed);
    this.base0 = purposeKey(seed, purpose, KEY_BASIS_0);
    this.base1 = purposeKey(seed, purpose, KEY_BASIS_1);
    this.counters = counters;
    this.select(0);
  }

  select(entity: number): this {
    this.entity = entity;
    this.key0 = (this.base0 + imul(entity, ENTITY_STEP_0)) | 0;
    this.key1 = (this.base1 + imul(entity, ENTITY_STEP_1)) | 0;
    return this;
  }

  u32(): number {
    const entity = this.entity;
    const counter = this.counters[entity]!;
    this.counters[entity] = counter + 1;
    return counterHash(counter, this.key0, this.key1);
  }

  /** Draw of one entity without selecting it. */
  u32Of(entity: number): number {
    const counter = this.counters[entity]!;
    this.counters[entity] = counter + 1;
    return counterHash(
      counter,
      (this.base0 + imul(entity, ENTITY_STEP_0)) | 0,
      (this.base1 + imul(entity, ENTITY_STEP_1)) | 0,
    );
  }
}

/** Generator for streams of many millions of draws: 16 bytes of state, no limit in practice. */
export class Sfc32 implements RandomSource {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** Seeded from any source, such as `stream(seed, entity, purpose)`. */
  constructor(seeds: RandomSource) {
    this.a = seeds.u32() | 0;
    this.b = seeds.u32() | 0;
    this.c = seeds.u32() | 0;
    for (let i = 0; i < 12; i++) this.u32();
  }

  u32(): number {
    const out = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) | 0;
    return out >>> 0;
  }
}

/** Uniform in [0, 1), a multiple of 2^-32. */
export function float(source: RandomSource): number {
  return source.u32() * TWO_NEG_32;
}

/** Uniform in the open interval (0, 1), an odd multiple of 2^-33: safe for logarithms. */
export function floatOpen(source: RandomSource): number {
  return (source.u32() + 0.5) * TWO_NEG_32;
}

/** Uniform in [0, 1) with 53 bits; takes two draws. */
export function double(source: RandomSource): number {
  const high = source.u32() >>> 5;
  const low = source.u32() >>> 6;
  return (high * 67108864 + low) * TWO_NEG_53;
}

/**
 * Uniform integer in 0..n-1 without bias (multiply and reject, D. Lemire 2019), n in 1..2^32.
 *
 * @throws {RangeError} for other n
 */
export function below(source: RandomSource, n: number): number {
  if (!(n >= 1 && n <= 4294967296)) throw new RangeError(`below(${n}): n must be in 1..2^32`);
  if (n > 2097152) return belowLarge(source, n);
  // u n < 2^53, so the product and its split into quotient and remainder are exact.
  let product = source.u32() * n;
  let quotient = Math.floor(product * TWO_NEG_32);
  let rest = product - quotient * 4294967296;
  if (rest < n) {
    const threshold = 4294967296 % n;
    while (rest < threshold) {
      product = source.u32() * n;
      quotient = Math.floor(product * TWO_NEG_32);
      rest = product - quotient * 4294967296;
    }
  }
  return quotient;
}

/** Rejection on the raw draw, for n too large for exact products. */
function belowLarge(source: RandomSource, n: number): number {
  const limit = 4294967296 - (4294967296 % n);
  for (;;) {
    const draw = source.u32();
    if (draw < limit) return draw % n;
  }
}
