import { noAssociations } from '../identity/associations.ts';
import type { IdentityDefaults } from '../identity/defaults.ts';
import { emptyMapping, parseMapping, type RoleMapping } from '../identity/mapping.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { hasCode } from '../kubernetes/kubernetes-error.ts';
import { listPages } from '../kubernetes/list-pages.ts';
import { configMapsPath, namespacedPath, objectPath, serviceAccountsPath } from '../kubernetes/paths.ts';
import { ownObject, ownString, type JsonObject } from '../util/type-guards.ts';
import { AccountSnapshot } from './accounts.ts';

export interface ReadClusterOptions {
  readonly client: KubernetesClient;
  readonly defaults: IdentityDefaults;
  /** Undefined means all; who may list only one may still read that. */
  readonly namespace?: string | undefined;
  /** The mapping ConfigMap; undefined when the webhook reads none. */
  readonly mapping: { readonly namespace: string; readonly name: string } | undefined;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ClusterSnapshot {
  readonly accounts: AccountSnapshot;
  /** One line for each entry of the mapping that the webhook leaves out. */
  readonly problems: readonly string[];
}

/** As kubectl and client-go have it. */
const pageSize = 500;

/**
 * Reads the ServiceAccounts of a cluster and the mapping, page by page. The associations file is on the webhook's nodes and
 * cannot be read from here. Rejects with KubernetesError.
 */
export async function readClusterSnapshot(options: ReadClusterOptions): Promise<ClusterSnapshot> {
  const { client, defaults, namespace, timeoutMs, signal } = options;
  const { mapping, problems } = await readMapping(options);
  const empty = (): AccountSnapshot => new AccountSnapshot({ mapping, associations: noAssociations, defaults });
  let accounts = empty();
  const handler = {
    begin: () => {
      accounts = empty();
    },
    item: (object: JsonObject) => accounts.add(object, ''),
    commit: () => undefined,
  };
  const resource = {
    kind: 'ServiceAccount',
    path: namespace === undefined ? serviceAccountsPath : namespacedPath('serviceaccounts', namespace),
    query: {},
  };
  await listPages(client, resource, handler, { timeoutMs, pageSize, signal });
  return { accounts, problems };
}

export interface ReadMapping {
  readonly mapping: RoleMapping;
  readonly problems: readonly string[];
  /** As the API server gave it; undefined where there is none. */
  readonly configMap: JsonObject | undefined;
}

/** Reads the mapping alone; empty where there is no ConfigMap of that name. Rejects with KubernetesError. */
export async function readMapping({
  client,
  defaults,
  mapping: source,
  timeoutMs,
  signal,
}: ReadClusterOptions): Promise<ReadMapping> {
  if (source === undefined) return { mapping: emptyMapping, problems: [], configMap: undefined };
  try {
    const configMap = await client.get(objectPath(configMapsPath(source.namespace), source.name), {
      timeoutMs,
      signal,
    });
    const parsed = parseMapping(
      ownString(ownObject(configMap, 'data') ?? {}, 'config') ?? '{}',
      defaults.composeRoleArn,
    );
    if (parsed.kind === 'mapping') return { ...parsed, configMap };
    const problem = `ConfigMap ${source.namespace}/${source.name}: ${parsed.detail}`;
    return { mapping: emptyMapping, problems: [problem], configMap };
  } catch (error) {
    if (hasCode(error, 'not_found')) return { mapping: emptyMapping, problems: [], configMap: undefined };
    throw error;
  }
}
