/**
 * Contenders: a wish to commit comes up (open loop), a commit is made for the epoch that the
 * contender knows, and a refused one is tried again as the retry policy says, once a newer epoch is
 * known.
 *
 * The window in which another commit spoils an attempt (the staleness) runs from the acceptance of
 * the epoch that the contender knows to the arrival of its own commit: the lag (acceptance until
 * processed) plus the lead (attempt until arrival). With Poisson attempts at rate lambda and a
 * constant window tau, a share lambda tau / (1 + lambda tau) of attempts without retry is rejected.
 */
import { below } from '../../kernel/random.ts';
import { exponential } from '../../kernel/samplers.ts';
import { backoffMs, initialDelayMs, maxAttempts } from '../retry.ts';
import { Sampler } from '../sampler.ts';
import { nsPerMs, nsPerSecond, toNs } from '../units.ts';
import { counterIndex } from './counts.ts';
import { kinds } from './events.ts';
import { pack } from '../packing.ts';
import type { Attempt, Contender, Group } from './group.ts';
import type { CommitWorld } from './world.ts';

/** Starts work on a wish in another way than by a commit of one's own. */
export type Begin = (group: Group, contender: Contender) => void;

export class Contending {
  private readonly world: CommitWorld;
  private readonly staleness: Sampler;
  private readonly attemptsMax: number;
  /** Set under the policy `elected-committer`. */
  propose: Begin | undefined = undefined;

  constructor(world: CommitWorld) {
    this.world = world;
    this.staleness = new Sampler(world.workload.commits.staleness, nsPerMs);
    this.attemptsMax = maxAttempts(world.workload.commits.retry);
  }

  /** Schedules the next wish of a group: its contenders together are one Poisson process. */
  nextWish(group: Group): void {
    const { engine, span, workload } = this.world;
    const rate = (group.contenders.length * workload.commits.ratePerContender) / nsPerSecond;
    if (!(rate > 0)) return;
    const time = Math.floor(engine.nowNs + exponential(group.wishes) / rate);
    if (time <= span.endNs) engine.schedule(group.host, time, kinds.want, pack(0, group.id), 0, 0);
  }

  want(group: Group): void {
    const { engine, counts } = this.world;
    const contender = group.contenders[below(group.wishes, group.contenders.length)]!;
    counts[counterIndex.allWanted]! += 1;
    this.world.measured(counterIndex.wanted, 1);
    if (contender.busy) contender.waiting.push(engine.nowNs);
    else this.begin(group, contender, engine.nowNs);
    this.nextWish(group);
  }

  private begin(group: Group, contender: Contender, wantedNs: number): void {
    contender.busy = true;
    contender.wantedNs = wantedNs;
    contender.attempts = 0;
    contender.backoffMs = 0;
    if (this.propose !== undefined) {
      this.propose(group, contender);
      return;
    }
    const delay = toNs(initialDelayMs(this.world.workload.commits.retry, group.choices));
    this.schedule(group, contender, delay, kinds.attempt);
  }

  /** Schedules an event of a contender after a delay. */
  schedule(group: Group, contender: Contender, delayNs: number, kind: number): void {
    const { engine } = this.world;
    engine.schedule(
      group.host,
      engine.nowNs + delayNs,
      kind,
      pack(contender.index, group.id),
      0,
      0,
    );
  }

  /** Makes a commit and sends it, unless the epoch at hand has been refused already. */
  attempt(group: Group, contender: Contender): void {
    if (contender.wantedNs < 0) return;
    if (contender.known <= contender.refusedEpoch) {
      contender.awaitsEpoch = true;
      return;
    }
    contender.awaitsEpoch = false;
    contender.attempts++;
    const tree = group.tree.clone();
    const proposals = group.proposals(this.world.workload.commits.operation);
    const cost = tree.commit(contender.leaf, proposals);
    const bytes = this.world.prices.requestBytes(cost.commitBytes + cost.welcomeBytes);
    const made = { epoch: contender.known, bytes, cost, tree, covers: [] };
    const thinkNs = this.staleness.sampleInteger(group.choices);
    contender.attempt = this.send(group, contender, made, { kind: kinds.arrive, thinkNs });
  }

