/**
 * What a piece of homeserver work costs: counted while the real code runs, priced by the
 * calibration. Wall time never enters.
 */
import type { Operation } from '../../src/crypto/suites.ts';
import type { Prices } from './prices.ts';

export interface Counted {
  /** Signatures made or checked, and encapsulations and decapsulations. */
  asymmetric: number;
  opens: number;
  seals: number;
  reads: number;
  writes: number;
  /** Entries sealed for queues, and their bytes. */
  entries: number;
  entryBytes: number;
  /** Members of the group whose state was loaded. */
  members: number;
  destinations: number;
}

const nothing = (): Counted => ({
  asymmetric: 0,
  opens: 0,
  seals: 0,
  reads: 0,
  writes: 0,
  entries: 0,
  entryBytes: 0,
  members: 0,
  destinations: 0,
});

export class Meter {
  counted: Counted = nothing();
  /** Every counter of the core, by name, from the start of the run. */
  readonly totals = new Map<string, number>();
  private readonly prices: Prices;

  constructor(prices: Prices) {
    this.prices = prices;
  }

  /** Forgets the last piece of work. */
  reset(): void {
    this.counted = nothing();
  }

  /** The core's `Counters`. */
  add(name: string, amount = 1): void {
    this.totals.set(name, (this.totals.get(name) ?? 0) + amount);
    if (name === 'crypto.asymmetric') this.counted.asymmetric += amount;
    else if (name === 'ds.members') this.counted.members += amount;
    else if (name === 'ds.destinations') this.counted.destinations += amount;
  }

  /** Hook of the suites. */
  onCrypto(operation: Operation): void {
    if (operation === 'decapsulate') this.counted.opens++;
    else if (operation === 'encapsulate') this.counted.seals++;
  }

  /** Signatures, which the core counts together with encapsulations. */
  get signatures(): number {
    const { asymmetric, opens, seals } = this.counted;
    return Math.max(0, asymmetric - opens - seals);
  }

  /**
   * Integer nanoseconds of one core for what was counted. @param bytes - of the request, 0: none
   */
  costNs(bytes: number): number {
    const { prices, counted } = this;
    const { opens, seals, reads, writes, entries, entryBytes, members } = counted;
    const parse = bytes > 0 ? prices.parse.at(bytes) : 0;
    const signatures = this.signatures * prices.signature;
    const hpke = opens * prices.openConfig + seals * prices.sealConfig;
    const store = reads * prices.storeRead + writes * prices.storeWrite;
    const encrypt = entries === 0 ? 0 : entries * prices.encryptEntry.at(entryBytes / entries);
    const group = members > 0 ? prices.loadGroupState.at(members) : 0;
    return Math.round(parse + signatures + hpke + store + encrypt + group);
  }
}
