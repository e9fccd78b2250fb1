import type { BackoffBounds } from '../util/waiting.ts';

/** Knows of one watch after the other how long it has lived, when it spoke, and whether it vouches for the store. */
export class WatchState {
  readonly #settings: ReflectorSettings;
  readonly #now: () => number;
  #openedMs: number | undefined;
  #vouchesFromMs = Number.POSITIVE_INFINITY;
  #lastContactMs: number | undefined;
  #spoke = false;

  constructor(settings: ReflectorSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /** When the API server last sent anything; undefined before that. */
  get lastContactMs(): number | undefined {
    return this.#lastContactMs;
  }

  /** True when the API server has begun to answer. */
  get opened(): boolean {
    return this.#openedMs !== undefined;
  }

  /** True when the watch has told of a change or of a bookmark. */
  get spoke(): boolean {
    return this.#spoke;
  }

  /** True when the watch lasted longer than one that is refused politely. */
  get lasted(): boolean {
    return this.#openedMs !== undefined && this.#now() - this.#openedMs >= this.#settings.shortWatchMs;
  }

  /** A new watch is asked for. */
  begin(): void {
    this.#openedMs = undefined;
    this.#spoke = false;
    this.#vouchesFromMs = Number.POSITIVE_INFINITY;
  }

  /** The API server sent something. */
  contact(): void {
    this.#lastContactMs = this.#now();
    if (this.#openedMs !== undefined) return;
    this.#openedMs = this.#lastContactMs;
    this.#vouchesFromMs = this.#openedMs + this.#settings.settleMs;
  }

  /** The watch told of a change or of a bookmark. */
  speak(): void {
    this.#spoke = true;
  }

  /** What has been sent is the state of the world at the time of the request: nothing that was missed is on its way. */
  catchUp(): void {
    this.#spoke = true;
    this.#vouchesFromMs = this.#now();
  }

  /** The watch is over. */
  end(): void {
    this.#vouchesFromMs = Number.POSITIVE_INFINITY;
  }

  /** True while what the store has not been told has not happened. */
  live(): boolean {
    const nowMs = this.#now();
    if (nowMs < this.#vouchesFromMs || this.#openedMs === undefined) return false;
    const { liveMs, firstLiveMs } = this.#settings;
    return nowMs - this.#openedMs <= firstLiveMs || nowMs - (this.#lastContactMs ?? 0) <= liveMs;
  }
}

/** Times of a reflector. All but tests use the defaults. */
export interface ReflectorSettings {
  /** A watch that is silent for this long is given up. */
  readonly silenceMs: number;
  /** The same while a list is streamed, when there is always something to send; also the time for a page. */
  readonly listSilenceMs: number;
  /** A watch vouches for the store for this long after the API server has last sent something, */
  readonly liveMs: number;
  /** and in any case for this long after it was opened. */
  readonly firstLiveMs: number;
  /** A watch that was opened again vouches for nothing before this time: what was missed may still be on its way. */
  readonly settleMs: number;
  /** A watch that ends sooner, without a word, counts as a failure. */
  readonly shortWatchMs: number;
  /** Lists are streamed where the API server can do that; else they come in pages. */
  readonly streamsLists: boolean;
  /** Objects in a page. */
  readonly pageSize: number;
  /** A longer page of several objects is read in smaller ones. */
  readonly maxPageBytes: number;
  readonly backoff: BackoffBounds;
  /** The API server is asked to end the watch after this time, chosen at random between the two. */
  readonly watchSeconds: { readonly from: number; readonly to: number };
}

/**
 * A quiet watch is kept alive by bookmarks. Seen on kube-apiserver 1.36: the first comes 120 s after the watch was opened,
 * the others 60 s after each other, all within a second.
 */
export const defaultReflectorSettings: ReflectorSettings = {
  // The first bookmark may be half a minute late.
  silenceMs: 150_000,
  listSilenceMs: 30_000,
  liveMs: 75_000,
  firstLiveMs: 130_000,
  settleMs: 1_000,
  // What client-go calls a very short watch.
  shortWatchMs: 1_000,
  streamsLists: true,
  // client-go's page size: half a megabyte of usual ServiceAccounts.
  pageSize: 500,
  // Four times that. What is made to be expensive, such as a million of `{}`, takes twenty times as much once it is parsed.
  maxPageBytes: 2 * 1024 * 1024,
  // client-go's bounds.
  backoff: { floorMs: 800, ceilingMs: 30_000 },
  // client-go's range; random, so that the watches of many replicas do not all end together.
  watchSeconds: { from: 300, to: 600 },
};
