/** Distribution functions and quantiles of the normal and the Student t distribution. */
import { log } from '../../sim/kernel/math.ts';
import { complementaryError, incompleteBeta } from './special.ts';

/** P(Z <= z) for a standard normal Z. */
export function normalCdf(z: number): number {
  return 0.5 * complementaryError(-z / Math.SQRT2);
}

/**
 * The z with P(Z <= z) = p, for 0 < p < 1: Wichura's AS 241 (PPND16), relative error about 1e-16.
 *
 * @throws {RangeError} for p outside (0, 1).
 */
export function normalQuantile(p: number): number {
  assertProbability(p);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(central.above, r)) / polynomial(central.below, r);
  }
  const r = Math.sqrt(-log(Math.min(p, 1 - p)));
  const [coefficients, shifted] = r <= 5 ? [middle, r - 1.6] : [far, r - 5];
  const z = polynomial(coefficients.above, shifted) / polynomial(coefficients.below, shifted);
  return q < 0 ? -z : z;
}

/** P(T <= t) for Student's t with `df` > 0 degrees of freedom, not necessarily a whole number. */
export function tCdf(t: number, df: number): number {
  const tail = 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/**
 * The t with P(T <= t) = p for Student's t with `df` degrees of freedom, to about 1e-12 relative.
 * Beyond 1e7 degrees of freedom the normal quantile, which then differs by less than 1e-7.
 *
 * @throws {RangeError} for p outside (0, 1) or df <= 0.
 */
export function tQuantile(p: number, df: number): number {
  assertProbability(p);
  if (!(df > 0)) {
    throw new RangeError(`degrees of freedom must be positive, not ${df}`);
  }
  if (p === 0.5) {
    return 0;
  }
  if (df > 1e7) {
    return normalQuantile(p);
  }
  const tail = Math.min(p, 1 - p);
  const magnitude = tailQuantile(tail, df);
  return p < 0.5 ? -magnitude : magnitude;
}

/** The t > 0 with P(T > t) = tail: doubling finds a bracket, bisection then the last bit. */
function tailQuantile(tail: number, df: number): number {
  let high = 1;
  while (tCdf(-high, df) > tail && high < 1e300) {
    high *= 2;
  }
  let low = high === 1 ? 0 : high / 2;
  for (let middlePoint = (low + high) / 2; middlePoint > low && middlePoint < high;) {
    if (tCdf(-middlePoint, df) > tail) {
      low = middlePoint;
    } else {
      high = middlePoint;
    }
    middlePoint = (low + high) / 2;
  }
  return high;
}

export function assertProbability(p: number): void {
  if (!(p > 0 && p < 1)) {
    throw new RangeError(`a probability strictly between 0 and 1 is needed, not ${p}`);
  }
}

interface Rational {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

/** Horner's rule, coefficients from the constant upwards. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let index = coefficients.length - 1; index >= 0; index--) {
    value = value * x + (coefficients[index] ?? 0);
  }
  return value;
}

// Coefficients of AS 241 (Wichura, Applied Statistics 37, 1988, pp. 477-484).
const central: Rational = {
  above: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946,
    45921.95393154987, 67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  below: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597,
    39307.89580009271, 28729.085735721943, 5226.495278852546,
  ],
};
const middle: Rational = {
  above: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045,
    1.2704582524523684, 0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  below: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008,
    0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-9,
  ],
};
const far: Rational = {
  above: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487,
    0.026532189526576124, 0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  below: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
};
