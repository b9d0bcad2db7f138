/**
 * The smallest shell around the core: reads, runs, writes, answers. Over a synchronous store it is
 * synchronous, so that virtual time can use it; over others it returns promises. It has no clock,
 * no timers and no network: whoever owns it asks for the next step and sends what it is told to.
 */
import { errorResponse } from '../protocol/protocol-error.ts';
import { encode } from '../protocol/codec/index.ts';
import { response } from '../protocol/wire/envelope.ts';
import {
  whenDone,
  type Access,
  type Batch,
  type Loaded,
  type MaybePromise,
} from '../store/port.ts';
import type { OutboxEntry, Store } from '../store/port.ts';
import { makeDispatch, type Answer } from './dispatch.ts';
import { makeSerializer } from './serialize.ts';
import type { Delivery, DeliveryStep, Effect, Env, Service } from './core.ts';

export interface ShellOptions {
  readonly store: Store;
  readonly services: readonly Service[];
  /** The environment of this moment; asked once per step. */
  readonly env: () => Env;
  /** Effects of what was just written, in order. */
  readonly effects: (effects: readonly Effect[]) => void;
}

/** What became of one step of a destination. */
export type Delivered =
  /** Nothing waits there. */
  | { readonly kind: 'empty' }
  /** One step is done; there may be more. */
  | { readonly kind: 'done' }
  /** The document of the destination is missing. */
  | { readonly kind: 'wait' }
  | {
      readonly kind: 'send';
      readonly domain: string;
      readonly request: Uint8Array;
      /** Tell what came back; undefined: nothing did. */
      answered(response: Uint8Array | undefined): MaybePromise<Settled>;
    };

export type Settled =
  { readonly kind: 'settled' } | { readonly kind: 'retry'; readonly afterMs: number };

export interface Shell {
  /** Answers one request. */
  request(bytes: Uint8Array): MaybePromise<Uint8Array>;
  /** Takes one step of the oldest entry of a destination; one at a time per destination. */
  deliver(destination: string): MaybePromise<Delivered>;
}

/**
 * Attempts at a write before a request is answered `unavailable`. Conflicts need another process.
 */
const attempts = 16;

interface Written {
  readonly batch?: Batch;
  readonly effects: readonly Effect[];
}

/** Reads, runs and writes, again while others get in between; undefined when they always do. */
function transact<W extends Written>(
  store: Store,
  access: Access,
  run: (loaded: Loaded) => W,
  left: number,
): MaybePromise<W | undefined> {
  return whenDone(store.read(access), (loaded) => {
    const done = run(loaded);
    if (done.batch === undefined) return done;
    return whenDone(store.write(done.batch), (result) => {
      if (result === 'written') return done;
      return left > 1 ? transact(store, access, run, left - 1) : undefined;
    });
  });
}

/** Records that a step may change; an index stands for the record it names. */
const keysOf = ({ heads }: Access): string[] =>
  heads.map((head) => (typeof head === 'string' ? head : head.via));

function unavailable(bytes: Uint8Array): Uint8Array {
  // Version and id stand at fixed places of a request that was opened.
  const protocol_version = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const to = { protocol_version, request_id: bytes.subarray(4, 20) };
  const error = { code: 'unavailable', fields: { retry_after_ms: 100 } } as const;
  return encode(response, errorResponse(error, to));
}

export function makeShell({ store, services, env, effects }: ShellOptions): Shell {
  const dispatch = makeDispatch(services.flatMap((service) => service.handlers));
  const deliveries = services.flatMap((service) => service.deliveries);
  const serializer = makeSerializer();
  const perform = (done: Written): void => {
    if (done.effects.length > 0) effects(done.effects);
  };

  const request = (bytes: Uint8Array): MaybePromise<Uint8Array> => {
    const step = dispatch(bytes, env());
    if (step.kind === 'answer') return step.answer.response;
    const run = (loaded: Loaded): Answer => step.run(loaded, env());
    const task = () => transact(store, step.access, run, attempts);
    return whenDone(serializer.run(keysOf(step.access), task), (answer) => {
      if (answer === undefined) return unavailable(bytes);
      perform(answer);
      return answer.response;
    });
  };

  const local = (step: DeliveryStep & { kind: 'local' }): MaybePromise<Delivered> => {
    const run = (loaded: Loaded): Written => step.run(loaded, env());
    // A conflict on the entry itself means that somebody else settled it: look again.
    const task = () => transact(store, step.access, run, 2);
    return whenDone(serializer.run(keysOf(step.access), task), (done) => {
      if (done !== undefined) perform(done);
      return { kind: 'done' };
    });
  };

  const remote = (step: DeliveryStep & { kind: 'remote' }): Delivered => ({
    kind: 'send',
    domain: step.domain,
    request: step.request,
    answered(bytes) {
      if (bytes === undefined) return { kind: 'retry', afterMs: 0 };
      const outcome = step.answered(bytes, env());
      if (outcome.kind === 'settled') {
        return whenDone(store.write(outcome.batch), () => ({ kind: 'settled' }));
      }
      const { kind, afterMs, batch } = outcome;
      if (batch === undefined) return { kind, afterMs };
      return whenDone(store.write(batch), () => ({ kind, afterMs }));
    },
  });

  return {
    request,
    deliver(destination) {
      const delivery = deliveryOf(deliveries, destination);
      return whenDone(store.outbox(destination, 0, 1), ([entry]): MaybePromise<Delivered> => {
        if (entry === undefined) return { kind: 'empty' };
        return stepOf(delivery, entry, env(), { local, remote });
      });
    },
  };
}

function deliveryOf(deliveries: readonly Delivery[], destination: string): Delivery {
  const found = deliveries.find(({ prefix }) => destination.startsWith(prefix));
  if (found === undefined) throw new RangeError(`nobody delivers to ${destination}`);
  return found;
}

function stepOf(
  delivery: Delivery,
  entry: OutboxEntry,
  env: Env,
  by: {
    local: (step: DeliveryStep & { kind: 'local' }) => MaybePromise<Delivered>;
    remote: (step: DeliveryStep & { kind: 'remote' }) => Delivered;
  },
): MaybePromise<Delivered> {
  const step = delivery.step(entry, env);
  if (step.kind === 'wait') return { kind: 'wait' };
  return step.kind === 'local' ? by.local(step) : by.remote(step);
}
