/**
 * The device as a pure state machine. Every step takes one input, then starts whatever is wanted,
 * not under way and not waiting for its retry. The shell stores `step.device.durable` first, then
 * sends the requests and performs the effects: a kill between any two steps loses nothing.
 */
import { decode } from '../protocol/codec/index.ts';
import { errorOf } from '../protocol/protocol-error.ts';
import { response as responseCodec } from '../protocol/wire/envelope.ts';
import { lanes } from '../protocol/wire/identifiers.ts';
import { onRefusal, onSuccess, type Answered } from './answers.ts';
import { earn, fail, same, tryNextVersion, type Progress } from './attempts.ts';
import type { DeviceEffect, DeviceEnv, Input, OutgoingRequest, Step } from './ports.ts';
import { draftRequest } from './requests.ts';
import {
  addTask,
  groupKey,
  lookInto,
  withDurable,
  withGroup,
  withSession,
  type Device,
  type Exchange,
  type Session,
} from './state.ts';
import { allowedWakeMs, recentWakes } from './wake-budget.ts';
import { destinationOf, wantKey, wantsOf, type Want } from './wants.ts';

/** One step. Inputs while the app does not run change only what is durable. */
export function step(device: Device, input: Input, env: DeviceEnv): Step {
  const taken = take(device, input, env);
  const timed = expire(taken.device, env);
  const started = start(timed.device, env);
  return {
    device: started.device,
    requests: started.requests,
    effects: [...taken.effects, ...timed.effects, ...started.effects],
    timerMs: nextTimerMs(started.device, env),
  };
}

function take(device: Device, input: Input, env: DeviceEnv): Progress {
  switch (input.kind) {
    case 'online':
      return goOnline(device, input.mode, env);
    case 'offline':
      return same(endSession(device, env));
    case 'timer':
      return same(device);
    case 'disconnected':
      return same(lookInto(withSession(device, { listening: false }), [lanes.ham, lanes.spam]));
    case 'wake':
      return same(lookInto(device, [input.lane]));
    case 'response':
      return onResponse(device, input.bytes, env);
    case 'send':
      return same(queueMessage(device, input.groupId, input.content, env));
    case 'join': {
      const { membership } = input;
      const task = { kind: 'configure-group', groupId: membership.groupId } as const;
      return same(addTask(withGroup(device, membership), task));
    }
    case 'label':
      return same(labelGroup(device, input.groupId, input.label));
  }
}

// ---- sessions

function goOnline(device: Device, mode: Session['mode'], env: DeviceEnv): Progress {
  if (device.session !== undefined && device.session.mode === mode) return same(device);
  const ended = endSession(device, env);
  const { nowMs, settings } = env;
  const budget = settings.wakeBudget;
  const wakes = recentWakes(budget, ended.durable.wakes, nowMs);
  const allowedMs = mode === 'foreground' ? Infinity : allowedWakeMs(budget, wakes, nowMs);
  if (allowedMs <= 0) return { device: ended, effects: [{ kind: 'suspended' }] };
  const unseen = { dirty: true, wakesSeen: 0, lookedAtMs: nowMs };
  const session: Session = {
    mode,
    startMs: nowMs,
    deadlineMs: nowMs + allowedMs,
    listening: false,
    lanes: { [lanes.ham]: unseen, [lanes.spam]: unseen },
    exchanges: [],
    attempts: new Map(),
  };
  return same({ ...withDurable(ended, { wakes }), session });
}

function endSession(device: Device, { nowMs }: DeviceEnv): Device {
  const { session, durable } = device;
  if (session === undefined) return device;
  const wake = { startMs: session.startMs, usedMs: nowMs - session.startMs };
  const wakes = session.mode === 'background' ? [...durable.wakes, wake] : durable.wakes;
  return { ...withDurable(device, { wakes }), session: undefined };
}

// ---- what the user does

function queueMessage(
  device: Device,
  groupId: Uint8Array,
  content: Uint8Array,
  env: DeviceEnv,
): Device {
  const group = device.durable.groups.get(groupKey(groupId));
  if (group === undefined) return device;
  const { state, message } = env.groups.seal(group.cipher, content, env.random);
  const kept = withGroup(device, { ...group, cipher: state });
  return addTask(kept, { kind: 'send', groupId, message });
}

function labelGroup(device: Device, groupId: Uint8Array, label: 'accepted' | 'blocked'): Device {
  const group = device.durable.groups.get(groupKey(groupId));
  const labelled = group === undefined ? device : withGroup(device, { ...group, label });
  return addTask(labelled, { kind: 'label-group', groupId, label });
}

// ---- answers

function onResponse(device: Device, bytes: Uint8Array, env: DeviceEnv): Progress {
  const decoded = decode(responseCodec, bytes);
  const { session } = device;
  if (!decoded.ok || session === undefined) return same(device);
  const response = decoded.value;
  const exchange = session.exchanges.find(
    ({ requestId }) => Buffer.compare(requestId, response.request_id) === 0,
  );
  // An answer that nobody waits for any more: a copy, or one that came too late.
  if (exchange === undefined) return same(device);
  const rest = withSession(device, { exchanges: session.exchanges.filter((e) => e !== exchange) });
  const want = wantsOf(rest, env.settings, env.nowMs).find((w) => wantKey(w) === exchange.want);
  if (want === undefined) return same(rest);
  const answered = answerOf(rest, want, exchange, response, env);
  return settle(answered, want, env);
}

