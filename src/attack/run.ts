/** Runs every attack on every operation, and compares what is admitted with what is expected. */
import { encode, decode } from '../protocol/codec/index.ts';
import { sender as senderCodec } from '../protocol/wire/authentication.ts';
import { request as requestCodec } from '../protocol/wire/envelope.ts';
import { attackNames, attemptsOn, type Attempt, type AttackName } from './attacks.ts';
import { expectedReason } from './expected.ts';
import { makeSetting, type Setting } from './setting.ts';
import type { Capture, Layer, Scheme, Verdict } from './types.ts';
import type { Home } from './home.ts';

/** All attempts of one attack on one operation, in one version. */
export interface Finding {
  /** Service and name, such as `qs/dequeue`. */
  readonly operation: string;
  /** Kind of the sender, where an operation takes several. */
  readonly sender: string;
  readonly version: number;
  readonly attack: AttackName;
  readonly layer: Layer;
  readonly attempts: number;
  readonly admitted: readonly Admitted[];
  /** Codes of the refusals, with how often. */
  readonly refusals: Readonly<Record<string, number>>;
}

export interface Admitted {
  /** Operation that was reached; another than the captured one for `other-operation`. */
  readonly target: string;
  readonly layer: Layer;
  /** Whether the operation also did something; otherwise its state refused. */
  readonly executed: boolean;
  /** Undefined when it should have been refused. */
  readonly reason: string | undefined;
}

export interface Deviation {
  readonly kind: 'admitted-unexpectedly' | 'refused-unexpectedly';
  readonly operation: string;
  readonly version: number;
  readonly attack: AttackName;
  readonly target: string;
  readonly code: string;
}

export interface AttackReport {
  readonly scheme: Scheme;
  readonly operations: readonly string[];
  readonly attempts: number;
  readonly findings: readonly Finding[];
  /** Where the homeserver differs from what is expected of the scheme; empty when all is well. */
  readonly deviations: readonly Deviation[];
}

const nameOf = ({ service, name }: Attempt['target']): string => `${service}/${name}`;

const hourMs = 3_600_000;

/** The homeserver in the state that the attempt finds. */
function stage(setting: Setting, capture: Capture, attempt: Attempt): Home {
  const { nowMs } = setting.situation(capture);
  const home = attempt.home === 'two' ? setting.two : setting.one;
  const fresh = home.copy();
  if (attempt.before === 'intercepted') return fresh;
  const original = attempt.attack === 'replay-fast-clock' ? attempt.bytes : capture.bytes;
  const delivered = fresh.serve(original, nowMs);
  if (!delivered.admitted) {
    throw new Error(`the captured ${nameOf(capture.operation)} was refused: ${delivered.code}`);
  }
  if (attempt.before === 'delivered-restarted') return fresh.copy({ restartedAtMs: nowMs + 1 });
  if (attempt.before === 'delivered-set-back') {
    for (const later of [hourMs / 2, hourMs])
      fresh.serve(setting.honest(nowMs + later), nowMs + later);
  }
  return fresh;
}

/** Whether sender, time and signature are those of the captured request: what a token covers. */
function keepsCovered(capture: Capture, bytes: Uint8Array): boolean {
  const [a, b] = [capture.bytes, bytes].map((each) => {
    const decoded = decode(requestCodec, each);
    const auth = decoded.ok ? decoded.value.auth : undefined;
    if (auth === undefined || auth.kind === 'none') return undefined;
    const { sender, timestamp, signature } = auth;
    const parts = [encode(senderCodec, sender), Buffer.from(String(timestamp)), signature];
    return Buffer.concat(parts).toString('hex');
  });
  return a !== undefined && a === b;
}

interface Outcome {
  readonly attempt: Attempt;
  readonly verdict: Verdict;
  readonly expected: string | undefined;
}

function tryOut(setting: Setting, capture: Capture, attempt: Attempt): Outcome {
  const verdict = stage(setting, capture, attempt).serve(attempt.bytes, attempt.atMs);
  const expected = expectedReason(capture, attempt, setting.ground);
  // Of mutations a token admits some, depending on the byte; never one of what it covers.
  if (attempt.attack !== 'mutated-bytes') return { attempt, verdict, expected };
  const isCovered = verdict.admitted && !keepsCovered(capture, attempt.bytes);
  return { attempt, verdict, expected: isCovered ? undefined : expected };
}

