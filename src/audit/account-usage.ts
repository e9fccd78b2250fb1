import type { ServiceAccountReference } from '../admission/identity-source.ts';
import type { Identity } from '../identity/identity.ts';
import type { AuditedAccount } from './report.ts';

export interface Usage {
  readonly account: ServiceAccountReference;
  readonly identity: Identity;
  readonly exists: boolean;
  /** The association is known from pods alone. */
  readonly associationSeen: boolean;
  /** How many pods this is about; none when the account itself was looked at. */
  readonly pods: 0 | 1;
}

/** Counts who may assume what. */
export class AccountUsage {
  readonly #accounts = new Map<string, AuditedAccount>();

  add({ account, identity, exists, associationSeen, pods }: Usage): void {
    const key = `${account.namespace}/${account.name}/${identity.method}`;
    const known = this.#accounts.get(key);
    const entry = known ?? {
      namespace: account.namespace,
      name: account.name,
      method: identity.method,
      role: roleOf(identity),
      source: sourceOf(identity, associationSeen),
      exists,
      audience: identity.audience.value,
      expirationSeconds: identity.expirationSeconds.value,
      pods: 0,
    };
    this.#accounts.set(key, { ...entry, pods: entry.pods + pods });
  }

  /** By namespace, name and method. */
  list(): readonly AuditedAccount[] {
    return [...this.#accounts].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
  }
}

/** The role of an identity; null for container credentials, whose role AWS knows. */
export function roleOf(identity: Identity): string | null {
  return identity.method === 'web_identity' ? identity.roleArn.value : null;
}

function sourceOf(identity: Identity, associationSeen: boolean): AuditedAccount['source'] {
  if (identity.method === 'container_credentials') return associationSeen ? 'pods' : 'association';
  return identity.roleArn.from === 'mapping' ? 'mapping' : 'annotation';
}
