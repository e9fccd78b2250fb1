import type { JsonObject } from '../util/json.ts';
import type { Query } from './client.ts';
import type { ChangeEvent } from './watch-event.ts';

/** What a reflector follows. */
export interface WatchedResource {
  /** Name in metrics and log lines, for example `serviceaccounts`. */
  readonly resource: string;
  /** Kind of the objects, for example `ServiceAccount`: an answer with others is not taken. */
  readonly kind: string;
  /** Path of the list. */
  readonly path: string;
  /** Selectors. */
  readonly query: Query;
  /** What to say to somebody whose RBAC forbids it, for example "the ClusterRole needs get, list and watch". */
  readonly permissionHint: string;
}

/**
 * What becomes of the objects. A list is gathered apart and takes effect as a whole with `commit()`; until then, and when
 * it fails half-way, what was known before stays. No method may throw.
 */
export interface ResourceHandler {
  /** A list begins; whatever an unfinished one has gathered is dropped. */
  begin(): void;
  /** An object of the list; one that comes again replaces the earlier. */
  item(object: JsonObject): void;
  /** An object that was deleted while the list was streamed. */
  itemDeleted(object: JsonObject): void;
  /** The list is complete: it is the state of the world at this resource version. */
  commit(resourceVersion: string): void;
  /** A change after the list. */
  applied(event: ChangeEvent): void;
}

/** What a list that is read once needs of it. */
export type PageHandler = Pick<ResourceHandler, 'begin' | 'item' | 'commit'>;
