/** What the device is handed from outside, and what it hands back. */
import type { Random } from '../crypto/random.ts';
import type { CryptoSuite } from '../crypto/suites.ts';
import type { ErrorCode } from '../protocol/error-codes.ts';
import type { EntryFault } from '../protocol/queue-ratchet.ts';
import type { Lane } from '../protocol/wire/identifiers.ts';
import type { GroupCipher } from './group-cipher.ts';
import { deployedReconnect, deployedSend, type Backoff, type RetryBudget } from './retry.ts';
import type { Device, Membership, TaskBody } from './state.ts';
import { wakeBudgets, type WakeBudget } from './wake-budget.ts';

export interface Settings {
  /** Versions the device speaks, best first. */
  readonly versions: readonly number[];
  /** Authentication schemes the device can make, by their numbers. */
  readonly schemes: readonly number[];
  /** Idea 2: give the own homeserver's DS plain queue configs. */
  readonly plainWhenLocal: boolean;
  /** Most entries of one dequeue, 1 to 500. Deployed: 32. */
  readonly dequeueBatch: number;
  /** Single-use KeyPackages to publish. Deployed: 100. */
  readonly keyPackages: number;
  /** Most requests under way at once to one homeserver. */
  readonly parallel: number;
  /** When to give up waiting for an answer. Deployed: 10 s. */
  readonly timeoutMs: number;
  /** Of messages; a message is given up after its last attempt. */
  readonly sendRetry: Backoff;
  /** Of everything else, for ever: `attempts` is not looked at. */
  readonly retry: Backoff;
  readonly retryBudget: RetryBudget | undefined;
  /**
   * In the foreground look into the lanes after this time without a look, ms; `Infinity`: never.
   */
  readonly pollMs: number;
  readonly wakeBudget: WakeBudget;
}

export const deployedSettings: Settings = {
  versions: [2, 1],
  schemes: [3, 2, 1],
  plainWhenLocal: false,
  dequeueBatch: 32,
  keyPackages: 100,
  parallel: 4,
  timeoutMs: 10_000,
  sendRetry: deployedSend,
  retry: deployedReconnect,
  retryBudget: undefined,
  pollMs: Infinity,
  wakeBudget: wakeBudgets.unlimited,
};

export interface DeviceEnv {
  /** Milliseconds since 1970 on the device's clock. */
  readonly nowMs: number;
  readonly random: Random;
  readonly suite: (number: number) => CryptoSuite | undefined;
  readonly groups: GroupCipher;
  readonly settings: Settings;
}

export type Input =
  | { readonly kind: 'online'; readonly mode: 'foreground' | 'background' }
  | { readonly kind: 'offline' }
  /** The time that a step asked for has come; too early or twice does no harm. */
  | { readonly kind: 'timer' }
  | { readonly kind: 'response'; readonly bytes: Uint8Array }
  /** The connection over which wake-ups came is gone. */
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'wake'; readonly lane: Lane }
  /** The user writes; `content` is what the group's members will read. */
  | { readonly kind: 'send'; readonly groupId: Uint8Array; readonly content: Uint8Array }
  | { readonly kind: 'join'; readonly membership: Membership }
  | {
      readonly kind: 'label';
      readonly groupId: Uint8Array;
      readonly label: 'accepted' | 'blocked';
    };

export interface OutgoingRequest {
  readonly destination: string;
  readonly requestId: Uint8Array;
  readonly bytes: Uint8Array;
}

export type DeviceEffect =
  /** A message for the user. */
  | {
      readonly kind: 'received';
      readonly groupId: Uint8Array;
      readonly lane: Lane;
      readonly sequence: number;
      readonly content: Uint8Array;
    }
  | { readonly kind: 'duplicate'; readonly groupId: Uint8Array }
  /** A message of a group that the device is not in, or that its keys do not open. */
  | { readonly kind: 'unreadable'; readonly groupId: Uint8Array }
  /** The homeserver took it over. */
  | { readonly kind: 'done'; readonly task: TaskBody }
  /** Given up; `code` is the last refusal, absent when there was no answer. */
  | { readonly kind: 'gave-up'; readonly task: TaskBody; readonly code?: ErrorCode }
  /** An entry of the own queue does not open; the lane is not read any further in this session. */
  | { readonly kind: 'queue-fault'; readonly lane: Lane; readonly fault: EntryFault }
  /** A homeserver hid a version that its signed document has. */
  | { readonly kind: 'downgrade'; readonly domain: string }
  /** A lane was read to its end. */
  | { readonly kind: 'drained'; readonly lane: Lane }
  /** The time in the background is used up. */
  | { readonly kind: 'suspended' };

export interface Step {
  readonly device: Device;
  readonly requests: readonly OutgoingRequest[];
  readonly effects: readonly DeviceEffect[];
  /** When the device wants a `timer`, ms since 1970; `Infinity` for never. */
  readonly timerMs: number;
}
