import { X509Certificate } from 'node:crypto';
import type { HookEntry } from '../cluster/registration.ts';
import {
  failed,
  ofWebhook,
  ofWorkload,
  passed,
  skipped,
  warning,
  type Check,
  type CheckOutcome,
  type CheckContext,
} from './check.ts';
import { counted } from '../util/text.ts';
import type { InstalledWebhook } from '../cluster/installed-webhook.ts';
import type { PodMetrics } from '../cluster/metrics.ts';
import { ifAllowed, neededRight, readOrUndefined } from '../cluster/reader.ts';
import type { WebhookWorkload } from '../cluster/workload.ts';
import { namespacedPath, objectPath } from '../kubernetes/paths.ts';
import { parsePem } from '../util/pem.ts';
import { objectsAt, textAt, type JsonObject } from '../util/json.ts';

export const caBundle: Check = {
  code: 'ca-bundle',
  group: 'Certificate',
  title: 'every entry has a caBundle with a valid certificate',
  run: ofWebhook(({ hook }, { nowMs }) => judgeBundle(hook.entries, nowMs())),
};

const bundleHint =
  "The webhook writes it at its start, or cert-manager's injector does: look at the log of whichever does it here.";

function judgeBundle(entries: readonly HookEntry[], nowMs: number): CheckOutcome {
  let lastMs = Number.POSITIVE_INFINITY;
  for (const { name, service, caBundle: pem } of entries) {
    // A URL may lead to a server whose certificate the API server's host trusts anyway.
    if (pem === '' && service === undefined) continue;
    if (pem === '') return failed(`${name} has no caBundle: the API server trusts nobody`, bundleHint);
    const certificates = readCertificates(pem);
    if (certificates.length === 0)
      return failed(`${name}: expected certificates in its caBundle, found none`, bundleHint);
    const endMs = Math.max(...certificates.map(({ validToDate }) => validToDate.getTime()));
    if (endMs <= nowMs) return failed(`${name}: the certificates of its caBundle ended on ${dayOf(endMs)}`, bundleHint);
    lastMs = Math.min(lastMs, endMs);
  }
  return passed(Number.isFinite(lastMs) ? `valid until ${dayOf(lastMs)}` : 'none is needed for this URL');
}

export const certificateTrusted: Check = {
  code: 'certificate-trusted',
  group: 'Certificate',
  title: 'the API server trusts what the webhook serves',
  run: ofWorkload(async (workload, webhook, context) =>
    judgeTrust(webhook.hook.entries, await readServingEvidence(workload, webhook, context)),
  ),
};

/** The replicas know best; else what the Secret holds is held against the caBundle. */
function judgeTrust(entries: readonly HookEntry[], evidence: ServingEvidence): CheckOutcome {
  const telling = evidence.replicas.filter(({ bundleInSync }) => bundleInSync !== undefined);
  const outOfSync = telling.find(({ bundleInSync }) => bundleInSync === false);
  if (outOfSync !== undefined) {
    return failed(`${outOfSync.pod} serves a certificate that the caBundle does not cover (by its metrics)`, trustHint);
  }
  if (telling.length > 0) return passed(`by the metrics of ${counted(telling.length, 'replica')}`);
  const { secret, reasons } = evidence;
  if (secret === undefined) return skipped(reasons.join('; ') || 'neither metrics nor a Secret tell');
  const what = `Secret ${secret.name}`;
  if (secret.certificates.length === 0) return failed(`expected a certificate in ${what}, found none`, trustHint);
  const distrusting = entries.find(
    ({ caBundle, service }) =>
      !(caBundle === '' && service === undefined) && !isTrusted(secret.certificates, readCertificates(caBundle)),
  );
  if (distrusting === undefined) return passed(`by the certificate in ${what}`);
  return failed(`the caBundle of ${distrusting.name} does not cover the certificate in ${what}`, trustHint);
}

/** True when one of the authorities has issued a certificate of the chain, or is in it itself. */
function isTrusted(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  return chain.some(certificate =>
    authorities.some(
      authority =>
        authority.fingerprint256 === certificate.fingerprint256 ||
        (certificate.checkIssued(authority) && certificate.verify(authority.publicKey)),
    ),
  );
}

const trustHint =
  'Self-managed: look at the log of the webhook, which publishes its authority. cert-manager: look at its injector. ' +
  'Otherwise: set caBundle to the authority that signed the certificate.';

/** Less than this is left only where renewal has failed: ours begins with a third of seven days left. */
const soonMs = 24 * 60 * 60 * 1_000;

export const certificateValid: Check = {
  code: 'certificate-valid',
  group: 'Certificate',
  title: 'the served certificate does not end soon',
  run: ofWorkload(async (workload, webhook, context) =>
    judgeValidity(await readServingEvidence(workload, webhook, context), context.nowMs()),
  ),
};

function judgeValidity({ replicas, secret, reasons }: ServingEvidence, nowMs: number): CheckOutcome {
  const ends = replicas.flatMap(({ notAfterMs }) => notAfterMs ?? []);
  const served = secret?.kind === 'served' ? secret.certificates[0]?.validToDate.getTime() : undefined;
  const from = ends.length > 0 ? `by the metrics of ${counted(ends.length, 'replica')}` : `by Secret ${secret?.name}`;
  if (ends.length === 0 && served !== undefined) ends.push(served);
  if (ends.length === 0) return skipped(reasons.join('; ') || 'no replica tells in its metrics');
  const endMs = Math.min(...ends);
  const renew = 'Look at the log of the webhook, or at the Certificate of cert-manager, for why it was not renewed.';
  if (endMs <= nowMs) return failed(`it ended on ${dayOf(endMs)} (${from})`, renew);
  if (endMs - nowMs < soonMs) return warning(`it ends within a day (${from})`, renew);
  return passed(`valid until ${dayOf(endMs)}, ${from}`);
}

/** The day of a moment, for a person. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** What is known of the served certificate without a connection to the webhook, which nobody outside has. */
interface ServingEvidence {
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
async function readServingEvidence(
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

export interface SecretSource {
  readonly kind: 'authority' | 'served';
  readonly name: string;
  readonly key: string;
}

/** The Secret of our own authority, or the one that is mounted where the certificate file is. */
function secretOf({ podSpec, container }: WebhookWorkload, { settings }: InstalledWebhook): SecretSource | undefined {
  const { certificates } = settings.tls;
  if (certificates.kind === 'self-managed') return { kind: 'authority', name: certificates.secretName, key: 'ca.crt' };
  const mount = objectsAt(container, 'volumeMounts').find(
    ({ mountPath }) => typeof mountPath === 'string' && certificates.certificatePath.startsWith(`${mountPath}/`),
  );
  const volume = objectsAt(podSpec, 'volumes').find(({ name }) => mount !== undefined && name === mount['name']);
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

/** The certificates of a PEM text in their order; blocks that hold no certificate are left out. */
function readCertificates(pem: string): readonly X509Certificate[] {
  const blocks = parsePem(pem).blocks.filter(({ label }) => label === 'CERTIFICATE');
  return blocks.map(({ text }) => readCertificate(text)).filter(found => found !== undefined);
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
