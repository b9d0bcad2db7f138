/**
 * What the device wants to have under way, derived from its state alone: nothing is remembered that
 * could be wrong after a crash. A want whose destination is not known yet turns into the want of
 * its well-known document.
 */
import { lanes, type Lane } from '../protocol/wire/identifiers.ts';
import { wantedLanes } from './lane-order.ts';
import type { Settings } from './ports.ts';
import { groupKey, type Device, type Session, type Task } from './state.ts';

export type Want =
  | { readonly kind: 'document'; readonly domain: string }
  | { readonly kind: 'as-credentials' }
  | { readonly kind: 'listen' }
  | { readonly kind: 'dequeue'; readonly lane: Lane }
  | { readonly kind: 'task'; readonly task: Task };

/** Equal for equal wants, over time. */
export function wantKey(want: Want): string {
  switch (want.kind) {
    case 'document':
      return `document ${want.domain}`;
    case 'dequeue':
      return `dequeue ${want.lane}`;
    case 'task':
      return `task ${want.task.id}`;
    default:
      return want.kind;
  }
}

export function destinationOf(want: Want, { durable }: Device): string {
  if (want.kind === 'document') return want.domain;
  if (want.kind !== 'task') return durable.home;
  const { body } = want.task;
  if (body.kind !== 'send' && body.kind !== 'configure-group') return durable.home;
  return durable.groups.get(groupKey(body.groupId))?.host ?? durable.home;
}

/** Whether the device and its homeserver both have lanes. */
export function hasLanes(device: Device, settings: Settings): boolean {
  const home = device.documents.get(device.durable.home)?.document;
  const speaks = home?.versions.includes(2) === true && settings.versions.includes(2);
  return speaks && home.lanes.includes(lanes.spam);
}

const setupKinds: readonly string[] = ['register', 'renew', 'create-records', 'publish-packages'];

/** Setup in its order first; then the first task of every group. */
function runnable({ durable }: Device): Task[] {
  const setup = durable.tasks.find(({ body }) => setupKinds.includes(body.kind));
  if (setup !== undefined) return [setup];
  const seen = new Set<string>();
  return durable.tasks.filter(({ body }) => {
    if (!('groupId' in body)) return true;
    const group = groupKey(body.groupId);
    if (seen.has(group)) return false;
    seen.add(group);
    return true;
  });
}

/**
 * Lanes to read: HAM always; SPAM in the foreground, and in the background only as far as accepted
 * messages wait for it behind a marker.
 */
function lanesToRead(device: Device, session: Session, settings: Settings): Lane[] {
  const { durable } = device;
  if (durable.qsCid === undefined) return [];
  const ham = session.lanes[lanes.ham].dirty ? [lanes.ham] : [];
  if (!hasLanes(device, settings)) return ham;
  const { readers, held } = durable;
  const positions = {
    [lanes.ham]: readers[lanes.ham].sequence,
    [lanes.spam]: readers[lanes.spam].sequence,
  };
  const spam = session.lanes[lanes.spam].dirty && session.mode === 'foreground';
  const followed = wantedLanes(held, positions);
  return [lanes.ham, lanes.spam].filter(
    (lane) => (lane === lanes.ham ? ham.length > 0 : spam) || followed.includes(lane),
  );
}

/** Everything wanted now, most urgent first; nothing while the app does not run. */
export function wantsOf(device: Device, settings: Settings, nowMs: number): Want[] {
  const { session, durable } = device;
  if (session === undefined) return [];
  const wants: Want[] = [];
  for (const lane of lanesToRead(device, session, settings)) wants.push({ kind: 'dequeue', lane });
  const listens = durable.qsCid !== undefined && session.mode === 'foreground';
  if (listens && !session.listening) wants.push({ kind: 'listen' });
  const tasks = runnable(device);
  const isRegistering = tasks.some(({ body }) => body.kind === 'register' || body.kind === 'renew');
  if (isRegistering && device.intermediate === undefined) wants.push({ kind: 'as-credentials' });
  else for (const task of tasks) wants.push({ kind: 'task', task });
  const known = new Map<string, Want>();
  for (const want of wants) {
    const needed = documentsFor(want, device).find((domain) => !isKnown(device, domain, nowMs));
    const next: Want = needed === undefined ? want : { kind: 'document', domain: needed };
    if (!known.has(wantKey(next))) known.set(wantKey(next), next);
  }
  return [...known.values()];
}

/** Sealing a queue config takes the own homeserver's key besides the destination's versions. */
function documentsFor(want: Want, device: Device): string[] {
  const destination = destinationOf(want, device);
  const configures = want.kind === 'task' && want.task.body.kind === 'configure-group';
  return configures ? [device.durable.home, destination] : [destination];
}

const isKnown = ({ documents }: Device, domain: string, nowMs: number): boolean =>
  nowMs < (documents.get(domain)?.untilMs ?? Number.NEGATIVE_INFINITY);
