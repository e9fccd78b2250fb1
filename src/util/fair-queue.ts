import type { Holder } from './fair-budget.ts';

/**
 * What waits for its turn: the peers take turns, and the namespaces of one peer take turns among them. Within a namespace the
 * first to ask is first. So nobody waits for all that another caller asked for before.
 */
export class FairQueue<T> {
  readonly #peers = new Map<string, Map<string, T[]>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push({ peer, namespace }: Holder, item: T): void {
    const namespaces = this.#peers.get(peer) ?? new Map<string, T[]>();
    this.#peers.set(peer, namespaces);
    const items = namespaces.get(namespace);
    if (items === undefined) namespaces.set(namespace, [item]);
    else items.push(item);
    this.#size += 1;
  }

  /** The next item, which leaves the queue; undefined when nothing waits. */
  shift(): T | undefined {
    const [peer] = this.#peers;
    if (peer === undefined) return undefined;
    const [peerName, namespaces] = peer;
    const [namespace] = namespaces;
    if (namespace === undefined) return undefined;
    const [namespaceName, items] = namespace;
    const item = items.shift();
    this.#size -= 1;
    // To the end of the order, unless it has nothing more that waits.
    namespaces.delete(namespaceName);
    if (items.length > 0) namespaces.set(namespaceName, items);
    this.#peers.delete(peerName);
    if (namespaces.size > 0) this.#peers.set(peerName, namespaces);
    return item;
  }
}
