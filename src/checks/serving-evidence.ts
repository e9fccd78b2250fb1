import { X509Certificate } from 'node:crypto';
import type { InstalledWebhook } from '../cluster/installed-webhook.ts';
import type { PodMetrics } from '../cluster/metrics.ts';
import { ifAllowed, neededRight, readOrUndefined } from '../cluster/reader.ts';
import type { WebhookWorkload } from '../cluster/workload.ts';
import { namespacedPath, objectPath } from '../kubernetes/paths.ts';
import { isObject, ownList, textAt, type JsonObject } from '../util/json.ts';
import type { CheckContext } from './check-context.ts';

/** What is known of the served certificate without a connection to the webhook, which nobody outside has. */
export interface ServingEvidence {
  /** For each replica that tells, in its metrics. */
  readonly replicas: readonly {
    readonly pod: string;
    readonly notAfterMs: number | undefined;
    /** Undefined where the webhook is not its own authority. */
    readonly bundleInSync: boolean | undefined;
  }[];
  /** In the Secret: of our own authority, or of the served certificate with its chain. */
  readonly secret:
    | {
        readonly kind: 'authority' | 'served';
        readonly name: string;
        readonly certificates: readonly X509Certificate[];
      }
    | undefined;
  /** Why something is missing, a part of a sentence each. */
  readonly reasons: readonly string[];
}

/** Reads metrics of the pods and the Secret, whichever the caller may. Rejects with KubernetesError, but not for a missing right. */
export async function readServingEvidence(
  workload: WebhookWorkload,
  webhook: InstalledWebhook,
  context: CheckContext,
): Promise<ServingEvidence> {
  const metrics = await ifAllowed(context.metrics);
  const source = secretOf(workload, webhook);
  const secret = await ifAllowed(async () => source && readSecretCertificates(context, workload.namespace, source));
  const replicas = 'value' in metrics ? metrics.value : [];
  const unreachable = replicas.flatMap(found => (found.kind === 'unreachable' ? `${found.pod}: ${found.detail}` : []));
  return {
    replicas: replicas.flatMap(replicaOf),
    secret: 'value' in secret ? secret.value : undefined,
    reasons: [metrics, secret]
      .flatMap(read => ('refusal' in read ? `needs ${neededRight(read.refusal)}` : []))
      .concat(unreachable),
  };
}

function replicaOf(metrics: PodMetrics): ServingEvidence['replicas'] {
  if (metrics.kind === 'unreachable') return [];
  const { pod, samples } = metrics;
  const end = samples.find(
    ({ name, labels }) =>
      name === 'irsa_webhook_tls_certificate_not_after_timestamp_seconds' && labels.get('cert') === 'serving',
  );
  const inSync = samples.find(({ name }) => name === 'irsa_webhook_ca_bundle_in_sync');
  if (end === undefined && inSync === undefined) return [];
  return [
    {
      pod,
      notAfterMs: end === undefined ? undefined : end.value * 1_000,
      bundleInSync: inSync === undefined ? undefined : inSync.value === 1,
    },
  ];
}

interface SecretSource {
  readonly kind: 'authority' | 'served';
  readonly name: string;
  readonly key: string;
}

/** The Secret of our own authority, or the one that is mounted where the certificate file is. */
function secretOf({ podSpec, container }: WebhookWorkload, { settings }: InstalledWebhook): SecretSource | undefined {
  const { certificates } = settings.tls;
  if (certificates.kind === 'self-managed') return { kind: 'authority', name: certificates.secretName, key: 'ca.crt' };
  const mount = ownList(container, 'volumeMounts')
    .filter(isObject)
    .find(({ mountPath }) => typeof mountPath === 'string' && certificates.certificatePath.startsWith(`${mountPath}/`));
  const volume = ownList(podSpec, 'volumes')
    .filter(isObject)
    .find(({ name }) => mount !== undefined && name === mount['name']);
  const name = textAt(volume, 'secret', 'secretName');
  const file = certificates.certificatePath.slice(certificates.certificatePath.lastIndexOf('/') + 1);
  return name === undefined ? undefined : { kind: 'served', name, key: file };
}

/** Only the certificate is looked at; the key that the Secret holds too is not kept. */
async function readSecretCertificates(
  { cluster }: CheckContext,
  namespace: string,
  { kind, name, key }: SecretSource,
): Promise<NonNullable<ServingEvidence['secret']>> {
  const path = objectPath(namespacedPath('secrets', namespace), name);
  const secret: JsonObject = (await readOrUndefined(cluster, path)) ?? {};
  const encoded = textAt(secret, 'data', key) ?? '';
  const pem = Buffer.from(encoded, 'base64').toString('utf8');
  return { kind, name: `${namespace}/${name}`, certificates: readCertificates(pem) };
}

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text in their order; blocks that are none are passed over. */
export function readCertificates(pem: string): readonly X509Certificate[] {
  return Array.from(pem.matchAll(block), ([text]) => readCertificate(text)).filter(found => found !== undefined);
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
