import { expect, it } from 'vitest';

import { PlanError } from './errors.ts';
import { Kernel } from './kernel.ts';
import { Script } from './readable.ts';

function engine(): Kernel {
  return new Kernel({ lps: 2, lookaheadNs: 0, endNs: 100, payloadWords: 1, form: 'bucketed' });
}

it('runs named events at, after and every', () => {
  const kernel = engine();
  const script = new Script(kernel);
  const log: string[] = [];
  const note = (what: string) => (lp: number, a: number) => {
    log.push(`${kernel.nowNs} ${what} ${lp} ${a}`);
  };
  const last = script.on('last', note('last'), 1);
  const ping = script.on('ping', (lp, a) => {
    note('ping')(lp, a);
    if (a < 2) ping.after(1 - lp, 10.4, a + 1);
  });
  const tick = script.every('tick', 40, note('tick'));
  script.onStart((lp) => {
    if (lp === 1) return;
    last.at(lp, 10, 9);
    ping.at(lp, 0, 0);
    tick.at(lp, 10, 5);
  });
  kernel.start(
    script.model(() => null),
    Int32Array.of(0, 1),
  );
  kernel.runOrdered(Infinity, Infinity);
  expect(log).toEqual([
    '0 ping 0 0',
    '10 tick 0 5',
    '10 ping 1 1',
    '10 last 0 9',
    '20 ping 0 2',
    '50 tick 0 5',
    '90 tick 0 5',
  ]);
});

it('refuses names twice and periods that stand still', () => {
  const script = new Script(engine());
  script.on('x', () => {});
  expect(() => script.on('x', () => {})).toThrow(PlanError);
  expect(() => script.every('y', 0, () => {})).toThrow(PlanError);
});
