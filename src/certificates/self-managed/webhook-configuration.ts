import type { KubernetesClient, PatchOperation } from '../../kubernetes/client.ts';
import { hasCode, KubernetesError } from '../../kubernetes/kubernetes-error.ts';
import { mutatingWebhookConfigurationsPath, objectPath } from '../../kubernetes/paths.ts';
import { type TrustedCertificate, readTrustedCertificate } from './authority.ts';
import { objectAt, ownList, textAt, type JsonObject } from '../../util/json.ts';
import { parsePem } from '../../util/pem.ts';

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
   * Has our entries trust exactly these. Returns the bundle as it is then: the same when there was nothing to do. Rejects
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

/** The Service through which the API server calls us: by it we know our entries. */
export interface OwnService {
  readonly namespace: string;
  readonly name: string;
}

/** One entry of the webhook configuration that leads to us. */
export interface OwnEntry {
  readonly index: number;
  /** By fingerprint. */
  readonly trusted: ReadonlyMap<string, TrustedCertificate>;
  /** Something in the bundle is no certificate. */
  readonly isDamaged: boolean;
}

/** What a webhook configuration has API servers trust. */
export interface PublishedBundle {
  readonly resourceVersion: string;
  readonly entries: readonly OwnEntry[];
}

/** What was last found in place of the webhook configuration. */
export type FoundConfiguration = PublishedBundle | 'missing' | 'unread';

/** Reads a MutatingWebhookConfiguration. Entries of others are not looked at. */
export function readPublishedBundle(configuration: JsonObject, service: OwnService): PublishedBundle {
  const entries = ownList(configuration, 'webhooks').flatMap((entry, index) =>
    isOurs(entry, service) ? [readEntry(entry, index)] : [],
  );
  return { resourceVersion: textAt(configuration, 'metadata', 'resourceVersion') ?? '', entries };
}

function isOurs(entry: unknown, { namespace, name }: OwnService): boolean {
  const service = objectAt(entry, 'clientConfig', 'service');
  return textAt(service, 'namespace') === namespace && textAt(service, 'name') === name;
}

function readEntry(entry: unknown, index: number): OwnEntry {
  const pem = Buffer.from(textAt(entry, 'clientConfig', 'caBundle') ?? '', 'base64').toString('utf8');
  const { blocks, truncated } = parsePem(pem);
  const certificates = blocks.map(({ text }) => readTrustedCertificate(text));
  return {
    index,
    trusted: new Map(certificates.flatMap(read => (read === undefined ? [] : [[read.fingerprint, read]]))),
    isDamaged: truncated !== undefined || certificates.includes(undefined),
  };
}

/** Fingerprints of what every one of our entries trusts; none where we have no entry. */
export function trustedEverywhere({ entries }: PublishedBundle): ReadonlySet<string> {
  const [first, ...others] = entries;
  const common = [...(first?.trusted.keys() ?? [])];
  return new Set(common.filter(fingerprint => others.every(({ trusted }) => trusted.has(fingerprint))));
}

/** What any of our entries trusts. */
export function trustedAnywhere({ entries }: PublishedBundle): readonly TrustedCertificate[] {
  return entries.flatMap(({ trusted }) => [...trusted.values()]);
}

/**
 * The patch that makes our entries trust exactly these; empty when they do. It fails when the configuration has changed
 * since it was read: the indices could be others' then, and somebody may have published a newer authority.
 */
export function bundlePatch(
  bundle: PublishedBundle,
  trusted: readonly TrustedCertificate[],
): readonly PatchOperation[] {
  const stale = bundle.entries.filter(entry => !trustsExactly(entry, trusted));
  if (stale.length === 0) return [];
  const value = Buffer.from(trusted.map(({ certificate }) => certificate).join('')).toString('base64');
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: bundle.resourceVersion },
    ...stale.map(({ index }) => ({ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }) as const),
  ];
}

function trustsExactly(entry: OwnEntry, trusted: readonly TrustedCertificate[]): boolean {
  if (entry.isDamaged || entry.trusted.size !== trusted.length) return false;
  return trusted.every(({ fingerprint }) => entry.trusted.has(fingerprint));
}
