/**
 * The policy `elected-committer`: who wants a change proposes it, and one member per epoch (they
 * take turns) commits all proposals that it has seen. Commits then collide only when a proposer
 * loses patience after the policy's timeout and commits by itself.
 */
import { refused } from '../station.ts';
import { Sampler } from '../sampler.ts';
import { nsPerMs, toNs } from '../units.ts';
import type { Accepting } from './accepting.ts';
import type { Contending } from './contending.ts';
import { counterIndex } from './counts.ts';
import { kinds } from './events.ts';
import { pack } from '../packing.ts';
import type { Contender, Group } from './group.ts';
import type { CommitWorld } from './world.ts';

/** The contender whose turn an epoch is. */
export function electedOf(group: Group, epoch: number): Contender {
  return group.contenders[epoch % group.contenders.length]!;
}

export class Electing {
  private readonly world: CommitWorld;
  private readonly contending: Contending;
  private readonly accepting: Accepting;
  private readonly timeoutNs: number;
  private readonly batching: Sampler;

  constructor(world: CommitWorld, contending: Contending, accepting: Accepting) {
    this.world = world;
    this.contending = contending;
    this.accepting = accepting;
    const { retry, staleness } = world.workload.commits;
    this.timeoutNs = retry.kind === 'elected-committer' ? toNs(retry.timeout) : 0;
    this.batching = new Sampler(staleness, nsPerMs);
  }

  /** Proposes for the epoch that the contender knows; the elected one commits instead. */
  propose(group: Group, contender: Contender): void {
    const { world } = this;
    const { engine, prices } = world;
    const epoch = contender.known;
    contender.proposedEpoch = epoch;
    contender.attempts++;
    const to = pack(contender.index, group.id);
    if (electedOf(group, epoch) === contender) {
      this.prepare(group, epoch);
    } else {
      const bytes = prices.requestBytes(prices.mls.proposalMessage.update);
      const arrival = engine.nowNs + world.up(group, contender, bytes);
      engine.schedule(group.host, arrival, kinds.propose, to, epoch, 0);
    }
    engine.schedule(group.host, engine.nowNs + this.timeoutNs, kinds.timeout, to, epoch, 0);
  }

  /** The elected committer starts on a commit for an epoch, once. */
  private prepare(group: Group, epoch: number): void {
    const elected = electedOf(group, epoch);
    if (elected.known !== epoch || group.electedEpoch === epoch) return;
    group.electedEpoch = epoch;
    const { engine } = this.world;
    const wait = this.batching.sampleInteger(group.choices);
    const to = pack(elected.index, group.id);
    engine.schedule(group.host, engine.nowNs + wait, kinds.electedAttempt, to, epoch, 0);
  }

  /** A proposal reaches the delivery service. */
  arrive(group: Group, proposer: Contender, epoch: number): void {
    const { world } = this;
    const { engine, prices } = world;
    const message = prices.mls.proposalMessage.update;
    const bytes = prices.requestBytes(message);
    const work = prices.rejectNs(bytes, group.tree.members);
    const done = world.stations.get(group.host)!.submit(engine.nowNs, work);
    // A proposal lost to an overloaded station is made good by the proposer's timeout.
    if (done === refused) return;
    world.measured(counterIndex.bytes, bytes);
    world.measured(counterIndex.dsCpuNs, work);
    const from = pack(proposer.index, group.id);
    if (epoch !== group.epoch) {
      world.measured(counterIndex.rejectedBytes, bytes);
      const reply = done + world.answer(group, proposer);
      engine.schedule(group.host, reply, kinds.proposalRefused, from, epoch, 0);
      return;
    }
    world.measured(counterIndex.fannedOutBytes, message * (group.tree.members - 1));
    const seen = done + world.fanOut(group, electedOf(group, epoch), message, 0);
    engine.schedule(group.host, seen, kinds.proposalSeen, from, epoch, 0);
  }

  seen(group: Group, proposer: Contender, epoch: number): void {
    if (epoch !== group.epoch) return;
    group.seen.push(proposer.index);
    this.prepare(group, epoch);
  }

  refused(group: Group, proposer: Contender): void {
    const late = proposer.wantedNs >= 0 && proposer.proposedEpoch < proposer.known;
    if (late) this.propose(group, proposer);
  }

  /** The commit of the elected one, with all proposals that it has seen. */
  attempt(group: Group, elected: Contender, epoch: number): void {
    if (elected.known !== epoch || elected.electedAttempt !== undefined) return;
    // The delivery service may be ahead: then this commit comes too late and carries nothing.
    const current = epoch === group.epoch;
    const covers = current ? [...new Set(group.seen)] : [];
    const others = covers.filter((index) => index !== elected.index);
    const tree = group.tree.clone();
    const cost = tree.commit(
      elected.leaf,
      others.map((index) => ({
        type: 'update' as const,
        proposer: group.contenders[index]!.leaf,
      })),
    );
    const bytes = this.world.prices.requestBytes(cost.commitBytes);
    const made = { epoch, bytes, cost, tree, covers: others };
    elected.electedAttempt = this.contending.send(group, elected, made, {
      kind: kinds.electedArrive,
      thinkNs: 0,
    });
  }

  electedArrive(group: Group, elected: Contender): void {
    const attempt = elected.electedAttempt!;
    if (this.accepting.arrive(group, elected, attempt, kinds.electedArrive)) {
      elected.electedAttempt = undefined;
    }
  }

  /** Patience is over: the proposer commits by itself. */
  timeout(group: Group, proposer: Contender, epoch: number): void {
    const waiting = proposer.wantedNs >= 0 && proposer.attempt === undefined;
    if (waiting && proposer.known === epoch) this.contending.attempt(group, proposer);
  }
}
