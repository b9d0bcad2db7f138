/**
 * A homeserver in this process, with everything around the core in memory: for tests and
 * benchmarks. Whoever makes it owns time, randomness and the network.
 */
import { seededRandom } from '../crypto/random.ts';
import { ed25519 } from '../crypto/signature.ts';
import { counted, cryptoSuites, type CryptoSuite, type Operation } from '../crypto/suites.ts';
import { makeReplayCache } from '../protocol/auth/replay-cache.ts';
import {
  authSchemes,
  identityKinds,
  lanes,
  signatureSchemes,
} from '../protocol/wire/identifiers.ts';
import { suitePolicies, type HomeserverDocument } from '../protocol/wire/well-known.ts';
import { whenDone, type MaybePromise, type Store } from '../store/port.ts';
import { afterFailure, isDue, noBackoff, type Backoff } from './backoff.ts';
import type { Effect, Env, HomeserverKeys, Service } from './core.ts';
import { makeRateLimiter } from './limiter.ts';
import type { Policy } from './policy.ts';
import { makeShell, type Delivered, type Shell } from './shell.ts';

export interface InProcessOptions {
  readonly domain: string;
  readonly policy: Policy;
  readonly store: Store;
  readonly services: readonly Service[];
  /** Milliseconds since 1970, now. */
  readonly now: () => number;
  /** Documents of other homeservers. */
  readonly remote?: (domain: string) => HomeserverDocument | undefined;
  /** Redeems anonymous tokens, where the policy asks for them. */
  readonly tokens?: NonNullable<Env['tokens']>;
  /** Brings a request to another homeserver; undefined: no answer came. */
  readonly send?: (domain: string, request: Uint8Array) => MaybePromise<Uint8Array | undefined>;
  /** Hears of every cryptographic operation of a suite. */
  readonly onCrypto?: (operation: Operation) => void;
  /**
   * Continues the life of an earlier store: keys depend on the domain only, the streams on this.
   */
  readonly life?: number;
}

export interface InProcess {
  readonly domain: string;
  readonly keys: HomeserverKeys;
  readonly shell: Shell;
  readonly document: HomeserverDocument;
  readonly effects: Effect[];
  /** What the core counted, by name. */
  readonly counts: Map<string, number>;
  request(bytes: Uint8Array): MaybePromise<Uint8Array>;
  /** Delivers what is due until nothing is; returns when the next retry is due, or Infinity. */
  drain(): MaybePromise<number>;
}

/** Keys of a homeserver, as a function of its domain: never for real use. */
export function testKeys(domain: string, life = 1): HomeserverKeys {
  const random = seededRandom(`homeserver keys of ${domain}`);
  const signing = ed25519.generateKeyPair(random);
  const queueConfig = [...cryptoSuites.values()].map((suite) => ({
    suite: suite.number,
    ...suite.kem.generateKeyPair(random),
  }));
  return {
    signing: { scheme: ed25519, privateKey: signing.privateKey },
    queueConfig,
    outboxStream: Uint8Array.of(life >> 16, life >> 8, life),
    tagSecret: random.bytes(32),
  };
}

function documentOf(domain: string, policy: Policy, keys: HomeserverKeys): HomeserverDocument {
  const { scheme, privateKey } = keys.signing;
  return {
    domain,
    issued_at: 0,
    expires_at: Number.MAX_SAFE_INTEGER,
    versions: policy.versions,
    suites: policy.suites.ranked,
    suite_policy:
      policy.suites.mode === 'mls-style' ? suitePolicies.mlsStyle : suitePolicies.versionBound,
    identity_kinds: [identityKinds.pseudonymous],
    lanes: policy.spam === 'off' ? [lanes.ham] : [lanes.ham, lanes.spam],
    auth_schemes: [authSchemes[policy.auth]],
    verifying_key: { scheme: signatureSchemes.ed25519, key: scheme.publicKeyOf(privateKey) },
    config_encryption_keys: keys.queueConfig.map(({ suite, publicKey: key }) => ({ suite, key })),
    token_keys: [],
  };
}

/** Suites as they are, or each wrapped once to report its operations. */
function suitesFor(onCrypto: InProcessOptions['onCrypto']) {
  if (onCrypto === undefined) return (number: number) => cryptoSuites.get(number);
  const made = new Map<number, CryptoSuite>(
    Array.from(cryptoSuites, ([number, suite]) => [number, counted(suite, onCrypto)]),
  );
  return (number: number) => made.get(number);
}

export function makeInProcess(options: InProcessOptions): InProcess {
  const { domain, policy, store, services, now, life = 1 } = options;
  const keys = testKeys(domain, life);
  const random = seededRandom(`homeserver ${domain} ${life}`);
  const counts = new Map<string, number>();
  const replay = makeReplayCache({ windowMs: policy.limits.skewMs, capacity: 100_000 });
  const limiter = makeRateLimiter(100_000);
  const suite = suitesFor(options.onCrypto);
  const counters = {
    add: (name: string, amount = 1) => void counts.set(name, (counts.get(name) ?? 0) + amount),
  };
  const remote = options.remote ?? (() => undefined);
  const fixed = { random, domain, policy, keys, suite, counters, replay, limiter, remote };
  const tokens = options.tokens === undefined ? {} : { tokens: options.tokens };
  const env = (): Env => ({ nowMs: now(), ...fixed, ...tokens });
  const effects: Effect[] = [];
  const shell = makeShell({ store, services, env, effects: (made) => effects.push(...made) });
  const backoffs = new Map<string, Backoff>();

  const failed = (destination: string, askedMs: number): boolean => {
    const state = backoffs.get(destination) ?? noBackoff;
    backoffs.set(destination, afterFailure(state, now(), random, askedMs));
    return false;
  };
  /** Whether there may be more to do for the destination now. */
  const settle = (destination: string, result: Delivered): MaybePromise<boolean> => {
    if (result.kind === 'empty') return false;
    if (result.kind === 'wait') return failed(destination, 0);
    if (result.kind === 'done') return true;
    const answer = options.send?.(result.domain, result.request);
    return whenDone(answer, (bytes) =>
      whenDone(result.answered(bytes), (settled) => {
        if (settled.kind === 'retry') return failed(destination, settled.afterMs);
        backoffs.delete(destination);
        return true;
      }),
    );
  };
  const work = (destination: string): MaybePromise<void> => {
    if (!isDue(backoffs.get(destination) ?? noBackoff, now())) return undefined;
    return whenDone(shell.deliver(destination), (result) =>
      whenDone(settle(destination, result), (more) => (more ? work(destination) : undefined)),
    );
  };
  const served = (destination: string): boolean =>
    services.some((s) => s.deliveries.some(({ prefix }) => destination.startsWith(prefix)));
  const workAll = ([first, ...rest]: readonly string[]): MaybePromise<void> =>
    first === undefined ? undefined : whenDone(work(first), () => workAll(rest));

  return {
    domain,
    keys,
    shell,
    document: documentOf(domain, policy, keys),
    effects,
    counts,
    request: (bytes) => shell.request(bytes),
    drain: () =>
      whenDone(store.destinations(), (all) =>
        whenDone(workAll(all.filter(served)), () => {
          const waiting = all.map((name) => backoffs.get(name)?.notBeforeMs ?? Infinity);
          return Math.min(Infinity, ...waiting);
        }),
      ),
  };
}
