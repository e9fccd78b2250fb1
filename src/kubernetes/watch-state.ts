import type { ReflectorSettings } from './reflector-settings.ts';

/** Says of one watch after the other how long it lives, when it spoke, and whether it vouches for the store. */
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
