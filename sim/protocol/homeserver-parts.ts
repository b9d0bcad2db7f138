/** What one life of a homeserver is made of, from its keys to its shell. */
import { makeKeyring } from '../../src/homeserver/as/keyring.ts';
import { defaultAllowance } from '../../src/homeserver/as/ports.ts';
import { asService } from '../../src/homeserver/as/service.ts';
import type { Effect, Env, HomeserverKeys, Service } from '../../src/homeserver/core.ts';
import { makeRateLimiter } from '../../src/homeserver/limiter.ts';
import { queuingService } from '../../src/homeserver/qs/index.ts';
import { makeShell, type Shell } from '../../src/homeserver/shell.ts';
import { wellKnownService } from '../../src/homeserver/wellknown/document.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { ed25519 } from '../../src/crypto/signature.ts';
import { counted, cryptoSuites, type CryptoSuite } from '../../src/crypto/suites.ts';
import { makeReplayCache } from '../../src/protocol/auth/replay-cache.ts';
import type { HomeserverDocument } from '../../src/protocol/wire/well-known.ts';
import { countingStore, type StoreCounts } from '../../src/store/counting.ts';
import { memoryStore, type CrashPoint, type MemoryDisk } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/port.ts';
import { clockMs, epochMs } from './clock.ts';
import { domainOf } from './frame.ts';
import { standInDelivery } from './stand-in.ts';
import type { Site, World } from './world.ts';

/** Requests that a replay cache remembers, and keys that a rate limiter does. */
const cacheCapacity = 100_000;

/** What survives a crash besides the disk. */
export interface Homeserver {
  readonly domain: string;
  readonly keys: HomeserverKeys;
  readonly services: readonly Service[];
  readonly suite: (number: number) => CryptoSuite | undefined;
}

/** Keys as a function of seed and domain. */
function makeKeys(world: World, domain: string): HomeserverKeys {
  const random = seededRandom(`keys ${world.seed} ${domain}`);
  const signing = ed25519.generateKeyPair(random);
  const wanted = world.policy.suites.ranked.map((number) => cryptoSuites.get(number));
  return {
    signing: { scheme: ed25519, privateKey: signing.privateKey },
    queueConfig: wanted
      .filter((suite) => suite !== undefined)
      .map((suite) => ({ suite: suite.number, ...suite.kem.generateKeyPair(random) })),
    outboxStream: random.bytes(3),
    tagSecret: random.bytes(32),
  };
}

export function makeHomeserver(world: World, site: Site): Homeserver {
  const domain = domainOf(site.lp);
  const keys = makeKeys(world, domain);
  const ring = makeKeyring(domain, epochMs, seededRandom(`as ${world.seed} ${domain}`));
  const suites = new Map(
    Array.from(cryptoSuites, ([number, suite]) => [
      number,
      counted(suite, (operation) => site.meter.onCrypto(operation)),
    ]),
  );
  const { policy } = world;
  return {
    domain,
    keys,
    suite: (number) => suites.get(number),
    services: [
      asService({
        keyring: () => ring,
        allowance: defaultAllowance,
        remoteCredentials: () => undefined,
      }),
      queuingService,
      standInDelivery(world.workload.policy.forwarding),
      wellKnownService(() => ({ domain, policy, keys, issuedAtMs: epochMs })),
    ],
  };
}

export interface Life {
  readonly number: number;
  readonly shell: Shell;
  readonly store: Store;
  readonly storeCounts: StoreCounts;
  readonly env: () => Env;
}

export interface LifeOptions {
  readonly number: number;
  readonly disk: MemoryDisk;
  readonly crashAt: (point: CrashPoint) => boolean;
  readonly remote: (domain: string) => HomeserverDocument | undefined;
  readonly effects: (effects: readonly Effect[]) => void;
}

/**
 * Opens the disk and starts the shell over it. Caches and limits begin empty, as after any start.
 */
export function startLife(
  world: World,
  site: Site,
  { domain, keys, services, suite }: Homeserver,
  options: LifeOptions,
): Life {
  const { number, disk, crashAt, remote, effects } = options;
  const { policy, engine, seed } = world;
  const nowMs = (): number => clockMs(engine.nowNs);
  const store = countingStore(memoryStore({ disk, crashAt }));
  const random = seededRandom(`homeserver ${seed} ${domain} ${number}`);
  const restart = number === 1 ? {} : { restartedAtMs: nowMs() };
  const windowMs = policy.limits.skewMs;
  const replay = makeReplayCache({ windowMs, capacity: cacheCapacity, ...restart });
  const limiter = makeRateLimiter(cacheCapacity);
  const counters = { add: (name: string, amount?: number) => site.meter.add(name, amount) };
  const fixed = { random, domain, policy, keys, suite, counters, replay, limiter, remote };
  const env = (): Env => ({ nowMs: nowMs(), ...fixed });
  const shell = makeShell({ store, services, env, effects });
  return { number, shell, store, storeCounts: store.counts, env };
}
