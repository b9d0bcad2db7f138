/**
 * A map whose keys stand in byte order: blocks of sorted keys beside a hash map of values.
 * Inserting costs two binary searches and a move within one block; 1,000,000 keys in random order
 * take about 1 s, where one sorted array would move 4 MB per insertion.
 */
import type { Key } from './port.ts';

/** Keys per block at most; a full block splits in two. */
const blockSize = 512;

export class SortedMap<V> {
  private readonly values = new Map<Key, V>();
  /** Never empty blocks, except the only one. */
  private readonly blocks: Key[][] = [[]];

  get size(): number {
    return this.values.size;
  }

  get(key: Key): V | undefined {
    return this.values.get(key);
  }

  set(key: Key, value: V): void {
    if (!this.values.has(key)) this.insert(key);
    this.values.set(key, value);
  }

  delete(key: Key): boolean {
    if (!this.values.delete(key)) return false;
    const at = this.blockOf(key);
    const block = this.block(at);
    block.splice(lowerBound(block, key), 1);
    if (block.length === 0 && this.blocks.length > 1) this.blocks.splice(at, 1);
    return true;
  }

  /** Keys and values from `from` on, below `to`, in order; do not change the map meanwhile. */
  *range(from: Key, to: Key): Generator<readonly [Key, V]> {
    const first = this.blockOf(from);
    let index = lowerBound(this.block(first), from);
    for (let at = first; at < this.blocks.length; at++, index = 0) {
      const block = this.block(at);
      for (; index < block.length; index++) {
        const key = block[index] as Key;
        if (key >= to) return;
        yield [key, this.values.get(key) as V];
      }
    }
  }

  /** Removes the keys from `from` on, below `to`; returns how many there were. */
  deleteRange(from: Key, to: Key): number {
    const keys = Array.from(this.range(from, to), ([key]) => key);
    for (const key of keys) this.delete(key);
    return keys.length;
  }

  private block(at: number): Key[] {
    return this.blocks[at] as Key[];
  }

  private insert(key: Key): void {
    const at = this.blockOf(key);
    const block = this.block(at);
    block.splice(lowerBound(block, key), 0, key);
    if (block.length > blockSize) this.blocks.splice(at + 1, 0, block.splice(blockSize / 2));
  }

  /** The last block that begins at or before `key`; the first one when none does. */
  private blockOf(key: Key): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.block(middle)[0] as Key) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Index of the first key that is not below `key`. */
function lowerBound(keys: readonly Key[], key: Key): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as Key) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
