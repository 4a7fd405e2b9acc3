/**
 * A Map for values that come and go with every delivery.
 *
 * V8's own makes a new table every few changes, and the one before points to it. Once one of these has become old, each
 * scavenge takes all that follow for alive, with what was in them when they were left: everything under way then moves to the
 * old space, whose collections hold everybody up. Here the tables hold places, and the values lie in one array.
 */
export class TransientMap<K extends string | number, V> {
  readonly #places = new Map<K, number>();
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.size;
  }

  get(key: K): V | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  set(key: K, value: V): void {
    let place = this.#places.get(key);
    if (place === undefined) this.#places.set(key, (place = this.#free.pop() ?? this.#values.length));
    this.#values[place] = value;
  }

  delete(key: K): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#places.delete(key);
    this.#values[place] = undefined;
    this.#free.push(place);
    return true;
  }

  keys(): MapIterator<K> {
    return this.#places.keys();
  }

  /** In the order in which their keys came, as in a Map: what comes meanwhile comes last. */
  *values(): Generator<V> {
    for (const place of this.#places.values()) yield this.#values[place] as V;
  }

  *[Symbol.iterator](): Generator<[K, V]> {
    for (const [key, place] of this.#places) yield [key, this.#values[place] as V];
  }
}
