/** What the device makes of an answer to one of its requests. */
import { decode } from '../protocol/codec/index.ts';
import { operations } from '../protocol/operations/index.ts';
import type { ProtocolError } from '../protocol/protocol-error.ts';
import { afterVersionUnsupported } from '../protocol/versions.ts';
import { lanes } from '../protocol/wire/identifiers.ts';
import { cachedUntilMs, verifyDocument } from '../protocol/well-known.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { bestIntermediate } from './credential.ts';
import type { DeviceEffect, DeviceEnv } from './ports.ts';
import { readAnswer } from './sync.ts';
import {
  addTask,
  lookInto,
  withDurable,
  withSession,
  type Device,
  type Exchange,
  type TaskBody,
} from './state.ts';
import type { Want } from './wants.ts';

export interface Answered {
  readonly device: Device;
  readonly effects: readonly DeviceEffect[];
  /**
   * `again`: try again after the policy's waiting, not before `afterMs` from now; `now`: at once,
   * the world has changed; `next-version`: the same in another version.
   */
  readonly next:
    | { readonly kind: 'done' }
    | { readonly kind: 'now' }
    | { readonly kind: 'next-version' }
    | { readonly kind: 'again'; readonly afterMs: number };
}

const done = (device: Device, effects: readonly DeviceEffect[] = []): Answered => ({
  device,
  effects,
  next: { kind: 'done' },
});
const now = (device: Device, effects: readonly DeviceEffect[] = []): Answered => ({
  device,
  effects,
  next: { kind: 'now' },
});
const again = (device: Device, afterMs = 0, effects: readonly DeviceEffect[] = []): Answered => ({
  device,
  effects,
  next: { kind: 'again', afterMs },
});

type Version = 1 | 2;

/** A success; `body` is undecoded. */
export function onSuccess(
  device: Device,
  want: Want,
  exchange: Exchange,
  body: Uint8Array,
  env: DeviceEnv,
): Answered {
  switch (want.kind) {
    case 'document':
      return onDocument(device, want.domain, body, env);
    case 'as-credentials': {
      const decoded = decode(operations.as.credentials.bodies[1].response, body);
      const offered = decoded.ok ? decoded.value.as_intermediate_credentials : [];
      const intermediate = bestIntermediate(offered, env.nowMs);
      return intermediate === undefined ? again(device) : done({ ...device, intermediate });
    }
    case 'listen':
      // What came between the last look and now has woken nobody.
      return done(lookInto(withSession(device, { listening: true }), [lanes.ham]));
    case 'dequeue': {
      const read = readAnswer(device, want.lane, exchange, body, env);
      return read === undefined ? again(device) : done(read.device, read.effects);
    }
    case 'task':
      return onTask(device, want.task.id, want.task.body, { body, version: exchange.version });
  }
}

function onDocument(device: Device, domain: string, body: Uint8Array, env: DeviceEnv): Answered {
  const { nowMs } = env;
  const known = device.documents.get(domain)?.document;
  const result = verifyDocument(body, domain, nowMs, known);
  if (!result.ok) return again(device);
  const { document } = result;
  const untilMs = cachedUntilMs({ nowMs, document, failures: 0 });
  const documents = new Map(device.documents).set(domain, { document, untilMs });
  return done({ ...device, documents });
}

function onTask(
  device: Device,
  id: number,
  task: TaskBody,
  answer: { readonly body: Uint8Array; readonly version: number },
): Answered {
  const filled = afterTask(device, task, answer);
  if (filled === undefined) return again(device);
  return done(withoutTask(filled, id), [{ kind: 'done', task }]);
}

export const withoutTask = (device: Device, id: number): Device =>
  withDurable(device, { tasks: device.durable.tasks.filter((task) => task.id !== id) });

/** What a finished task leaves in the device; undefined for an answer that does not decode. */
function afterTask(
  device: Device,
  task: TaskBody,
  { body, version }: { readonly body: Uint8Array; readonly version: number },
): Device | undefined {
  const of = <T>(bodies: Readonly<Record<Version, T>>): T => bodies[version as Version];
  if (task.kind === 'register' || task.kind === 'renew') {
    const decoded = decode(of(operations.as.register.bodies).response, body);
    return decoded.ok
      ? withDurable(device, { credential: decoded.value.client_credential })
      : undefined;
  }
  if (task.kind === 'create-records') {
    const decoded = decode(of(operations.qs.createUserRecord.bodies).response, body);
    return decoded.ok ? withDurable(device, { qsCid: decoded.value.qs_cid }) : undefined;
  }
  return device;
}

/** A refusal. */
export function onRefusal(
  device: Device,
  want: Want,
  destination: string,
  error: ProtocolError,
  env: DeviceEnv,
): Answered {
  if (error.code === 'version_unsupported') {
    return onVersions(device, want, destination, error.fields.supported, env);
  }
  const task = want.kind === 'task' ? want.task : undefined;
  if (task?.body.kind === 'register' && error.code === 'user_exists') {
    // Our own earlier request was taken and its answer lost: ask for the credential again.
    const rest = withoutTask(device, task.id);
    const renewed = addTask(rest, { kind: 'renew' });
    return now(renewed);
  }
  if (task?.body.kind === 'create-records' && error.code === 'bad_key') {
    // The same, and the record of that request holds the token; it expires unused.
    const friendshipToken = env.random.bytes(32);
    return now(withDurable(device, { keys: { ...device.durable.keys, friendshipToken } }));
  }
  if (stale.has(error.code)) return again(forgetDocument(device, destination));
  if (curable.has(error.code)) return again(device);
  if (task === undefined || errorCodes[error.code].actor !== 'client') {
    const { retry_after_ms = 0 } = error.fields as { readonly retry_after_ms?: number };
    return again(device, retry_after_ms);
  }
  const gaveUp: DeviceEffect = { kind: 'gave-up', task: task.body, code: error.code };
  return done(withoutTask(device, task.id), [gaveUp]);
}

/**
 * Refusals of this one request that say nothing against the next one. The request id is fresh at
 * every attempt and MLS tells a message's copies apart, so trying again loses and doubles nothing,
 * although the first attempt may have been taken.
 */
const curable: ReadonlySet<string> = new Set([
  'replayed',
  'request_expired',
  'request_from_future',
]);

/** Refusals that say that the cached document is out of date. */
const stale: ReadonlySet<string> = new Set(['auth_scheme_not_accepted', 'downgrade_detected']);

/** Fetched anew before the next request: keys, versions or schemes may have changed. */
function forgetDocument(device: Device, domain: string): Device {
  const known = device.documents.get(domain);
  if (known === undefined) return device;
  const documents = new Map(device.documents).set(domain, { ...known, untilMs: 0 });
  return { ...device, documents };
}

function onVersions(
  device: Device,
  want: Want,
  destination: string,
  supported: readonly number[],
  env: DeviceEnv,
): Answered {
  const documented = device.documents.get(destination)?.document.versions;
  if (want.kind === 'document') return { device, effects: [], next: { kind: 'next-version' } };
  if (documented === undefined) return again(device);
  const chosen = afterVersionUnsupported(env.settings.versions, supported, documented);
  const forgotten = forgetDocument(device, destination);
  if (chosen.ok) return again(forgotten);
  const isDowngrade = chosen.error.code === 'downgrade_detected';
  return again(forgotten, 0, isDowngrade ? [{ kind: 'downgrade', domain: destination }] : []);
}
