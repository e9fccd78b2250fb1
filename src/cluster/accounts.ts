import type { ServiceAccountReference, IdentitySource } from '../admission/identity-source.ts';
import { noAssociations, type Associations } from '../identity/associations.ts';
import type { IdentityDefaults } from '../identity/defaults.ts';
import { emptyMapping, parseMapping, type RoleMapping } from '../identity/mapping.ts';
import { gatherPages } from '../kubernetes/list-pages.ts';
import {
  configMapsPath,
  namespacedPath,
  objectPath,
  serviceAccountPath,
  serviceAccountsPath,
} from '../kubernetes/paths.ts';
import { textAt, type JsonObject, ownObject, ownString } from '../util/json.ts';
import { readOrUndefined, usualPageSize, type ClusterReader } from './reader.ts';
import type { IdentityAnswer } from '../identity/identity.ts';
import { resolveIdentity, type IdentityInputs } from '../identity/resolve.ts';
import { parseServiceAccountAnnotations, type ServiceAccountFacts } from '../identity/service-account-annotations.ts';
import { metadataOf, namespaceOf } from '../kubernetes/objects.ts';

/** With what accounts are read. The associations file is on the webhook's nodes and cannot be read from outside. */
export interface AccountOptions {
  readonly defaults: IdentityDefaults;
  /** The mapping ConfigMap; undefined where the webhook reads none. */
  readonly mapping: ConfigMapReference | undefined;
}

export interface ConfigMapReference {
  readonly namespace: string;
  readonly name: string;
}

export interface ClusterSnapshot {
  readonly accounts: AccountSnapshot;
  /** One line for each entry of the mapping that the webhook leaves out. */
  readonly problems: readonly string[];
}

/**
 * Reads the mapping, and page by page all ServiceAccounts of the cluster or of a namespace: who may list only one may still
 * read that. Rejects with KubernetesError.
 */
export async function readClusterSnapshot(
  cluster: ClusterReader,
  { namespace, ...options }: AccountOptions & { readonly namespace?: string | undefined },
): Promise<ClusterSnapshot> {
  const { client, timeoutMs, signal } = cluster;
  const { begin, problems } = await prepareSnapshot(cluster, options);
  const path = namespace === undefined ? serviceAccountsPath : namespacedPath('serviceaccounts', namespace);
  const listed = { kind: 'ServiceAccount', path, query: {} };
  const gathering = {
    begin,
    add: (snapshot: AccountSnapshot, object: JsonObject) => snapshot.add(object, ''),
  };
  const accounts = await gatherPages(client, listed, gathering, { timeoutMs, pageSize: usualPageSize, signal });
  return { accounts, problems };
}

/** Requests at a time: enough to hide the way to the cluster, few enough not to burden it. */
const concurrency = 16;

/** Reads the mapping and these ServiceAccounts, each once. Rejects with KubernetesError. */
export async function readNamedAccounts(
  cluster: ClusterReader,
  wanted: readonly ServiceAccountReference[],
  options: AccountOptions,
): Promise<ClusterSnapshot> {
  const { begin, problems } = await prepareSnapshot(cluster, options);
  const accounts = begin();
  // A namespace or a name that is empty names nothing; the API server would take the path for another one.
  const named = wanted.filter(({ namespace, name }) => namespace !== '' && name !== '');
  const paths = [...new Set(named.map(({ namespace, name }) => serviceAccountPath(namespace, name)))];
  for (let start = 0; start < paths.length; start += concurrency) {
    const some = paths.slice(start, start + concurrency);
    const objects = await Promise.all(some.map(path => readOrUndefined(cluster, path)));
    for (const object of objects) if (object !== undefined) accounts.add(object, '');
  }
  return { accounts, problems };
}

