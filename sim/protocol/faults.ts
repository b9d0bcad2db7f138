/**
 * Faults of a run: what they are, when they apply, and the draws that decide. All draws are of
 * keyed streams of the process where the fault strikes, so the same seed gives the same faults on
 * any number of workers.
 */
import { float, type RandomSource } from '../kernel/random.ts';
import { exponential } from '../kernel/samplers.ts';

/** Shares are 0..1 and per message; times are milliseconds of simulated time. */
export interface Faults {
  /** When message faults apply; crashes, kills and partitions have times of their own. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** The message never arrives. */
  readonly loss: number;
  /** It arrives twice, the second copy delayed like a reordered message. */
  readonly duplication: number;
  /** It is overtaken: delayed by up to `reorderMs`. */
  readonly reorder: number;
  readonly reorderMs: number;
  /** It waits for `spikeMs` on average (exponential), as in a bufferbloat or a route change. */
  readonly spike: number;
  readonly spikeMs: number;
  /** A byte of a request is changed by somebody on the way. */
  readonly tamper: number;
  readonly partitions: readonly Partition[];
  readonly crashes: readonly Crash[];
  readonly kills: readonly Kill[];
}

/** No message passes between the homeservers of `island` (with their clients) and the rest. */
export interface Partition {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly island: readonly number[];
}

/** The homeserver dies at its n-th write after `afterMs`, before or after it is on the disk. */
export interface Crash {
  readonly homeserver: number;
  readonly afterMs: number;
  /** 1: the next write. */
  readonly write: number;
  readonly when: 'before' | 'after';
  /** How long it stays down. */
  readonly downMs: number;
}

/** A client is killed, and starts again from its storage when it next comes online. */
export interface Kill {
  /** Number over all homeservers. */
  readonly client: number;
  readonly atMs: number;
}

export const noFaults: Faults = {
  fromMs: 0,
  untilMs: 0,
  loss: 0,
  duplication: 0,
  reorder: 0,
  reorderMs: 0,
  spike: 0,
  spikeMs: 0,
  tamper: 0,
  partitions: [],
  crashes: [],
  kills: [],
};

export const isCut = (faults: Faults, a: number, b: number, nowMs: number): boolean =>
  a !== b &&
  faults.partitions.some(
    ({ fromMs, untilMs, island }) =>
      nowMs >= fromMs && nowMs < untilMs && island.includes(a) !== island.includes(b),
  );

/**
 * What becomes of one message: an extra delay in ms per copy that arrives; none arrives when empty.
 */
export interface Fate {
  readonly copies: readonly number[];
  readonly tampered: boolean;
}

const untouched: Fate = { copies: [0], tampered: false };

/** Draws a message's fate. Draws nothing while message faults do not apply. */
export function drawFate(faults: Faults, source: RandomSource, nowMs: number): Fate {
  if (nowMs < faults.fromMs || nowMs >= faults.untilMs) return untouched;
  if (float(source) < faults.loss) return { copies: [], tampered: false };
  const first = extraMs(faults, source);
  const isDoubled = float(source) < faults.duplication;
  const second = isDoubled ? [float(source) * Math.max(faults.reorderMs, 1)] : [];
  return { copies: [first, ...second], tampered: float(source) < faults.tamper };
}

function extraMs(faults: Faults, source: RandomSource): number {
  const late = float(source) < faults.reorder ? float(source) * faults.reorderMs : 0;
  const spike = float(source) < faults.spike ? exponential(source) * faults.spikeMs : 0;
  return late + spike;
}

/** The crashes of one homeserver, one after the other. */
export class CrashSchedule {
  private readonly waiting: readonly Crash[];
  private next = 0;
  private writes = 0;

  constructor(crashes: readonly Crash[], homeserver: number) {
    this.waiting = crashes
      .filter((crash) => crash.homeserver === homeserver)
      .toSorted((a, b) => a.afterMs - b.afterMs);
  }

  /** Whether the homeserver dies now; asked before and after each write. */
  strikes(when: Crash['when'], nowMs: number): boolean {
    const crash = this.waiting[this.next];
    if (crash === undefined || nowMs < crash.afterMs) return false;
    if (when === 'before') this.writes++;
    return this.writes >= crash.write && when === crash.when;
  }

  /** It did: how long it stays down, ms. The next crash counts writes anew. */
  strike(): number {
    const crash = this.waiting[this.next];
    if (crash === undefined) throw new RangeError('the store failed without a fault');
    this.next++;
    this.writes = 0;
    return crash.downMs;
  }
}
