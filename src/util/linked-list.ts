/** What a list can hold: an object in one list at a time, which carries its place. */
export interface Linked<T> {
  previous: T | undefined;
  next: T | undefined;
}

/**
 * Items in the order in which they were added, each removed at once wherever it is.
 *
 * A Set does the same, but one that gains and loses an item with each request is rewritten every few requests, and V8 links the
 * old table to the new one: as soon as one table has grown old, all that follow grow old with all their items, until the
 * next full collection. Under load that was 20 MB a second instead of 7, and 40 MiB more resident.
 */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined;
  #last: T | undefined;

  get first(): T | undefined {
    return this.#first;
  }

  /** Adds an item that is in no list. */
  add(item: T): void {
    item.previous = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
  }

  /** Removes the item, if it is in the list. */
  remove(item: T): void {
    const { previous, next } = item;
    if (previous === undefined && this.#first !== item) return;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    item.previous = undefined; // an item that is old already must not keep its neighbours
    item.next = undefined;
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (let item = this.#first; item !== undefined; item = item.next) yield item;
  }
}
