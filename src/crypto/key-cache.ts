/**
 * A bounded cache from key bytes to prepared keys. Importing an Ed25519 public key costs 2 to 4 us
 * against 75 us for the verification it serves, an X25519 private key 27 us (its public key is
 * computed), so a homeserver that meets the same keys again saves up to half of an operation.
 *
 * Two generations: when the young one is full it becomes the old one, and what was in the old one
 * is forgotten. At most `2 * capacity` keys are held, and nothing is ever moved on a hit.
 */
export class KeyCache<V> {
  private readonly capacity: number;
  private young = new Map<string, V>();
  private old = new Map<string, V>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The prepared key of `bytes`; `make` is called on a miss, and what it throws is not cached. */
  get(bytes: Uint8Array, make: (bytes: Uint8Array) => V): V {
    const id = idOf(bytes);
    const young = this.young.get(id);
    if (young !== undefined) return young;
    const value = this.old.get(id) ?? make(bytes);
    if (this.young.size >= this.capacity) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(id, value);
    return value;
  }

  /** Prepared keys held at the moment. */
  get size(): number {
    return this.young.size + this.old.size;
  }
}

/** One character per byte: 0.07 us for 32 bytes, and equal exactly for equal bytes. */
function idOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
