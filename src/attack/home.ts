/** A homeserver under attack: the real dispatcher and services over a memory disk. */
import { seededRandom } from '../crypto/random.ts';
import { cryptoSuites } from '../crypto/suites.ts';
import { makeReplayCache, type ReplayCache } from '../protocol/auth/replay-cache.ts';
import { decode, encode } from '../protocol/codec/index.ts';
import { allOperations } from '../protocol/operations/index.ts';
import { errorOf, refuse, success } from '../protocol/protocol-error.ts';
import { sender as senderCodec, type Sender } from '../protocol/wire/authentication.ts';
import { response } from '../protocol/wire/envelope.ts';
import { verifyingKey } from '../protocol/wire/identifiers.ts';
import type { AnyHandler, Env, HomeserverKeys } from '../homeserver/core.ts';
import { makeRateLimiter } from '../homeserver/limiter.ts';
import type { Policy } from '../homeserver/policy.ts';
import { makeShell } from '../homeserver/shell.ts';
import { sha256 } from '../crypto/hash.ts';
import { recordKey } from '../store/keys.ts';
import { makeDisk, memoryStore, type MemoryDisk } from '../store/memory.ts';
import type { Key, Loaded } from '../store/port.ts';
import { verifyingKeyOf, type Layer, type Party, type Verdict } from './types.ts';

export interface HomeOptions {
  readonly domain: string;
  readonly policy: Policy;
  readonly keys: HomeserverKeys;
  readonly handlers: readonly AnyHandler[];
  readonly remote?: Env['remote'];
}

export interface Home {
  readonly options: HomeOptions;
  readonly disk: MemoryDisk;
  /** Answers a request; what it admits, it remembers. */
  serve(bytes: Uint8Array, nowMs: number): Verdict;
  /** As `serve`, with the encoded response. */
  ask(bytes: Uint8Array, nowMs: number): Verdict & { readonly response: Uint8Array };
  /** The same homeserver at another name, from a copy of the same records. */
  copy(change?: Partial<HomeOptions> & { readonly restartedAtMs?: number }): Home;
  layerOf(operation: number): Layer;
}

const loneKey = (sender: Sender): Key =>
  recordKey('attack-key', sha256.digest(encode(senderCodec, sender)));

/** A party known by its key alone, for operations that are not served yet. */
export const loneKeyRecord = (party: Party) => ({
  key: loneKey(party.sender),
  value: encode(verifyingKey, verifyingKeyOf(party)),
});

function lookUp({ heads: [head] }: Loaded) {
  if (head?.value === undefined) return undefined;
  const decoded = decode(verifyingKey, head.value);
  return decoded.ok ? decoded.value : undefined;
}

/** Handlers for what no service serves: real authentication, then `unknown_operation`. */
function authenticationOnly(served: ReadonlySet<number>): AnyHandler[] {
  const missing = allOperations.filter(({ id }) => !served.has(id));
  return missing.map((operation) => ({
    operation,
    plan: ({ sender }) =>
      success({ access: { heads: sender ? [loneKey(sender)] : [] }, carry: undefined }),
    senderKey: lookUp,
    run: () => refuse('unknown_operation', {}),
  }));
}

function copyOf(disk: MemoryDisk): MemoryDisk {
  const copied = makeDisk();
  for (const [key, cell] of disk.cells.range('', '\u00ff'.repeat(4))) copied.cells.set(key, cell);
  for (const [destination, entries] of disk.outbox) copied.outbox.set(destination, [...entries]);
  copied.writes = disk.writes;
  copied.lastSequence = disk.lastSequence;
  return copied;
}

const cacheCapacity = 10_000;

function build(options: HomeOptions, disk: MemoryDisk, replay: ReplayCache): Home {
  const { domain, policy, keys, handlers, remote } = options;
  const served = new Set(handlers.map(({ operation }) => operation.id));
  let ran = false;
  // `run` is reached exactly when authentication has passed; nothing else tells so for certain.
  const watched = [...handlers, ...authenticationOnly(served)].map((inner): AnyHandler => ({
    ...inner,
    run(loaded, call, carry, env) {
      ran = true;
      return inner.run(loaded, call, carry, env);
    },
  }));
  const store = memoryStore({ disk });
  const limiter = makeRateLimiter(1000);
  const random = seededRandom(`attacked homeserver ${domain}`);
  const envAt = (nowMs: number): Env => ({
    nowMs,
    random,
    domain,
    policy,
    keys,
    suite: (number) => cryptoSuites.get(number),
    counters: { add: () => undefined },
    replay,
    limiter,
    remote: remote ?? (() => undefined),
  });
  let atMs = 0;
  const shell = makeShell({
    store,
    services: [{ handlers: watched, deliveries: [] }],
    env: () => envAt(atMs),
    effects: () => undefined,
  });
  const ask: Home['ask'] = (bytes, nowMs) => {
    ran = false;
    atMs = nowMs;
    // Memory answers at once.
    const answer = shell.request(bytes) as Uint8Array;
    const decoded = decode(response, answer);
    if (!decoded.ok) throw new Error('the homeserver answers garbage', { cause: decoded.error });
    const executed = decoded.value.status === 0;
    const code = executed ? 'ok' : (errorOf(decoded.value)?.code ?? 'unknown error');
    return { admitted: ran, executed, code, response: answer };
  };
  return {
    options,
    disk,
    ask,
    serve(bytes, nowMs) {
      const { admitted, executed, code } = ask(bytes, nowMs);
      return { admitted, executed, code };
    },
    copy(change = {}) {
      const { restartedAtMs, ...others } = change;
      return makeHome({ ...options, ...others }, copyOf(disk), restartedAtMs);
    },
    layerOf: (operation) => (served.has(operation) ? 'service' : 'authentication'),
  };
}

/** A homeserver on `disk`, with an empty replay cache. */
export function makeHome(
  options: HomeOptions,
  disk: MemoryDisk = makeDisk(),
  restartedAtMs?: number,
): Home {
  const { skewMs } = options.policy.limits;
  const restarted = restartedAtMs === undefined ? {} : { restartedAtMs };
  const cache = makeReplayCache({ windowMs: skewMs, capacity: cacheCapacity, ...restarted });
  return build(options, disk, cache);
}
