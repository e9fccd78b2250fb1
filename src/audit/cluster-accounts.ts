import type { ServiceAccountReference } from '../admission/identity-source.ts';
import { noAssociations } from '../identity/associations.ts';
import type { IdentityInputs } from '../identity/resolve.ts';
import { listPages } from '../kubernetes/list-pages.ts';
import { serviceAccountsPath } from '../kubernetes/paths.ts';
import { AccountSnapshot } from '../snapshot/account-snapshot.ts';
import { readMapping, type ReadClusterOptions } from '../snapshot/read-cluster.ts';
import { ownObject, ownString, type JsonObject } from '../util/type-guards.ts';
import type { AuditAccounts } from './judge-pod.ts';

export interface ClusterAccountsOptions extends ReadClusterOptions {
  /** Undefined means all; who may list only one may still audit that. */
  readonly namespace: string | undefined;
}

/** The accounts of a cluster; those that pods name and the list has not are added when they have been read. */
export class ClusterAccounts implements AuditAccounts {
  readonly #snapshot: AccountSnapshot;
  readonly #names = new Map<string, ServiceAccountReference>();
  /** One line for each entry of the mapping that the webhook leaves out. */
  readonly problems: readonly string[];

  constructor(snapshot: AccountSnapshot, problems: readonly string[]) {
    this.#snapshot = snapshot;
    this.problems = problems;
  }

  add(object: JsonObject): void {
    const metadata = ownObject(object, 'metadata') ?? {};
    const account = { namespace: ownString(metadata, 'namespace') ?? '', name: ownString(metadata, 'name') ?? '' };
    this.#names.set(`${account.namespace}/${account.name}`, account);
    this.#snapshot.add(object, account.namespace);
  }

  has(account: ServiceAccountReference): boolean {
    return this.#snapshot.has(account);
  }

  inputsOf(account: ServiceAccountReference): IdentityInputs {
    return this.#snapshot.inputsOf(account);
  }

  names(): Iterable<ServiceAccountReference> {
    return this.#names.values();
  }
}

/** As kubectl and client-go have it. */
const pageSize = 500;

/** Reads mapping and ServiceAccounts, page by page. Rejects with KubernetesError. */
export async function readClusterAccounts(options: ClusterAccountsOptions): Promise<ClusterAccounts> {
  const { client, defaults, namespace, timeoutMs, signal } = options;
  const { mapping, problems } = await readMapping(options);
  const empty = (): ClusterAccounts =>
    new ClusterAccounts(new AccountSnapshot({ mapping, associations: noAssociations, defaults }), problems);
  let accounts = empty();
  const handler = {
    begin: () => {
      accounts = empty();
    },
    item: (object: JsonObject) => accounts.add(object),
    itemDeleted: () => undefined,
    commit: () => undefined,
    applied: () => undefined,
  };
  const resource = {
    resource: 'serviceaccounts',
    path: namespace === undefined ? serviceAccountsPath : namespacedList(namespace, 'serviceaccounts'),
    query: {},
    permissionHint: 'list on serviceaccounts is needed',
  };
  await listPages(client, resource, handler, { timeoutMs, pageSize, signal });
  return accounts;
}

/** The path of a list of the core group in one namespace. */
export function namespacedList(namespace: string, resource: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;
}
