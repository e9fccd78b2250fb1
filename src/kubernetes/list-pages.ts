import { isObject, ownList, ownObject, ownString, type JsonObject } from '../util/type-guards.ts';
import type { KubernetesClient } from './client.ts';
import { hasCode } from './kubernetes-error.ts';
import type { PageHandler, WatchedResource } from './resource.ts';
import { versionOf } from './watch-event.ts';

/** A list that outlives the API server's history (5 min) this often will not be finished by trying at once again. */
const maxRestarts = 3;

export interface ListOptions {
  /** Time for one page. */
  readonly timeoutMs: number;
  /** Objects in a page; fewer where they are large. */
  readonly pageSize: number;
  readonly signal: AbortSignal;
}

/**
 * Reads the whole list page by page into the handler, one page in memory at a time, and returns its resource version.
 * Begins anew when its continue token expires. Throws KubernetesError.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export async function listPages(
  client: KubernetesClient,
  watched: WatchedResource,
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

async function readPages(
  client: KubernetesClient,
  watched: WatchedResource,
  handler: PageHandler,
  { pageSize, ...options }: ListOptions,
): Promise<string> {
  let size = pageSize;
  let token: string | undefined;
  for (;;) {
    const query = { ...watched.query, limit: String(size), continue: token };
    const page = await client.get(watched.path, { ...options, query }).catch(smallerPage);
    if (page === 'too_large') {
      size = Math.ceil(size / 10);
      continue;
    }
    for (const item of ownList(page, 'items')) if (isObject(item)) handler.item(item);
    token = continueToken(page);
    if (token === undefined) return versionOf(page);
  }

  /** Objects can be made so big that a page of them exceeds the limit: then fewer at a time. */
  function smallerPage(error: unknown): 'too_large' {
    if (size > 1 && hasCode(error, 'response_too_large')) return 'too_large';
    throw error;
  }
}

function continueToken(page: JsonObject): string | undefined {
  const token = ownString(ownObject(page, 'metadata') ?? {}, 'continue');
  return token === '' ? undefined : token;
}
