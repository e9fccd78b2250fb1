import { delay } from '../util/waiting.ts';
import type { Health } from '../util/health.ts';
import type { Log } from '../util/log.ts';
import type { KubernetesClient, Query } from './client.ts';
import { KubernetesError } from './kubernetes-error.ts';
import { listPages } from './list-pages.ts';
import { type ReflectorSettings, WatchState } from './watch-state.ts';
import {
  type ResourceHandler,
  type WatchedResource,
  parseWatchEvent,
  type BookmarkEvent,
  type ChangeEvent,
} from './watched-resource.ts';
import { RetryPace, judgeFailure, type RestartReason, type WatchFailure } from './watch-failure.ts';

/** What the metrics are told: `watch_restarts_total{resource,reason}`. */
export interface ReflectorObserver {
  watchRestarted(resource: string, reason: RestartReason): void;
}

export interface ReflectorParts {
  readonly client: KubernetesClient;
  readonly watched: WatchedResource;
  readonly handler: ResourceHandler;
  readonly settings: ReflectorSettings;
  readonly observer: ReflectorObserver;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

const closedByServer: WatchFailure = {
  reason: 'closed',
  detail: 'the API server closed the watch',
  retryAfterMs: 0,
  needsList: false,
  refusesStreaming: false,
};

/** Keeps a handler in step with one resource: list, then watch, for ever. */
export class Reflector {
  readonly #parts: ReflectorParts;
  readonly #watch: WatchState;
  readonly #pace: RetryPace;
  /** Where to go on watching; empty while a list is needed. */
  #version = '';
  #canStream: boolean;
  #round = new AbortController();
  #synced = false;
  /** When parts of the first list came. */
  #firstPartMs: number | undefined;
  #lastPartMs = 0;
  #problem: string | undefined;

  constructor(parts: ReflectorParts) {
    this.#parts = parts;
    this.#canStream = parts.settings.streamsLists;
    this.#watch = new WatchState(parts.settings, parts.now);
    this.#pace = new RetryPace(parts.settings.backoff, parts.random);
  }

  /** Follows the resource until the signal ends it. Never rejects: after every failure it tries again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#round = new AbortController();
      this.#watch.begin();
      const roundSignal = AbortSignal.any([signal, this.#round.signal]);
      const failure = await this.#listAndWatch(roundSignal);
      const pauseMs = roundSignal.aborted ? 0 : this.#pauseMs(failure);
      this.#watch.end();
      await delay(pauseMs, roundSignal);
    }
  }

  /** Lists again at once; what is known goes on being served meanwhile. */
  relist(): void {
    this.#version = '';
    this.#round.abort();
  }

  /** True once a list has been complete. Stays true: what is known goes on being served. */
  synced(): boolean {
    return this.#synced;
  }

