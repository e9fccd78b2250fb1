import type { BackoffBounds } from '../util/backoff.ts';

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
