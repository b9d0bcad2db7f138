/** Units of the model: workload files speak milliseconds, the kernel integer nanoseconds. */

export const nsPerMs = 1e6;
export const nsPerSecond = 1e9;
export const msPerDay = 86_400_000;

/** Milliseconds to integer nanoseconds. */
export function toNs(milliseconds: number): number {
  return Math.round(milliseconds * nsPerMs);
}

/** Integer nanoseconds that `bytes` take at a bandwidth in bit/s; 0 when unlimited. */
export function transferNs(bytes: number, bitsPerSecond: number): number {
  return Math.round((bytes * 8 * nsPerSecond) / bitsPerSecond);
}
