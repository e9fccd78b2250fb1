import type { KubernetesClient } from '../../kubernetes/client.ts';
import { hasCode, KubernetesError } from '../../kubernetes/kubernetes-error.ts';
import { mutatingWebhookConfigurationsPath, objectPath } from '../../kubernetes/paths.ts';
import type { TrustedCertificate } from './authority.ts';
import { bundlePatch, readPublishedBundle, type OwnService, type PublishedBundle } from './trust-bundle.ts';

/** An answer of the API server takes milliseconds; nobody waits for this one. */
const requestMs = 10_000;

/** The MutatingWebhookConfiguration by which API servers call us: what it has them trust, in our entries. */
export class WebhookConfiguration {
  readonly name: string;
  readonly service: OwnService;
  readonly #client: KubernetesClient;
  readonly #path: string;

  constructor(client: KubernetesClient, name: string, service: OwnService) {
    this.#client = client;
    this.#path = objectPath(mutatingWebhookConfigurationsPath, name);
    this.name = name;
    this.service = service;
  }

  /** Undefined when there is no such configuration. Rejects with a KubernetesError. */
  async read(signal: AbortSignal): Promise<PublishedBundle | undefined> {
    try {
      const configuration = await this.#client.get(this.#path, { timeoutMs: requestMs, signal });
      return readPublishedBundle(configuration, this.service);
    } catch (error) {
      if (hasCode(error, 'not_found')) return undefined;
      throw error;
    }
  }

  /**
   * Makes our entries trust exactly these. Gives the bundle as it is then: the same when there was nothing to do. Rejects
   * with a KubernetesError, `conflict` when the configuration has changed since it was read.
   */
  async publish(
    bundle: PublishedBundle,
    trusted: readonly TrustedCertificate[],
    signal: AbortSignal,
  ): Promise<PublishedBundle> {
    const patch = bundlePatch(bundle, trusted);
    if (patch.length === 0) return bundle;
    try {
      const configuration = await this.#client.patch(this.#path, patch, { timeoutMs: requestMs, signal });
      return readPublishedBundle(configuration, this.service);
    } catch (error) {
      if (hasCode(error, 'invalid') && (await this.#hasChanged(bundle, signal))) {
        throw new KubernetesError('conflict', 'the configuration has changed since it was read', { cause: error });
      }
      throw error;
    }
  }

  /** A `test` that failed and a value that is refused have the same status. */
  async #hasChanged({ resourceVersion }: PublishedBundle, signal: AbortSignal): Promise<boolean> {
    return (await this.read(signal))?.resourceVersion !== resourceVersion;
  }
}
