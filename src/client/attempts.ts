/** Failed requests: when each is tried again, and when a message is given up. */
import { withoutTask } from './answers.ts';
import type { DeviceEffect, DeviceEnv } from './ports.ts';
import { backoffMs, earnRetry, maxAttempts, spendRetry } from './retry.ts';
import { withSession, type Device } from './state.ts';
import { wantKey, type Want } from './wants.ts';

/** A device after a part of a step, with what the part brought about. */
export interface Progress {
  readonly device: Device;
  readonly effects: readonly DeviceEffect[];
}

export const same = (device: Device): Progress => ({ device, effects: [] });

/** Each of the device's versions once without waiting; failures count through them. */
export function tryNextVersion(device: Device, want: Want, env: DeviceEnv): Device {
  const failed = fail(device, want, 0, env).device;
  const { session } = failed;
  const attempt = session?.attempts.get(wantKey(want));
  if (session === undefined || attempt === undefined) return failed;
  if (attempt.failures >= env.settings.versions.length) return failed;
  const attempts = new Map(session.attempts);
  attempts.set(wantKey(want), { ...attempt, previousMs: 0, notBeforeMs: env.nowMs });
  return withSession(failed, { attempts });
}

const uniform = (env: DeviceEnv): number => {
  const [a, b, c, d, e, f] = env.random.bytes(6) as unknown as Six;
  return (((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f) / 2 ** 48;
};
type Six = readonly [number, number, number, number, number, number];

/** Books a failure: the next attempt waits, or the message is given up. */
export function fail(device: Device, want: Want, afterMs: number, env: DeviceEnv): Progress {
  const { session } = device;
  if (session === undefined) return same(device);
  const { settings, nowMs } = env;
  const key = wantKey(want);
  const before = session.attempts.get(key) ?? { failures: 0, previousMs: 0, notBeforeMs: 0 };
  const failures = before.failures + 1;
  const task = want.kind === 'task' ? want.task : undefined;
  const isSend = task?.body.kind === 'send';
  const policy = isSend ? settings.sendRetry : settings.retry;
  if (task !== undefined && isSend && failures >= maxAttempts(policy)) {
    return {
      device: withoutTask(device, task.id),
      effects: [{ kind: 'gave-up', task: task.body }],
    };
  }
  const { device: charged, extraMs } = chargeRetry(device, env);
  const previousMs = backoffMs(policy, failures, before.previousMs, () => uniform(env));
  const notBeforeMs = nowMs + Math.max(previousMs + extraMs, afterMs);
  const attempts = new Map(session.attempts).set(key, { failures, previousMs, notBeforeMs });
  return same(withSession(charged, { attempts }));
}

/**
 * Without a saved retry the next one waits a timeout longer: the load stays bounded, not the hope.
 */
function chargeRetry(device: Device, { settings }: DeviceEnv) {
  if (settings.retryBudget === undefined) return { device, extraMs: 0 };
  const savedRetries = spendRetry(device.savedRetries);
  if (savedRetries === undefined) return { device, extraMs: settings.timeoutMs };
  return { device: { ...device, savedRetries }, extraMs: 0 };
}

/** A first attempt earns a part of a retry. */
export const earn = (device: Device, { settings }: DeviceEnv): Device =>
  settings.retryBudget === undefined
    ? device
    : { ...device, savedRetries: earnRetry(settings.retryBudget, device.savedRetries) };
