/**
 * Two integers in one exact double: the first below 2^27, the second below 2^26. Events have three
 * payload words; clients, groups and sizes fit in half of one each.
 */
const radix = 67_108_864;

/** Largest second integer. */
export const maxPackedLow = radix - 1;

export function pack(high: number, low: number): number {
  return high * radix + low;
}

export function packedHigh(packed: number): number {
  return Math.floor(packed / radix);
}

export function packedLow(packed: number): number {
  return packed % radix;
}
