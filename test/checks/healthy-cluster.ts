import { isObject, ownList, ownObject, type JsonObject } from '../../src/util/json.ts';
import { version } from '../../src/commands/command-io.ts';
import type { KubernetesObject } from '../chart/helm.ts';
import { CannedApiServer } from '../cluster/canned-api-server.ts';
import { otherRegistration, ourManifests } from '../cluster/manifests.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { startClusterIssuer, type ClusterIssuer } from '../support/issuer-server.ts';

const namespace = 'irsa-system';
export const podNames: readonly string[] = ['irsa-webhook-7d9f-a', 'irsa-webhook-7d9f-b'];

export interface HealthyCluster extends AsyncDisposable {
  readonly api: CannedApiServer;
  readonly issuer: ClusterIssuer;
  /** Options of every command line. */
  readonly access: readonly string[];
  /** Replaces an object by what becomes of it; undefined takes it away. */
  change(kind: string, name: string, change: (object: KubernetesObject) => KubernetesObject | undefined): void;
}

/** An API server that answers as with deploy/install.yaml in good order, an annotated ServiceAccount and an issuer. */
export async function startHealthyCluster(): Promise<HealthyCluster> {
  await using resources = new AsyncDisposableStack();
  const authority = createCertificateAuthority();
  const issuer = resources.use(await startClusterIssuer());
  const caBundle = Buffer.from(authority.certificate).toString('base64');
  const api = resources.use(await CannedApiServer.start(await objects(caBundle)));
  answerReads(api, issuer);
  answerCreations(api, await issuer.sign({ audience: 'sts.amazonaws.com' }));
  const folder = resources.use(await createTempFolder());
  const kubeconfig = await folder.write('kubeconfig', kubeconfigFor(api.url));
  const issuerCa = await folder.write('issuer.crt', issuer.ca);
  const owned = resources.move();
  return {
    api,
    issuer,
    access: ['--kubeconfig', kubeconfig, '--issuer-ca', issuerCa],
    change(kind, name, change) {
      const index = api.objects.findIndex(object => object.kind === kind && object.metadata.name === name);
      const object = api.objects[index];
      if (object === undefined) throw new Error(`expected ${kind} ${name}, found none`);
      const changed = change(object);
      api.objects.splice(index, 1, ...(changed === undefined ? [] : [changed]));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}

async function objects(caBundle: string): Promise<readonly KubernetesObject[]> {
  const manifests = (await ourManifests()).map(object => withState(object, caBundle));
  const app = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'app',
      namespace: 'team-a',
      annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/app' },
    },
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'irsa-webhook-abc', namespace, labels: { 'kubernetes.io/service-name': 'irsa-webhook' } },
    endpoints: podNames.map(name => ({ conditions: { ready: true }, targetRef: { kind: 'Pod', name } })),
  };
  const teamA = { apiVersion: 'v1', kind: 'Namespace', metadata: namespaceMetadata('team-a') };
  return [...manifests, otherRegistration, app, slice, teamA, ...podNames.map(pod)];
}

function namespaceMetadata(name: string): KubernetesObject['metadata'] {
  return { name, labels: { 'kubernetes.io/metadata.name': name } };
}

/** What controllers and the webhook itself add to the manifests. */
function withState(object: KubernetesObject, caBundle: string): KubernetesObject {
  switch (object.kind) {
    case 'Namespace':
      return { ...object, metadata: namespaceMetadata(object.metadata.name) };
    case 'Deployment':
      return { ...object, status: { replicas: 2, availableReplicas: 2, updatedReplicas: 2 } };
    case 'MutatingWebhookConfiguration':
      return withEntries(object, entry => ({
        ...entry,
        clientConfig: { ...ownObject(entry, 'clientConfig'), caBundle },
      }));
    default:
      return object;
  }
}

/** The configuration with each entry changed. */
export function withEntries(
  configuration: KubernetesObject,
  change: (entry: JsonObject, index: number) => JsonObject,
): KubernetesObject {
  return { ...configuration, webhooks: ownList(configuration, 'webhooks').filter(isObject).map(change) };
}

function pod(name: string): KubernetesObject {
  const labels = { 'app.kubernetes.io/name': 'irsa-webhook', 'app.kubernetes.io/instance': 'irsa-webhook' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

/** Five days: within the life of a serving certificate of ours. */
const certificateLifeSeconds = 5 * 24 * 60 * 60;

/** Path of the metrics of a pod of the webhook. */
export function metricsPath(podName: string): string {
  return `/api/v1/namespaces/${namespace}/pods/${podName}%3A9999/proxy/metrics`;
}

export interface WebhookMetrics {
  readonly inSync?: 0 | 1;
  readonly endsInSeconds?: number;
  readonly running?: string;
}

/** A page of metrics of the webhook. */
export function webhookMetrics({
  inSync = 1,
  endsInSeconds = certificateLifeSeconds,
  running = version,
}: WebhookMetrics = {}): string {
  return [
    '# HELP irsa_webhook_build_info Always 1; the labels say what is running.',
    `irsa_webhook_build_info{version="${running}",revision="",node_version="v26"} 1`,
    `irsa_webhook_tls_certificate_not_after_timestamp_seconds{cert="serving"} ${Date.now() / 1_000 + endsInSeconds}`,
    `irsa_webhook_ca_bundle_in_sync ${inSync}`,
    '',
  ].join('\n');
}

function answerReads({ answers }: CannedApiServer, issuer: ClusterIssuer): void {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  answers.set('/version', ok({ major: '1', minor: '36', gitVersion: 'v1.36.3' }));
  answers.set('/.well-known/openid-configuration', ok(issuer.discovery));
  answers.set('/openid/v1/jwks', ok(issuer.keySet));
  answers.set('/metrics', ok('apiserver_request_total 5\n'));
  answers.set(`/api/v1/namespaces/${namespace}/services/https:irsa-webhook:443/proxy/healthz`, ok('ok'));
  for (const name of podNames) answers.set(metricsPath(name), ok(webhookMetrics()));
}

/** Every right is there, tokens are signed, and pods come back with their identity. */
function answerCreations({ creations }: CannedApiServer, token: string): void {
  creations.push(({ path, body }) => {
    if (/\/authorization\.k8s\.io\/v1\/(?:self)?subjectaccessreviews$/.test(path)) {
      return { status: 201, body: { status: { allowed: true } } };
    }
    if (path.endsWith('/token')) return { status: 201, body: { status: { token } } };
    return path === '/api/v1/namespaces/team-a/pods' ? { status: 201, body: injected(body) } : undefined;
  });
}

function injected(body: JsonObject): JsonObject {
  const spec = ownObject(body, 'spec') ?? {};
  const env = [
    { name: 'AWS_ROLE_ARN', value: 'x' },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: 'x' },
  ];
  const containers = ownList(spec, 'containers').filter(isObject);
  return { ...body, spec: { ...spec, containers: containers.map(container => ({ ...container, env })) } };
}
