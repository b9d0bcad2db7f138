/**
 * What a normal client asks of its homeserver, and what a captured authentication of each request
 * is good for. Frequencies are per client and day; `opens` is the number of operations that take a
 * token of the same sender (and of the same group, for the delivery service), the captured one
 * included: the matrix of `stormglass attack --scheme token`, whose signatures cover sender, group
 * and time. Under the other schemes the signature covers the whole request, and opens nothing but
 * itself.
 *
 * `repeats`: a plain replay does something again. A replayed commit does not: its epoch is over.
 */

export const classes = { message: 0, dequeue: 1, commit: 2, setting: 3 } as const;

export interface OperationTraits {
  readonly name: string;
  readonly kind: number;
  readonly perDay: number;
  readonly opens: number;
  readonly repeats: boolean;
  /** Body in bytes, without the envelope. */
  readonly bytes: number;
}

const memberOpens = 13;
const clientOpens = 8;
const userOpens = 4;
const accountOpens = 6;

const { message, dequeue, commit, setting } = classes;

export const operations: readonly OperationTraits[] = [
  // 78 messages per account and day (MSN 2006, Leskovec and Horvitz 2008).
  op('ds/send-message', message, 78, { opens: memberOpens, repeats: true, bytes: 350 }),
  // 60 background wakes and 25 sessions a day; the session also opens the wake-up stream.
  op('qs/dequeue', dequeue, 85, { opens: clientOpens, repeats: true, bytes: 16 }),
  op('qs/listen', dequeue, 25, { opens: clientOpens, repeats: true, bytes: 8 }),
  op('as/dequeue', dequeue, 1, { opens: accountOpens, repeats: true, bytes: 16 }),
  // Self-update in each of 10 groups once a day (deployed client).
  op('ds/update-client', commit, 10, { opens: memberOpens, repeats: false, bytes: 2000 }),
  op('ds/add-users', commit, 0.3, { opens: memberOpens, repeats: false, bytes: 3000 }),
  op('ds/remove-users', commit, 0.1, { opens: memberOpens, repeats: false, bytes: 2000 }),
  op('ds/resync', commit, 0.05, { opens: memberOpens, repeats: false, bytes: 2500 }),
  // KeyPackages weekly as a whole (deployed client); the rest are assumptions.
  op('qs/publish-key-packages', setting, 1 / 7, {
    opens: clientOpens,
    repeats: true,
    bytes: 35_000,
  }),
  op('ds/update-queue-info', setting, 1, { opens: memberOpens, repeats: true, bytes: 150 }),
  op('qs/update-client-record', setting, 1 / 30, { opens: clientOpens, repeats: true, bytes: 200 }),
  op('qs/get-user-record', setting, 1, { opens: userOpens, repeats: true, bytes: 8 }),
  op('as/issue-tokens', setting, 1, { opens: accountOpens, repeats: true, bytes: 1000 }),
];

function op(
  name: string,
  kind: number,
  perDay: number,
  rest: Pick<OperationTraits, 'opens' | 'repeats' | 'bytes'>,
): OperationTraits {
  return { name, kind, perDay, ...rest };
}

/** Requests of a client per day. */
export const requestsPerDay = operations.reduce((sum, { perDay }) => sum + perDay, 0);
