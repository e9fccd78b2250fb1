import { LinkedList, type Linked } from './linked-list.ts';

/** Whose request holds something: the address that it came from, and the namespace that it is about. */
export interface Holder {
  readonly peer: string;
  /** Empty while it is not known. */
  readonly namespace: string;
}

/** A part of the budget that is in use. */
export interface Claim {
  /** Holds that many bytes instead; false when the holder may not have them, and then nothing changes. */
  resize(bytes: number): boolean;
  /** Counts the bytes for another namespace from now on. */
  moveTo(namespace: string): void;
  /** Holds the bytes until the release, whatever others need. */
  keep(): void;
  /** Returns the bytes to the budget. Does nothing after the first time. */
  release(): void;
}

/** Bytes that many callers share. */
export interface FairBudget {
  /**
   * Claims the bytes for this holder; undefined when it may not have them. `giveWay` is called when they are needed for
   * somebody else; the claim is released before that.
   */
  take(holder: Holder, bytes: number, giveWay: () => void): Claim | undefined;
}

export interface FairBudgetOptions {
  readonly totalBytes: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * A claim that is older than this is the first to give way. kube-apiserver sends a body, and reads an answer, within
 * milliseconds; a hundred times that leaves room for a busy machine.
 */
const staleMs = 1_000;

/**
 * So many peers, and namespaces of each, that hold nothing now are remembered: an API server calls for every pod, and mostly
 * holds nothing.
 */
export const keptIdle = 16;

/**
 * Creates a budget in which one namespace of one peer has half of the bytes at most, or one claim of any size. Where there
 * are not enough bytes for all, the oldest claim gives way if it is stale. Otherwise the oldest claim of the namespace that holds
 * most gives way, among those of the peer that holds most. So nobody is refused because another caller takes much.
 */
export function createFairBudget(options: FairBudgetOptions): FairBudget {
  return new Budget(options);
}

/** What the claims of one peer hold. */
interface PeerShare {
  bytes: number;
  readonly namespaces: Map<string, number>;
}

class Budget implements FairBudget {
  readonly #totalBytes: number;
  readonly #now: () => number;
  readonly #peers = new Map<string, PeerShare>();
  /** The claims that may have to give way, the oldest first. */
  readonly #open = new LinkedList<BudgetClaim>();
  #usedBytes = 0;

  constructor({ totalBytes, now }: FairBudgetOptions) {
    this.#totalBytes = totalBytes;
    this.#now = now;
  }

  take(holder: Holder, bytes: number, giveWay: () => void): Claim | undefined {
    const claim = new BudgetClaim(this, holder, this.#now(), giveWay);
    if (!this.fits(claim, bytes)) return undefined;
    this.#open.add(claim);
    this.count(claim, bytes);
    return claim;
  }

  /** True when the claim may grow by that many bytes; others may have given way for it. */
  fits(claim: BudgetClaim, moreBytes: number): boolean {
    const own = this.#bytesOf(claim.peer, claim.namespace);
    const mostBytes = own === claim.bytes ? this.#totalBytes : this.#totalBytes / 2;
    if (own + moreBytes > mostBytes) return false;
    while (this.#usedBytes + moreBytes > this.#totalBytes) {
      const next = this.#stale(claim) ?? this.#oldestOf(this.#heaviest(claim, moreBytes));
      if (next === undefined) return false;
      next.yieldBytes();
    }
    return true;
  }

  /** Adds the bytes to the claim and to what its holder has; a negative number takes them away. */
  count(claim: BudgetClaim, bytes: number): void {
    const share = this.#peers.get(claim.peer) ?? { bytes: 0, namespaces: new Map<string, number>() };
    const namespaceBytes = (share.namespaces.get(claim.namespace) ?? 0) + bytes;
    share.bytes += bytes;
    keep(share.namespaces, claim.namespace, namespaceBytes, namespaceBytes > 0);
    keep(this.#peers, claim.peer, share, share.bytes > 0);
    this.#usedBytes += bytes;
    claim.bytes += bytes;
  }

  /** From now on the claim does not give way. */
  close(claim: BudgetClaim): void {
    this.#open.remove(claim);
  }

  #bytesOf(peer: string, namespace: string): number {
    return this.#peers.get(peer)?.namespaces.get(namespace) ?? 0;
  }

  #stale(asking: BudgetClaim): BudgetClaim | undefined {
    const oldest = this.#open.first;
    return oldest !== asking && oldest !== undefined && this.#now() - oldest.sinceMs > staleMs ? oldest : undefined;
  }

  /** Who would hold most if the claim grew by that much; undefined when it is the holder of the claim. */
  #heaviest(claim: BudgetClaim, moreBytes: number): Holder | undefined {
    const ownBytes = this.#peers.get(claim.peer)?.bytes ?? 0;
    const peer = keyOfMost(this.#peers, share => share.bytes, claim.peer, ownBytes + moreBytes);
    const namespaces = this.#peers.get(peer)?.namespaces ?? new Map<string, number>();
    if (peer !== claim.peer) return { peer, namespace: keyOfMost(namespaces, bytes => bytes, '', 0) };
    const ownNamespaceBytes = this.#bytesOf(peer, claim.namespace) + moreBytes;
    const namespace = keyOfMost(namespaces, bytes => bytes, claim.namespace, ownNamespaceBytes);
    return namespace === claim.namespace ? undefined : { peer, namespace };
  }

  #oldestOf(holder: Holder | undefined): BudgetClaim | undefined {
    if (holder === undefined) return undefined;
    for (const claim of this.#open) {
      if (claim.peer === holder.peer && claim.namespace === holder.namespace) return claim;
    }
    return undefined;
  }
}

/** Sets the value, or forgets it when nothing is held under it and enough is remembered. */
function keep<V>(map: Map<string, V>, key: string, value: V, isHeld: boolean): void {
  if (isHeld || map.size < keptIdle) map.set(key, value);
  else map.delete(key);
}

/** The key with the greatest weight, if that is more than what `own` weighs; else `own`. */
function keyOfMost<V>(
  map: ReadonlyMap<string, V>,
  weigh: (value: V) => number,
  own: string,
  ownWeight: number,
): string {
  let [most, mostWeight] = [own, ownWeight];
  for (const [key, value] of map) {
    const weight = weigh(value);
    if (key === own || weight <= mostWeight) continue;
    most = key;
    mostWeight = weight;
  }
  return most;
}

class BudgetClaim implements Claim, Linked<BudgetClaim> {
  previous: BudgetClaim | undefined;
  next: BudgetClaim | undefined;
  readonly peer: string;
  readonly sinceMs: number;
  namespace: string;
  bytes = 0;
  readonly #budget: Budget;
  readonly #giveWay: () => void;

  constructor(budget: Budget, { peer, namespace }: Holder, sinceMs: number, giveWay: () => void) {
    this.#budget = budget;
    this.peer = peer;
    this.namespace = namespace;
    this.sinceMs = sinceMs;
    this.#giveWay = giveWay;
  }

  resize(bytes: number): boolean {
    const moreBytes = bytes - this.bytes;
    if (moreBytes > 0 && !this.#budget.fits(this, moreBytes)) return false;
    this.#budget.count(this, moreBytes);
    return true;
  }

  moveTo(namespace: string): void {
    const { bytes } = this;
    this.#budget.count(this, -bytes);
    this.namespace = namespace;
    this.#budget.count(this, bytes);
  }

  keep(): void {
    this.#budget.close(this);
  }

  release(): void {
    this.#budget.close(this);
    this.#budget.count(this, -this.bytes);
  }

  yieldBytes(): void {
    this.release();
    this.#giveWay();
  }
}
