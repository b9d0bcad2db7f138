/**
 * Honest clients: all requests of a homeserver's clients are one Poisson process. The attacker
 * captures some and plans its replays.
 */
import { below, float } from '../../kernel/random.ts';
import { AliasTable, exponential } from '../../kernel/samplers.ts';
import { Sampler } from '../sampler.ts';
import { msPerDay, nsPerMs } from '../units.ts';
import { kinds } from './events.ts';
import { verdicts } from './gate.ts';
import { operations, requestsPerDay } from './operations.ts';
import { counterIndex, type Site, type ReplayWorld } from './world.ts';

/** Captures by class, in the order of `classes`. */
const captured = [
  counterIndex.capturesMessage,
  counterIndex.capturesDequeue,
  counterIndex.capturesCommit,
  counterIndex.capturesSetting,
] as const;

const refusals: Readonly<Record<number, number>> = {
  [verdicts.refusedSkew]: counterIndex.refusedSkew,
  [verdicts.refusedRestart]: counterIndex.refusedRestart,
  [verdicts.refusedFull]: counterIndex.refusedFull,
};

export class Asking {
  private readonly world: ReplayWorld;
  private readonly mix = new AliasTable(operations.map(({ perDay }) => perDay));
  private readonly delay: Sampler;
  /** Requests of one client per ns. */
  private readonly rate: number;

  constructor(world: ReplayWorld) {
    const { activity, delay } = world.workload.replay;
    this.world = world;
    this.delay = new Sampler(delay, nsPerMs);
    this.rate = (activity * requestsPerDay) / (msPerDay * nsPerMs);
  }

  /** Schedules the next request of a homeserver's clients. */
  next(site: Site): void {
    const { engine, span } = this.world;
    const at = engine.nowNs + Math.ceil(exponential(site.requests) / (this.rate * site.clients));
    if (at <= span.endNs) engine.schedule(site.lp, at, kinds.request, 0, 0, 0);
  }

  /** A request arrives. */
  request(site: Site): void {
    const { world } = this;
    const { engine, gate, counts, links } = world;
    const now = engine.nowNs;
    const client = below(site.requests, site.clients);
    const operation = this.mix.sample(site.requests);
    const wire = gate.wireBytes(operations[operation]!.bytes);
    const stampNs = now - links.up(site.network, wire) + site.skewNs[client]!;
    const verdict = gate.decide(site.cache, stampNs, -1, now);
    counts[counterIndex.allRequests]! += 1;
    world.measured(counterIndex.requests, 1);
    world.measured(counterIndex.authNs, gate.costNs(verdict, wire));
    if (now >= world.span.warmUpNs) site.requestCount++;
    const admitted = verdict === verdicts.admitted;
    counts[admitted ? counterIndex.allAdmitted : counterIndex.allRefused]! += 1;
    if (!admitted) world.measured(refusals[verdict]!, 1);
    if (float(site.attacker) < world.workload.replay.capture) {
      this.capture(site, operation, stampNs, admitted);
    }
    this.next(site);
  }

  private capture(site: Site, operation: number, stampNs: number, admitted: boolean): void {
    const { engine, counts, span, workload } = this.world;
    const now = engine.nowNs;
    const measured = now >= span.warmUpNs && now <= this.world.captureEndNs;
    if (measured) {
      counts[counterIndex.captures]! += 1;
      counts[captured[operations[operation]!.kind]!]! += 1;
    }
    const { attempts } = workload.replay;
    if (attempts === 0) return;
    const id = site.nextCapture++;
    site.captures.set(id, {
      operation,
      stampNs,
      receivedNs: now,
      admittedNs: admitted ? now : -1,
      left: attempts,
      admitted: 0,
      replayed: false,
      measured,
    });
    for (let i = 0; i < attempts; i++) {
      const at = now + Math.max(1, this.delay.sampleInteger(site.attacker));
      counts[counterIndex.allScheduled]! += 1;
      if (at > span.endNs) counts[counterIndex.pendingAtEnd]! += 1;
      else engine.schedule(site.lp, at, kinds.replay, id, 0, 0);
    }
  }
}
