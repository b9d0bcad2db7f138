/** A fixed set of named integer counters in one typed array: one add per event, exact merges. */

export class Counters<Name extends string> {
  readonly names: readonly Name[];
  /** By position in `names`; hot code adds here directly. Exact to 2^53. */
  readonly values: Float64Array;

  constructor(names: readonly Name[]) {
    this.names = names;
    this.values = new Float64Array(names.length);
  }

  /** @throws {RangeError} for a name that is not in the set */
  index(name: Name): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new RangeError(`no counter named ${name}`);
    return index;
  }

  add(index: number, by = 1): void {
    this.values[index]! += by;
  }

  get(name: Name): number {
    return this.values[this.index(name)]!;
  }

  /** Adds the values of a counter set with the same names, such as one from another worker. */
  merge(values: Float64Array): void {
    if (values.length !== this.values.length) {
      throw new RangeError(`${values.length} counters do not merge into ${this.values.length}`);
    }
    for (let i = 0; i < values.length; i++) this.values[i]! += values[i]!;
  }
}
