import { keptIdle, type Holder } from './fair-budget.ts';
import { LinkedList, type Linked } from './linked-list.ts';

interface Namespace<T> extends Linked<Namespace<T>> {
  readonly name: string;
  /** First come, first served. */
  readonly items: T[];
}

interface Peer<T> extends Linked<Peer<T>> {
  readonly name: string;
  readonly namespaces: Map<string, Namespace<T>>;
  /** Those with items, in the order of their turns. */
  readonly waiting: LinkedList<Namespace<T>>;
}

/**
 * What waits for its turn: the peers take turns, and the namespaces of one peer take turns among them. Within a namespace the
 * first to ask is first. So nobody waits for all that another caller asked for before.
 *
 * A peer and a namespace for which nothing waits stay in their Map as long as few are in it: a Map that gains and loses an entry
 * with each item costs as much as such a Set (see `LinkedList`). With it, the same turns took 10 to 27 full collections in 5 s
 * instead of one or two.
 */
export class FairQueue<T> {
  readonly #peers = new Map<string, Peer<T>>();
  /** Those with items, in the order of their turns. */
  readonly #waiting = new LinkedList<Peer<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(holder: Holder, item: T): void {
    const peer = this.#peerOf(holder.peer);
    const namespace = namespaceOf(peer, holder.namespace);
    if (peer.waiting.first === undefined) this.#waiting.add(peer);
    if (namespace.items.length === 0) peer.waiting.add(namespace);
    namespace.items.push(item);
    this.#size += 1;
  }

  /** The next item, which leaves the queue; undefined when nothing waits. */
  shift(): T | undefined {
    const peer = this.#waiting.first;
    const namespace = peer?.waiting.first;
    if (peer === undefined || namespace === undefined) return undefined;
    const item = namespace.items.shift();
    this.#size -= 1;
    endTurn(peer.waiting, peer.namespaces, namespace, namespace.items.length > 0);
    endTurn(this.#waiting, this.#peers, peer, peer.waiting.first !== undefined);
    return item;
  }

  #peerOf(name: string): Peer<T> {
    const known = this.#peers.get(name);
    if (known !== undefined) return known;
    const peer = {
      name,
      namespaces: new Map<string, Namespace<T>>(),
      waiting: new LinkedList<Namespace<T>>(),
      ...unlinked,
    };
    this.#peers.set(name, peer);
    return peer;
  }
}

const unlinked = { previous: undefined, next: undefined };

function namespaceOf<T>({ namespaces }: Peer<T>, name: string): Namespace<T> {
  const known = namespaces.get(name);
  if (known !== undefined) return known;
  const namespace = { name, items: [], ...unlinked };
  namespaces.set(name, namespace);
  return namespace;
}

/** Moves the group to the end of the order, or out of it when nothing more of it waits. */
function endTurn<G extends Linked<G> & { readonly name: string }>(
  waiting: LinkedList<G>,
  groups: Map<string, G>,
  group: G,
  hasMore: boolean,
): void {
  waiting.remove(group);
  if (hasMore) waiting.add(group);
  else if (groups.size > keptIdle) groups.delete(group.name);
}
