/**
 * The cryptography of a group as the device uses it: MLS, behind one door. All functions are pure;
 * the state of a group is bytes that the device keeps as durably as everything else.
 */
import type { Random } from '../crypto/random.ts';
import type { MessageContent } from '../protocol/wire/queue-messages.ts';

/** What became of a message that was read from the queue. */
export type OpenedMessage =
  | { readonly kind: 'fresh'; readonly content: Uint8Array }
  /** Its generation was used before: a sender's retry, or a request that the network doubled. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'unreadable' };

export interface GroupCipher {
  /** Encrypts for the group; the ciphertext can be sent again and again. */
  seal(
    state: Uint8Array,
    content: Uint8Array,
    random: Random,
  ): { readonly state: Uint8Array; readonly message: Uint8Array };
  open(
    state: Uint8Array,
    message: MessageContent,
  ): { readonly state: Uint8Array; readonly opened: OpenedMessage };
  /** A fresh KeyPackage. */
  keyPackage(random: Random): Uint8Array;
}
