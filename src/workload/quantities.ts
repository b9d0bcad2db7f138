/** Numbers in base units, and distributions of them. */

export type Milliseconds = number;
export type PerSecond = number;
export type BitsPerSecond = number;

/** A distribution in the base unit of the field that holds it. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly sd: number }
  /** ln X ~ Normal(ln median, sigma^2). */
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number }
  /** P(k) proportional to k^-exponent over ranks 1..n; n is given by the field. */
  | { readonly kind: 'zipf'; readonly exponent: number }
  /** Values with weights (normalised to sum 1). */
  | {
      readonly kind: 'empirical';
      readonly values: readonly number[];
      readonly weights: readonly number[];
    };
