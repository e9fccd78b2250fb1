import type { KubernetesClient } from '../../kubernetes/client.ts';
import { hasCode } from '../../kubernetes/kubernetes-error.ts';
import { objectPath, secretsPath } from '../../kubernetes/paths.ts';
import { ownObject, type JsonObject } from '../../util/json.ts';
import type { AuthorityState } from './authority-state.ts';
import type { SecretFinding } from './due-step.ts';
import { readSecret, toSecretData } from './secret-content.ts';

/** An answer of the API server takes milliseconds; nobody waits for this one. */
const requestMs = 10_000;

export interface SecretLocation {
  readonly namespace: string;
  readonly name: string;
}

/** The Secret as it was found, with what is needed to change exactly that. */
export interface FoundSecret {
  readonly finding: SecretFinding;
  readonly object: JsonObject | undefined;
}

/** The Secret in which all replicas keep their authority. Writes fail when somebody else was faster. */
export class AuthoritySecret {
  readonly #client: KubernetesClient;
  readonly #location: SecretLocation;
  /** Labels and annotations that somebody gave it, so that it has them again when it is created anew. */
  #marks: JsonObject = {};

  constructor(client: KubernetesClient, location: SecretLocation) {
    this.#client = client;
    this.#location = location;
  }

  /** Rejects with a KubernetesError; that there is none is a finding. */
  async read(signal: AbortSignal): Promise<FoundSecret> {
    try {
      return this.#found(await this.#client.get(this.#path(), { timeoutMs: requestMs, signal }));
    } catch (error) {
      if (hasCode(error, 'not_found')) return { finding: { kind: 'missing' }, object: undefined };
      throw error;
    }
  }

  /**
   * Writes the state in place of what was found. Rejects with a KubernetesError: `already_exists`, `conflict` or `not_found`
   * when the Secret has changed meanwhile.
   */
  async write(found: FoundSecret, state: AuthorityState, signal: AbortSignal): Promise<FoundSecret> {
    const options = { timeoutMs: requestMs, signal };
    const data = toSecretData(state);
    if (found.object !== undefined) {
      return this.#found(await this.#client.replace(this.#path(), { ...found.object, data }, options));
    }
    const metadata = { name: this.#location.name, ...this.#marks };
    const secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data };
    return this.#found(await this.#client.create(secretsPath(this.#location.namespace), secret, options));
  }

  #found(object: JsonObject): FoundSecret {
    const { labels, annotations } = ownObject(object, 'metadata') ?? {};
    this.#marks = { labels, annotations };
    return { finding: readSecret(object), object };
  }

  #path(): string {
    return objectPath(secretsPath(this.#location.namespace), this.#location.name);
  }
}