/** Creates snapshots without accounts, which `begin` returns. */
async function prepareSnapshot(
  cluster: ClusterReader,
  options: AccountOptions,
): Promise<{ readonly begin: () => AccountSnapshot; readonly problems: readonly string[] }> {
  const { mapping, problems } = await readMapping(cluster, options);
  const { defaults } = options;
  return { begin: () => new AccountSnapshot({ mapping, associations: noAssociations, defaults }), problems };
}

export interface ReadMapping {
  readonly mapping: RoleMapping;
  readonly problems: readonly string[];
  /** As the API server gave it; undefined where there is none. */
  readonly configMap: JsonObject | undefined;
  /** Why it cannot be read as a mapping. */
  readonly broken?: string;
}

/** Where there is no mapping. */
export const noMapping: ReadMapping = { mapping: emptyMapping, problems: [], configMap: undefined };

/** Reads the mapping alone; empty where there is no ConfigMap of that name. Rejects with KubernetesError. */
export async function readMapping(
  cluster: ClusterReader,
  { defaults, mapping: source }: AccountOptions,
): Promise<ReadMapping> {
  if (source === undefined) return noMapping;
  const configMap = await readOrUndefined(cluster, objectPath(configMapsPath(source.namespace), source.name));
  if (configMap === undefined) return noMapping;
  const text = textAt(configMap, 'data', 'config') ?? '{}';
  const parsed = parseMapping(text, defaults.composeRoleArn);
  if (parsed.kind === 'mapping') return { ...parsed, configMap };
  const problem = `ConfigMap ${source.namespace}/${source.name}: ${parsed.detail}`;
  return { mapping: emptyMapping, problems: [problem], configMap, broken: parsed.detail };
}

export interface SnapshotParts {
  readonly mapping: RoleMapping;
  readonly associations: Associations;
  readonly defaults: IdentityDefaults;
}

/**
 * ServiceAccounts as they were at one moment, from files or from a cluster that was read once. Answers as the webhook does,
 * by the same rule of precedence, and at once.
 */
export class AccountSnapshot implements IdentitySource {
  readonly #parts: SnapshotParts;
  /** By `namespace/name`; undefined for an account that exists and carries no annotation of ours. */
  readonly #accounts = new Map<string, ServiceAccountFacts | undefined>();

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
  }

  /** Adds a ServiceAccount; of two with the same name the later counts. A manifest without a namespace means this one. */
  add(serviceAccount: JsonObject, defaultNamespace: string): void {
    const name = ownString(metadataOf(serviceAccount), 'name');
    if (name === undefined) return;
    const key = `${namespaceOf(serviceAccount, defaultNamespace)}/${name}`;
    const annotations = ownObject(metadataOf(serviceAccount), 'annotations');
    const facts = parseServiceAccountAnnotations(annotations, this.#parts.defaults);
    this.#accounts.set(key, facts);
  }

  has({ namespace, name }: ServiceAccountReference): boolean {
    return this.#accounts.has(`${namespace}/${name}`);
  }

  /** All that the decision about this account rests on. */
  inputsOf(account: ServiceAccountReference): IdentityInputs {
    const { mapping, associations, defaults } = this.#parts;
    const key = `${account.namespace}/${account.name}`;
    return {
      account,
      serviceAccount: this.#accounts.get(key),
      serviceAccountExists: this.#accounts.has(key),
      mapping,
      associated: associations.has(account.namespace, account.name),
      defaults,
    };
  }

  identityOf(account: ServiceAccountReference): IdentityAnswer {
    return resolveIdentity(this.inputsOf(account));
  }

  /** Every account that exists. */
  *names(): Generator<ServiceAccountReference> {
    for (const key of this.#accounts.keys()) yield referenceOf(key);
  }

  /** The accounts that carry an annotation of ours. */
  *annotated(): Generator<readonly [ServiceAccountReference, ServiceAccountFacts]> {
    for (const [key, facts] of this.#accounts) if (facts !== undefined) yield [referenceOf(key), facts];
  }
}

function referenceOf(key: string): ServiceAccountReference {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
