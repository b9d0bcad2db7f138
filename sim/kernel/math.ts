/**
 * Elementary functions that give the same bits on every engine and processor.
 *
 * `Math.log` and its kin may differ in the last bit between V8 releases and C libraries, and one
 * bit is enough to reorder two events. These use only IEEE + - * / and square root, which are
 * exact to the rounding. `log` and `exp` follow the reductions and minimax polynomials of fdlibm
 * (Sun Microsystems, 1993: e_log.c, e_exp.c), `cos` in cos.ts too; `pow` and
 * `log2` go through a logarithm in two doubles (Dekker 1971 for the exact product).
 *
 * Errors are below 1 ulp. Tests compare with `Math.*` within 1 ulp and freeze outputs.
 */

export { cos } from './cos.ts';

const words = new Int32Array(2);
const double = new Float64Array(words.buffer);

/**
 * Word of a double that holds the sign and the exponent (the machines we run on are little-endian).
 */
const HIGH = 1;

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const TWO_54 = 18014398509481984;

/** Natural logarithm. -Infinity for 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  double[0] = x;
  let high = words[HIGH]!;
  let k = -1023;
  if (high < 0x00100000) {
    double[0] = x * TWO_54;
    high = words[HIGH]!;
    k -= 54;
  }
  // Mantissa into [sqrt(1/2), sqrt(2)), so that f is small on both sides of 1.
  k += high >> 20;
  high &= 0x000fffff;
  const carry = (high + 0x95f64) & 0x100000;
  words[HIGH] = high | (carry ^ 0x3ff00000);
  k += carry >> 20;
  const f = double[0]! - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even =
    w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const halfSquare = 0.5 * f * f;
  return k * LN2_HIGH - (halfSquare - (s * (halfSquare + even + odd) + k * LN2_LOW) - f);
}

/** 2^k for integer k in -1022..1023. */
function powerOfTwo(k: number): number {
  words[0] = 0;
  words[HIGH] = (k + 1023) << 20;
  return double[0]!;
}

/** x 2^k, with the one rounding of gradual underflow. */
function scale(x: number, k: number): number {
  if (k > 1023) return x * powerOfTwo(1023) * powerOfTwo(Math.min(k - 1023, 1023));
  if (k < -1022) return x * powerOfTwo(Math.max(k + 54, -1022)) * powerOfTwo(-54);
  return x * powerOfTwo(k);
}

/** e^x. Overflows to Infinity above 709.78, underflows to 0 below -745.13. */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const upper = x - k * LN2_HIGH;
  const lower = k * LN2_LOW;
  const r = upper - lower;
  const t = r * r;
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t *
              (6.61375632143793436117e-5 +
                t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  return scale(1 - (lower - (r * c) / (2 - c) - upper), k);
}

/**
 * High and low part of the last double-double result. A returned object would be an allocation, and
 * module variables are slower: V8 may box every double that is stored in one.
 */
const pair = new Float64Array(2);
const HI = 0;
const LO = 1;

