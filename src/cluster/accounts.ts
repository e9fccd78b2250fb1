import type { IdentitySource, ServiceAccountReference } from '../admission/identity-source.ts';
import type { Associations } from '../identity/associations.ts';
import type { IdentityDefaults } from '../identity/defaults.ts';
import type { IdentityAnswer } from '../identity/identity.ts';
import type { RoleMapping } from '../identity/mapping.ts';
import { resolveIdentity, type IdentityInputs } from '../identity/resolve.ts';
import { parseServiceAccountAnnotations, type ServiceAccountFacts } from '../identity/service-account-annotations.ts';
import { metadataOf, namespaceOf } from '../kubernetes/objects.ts';
import { ownObject, ownString, type JsonObject } from '../util/json.ts';

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

  /** Takes a ServiceAccount in; of two with the same name the later counts. A manifest without a namespace means this one. */
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
