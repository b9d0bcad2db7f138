/** The attacker: a captured request is sent again, as it is or with its authentication lifted. */
import { verdicts } from './gate.ts';
import { operations } from './operations.ts';
import { counterIndex, type Capture, type ReplayWorld, type Site } from './world.ts';

/** Admitted replays by class, in the order of `classes`. */
const admittedOf = [
  counterIndex.admittedMessage,
  counterIndex.admittedDequeue,
  counterIndex.admittedCommit,
  counterIndex.admittedSetting,
] as const;

export class Replaying {
  private readonly world: ReplayWorld;

  constructor(world: ReplayWorld) {
    this.world = world;
  }

  replay(site: Site, id: number): void {
    const { world } = this;
    const { engine, gate, counts } = world;
    const capture = site.captures.get(id)!;
    const now = engine.nowNs;
    const traits = operations[capture.operation]!;
    const known = capture.admittedNs >= 0 && site.cache.remembers(capture.admittedNs);
    const verdict = gate.decide(site.cache, capture.stampNs, capture.admittedNs, now);
    counts[counterIndex.allReplayed]! += 1;
    if (capture.measured) {
      counts[counterIndex.replays]! += 1;
      counts[counterIndex.replayNs]! += gate.costNs(verdict, gate.wireBytes(traits.bytes));
    }
    const admitted = verdict === verdicts.admitted;
    if (!capture.replayed && capture.measured && admitted && capture.admittedNs >= 0) {
      counts[counterIndex.opened]! += gate.token ? traits.opens : 1;
    }
    capture.replayed = true;
    if (admitted) this.admit(capture, known, now);
    capture.left--;
    if (capture.left === 0) site.captures.delete(id);
  }

  private admit(capture: Capture, known: boolean, nowNs: number): void {
    const { world } = this;
    const { counts, tally, span, gate } = world;
    const first = capture.admittedNs < 0;
    capture.admittedNs = nowNs;
    if (first) {
      // It was refused when it came: now it is executed late, but once.
      world.measured(counterIndex.late, 1);
      return;
    }
    if (known && !gate.token) counts[counterIndex.admittedWhileRemembered]! += 1;
    capture.admitted++;
    tally.series.admitted.add(nowNs);
    if (!capture.measured) return;
    const age = nowNs - capture.receivedNs;
    counts[counterIndex.admitted]! += 1;
    if (operations[capture.operation]!.repeats) counts[counterIndex.effective]! += 1;
    counts[admittedOf[operations[capture.operation]!.kind]!]! += 1;
    tally.maxima.replayAge = Math.max(tally.maxima.replayAge, age);
    if (nowNs >= span.warmUpNs) tally.histograms.replayAge.record(age);
  }
}