/** pair[HI]! + pair[LO] = a b exactly (Veltkamp's splitting, Dekker's product). */
function multiplyExactly(a: number, b: number): void {
  const aScaled = 134217729 * a;
  const bScaled = 134217729 * b;
  const aHigh = aScaled - (aScaled - a);
  const bHigh = bScaled - (bScaled - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const product = a * b;
  pair[HI] = product;
  pair[LO] = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** (aHigh + aLow)(bHigh + bLow), to about 100 bits. */
function multiplyPairs(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  multiplyExactly(aHigh, bHigh);
  const low = pair[LO]! + (aHigh * bLow + aLow * bHigh);
  const high = pair[HI]! + low;
  pair[LO] = pair[HI]! - high + low;
  pair[HI] = high;
}

/** (aHigh + aLow) + (bHigh + bLow), to about 100 bits. */
function addPairs(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const sum = aHigh + bHigh;
  const back = sum - aHigh;
  const low = aHigh - (sum - back) + (bHigh - back) + aLow + bLow;
  pair[HI] = sum + low;
  pair[LO] = sum - pair[HI]! + low;
}

/** a / b for a pair a, to about 100 bits. */
function dividePair(aHigh: number, aLow: number, b: number, bLow: number): void {
  const q = aHigh / b;
  multiplyExactly(q, b);
  const rest = aHigh - pair[HI]! - pair[LO]! + aLow - q * bLow;
  const low = rest / b;
  pair[HI] = q + low;
  pair[LO] = q - pair[HI]! + low;
}

const LN2_PAIR_LOW = 2.3190468138462996e-17;

/**
 * Natural logarithm of finite x > 0 in two doubles, about 2^-68 relative: x = 2^k m, and
 * ln m = 2 (s + s^3/3 + s^5/5 + ...) with s = (m - 1) / (m + 1), |s| < 0.172. The first three terms
 * are summed in pairs, the rest is below 2^-17 of the whole and a double carries it.
 */
function logPair(x: number): void {
  double[0] = x;
  let k = 0;
  if (words[HIGH]! < 0x00100000) {
    double[0] = x * TWO_54;
    k = -54;
  }
  const high = words[HIGH]!;
  const carry = ((high & 0xfffff) + 0x95f64) & 0x100000;
  words[HIGH] = (high & 0xfffff) | (carry ^ 0x3ff00000);
  k += (high >> 20) - 1023 + (carry >> 20);
  const m = double[0]!;
  const sum = m + 1;
  // What the sum lost, by subtracting the larger addend first.
  dividePair(m - 1, 0, sum, m < 1 ? m - (sum - 1) : 1 - (sum - m));
  const s = pair[HI]!;
  const sLow = pair[LO]!;
  multiplyPairs(s, sLow, s, sLow);
  const z = pair[HI]!;
  const zLow = pair[LO]!;
  const tail = z * z * z * tailOfLog(z);
  multiplyPairs(z, zLow, 0.2, -1.1102230246251566e-17);
  addPairs(0.3333333333333333, 1.850371707708594e-17, pair[HI]!, pair[LO]!);
  multiplyPairs(z, zLow, pair[HI]!, pair[LO]!);
  addPairs(pair[HI]!, pair[LO]!, tail, 0);
  addPairs(1, 0, pair[HI]!, pair[LO]!);
  multiplyPairs(2 * s, 2 * sLow, pair[HI]!, pair[LO]!);
  const mHigh = pair[HI]!;
  const mLow = pair[LO]!;
  multiplyPairs(k, 0, Math.LN2, LN2_PAIR_LOW);
  addPairs(pair[HI]!, pair[LO]!, mHigh, mLow);
}

/** 1/7, 1/9, ..., 1/27, to multiply instead of dividing. */
const ODD_RECIPROCALS = Float64Array.from({ length: 11 }, (_, i) => 1 / (2 * i + 7));

/** 1/7 + z/9 + z^2/11 + ..., to 2^-53 for z < 0.0295. */
function tailOfLog(z: number): number {
  let sum = 0;
  for (let i = 10; i >= 0; i--) sum = sum * z + ODD_RECIPROCALS[i]!;
  return sum;
}

/** Base-2 logarithm; exact for powers of two. -Infinity for 0, NaN below. */
export function log2(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  logPair(x);
  multiplyPairs(pair[HI]!, pair[LO]!, Math.LOG2E, 2.0355273740931033e-17);
  return pair[HI]!;
}

/** x^y by the rules of `Math.pow` (x^0 = 1, NaN for a negative x and a y that is no integer). */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x !== x || y !== y) return NaN;
  if (x === 1) return Math.abs(y) === Infinity ? NaN : 1;
  const odd = y % 2 !== 0 && Number.isInteger(y);
  if (x < 0 && Number.isFinite(x) && Number.isFinite(y) && !Number.isInteger(y)) return NaN;
  const negative = odd && (x < 0 || Object.is(x, -0));
  const size = powOfPositive(Math.abs(x), y);
  return negative ? -size : size;
}

/** x^y for x >= 0 or Infinity, y neither 0 nor NaN. */
function powOfPositive(x: number, y: number): number {
  if (x === 0 || x === Infinity) return (x === 0) === y > 0 ? 0 : Infinity;
  if (Math.abs(y) === Infinity) return x === 1 ? NaN : x > 1 === y > 0 ? Infinity : 0;
  if (y === 1) return x;
  // Beyond this, every x but 1 over- or underflows, and the splitting of y would overflow.
  if (Math.abs(y) > 1e19) return x === 1 ? 1 : x > 1 === y > 0 ? Infinity : 0;
  logPair(x);
  multiplyPairs(pair[HI]!, pair[LO]!, y, 0);
  if (pair[HI]! > 709.8) return Infinity;
  if (pair[HI]! < -745.2) return 0;
  return expOfPair(pair[HI]!, pair[LO]!);
}

/** 2/3!, 2/4!, ..., 2/18!. */
const EXP_TAIL = new Float64Array(16);
for (let i = 0, term = 1; i < 16; i++) EXP_TAIL[i] = term /= i + 3;

/**
 * e^(high + low), to 0.51 ulp, so that 10^3 is 1000: the terms to r^2/2 are summed in pairs, the
 * rest is below 2^-7 of the whole.
 */
function expOfPair(high: number, low: number): number {
  const k = Math.floor(high * Math.LOG2E + 0.5);
  multiplyPairs(k, 0, -Math.LN2, -LN2_PAIR_LOW);
  addPairs(high, low, pair[HI]!, pair[LO]!);
  const r = pair[HI]!;
  const rLow = pair[LO]!;
  let tail = 0;
  for (let i = 15; i >= 0; i--) tail = tail * r + EXP_TAIL[i]!;
  multiplyPairs(r, rLow, r, rLow);
  addPairs(r, rLow, pair[HI]! * 0.5, pair[LO]! * 0.5);
  addPairs(pair[HI]!, pair[LO]!, r * r * 0.5 * r * tail, 0);
  addPairs(1, 0, pair[HI]!, pair[LO]!);
  return scale(pair[HI]!, k);
}