  /** Sends a commit: think time, creation, uplink. */
  send(
    group: Group,
    contender: Contender,
    made: Omit<Attempt, 'startedNs'>,
    { kind, thinkNs }: { kind: number; thinkNs: number },
  ): Attempt {
    const { world } = this;
    const { engine, counts, span } = world;
    const create = world.prices.createNs(made.cost);
    const delay = thinkNs + create + world.up(group, contender, made.bytes);
    this.schedule(group, contender, delay, kind);
    counts[counterIndex.allAttempts]! += 1;
    counts[counterIndex.allBytes]! += made.bytes;
    if (engine.nowNs + delay > span.endNs) {
      counts[counterIndex.inFlightAtEnd]! += 1;
      counts[counterIndex.bytesInFlightAtEnd]! += made.bytes;
    }
    if (engine.nowNs >= span.warmUpNs) {
      counts[counterIndex.leads]! += 1;
      counts[counterIndex.leadNs]! += delay;
      counts[counterIndex.pathSecrets]! += made.cost.encryptedPathSecrets;
      counts[counterIndex.clientCpuNs]! += create;
    }
    return { ...made, startedNs: engine.nowNs };
  }

  /** The answer of the delivery service. */
  reply(group: Group, contender: Contender, accepted: boolean, epoch: number): void {
    const attempt = contender.attempt;
    contender.attempt = undefined;
    if (accepted) contender.known = Math.max(contender.known, epoch);
    if (contender.wantedNs < 0) {
      this.finish(group, contender);
      return;
    }
    if (accepted || attempt === undefined) return;
    contender.refusedEpoch = Math.max(contender.refusedEpoch, attempt.epoch);
    if (contender.attempts >= this.attemptsMax) this.giveUp(group, contender);
    else if (this.propose !== undefined) this.proposeAgain(group, contender);
    else this.backOff(group, contender);
  }

  private backOff(group: Group, contender: Contender): void {
    const { retry } = this.world.workload.commits;
    const delay = backoffMs(retry, contender.attempts, contender.backoffMs, group.choices);
    contender.backoffMs = delay;
    this.schedule(group, contender, toNs(delay), kinds.attempt);
  }

  private giveUp(group: Group, contender: Contender): void {
    const { world } = this;
    world.counts[counterIndex.allGivenUp]! += 1;
    world.measured(counterIndex.givenUp, 1);
    const waited = world.engine.nowNs - contender.wantedNs;
    world.tally.maxima.waitNs = Math.max(world.tally.maxima.waitNs, waited);
    contender.wantedNs = -1;
    this.finish(group, contender);
  }

  /** The answer to a commit on behalf of others. */
  electedReply(group: Group, elected: Contender, accepted: boolean, epoch: number): void {
    if (accepted) elected.known = Math.max(elected.known, epoch);
    if (!elected.busy) return;
    if (elected.wantedNs >= 0) this.proposeAgain(group, elected);
    else if (elected.attempt === undefined) this.finish(group, elected);
  }

  /** Goes on with the next wish, if one waits. */
  private finish(group: Group, contender: Contender): void {
    contender.busy = false;
    const next = contender.waiting.shift();
    if (next !== undefined) this.begin(group, contender, next);
  }

  /** A commit of somebody else has been processed. */
  learn(group: Group, contender: Contender, epoch: number, acceptedNs: number): void {
    const { world } = this;
    contender.known = Math.max(contender.known, epoch);
    if (epoch > group.epoch) world.counts[counterIndex.knownTooNew]! += 1;
    if (world.engine.nowNs >= world.span.warmUpNs) {
      world.counts[counterIndex.lags]! += 1;
      world.counts[counterIndex.lagNs]! += world.engine.nowNs - acceptedNs;
      world.counts[counterIndex.clientCpuNs]! += world.prices.processNs(group.tree.members);
    }
    if (!contender.busy) return;
    const granted = contender.wantedNs < 0;
    if (granted && contender.attempt === undefined && this.propose !== undefined) {
      this.finish(group, contender);
    } else if (!granted && this.propose !== undefined) {
      this.proposeAgain(group, contender);
    } else if (contender.awaitsEpoch) {
      this.attempt(group, contender);
    }
  }

  /** A proposal is good for one epoch only. */
  private proposeAgain(group: Group, contender: Contender): void {
    if (contender.proposedEpoch < contender.known) this.propose?.(group, contender);
  }
}