function answerOf(
  device: Device,
  want: Want,
  exchange: Exchange,
  response: { readonly status: number; readonly body: Uint8Array } & Parameters<typeof errorOf>[0],
  env: DeviceEnv,
): Answered {
  if (response.status === 0) return onSuccess(device, want, exchange, response.body, env);
  const error = errorOf(response);
  if (error !== undefined) return onRefusal(device, want, exchange.destination, error, env);
  return { device, effects: [], next: { kind: 'again', afterMs: 0 } };
}

function settle({ device, effects, next }: Answered, want: Want, env: DeviceEnv): Progress {
  if (next.kind === 'next-version') return same(tryNextVersion(device, want, env));
  if (next.kind === 'again') {
    const failed = fail(device, want, next.afterMs, env);
    return { device: failed.device, effects: [...effects, ...failed.effects] };
  }
  const { session } = device;
  if (session === undefined) return { device, effects };
  const attempts = new Map(session.attempts);
  attempts.delete(wantKey(want));
  return { device: withSession(device, { attempts }), effects };
}

/** Gives up waiting for answers, and the session when its time is over. */
function expire(device: Device, env: DeviceEnv): Progress {
  const { session } = device;
  const { nowMs, settings } = env;
  if (session === undefined) return same(device);
  if (nowMs >= session.deadlineMs) {
    return { device: endSession(device, env), effects: [{ kind: 'suspended' }] };
  }
  const late = session.exchanges.filter(({ deadlineMs }) => deadlineMs <= nowMs);
  const exchanges = session.exchanges.filter(({ deadlineMs }) => deadlineMs > nowMs);
  const effects: DeviceEffect[] = [];
  let current = withSession(device, { exchanges });
  for (const { want: key } of late) {
    const want = wantsOf(current, settings, nowMs).find((w) => wantKey(w) === key);
    if (want === undefined) continue;
    const failed = fail(current, want, 0, env);
    current = failed.device;
    effects.push(...failed.effects);
  }
  return { device: pollDue(current, env), effects };
}

function pollDue(device: Device, { nowMs, settings }: DeviceEnv): Device {
  const { session } = device;
  if (session?.mode !== 'foreground') return device;
  const due = [lanes.ham, lanes.spam].filter((lane) => {
    const { dirty, lookedAtMs } = session.lanes[lane];
    return !dirty && nowMs >= lookedAtMs + settings.pollMs;
  });
  return due.length === 0 ? device : lookInto(device, due);
}

// ---- starting what is wanted

function start(device: Device, env: DeviceEnv) {
  const requests: OutgoingRequest[] = [];
  const effects: DeviceEffect[] = [];
  let current = device;
  for (const want of wantsOf(device, env.settings, env.nowMs)) {
    const { session } = current;
    if (session === undefined) break;
    const key = wantKey(want);
    const host = destinationOf(want, current);
    const busy = session.exchanges.filter((exchange) => exchange.destination === host).length;
    if (busy >= env.settings.parallel) continue;
    if (session.exchanges.some((exchange) => exchange.want === key)) continue;
    const attempt = session.attempts.get(key);
    if (attempt !== undefined && attempt.notBeforeMs > env.nowMs) continue;
    const drafted = draftRequest(current, want, attempt?.failures ?? 0, env);
    if (drafted === undefined) {
      const failed = fail(current, want, 0, env);
      current = failed.device;
      effects.push(...failed.effects);
      continue;
    }
    const { destination, requestId, version, bytes } = drafted;
    requests.push({ destination, requestId, bytes });
    const wakesSeen = want.kind === 'dequeue' ? session.lanes[want.lane].wakesSeen : 0;
    const deadlineMs = env.nowMs + env.settings.timeoutMs;
    const exchange = { want: key, requestId, destination, version, deadlineMs, wakesSeen };
    current = earn(withSession(current, { exchanges: [...session.exchanges, exchange] }), env);
  }
  return { device: current, requests, effects };
}

/** When something happens by itself: an answer is late, a retry is due, a lane is to be polled. */
function nextTimerMs(device: Device, { nowMs, settings }: DeviceEnv): number {
  const { session } = device;
  if (session === undefined) return Infinity;
  const deadlines = session.exchanges.map(({ deadlineMs }) => deadlineMs);
  const retries = [...session.attempts.values()].map(({ notBeforeMs }) => notBeforeMs);
  const polls =
    session.mode === 'foreground'
      ? [lanes.ham, lanes.spam].map((lane) => session.lanes[lane].lookedAtMs + settings.pollMs)
      : [];
  const later = [...deadlines, ...retries, ...polls].filter((at) => at > nowMs);
  return Math.ceil(Math.min(session.deadlineMs, ...later));
}
