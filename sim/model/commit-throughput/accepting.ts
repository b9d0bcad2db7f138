/**
 * Delivery service: the first commit for an epoch wins, any other is answered with wrong_epoch. The
 * order is that of arrival, which is that of processing (the group's row is locked). An accepted
 * commit goes to the queues of all members.
 */
import { retryAfterNs } from '../network.ts';
import { refused } from '../station.ts';
import { counterIndex } from './counts.ts';
import { kinds } from './events.ts';
import { pack } from '../packing.ts';
import type { Attempt, Contender, Group } from './group.ts';
import type { CommitWorld } from './world.ts';

export class Accepting {
  private readonly world: CommitWorld;

  constructor(world: CommitWorld) {
    this.world = world;
  }

  /**
   * A commit arrives. @returns whether it was answered; a full station makes it come again
   *
   * @param kind - the event that brought it
   */
  arrive(group: Group, contender: Contender, attempt: Attempt, kind: number): boolean {
    const { world } = this;
    const { engine, prices, counts } = world;
    const wins = attempt.epoch === group.epoch;
    const work = wins
      ? prices.acceptNs(attempt.bytes, attempt.cost)
      : prices.rejectNs(attempt.bytes, attempt.cost.members);
    const done = world.stations.get(group.host)!.submit(engine.nowNs, work);
    if (done === refused) {
      this.postpone(group, contender, attempt, kind);
      return false;
    }
    counts[counterIndex.allBytesAnswered]! += attempt.bytes;
    world.measured(counterIndex.bytes, attempt.bytes);
    world.measured(counterIndex.dsCpuNs, work);
    if (wins) this.accept(group, contender, attempt, done);
    else this.reject(attempt.bytes);
    const at = done + world.answer(group, contender);
    const to = pack(contender.index, group.id);
    const reply = kind === kinds.arrive ? kinds.reply : kinds.electedReply;
    engine.schedule(group.host, at, reply, to, wins ? 1 : 0, group.epoch);
    return true;
  }

  private postpone(group: Group, contender: Contender, attempt: Attempt, kind: number): void {
    const { engine, span, counts } = this.world;
    const at = engine.nowNs + retryAfterNs;
    const to = pack(contender.index, group.id);
    engine.schedule(group.host, at, kind, to, 0, 0);
    if (at <= span.endNs) return;
    counts[counterIndex.inFlightAtEnd]! += 1;
    counts[counterIndex.bytesInFlightAtEnd]! += attempt.bytes;
  }

  private reject(bytes: number): void {
    const { world } = this;
    world.counts[counterIndex.allRejected]! += 1;
    world.tally.series.rejected.add(world.engine.nowNs);
    world.measured(counterIndex.rejected, 1);
    world.measured(counterIndex.rejectedBytes, bytes);
  }

  private accept(group: Group, committer: Contender, attempt: Attempt, doneNs: number): void {
    const { world } = this;
    const { engine, counts, tally } = world;
    if (attempt.epoch !== group.epoch) counts[counterIndex.epochsOutOfOrder]! += 1;
    group.epoch = attempt.epoch + 1;
    group.tree = attempt.tree;
    group.seen = [];
    counts[counterIndex.allAccepted]! += 1;
    tally.series.accepted.add(engine.nowNs);
    world.measured(counterIndex.accepted, 1);
    const message = attempt.cost.commitBytes;
    world.measured(counterIndex.fannedOutBytes, message * (attempt.cost.members - 1));
    const process = world.prices.processNs(attempt.cost.members);
    for (const contender of group.contenders) {
      if (contender === committer) continue;
      const at = Math.max(
        contender.learntNs,
        doneNs + world.fanOut(group, contender, message, process),
      );
      contender.learntNs = at;
      const to = pack(contender.index, group.id);
      engine.schedule(group.host, at, kinds.learn, to, group.epoch, doneNs);
    }
    if (committer.wantedNs >= 0) this.grant(committer, doneNs);
    for (const index of attempt.covers) this.grant(group.contenders[index]!, doneNs);
  }

  /** A wish has come true. */
  private grant(contender: Contender, doneNs: number): void {
    if (contender.wantedNs < 0) return;
    const { world } = this;
    const { tally, counts, span, engine } = world;
    const latency = doneNs - contender.wantedNs;
    counts[counterIndex.allServed]! += 1;
    contender.served++;
    contender.wantedNs = -1;
    tally.maxima.waitNs = Math.max(tally.maxima.waitNs, latency);
    tally.heats.latency.add(engine.nowNs, latency);
    if (engine.nowNs < span.warmUpNs) return;
    counts[counterIndex.served]! += 1;
    tally.histograms.latency.record(latency);
    tally.histograms.attempts.record(contender.attempts);
  }
}