  /**
   * For how many milliseconds parts of the first list have been coming, in whatever number of attempts; undefined before the
   * first part, while none comes any more, and once the list is complete.
   */
  listingMs(): number | undefined {
    if (this.#synced || this.#firstPartMs === undefined) return undefined;
    const nowMs = this.#parts.now();
    return nowMs - this.#lastPartMs > this.#parts.settings.listSilenceMs ? undefined : nowMs - this.#firstPartMs;
  }

  /** True while a watch is open and has spoken lately: what the handler has not been told has not happened. */
  live(): boolean {
    return this.#version !== '' && this.#watch.live();
  }

  /** When the API server last sent something, in the milliseconds of `now`; undefined before that. */
  lastContactMs(): number | undefined {
    return this.#watch.lastContactMs;
  }

  /** Unhealthy until the first list; degraded while it serves from memory because the API server cannot be followed. */
  health(): Health {
    const { resource } = this.#parts.watched;
    if (!this.#synced) return { kind: 'unhealthy', detail: `${resource}: ${this.#problem ?? 'not listed yet'}` };
    if (this.#problem === undefined) return { kind: 'healthy' };
    return { kind: 'degraded', detail: `${resource}: ${this.#problem}` };
  }

  async #listAndWatch(signal: AbortSignal): Promise<WatchFailure> {
    const { watched } = this.#parts;
    try {
      if (this.#version === '' && !this.#canStream) await this.#list(signal);
      await this.#follow(signal);
      return closedByServer;
    } catch (error) {
      const streamingList = this.#version === '' && this.#canStream;
      return judgeFailure(error, watched.permissionHint, { streamingList, opened: this.#watch.opened });
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, watched, handler, settings } = this.#parts;
    this.#version = await listPages(client, watched, handler, {
      timeoutMs: settings.listSilenceMs,
      pageSize: settings.pageSize,
      maxPageBytes: settings.maxPageBytes,
      signal,
      onPage: () => this.#notePart(),
    });
    this.#listed();
  }

  /** Watches from the version on; without one, the list comes first in the same stream. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { client, watched, handler, settings } = this.#parts;
    if (this.#version === '') handler.begin();
    const lines = client.lines(watched.path, {
      query: { ...watched.query, ...this.#query() },
      signal,
      silenceMs: () => (this.#version === '' ? settings.listSilenceMs : settings.silenceMs),
      onContact: () => this.#contact(),
    });
    for await (const line of lines) this.#take(parseWatchEvent(line, watched.kind));
  }

  #query(): Query {
    const { from, to } = this.#parts.settings.watchSeconds;
    const watch = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(Math.round(from + this.#parts.random() * (to - from))),
    };
    if (this.#version !== '') return { ...watch, resourceVersion: this.#version };
    // https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
    return { ...watch, sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
  }

  #contact(): void {
    this.#watch.contact();
    if (this.#version !== '') this.#problem = undefined;
  }

  #take(event: ChangeEvent | BookmarkEvent | undefined): void {
    if (event === undefined) return;
    if (this.#version === '') {
      this.#takeListed(event);
      return;
    }
    if (event.kind === 'change') this.#parts.handler.applied(event);
    this.#version = event.resourceVersion;
    this.#watch.speak();
  }

  #notePart(): void {
    this.#lastPartMs = this.#parts.now();
    this.#firstPartMs ??= this.#lastPartMs;
  }

  #takeListed(event: ChangeEvent | BookmarkEvent): void {
    const { handler } = this.#parts;
    if (event.kind === 'change') {
      this.#notePart();
      if (event.type === 'DELETED') handler.itemDeleted(event.object);
      else handler.item(event.object);
      return;
    }
    if (!event.endsInitialEvents) {
      throw new KubernetesError('invalid', 'expected the bookmark that ends a streamed list, found another');
    }
    handler.commit(event.resourceVersion);
    this.#version = event.resourceVersion;
    this.#watch.catchUp();
    this.#listed();
  }

  #listed(): void {
    this.#problem = undefined;
    if (this.#synced) return;
    this.#synced = true;
    this.#parts.log.info('Resource listed.', { resource: this.#parts.watched.resource });
  }

  /** Notes how the round ended, and says how long to wait before the next. */
  #pauseMs(failure: WatchFailure): number {
    if (failure.refusesStreaming) {
      const { log, watched } = this.#parts;
      log.info('Lists are read in pages.', { resource: watched.resource, detail: failure.detail });
      this.#canStream = false;
      return 0;
    }
    const pauseMs = this.#pace.pauseMs(failure, this.#wasOfUse(failure));
    if (failure.needsList) this.#version = '';
    if (this.#pace.failures > 0 || failure.reason === 'error') this.#problem = failure.detail;
    this.#tell(failure, pauseMs);
    return pauseMs;
  }

  /**
   * True when the round was of use, so that the next may follow at once. One that leads to a list never is when it was
   * short, else a server that answers every watch with 410 would be listed without end.
   */
  #wasOfUse(failure: WatchFailure): boolean {
    if (this.#version === '') return false;
    return this.#watch.lasted || (this.#watch.spoke && !failure.needsList);
  }

  #tell(failure: WatchFailure, pauseMs: number): void {
    const { log, watched, observer } = this.#parts;
    observer.watchRestarted(watched.resource, failure.reason);
    const fields = { resource: watched.resource, reason: failure.reason, detail: failure.detail, pauseMs };
    if (this.#pace.failures === 0) log.debug('Watch ended.', fields);
    else log.warn('Watch failed.', fields);
  }
}
