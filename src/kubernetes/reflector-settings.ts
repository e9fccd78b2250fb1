import type { BackoffBounds } from '../util/backoff.ts';

/** Times of a reflector. All but tests use the defaults. */
export interface ReflectorSettings {
  /** A watch that is silent for this long is given up. */
  readonly silenceMs: number;
  /** The same while a list is streamed, when there is always something to send; also the time for a page. */
  readonly listSilenceMs: number;
  /** A watch vouches for the store for this long after it has last spoken. */
  readonly liveMs: number;
  /** A watch that was opened again vouches for nothing before this time: what was missed may still be on its way. */
  readonly settleMs: number;
  /** A watch that ends sooner, without a word, counts as a failure. */
  readonly shortWatchMs: number;
  readonly backoff: BackoffBounds;
  /** The API server is asked to end the watch after this time, chosen at random between the two. */
  readonly watchSeconds: { readonly from: number; readonly to: number };
}

export const defaultReflectorSettings: ReflectorSettings = {
  // Bookmarks come about every 60 s, so two of them have to be missing.
  silenceMs: 150_000,
  listSilenceMs: 30_000,
  // One bookmark interval, and half of one for a late bookmark.
  liveMs: 90_000,
  settleMs: 1_000,
  // What client-go calls a very short watch.
  shortWatchMs: 1_000,
  // client-go's bounds.
  backoff: { floorMs: 800, ceilingMs: 30_000 },
  // client-go's range; random, so that the watches of many replicas do not all end together.
  watchSeconds: { from: 300, to: 600 },
};
