/**
 * Fan-out queues: the messages that wait for offline clients, each with the times it needs so that
 * every delay is recorded exactly. A queue is a linked list through a slab with a free list.
 *
 * 12 bytes per client (first, last, count) and 32 per queued message.
 *
 * House rule broken: an entry is read by slot from public columns, because an object per message
 * would cost three times the memory.
 */

/** Rows of all clients; each row has one writer. */
export interface MailboxRows {
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly count: Int32Array;
}

export function allocateMailboxes(clients: number): MailboxRows {
  const column = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * clients));
  return { first: column(), last: column(), count: column() };
}

/** Bytes of one queued message in the slab. */
export const bytesPerEntry = 32;

export class Mailboxes {
  private readonly rows: MailboxRows;
  private readonly quota: number;
  /** When the message was sent, ns. */
  sentNs = new Float64Array(1024);
  /** When it entered the queue, ns. */
  queuedNs = new Float64Array(1024);
  /** Size on the client's link; negative for a receipt. */
  bytes = new Int32Array(1024);
  group = new Int32Array(1024);
  sender = new Int32Array(1024);
  private next = new Int32Array(1024);
  private free = -1;
  private used = 0;

  /** @param quota - messages a queue holds; Infinity for no limit */
  constructor(rows: MailboxRows, quota: number) {
    this.rows = rows;
    this.quota = quota;
  }

  count(client: number): number {
    return this.rows.count[client]!;
  }

  /**
   * Appends an entry and returns its slot, whose columns the caller fills, or -1 when the queue is
   * full.
   */
  push(client: number): number {
    const count = this.rows.count[client]!;
    if (count >= this.quota) return -1;
    const slot = this.allocate();
    this.next[slot] = -1;
    if (count === 0) this.rows.first[client] = slot;
    else this.next[this.rows.last[client]!] = slot;
    this.rows.last[client] = slot;
    this.rows.count[client] = count + 1;
    return slot;
  }

  /** Slot of the oldest message; only valid while `count(client) > 0`. */
  oldest(client: number): number {
    return this.rows.first[client]!;
  }

  /** Slot after a slot, -1 behind the last. */
  after(slot: number): number {
    return this.next[slot]!;
  }

  /** Removes the oldest message; its columns stay readable until the next `push`. */
  shift(client: number): void {
    const slot = this.rows.first[client]!;
    this.rows.first[client] = this.next[slot]!;
    this.rows.count[client]! -= 1;
    this.next[slot] = this.free;
    this.free = slot;
  }

  private allocate(): number {
    if (this.free >= 0) {
      const slot = this.free;
      this.free = this.next[slot]!;
      return slot;
    }
    if (this.used === this.next.length) this.grow();
    return this.used++;
  }

  private grow(): void {
    this.sentNs = wider(this.sentNs, new Float64Array(this.used * 2));
    this.queuedNs = wider(this.queuedNs, new Float64Array(this.used * 2));
    this.bytes = wider(this.bytes, new Int32Array(this.used * 2));
    this.group = wider(this.group, new Int32Array(this.used * 2));
    this.sender = wider(this.sender, new Int32Array(this.used * 2));
    this.next = wider(this.next, new Int32Array(this.used * 2));
  }
}

function wider<Column extends Int32Array | Float64Array>(column: Column, wide: Column): Column {
  wide.set(column);
  return wide;
}
