/** Simulated time as the protocol sees it: milliseconds since 1970, from a fixed start. */
import { nsPerMs } from '../model/units.ts';

/** 2026-01-01T00:00:00Z, when every simulation starts. */
export const epochMs = 1_767_225_600_000;

export const clockMs = (nowNs: number): number => epochMs + Math.floor(nowNs / nsPerMs);

/** The simulated time at which a clock shows `ms`. */
export const timeOfMs = (ms: number): number => (ms - epochMs) * nsPerMs;
