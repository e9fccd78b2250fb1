/** What came of asking for a place. */
export type PlaceAnswer =
  /** Go on, and call `leave()` when done. */
  | 'entered'
  /** The queue is full. */
  | 'full'
  /** Its turn came when nobody needed it any more. */
  | 'not_needed';

interface Waiter {
  readonly stillNeeded: () => boolean;
  readonly admit: (answer: PlaceAnswer) => void;
}

export interface Group {
  readonly name: string;
  running: number;
  /** First come, first served. */
  readonly waiters: Waiter[];
}

/**
 * Bounds how much work runs at the same time and how much may wait, shared by group so that none takes the others' part:
 * no group has more than half of the places while others wait, those that wait take turns, and a full queue refuses
 * the group that waits most. A group that is alone may have everything.
 */
export class FairLimit {
  readonly #places: number;
  readonly #queueLength: number;
  /** Only groups that run or wait. */
  readonly #groups = new Map<string, Group>();
  /** Groups that wait, in the order of their turns. */
  readonly #turns = new Set<Group>();
  #running = 0;
  #waiting = 0;

  constructor(places: number, queueLength: number) {
    this.#places = places;
    this.#queueLength = queueLength;
  }

  /** Calls `admit` once: now, or when its turn comes. `stillNeeded` is asked when a turn comes after a wait. */
  enter(name: string, stillNeeded: () => boolean, admit: (answer: PlaceAnswer) => void): void {
    const group = this.#groups.get(name) ?? { name, running: 0, waiters: [] };
    if (this.#running < this.#places) {
      this.#groups.set(name, group);
      this.#start(group, admit);
      return;
    }
    if (this.#waiting >= this.#queueLength && !this.#makeRoomFor(group)) {
      admit('full');
      return;
    }
    this.#groups.set(name, group);
    this.#turns.add(group);
    this.#waiting += 1;
    group.waiters.push({ stillNeeded, admit });
  }

  /** Ends work of this group, and admits the next waiter. */
  leave(name: string): void {
    const group = this.#groups.get(name);
    if (group === undefined || group.running === 0) throw new RangeError('nothing of this group runs');
    group.running -= 1;
    this.#running -= 1;
    this.#forgetIdle(group);
    for (let next = this.#nextTurn(); next !== undefined; next = this.#nextTurn()) {
      if (this.#admitFrom(next)) return;
    }
  }

  #start(group: Group, admit: Waiter['admit']): void {
    group.running += 1;
    this.#running += 1;
    admit('entered');
  }

  /** The first in turn that has less than half of the places; without one, the first of all. */
  #nextTurn(): Group | undefined {
    let first: Group | undefined;
    for (const group of this.#turns) {
      if (group.running + 1 <= this.#places / 2) return group;
      first ??= group;
    }
    return first;
  }

  /** Uses the turn of this group. False when none of its waiters is needed any more. */
  #admitFrom(group: Group): boolean {
    this.#turns.delete(group);
    for (let waiter = group.waiters.shift(); waiter !== undefined; waiter = group.waiters.shift()) {
      this.#waiting -= 1;
      if (waiter.stillNeeded()) {
        if (group.waiters.length > 0) this.#turns.add(group);
        this.#start(group, waiter.admit);
        return true;
      }
      waiter.admit('not_needed');
    }
    this.#forgetIdle(group);
    return false;
  }

  /** Refuses the newest of the group that waits most. False when that would be who asks, or one of as many. */
  #makeRoomFor(asking: Group): boolean {
    let longest: Group | undefined;
    for (const group of this.#turns) {
      if (longest === undefined || group.waiters.length > longest.waiters.length) longest = group;
    }
    if (longest === undefined || longest.waiters.length <= asking.waiters.length + 1) return false;
    this.#waiting -= 1;
    longest.waiters.pop()?.admit('full');
    return true;
  }

  #forgetIdle(group: Group): void {
    if (group.running === 0 && group.waiters.length === 0) this.#groups.delete(group.name);
  }
}
