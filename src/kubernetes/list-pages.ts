import { metadataOf } from './objects.ts';
import { objectsAt, ownString, type JsonObject } from '../util/json.ts';
import type { KubernetesClient } from './client.ts';
import { hasCode, KubernetesError } from './kubernetes-error.ts';
import { type PageHandler, type WatchedResource, versionOf } from './watched-resource.ts';

/** A list that outlives the API server's history (5 min) this often will not be finished by trying at once again. */
const maxRestarts = 3;

export interface ListOptions {
  /** Time for one page. */
  readonly timeoutMs: number;
  /** Objects in a page; fewer where they are large. */
  readonly pageSize: number;
  /** The longest answer for a page of several objects; undefined for the longest that is taken at all. */
  readonly maxPageBytes?: number | undefined;
  readonly signal: AbortSignal;
  /** Called when a page has come. */
  readonly onPage?: () => void;
}

/** What is listed, once. */
export interface ListedResource extends Pick<WatchedResource, 'path' | 'query'> {
  /** Undefined where any will do. */
  readonly kind: string | undefined;
}

/**
 * Reads the whole list page by page into the handler, one page in memory at a time, and returns its resource version.
 * Begins again when its continue token expires. Throws KubernetesError.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export async function listPages(
  client: KubernetesClient,
  watched: ListedResource,
  handler: PageHandler,
  options: ListOptions,
): Promise<string> {
  for (let restarts = 0; ; restarts += 1) {
    handler.begin();
    try {
      const resourceVersion = await readPages(client, watched, handler, options);
      handler.commit(resourceVersion);
      return resourceVersion;
    } catch (error) {
      if (restarts >= maxRestarts || !hasCode(error, 'expired')) throw error;
    }
  }
}

/** What the objects of a list are gathered in. */
export interface Gathering<T> {
  /** Creates it, empty; called again where the list has to be read again from its beginning. */
  readonly begin: () => T;
  readonly add: (gathered: T, object: JsonObject) => void;
}

/** Reads the whole list as `listPages()` does, and returns what its objects were gathered in. Throws KubernetesError. */
export async function gatherPages<T>(
  client: KubernetesClient,
  watched: ListedResource,
  { begin, add }: Gathering<T>,
  options: ListOptions,
): Promise<T> {
  let gathered = begin();
  const handler: PageHandler = {
    begin: () => {
      gathered = begin();
    },
    item: object => add(gathered, object),
    commit: () => undefined,
  };
  await listPages(client, watched, handler, options);
  return gathered;
}

async function readPages(
  client: KubernetesClient,
  watched: ListedResource,
  handler: PageHandler,
  { pageSize, maxPageBytes, onPage, ...options }: ListOptions,
): Promise<string> {
  let size = pageSize;
  let token: string | undefined;
  for (;;) {
    const query = { ...watched.query, limit: String(size), continue: token };
    const maxBytes = size > 1 ? maxPageBytes : undefined;
    const page = await client.get(watched.path, { ...options, maxBytes, query }).catch(smallerPage);
    if (page === 'too_large') {
      size = Math.ceil(size / 10);
      continue;
    }
    for (const item of itemsOf(page, watched.kind)) handler.item(item);
    onPage?.();
    token = continueToken(page);
    // Some large objects must not make the whole list slow.
    size = Math.min(2 * size, pageSize);
    if (token === undefined) return versionOf(page);
  }

  /** Objects can be made so big that a page of them exceeds the limit: then fewer at a time. */
  function smallerPage(error: unknown): 'too_large' {
    if (size > 1 && hasCode(error, 'response_too_large')) return 'too_large';
    throw error;
  }
}

/**
 * Throws `malformed_response` for a list of another kind, or one with objects of another kind in it; the API server leaves the
 * kind out in the items. Without a kind, any will do.
 */
function itemsOf(page: JsonObject, kind: string | undefined): readonly JsonObject[] {
  const items = objectsAt(page, 'items');
  if (kind === undefined) return items;
  const isRight = (item: JsonObject): boolean => [undefined, kind].includes(ownString(item, 'kind'));
  if (ownString(page, 'kind') === `${kind}List` && items.every(isRight)) return items;
  throw new KubernetesError('malformed_response', `the answer of the API server is no list of kind ${kind}List`);
}

function continueToken(page: JsonObject): string | undefined {
  const token = ownString(metadataOf(page), 'continue');
  return token === '' ? undefined : token;
}
