import { type Holder, keptIdle } from '../util/fair-budget.ts';
import { LinkedList, type Linked } from '../util/linked-list.ts';

/** One caller at a time does something long, in steps between which others get the event loop. */
export interface LongTurns {
  /**
   * Runs the work when it is the holder's turn. The work waits for `step()` wherever a long piece of it is done. Settles as
   * the work does.
   */
  run<T>(holder: Holder, work: (step: () => Promise<void>) => Promise<T>): Promise<T>;
}

/**
 * Lets one long piece of work run at a time, so that what it needs in memory is needed once. Those that wait take turns by
 * holder, and the event loop has a round between steps: ten large reviews that arrive together would otherwise hold up all
 * others for as long as they take together.
 */
export function createLongTurns(): LongTurns {
  const waiting = new FairQueue<() => void>();
  let isBusy = false;
  const next = (): void => {
    const begin = waiting.shift();
    isBusy = begin !== undefined;
    if (begin !== undefined) setImmediate(begin);
  };
  const turnOf = (holder: Holder): Promise<void> =>
    new Promise(resolve => {
      waiting.push(holder, resolve);
      if (!isBusy) next();
    });
  return {
    async run(holder, work) {
      await turnOf(holder);
      try {
        return await work(nextRound);
      } finally {
        next();
      }
    },
  };
}

/** Turns for short pieces of work, of which many can be ready at the same time. */
export interface ShortTurns {
  /** Undefined when it is the holder's turn now; else resolves when it is. */
  next(holder: Holder): Promise<void> | undefined;
}

/**
 * A review takes about 0.2 ms. So many in one round of the event loop hold up a new one by 3 ms at most; 1,000 that are ready
 * together, because one caller sent them or one read served them, would take 0.2 s.
 */
export const reviewsPerRound = 16;

/** Lets so many pieces of work at most be done in each round of the event loop. The rest waits, and holders take turns. */
export function createShortTurns(perRound: number): ShortTurns {
  const waiting = new FairQueue<() => void>();
  let taken = 0;
  const take = (): void => {
    taken += 1;
    // Counting from zero in each round would need an immediate in each: 3 µs for each review of a webhook that has little to do.
    if (taken === perRound) setImmediate(round);
  };
  const round = (): void => {
    taken = 0;
    for (let turn = 0; turn < perRound; turn += 1) {
      const resolve = waiting.shift();
      if (resolve === undefined) return;
      take();
      resolve();
    }
  };
  return {
    next(holder) {
      if (taken >= perRound || waiting.size > 0) return new Promise(resolve => waiting.push(holder, resolve));
      take();
      return undefined;
    },
  };
}

function nextRound(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}

export interface Namespace<T> extends Linked<Namespace<T>> {
  readonly name: string;
  /** First come, first served. */
  readonly items: T[];
}

export interface Peer<T> extends Linked<Peer<T>> {
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
