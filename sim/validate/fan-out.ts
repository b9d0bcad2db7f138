/**
 * A message is complete when the slowest of its n deliveries is. With exponential delays of mean 1
 * the maximum has mean H_n (and not n times anything): the n-th delivery waits 1/n on average for
 * the first of n, 1/(n-1) for the next, and so on.
 */
import type { Engine, Model } from '../kernel/engine.ts';
import { kind } from '../kernel/engine.ts';
import { type RandomSource, stream } from '../kernel/random.ts';
import { Sampler } from '../model/sampler.ts';
import { nsPerSecond } from '../model/units.ts';
import { harmonic } from './closed-forms.ts';
import { simulate, untilQuietNs } from './simulation.ts';
import { type Study, defaultReplications } from './study.ts';

const kinds = { send: kind(0, 1), deliver: kind(1, 2) } as const;

interface Setting {
  readonly recipients: number;
  readonly messages: number;
  /** Delay of one delivery, ns. */
  readonly delayNs: (source: RandomSource) => number;
}

/** Mean time from sending to the last delivery, s. One message is sent every second. */
class FanOut implements Model<number> {
  readonly #engine: Engine;
  readonly #setting: Setting;
  readonly #delays: RandomSource;
  readonly #left: Int32Array;
  #completionNs = 0;

  constructor(engine: Engine, setting: Setting, delays: RandomSource) {
    this.#engine = engine;
    this.#setting = setting;
    this.#delays = delays;
    this.#left = new Int32Array(setting.messages).fill(setting.recipients);
  }

  start(): void {
    for (let message = 0; message < this.#setting.messages; message++) {
      this.#engine.schedule(0, message * nsPerSecond, kinds.send, message, 0, 0);
    }
  }

  handle(_lp: number, what: number, message: number): void {
    const nowNs = this.#engine.nowNs;
    if (what === kinds.send) {
      for (let recipient = 0; recipient < this.#setting.recipients; recipient++) {
        const at = nowNs + Math.round(this.#setting.delayNs(this.#delays));
        this.#engine.schedule(0, at, kinds.deliver, message, 0, 0);
      }
    } else if (--this.#left[message]! === 0) {
      this.#completionNs += nowNs - message * nsPerSecond;
    }
  }

  finish(): number {
    return this.#completionNs / nsPerSecond / this.#setting.messages;
  }
}

export function fanOutStudy(
  recipients: number,
  messages: number,
  delayNs = exponentialSecondNs,
): Study {
  return {
    name: `fan-out/slowest/n-${recipients}`,
    measures: {
      completion: {
        expected: harmonic(recipients),
        unit: 's',
        tolerance: { kind: 'relative', value: 0.02 },
        source: 'Feller II (1971), I.6: the maximum of n exponentials has mean H_n',
      },
    },
    replications: defaultReplications,
    seconds: 5e-7 * recipients * messages,
    replicate: (seed, replication) => {
      const delays = stream(seed, replication, `validate.fan-out.${recipients}`);
      const setting = { recipients, messages, delayNs };
      const end = { lps: 1, endNs: untilQuietNs, payloadWords: 1 } as const;
      return { completion: simulate(end, (engine) => new FanOut(engine, setting, delays)) };
    },
  };
}

const oneSecond = new Sampler({ kind: 'exponential', mean: 1000 }, 1e6);

function exponentialSecondNs(source: RandomSource): number {
  return oneSecond.sample(source);
}

export const fanOutStudies: readonly Study[] = [
  fanOutStudy(10, 400),
  fanOutStudy(100, 200),
  fanOutStudy(1000, 60),
];
