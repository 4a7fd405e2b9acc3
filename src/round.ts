import { TransientMap } from './transient-map.ts';

export interface Queue<T> {
  readonly length: number;
  push(item: T): void;
  shift(): T | undefined;
}

/** Queues by key, of which each gives one in turn, so that nobody waits behind another's crowd. */
export class Round<T> implements Queue<T> {
  readonly #keyOf: (item: T) => string;
  readonly #make: () => Queue<T>;
  /** In the order of their turns. Each has something. */
  readonly #queues = new TransientMap<string, Queue<T>>();
  #length = 0;

  /** `make`: the queue of a key. */
  constructor(keyOf: (item: T) => string, make: () => Queue<T>) {
    this.#keyOf = keyOf;
    this.#make = make;
  }

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    const key = this.#keyOf(item);
    let queue = this.#queues.get(key);
    if (!queue) this.#queues.set(key, (queue = this.#make()));
    queue.push(item);
    this.#length += 1;
  }

  shift(): T | undefined {
    for (const [key, queue] of this.#queues) {
      const item = queue.shift();
      this.#queues.delete(key);
      if (queue.length > 0) this.#queues.set(key, queue);
      this.#length -= 1;
      return item;
    }
    return undefined;
  }
}
