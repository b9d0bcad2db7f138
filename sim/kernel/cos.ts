/**
 * Cosine that gives the same bits on every engine and processor, see math.ts. After fdlibm (Sun
 * Microsystems, 1993: k_cos.c, k_sin.c, e_rem_pio2.c).
 */

/** Largest argument of `cos`, 2^20 pi/2: beyond it the reduction would need more digits of pi. */
const COS_MAX = 1647099;

/**
 * Cosine of x radians.
 *
 * @throws {RangeError} for |x| > 1,647,099 (2^20 pi/2): reduce the phase before, it has lost its
 *   digits.
 */
export function cos(x: number): number {
  if (!(Math.abs(x) <= COS_MAX))
    throw new RangeError(`cos(${x}): reduce the phase to |x| <= ${COS_MAX}`);
  const n = Math.floor(x * 6.36619772367581382433e-1 + 0.5);
  // pi/2 in parts of 33 bits, so that n times a part is exact (Cody and Waite).
  const first = x - n * 1.57079632673412561417;
  const second = first - n * 6.0771005063039659766e-11;
  const lost = first - second - n * 6.0771005063039659766e-11;
  const w = n * 2.02226624879595063154e-21 - lost;
  const r = second - w;
  const rLow = second - r - w;
  switch (n & 3) {
    case 0:
      return cosReduced(r, rLow);
    case 1:
      return -sinReduced(r, rLow);
    case 2:
      return -cosReduced(r, rLow);
    default:
      return sinReduced(r, rLow);
  }
}

/** cos(x + y), |x| <= pi/4, y the tail of x. */
function cosReduced(x: number, y: number): number {
  const z = x * x;
  const r =
    z *
    (4.16666666666666019037e-2 +
      z *
        (-1.38888888888741095749e-3 +
          z *
            (2.48015872894767294178e-5 +
              z *
                (-2.75573143513906633035e-7 +
                  z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11)))));
  const half = 0.5 * z;
  const w = 1 - half;
  return w + (1 - w - half + (z * r - x * y));
}

/** sin(x + y), |x| <= pi/4, y the tail of x. */
function sinReduced(x: number, y: number): number {
  const z = x * x;
  const v = z * x;
  const r =
    8.33333333332248946124e-3 +
    z *
      (-1.98412698298579493134e-4 +
        z *
          (2.75573137070700676789e-6 +
            z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)));
  return x - (z * (0.5 * y - v * r) - y - v * -1.66666666666666324348e-1);
}