/** One refused mutation says nothing; that a token admits none of them would be a surprise. */
function deviationOf(
  capture: Capture,
  { attempt, verdict, expected }: Outcome,
): Deviation | undefined {
  const isExpected = expected !== undefined;
  if (verdict.admitted === isExpected) return undefined;
  if (attempt.attack === 'mutated-bytes' && isExpected) return undefined;
  return {
    kind: verdict.admitted ? 'admitted-unexpectedly' : 'refused-unexpectedly',
    operation: nameOf(capture.operation),
    version: capture.version,
    attack: attempt.attack,
    target: nameOf(attempt.target),
    code: verdict.code,
  };
}

function findingOf(
  setting: Setting,
  capture: Capture,
  attack: AttackName,
  outcomes: readonly Outcome[],
): Finding {
  const admitted = outcomes.filter(({ verdict }) => verdict.admitted);
  const refusals: Record<string, number> = {};
  for (const { verdict } of outcomes) {
    if (!verdict.admitted) refusals[verdict.code] = (refusals[verdict.code] ?? 0) + 1;
  }
  return {
    operation: nameOf(capture.operation),
    sender: capture.party.sender.kind,
    version: capture.version,
    attack,
    layer: setting.ground.layerOf(capture.operation.id),
    attempts: outcomes.length,
    admitted: admitted.map(({ attempt, verdict, expected }) => ({
      target: nameOf(attempt.target),
      layer: setting.ground.layerOf(attempt.target.id),
      executed: verdict.executed,
      reason: expected,
    })),
    refusals,
  };
}

/** The captured request, unchanged and in time, must work, or the attacks prove nothing. */
function checkCapture(setting: Setting, capture: Capture): void {
  const { nowMs } = setting.situation(capture);
  const { admitted, executed, code } = setting.one.copy().serve(capture.bytes, nowMs);
  const isServed = setting.ground.layerOf(capture.operation.id) === 'service';
  if (admitted && (executed || !isServed)) return;
  throw new Error(`the captured ${nameOf(capture.operation)} v${capture.version} is ${code}`);
}

/** Attacks every captured request of a scheme. */
export function runAttacks(scheme: Scheme, setting: Setting = makeSetting(scheme)): AttackReport {
  const findings: Finding[] = [];
  const deviations: Deviation[] = [];
  for (const capture of setting.captures) {
    checkCapture(setting, capture);
    const situation = setting.situation(capture);
    const outcomes = attemptsOn(capture, situation).map((attempt) =>
      tryOut(setting, capture, attempt),
    );
    deviations.push(...outcomes.flatMap((outcome) => deviationOf(capture, outcome) ?? []));
    for (const attack of attackNames) {
      const own = outcomes.filter(({ attempt }) => attempt.attack === attack);
      if (own.length > 0) findings.push(findingOf(setting, capture, attack, own));
    }
    deviations.push(...unmutated(capture, outcomes));
  }
  return {
    scheme,
    operations: [...new Set(findings.map(({ operation }) => operation))],
    attempts: findings.reduce((sum, { attempts }) => sum + attempts, 0),
    findings,
    deviations,
  };
}

/** Where mutations are expected to pass, at least one must. */
function unmutated(capture: Capture, outcomes: readonly Outcome[]): Deviation[] {
  const mutations = outcomes.filter(({ attempt }) => attempt.attack === 'mutated-bytes');
  const isExpected = mutations.some(({ expected }) => expected !== undefined);
  if (!isExpected || mutations.some(({ verdict }) => verdict.admitted)) return [];
  const operation = nameOf(capture.operation);
  const { version } = capture;
  const common = { operation, version, attack: 'mutated-bytes', target: operation } as const;
  return [{ kind: 'refused-unexpectedly', ...common, code: mutations[0]?.verdict.code ?? '' }];
}
