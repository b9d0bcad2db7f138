/**
 * One client's membership in one group, as its queue service and its user see it: where the
 * messages go, how many came this hour, and what the user has decided. The label belongs to the
 * group, never to a single message: a parked commit would block all later messages of the group.
 */
import type { Stream } from '../../kernel/random.ts';

export class Membership {
  /** client x maxGroupsPerClient + index. */
  readonly id: number;
  readonly client: number;
  readonly wanted: boolean;
  readonly size: number;
  /** Its homeserver is one that the client's has not met before. */
  readonly unknownSource: boolean;
  /** Messages and commits per ns. */
  readonly rate: number;
  /** Share of commits in that. */
  readonly commitShare: number;
  readonly commitBytes: number;
  /** Draws what comes when: the same under every policy. */
  readonly messages: Stream;

  /** The user has accepted it expressly, or was in it before there were labels. */
  accepted: boolean;
  blocked = false;
  /** A rule has put it into the SPAM lane. */
  parked = false;
  /** When its first message was parked; -1 for never. */
  parkedSinceNs = -1;
  /** The user has seen a message of it. */
  seen = false;
  /** Hour in which messages are counted, and their number. */
  hourStartNs = Number.NEGATIVE_INFINITY;
  inHour = 0;
  /** Commits parked now, and at most. */
  lag = 0;
  lagPeak = 0;
  /** A commit was refused since the client last read. */
  gap = false;
  /** When the message read last had arrived, for the check of order. */
  readUpToNs = Number.NEGATIVE_INFINITY;

  constructor(traits: MembershipTraits) {
    this.id = traits.id;
    this.client = traits.client;
    this.wanted = traits.wanted;
    this.size = traits.size;
    this.unknownSource = traits.unknownSource;
    this.rate = traits.messageRate + traits.commitRate;
    this.commitShare = this.rate === 0 ? 0 : traits.commitRate / this.rate;
    this.commitBytes = traits.commitBytes;
    this.messages = traits.messages;
    this.accepted = traits.accepted;
  }
}

export interface MembershipTraits {
  readonly id: number;
  readonly client: number;
  readonly wanted: boolean;
  readonly size: number;
  readonly unknownSource: boolean;
  /** Per ns. */
  readonly messageRate: number;
  readonly commitRate: number;
  readonly commitBytes: number;
  readonly messages: Stream;
  readonly accepted: boolean;
}
