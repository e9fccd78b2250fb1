import type { PodMetrics } from '../cluster/metrics.ts';
import { ifAllowed, listObjects, readLines, type ClusterReader } from '../cluster/reader.ts';
import { KubernetesError, hasCode } from '../kubernetes/kubernetes-error.ts';
import { matchesLabels, nameOf } from '../kubernetes/objects.ts';
import { namespacedPath } from '../kubernetes/paths.ts';
import { at, numberAt, objectAt, objectsAt, ownString, type JsonObject } from '../util/json.ts';
import { failed, ofWebhook, ofWorkload, passed, skipped, warning, type Check, type CheckOutcome } from './check.ts';
import { counted } from '../util/text.ts';

const notADeployment = 'its pods are not of a Deployment';

export const deploymentAvailable: Check = {
  code: 'deployment-available',
  group: 'Workload',
  title: 'all replicas are available',
  run: ofWorkload(({ kind, namespace, name, object }) =>
    kind === 'Deployment' ? judgeDeployment(object, `${namespace}/${name}`) : skipped(notADeployment),
  ),
};

function judgeDeployment(deployment: JsonObject, name: string): CheckOutcome {
  const wanted = replicasOf(deployment);
  const available = numberAt(deployment, 'status', 'availableReplicas') ?? 0;
  const hint = `kubectl -n ${name.split('/')[0]} describe deployment ${name.split('/')[1]}`;
  if (available === 0) return failed(`Deployment ${name}: none of ${counted(wanted, 'replica')} is available`, hint);
  if (available < wanted) return warning(`Deployment ${name}: ${available} of ${wanted} replicas are available`, hint);
  if ((numberAt(deployment, 'status', 'updatedReplicas') ?? 0) >= wanted)
    return passed(`${available} of Deployment ${name}`);
  return warning(`Deployment ${name}: a rollout is not finished`, hint);
}

export const replicas: Check = {
  code: 'replicas',
  group: 'Workload',
  title: 'there are two replicas or more',
  run: ofWorkload(({ kind, object }) => (kind === 'Deployment' ? judgeReplicas(object) : skipped(notADeployment))),
};

function judgeReplicas(deployment: JsonObject): CheckOutcome {
  const wanted = replicasOf(deployment);
  if (wanted >= 2) return passed(counted(wanted, 'replica'));
  return warning(
    `expected 2 replicas or more, found ${wanted}`,
    'Pods that start while its node is drained get no identity: set replicaCount of the chart.',
  );
}

export const disruptionBudget: Check = {
  code: 'disruption-budget',
  group: 'Workload',
  title: 'a PodDisruptionBudget keeps replicas from going together',
  run: ofWorkload(async ({ namespace, selector }, _, { cluster }) =>
    judgeBudgets(await listObjects(cluster, namespacedPath('poddisruptionbudgets', namespace, 'policy/v1')), selector),
  ),
};

/** The labels by which the Service selects are on every pod; a budget need not ask for others. */
function judgeBudgets(budgets: readonly JsonObject[], labels: JsonObject): CheckOutcome {
  const budget = budgets.find(object => {
    const selector = objectAt(object, 'spec', 'selector') ?? {};
    return Object.keys(selector).length > 0 && matchesLabels(selector, labels);
  });
  if (budget === undefined) {
    return warning(
      'expected a PodDisruptionBudget for the pods of the webhook, found none',
      'A drain of several nodes may take all replicas: set podDisruptionBudget.enabled of the chart.',
    );
  }
  return passed(nameOf(budget));
}

function replicasOf(deployment: JsonObject): number {
  return numberAt(deployment, 'spec', 'replicas') ?? 1;
}

export const endpointsReady: Check = {
  code: 'endpoints-ready',
  group: 'Workload',
  title: 'the Service has ready endpoints',
  run: ofWebhook(async ({ hook: { service } }, { cluster }) => {
    if (service === undefined) return skipped('a URL is registered, and no Service');
    const labelSelector = `kubernetes.io/service-name=${service.name}`;
    const path = namespacedPath('endpointslices', service.namespace, 'discovery.k8s.io/v1');
    return judgeEndpoints(await listObjects(cluster, path, { labelSelector }), `${service.namespace}/${service.name}`);
  }),
};

/** An endpoint without the condition is ready. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions */
function judgeEndpoints(slices: readonly JsonObject[], service: string): CheckOutcome {
  const endpoints = slices.flatMap(slice => objectsAt(slice, 'endpoints'));
  const ready = endpoints.filter(endpoint => at(endpoint, 'conditions', 'ready') !== false);
  if (ready.length > 0) return passed(`${counted(ready.length, 'endpoint')} of Service ${service}`);
  return failed(
    `expected a ready endpoint of Service ${service}, found none of ${endpoints.length}`,
    'No pod gets an identity: look at the pods of the webhook, and at why they are not ready.',
  );
}

export const webhookAnswers: Check = {
  code: 'webhook-answers',
  group: 'Workload',
  title: 'the API server reaches the webhook',
  run: ofWebhook(async ({ hook: { service } }, { cluster }) => {
    if (service === undefined) return skipped('a URL is registered, and no Service');
    const target = `https:${encodeURIComponent(service.name)}:${service.port}`;
    const path = `${namespacedPath('services', service.namespace)}/${target}/proxy/healthz`;
    return judgeAnswer(await askHealth(cluster, path));
  }),
};

/** What came of the question; undefined for an answer with status 200. Rejects where a right is missing. */
async function askHealth(cluster: ClusterReader, path: string): Promise<KubernetesError | undefined> {
  try {
    for await (const _ of readLines(cluster, path)) break;
    return undefined;
  } catch (error) {
    if (!(error instanceof KubernetesError) || hasCode(error, 'forbidden', 'aborted', 'unauthorized')) throw error;
    return error;
  }
}

/** Any answer of the webhook's own will do: older ones have no such path. The API server's own have a reason. */
function judgeAnswer(error: KubernetesError | undefined): CheckOutcome {
  if (error === undefined) return passed('it answers on /healthz');
  if (error.code === 'not_found' && error.reason === undefined) return passed('it answers, with status 404');
  return failed(
    `the API server's way to it fails: ${error.message}`,
    'Look at the pods, and at whatever stands between control plane and nodes: firewall, security group, NetworkPolicy.',
  );
}

export const versions: Check = {
  code: 'versions',
  group: 'Workload',
  title: 'webhook and command have one version',
  run: ofWorkload(async ({ container }, { kind }, { metrics, version }) => {
    if (kind !== 'ours') return skipped('it is not this webhook');
    const image = ownString(container, 'image') ?? '';
    const read = await ifAllowed(metrics);
    const running = 'value' in read ? versionsIn(read.value) : [];
    const tagged = tagOf(image);
    return judgeVersions(running.length > 0 || tagged === undefined ? running : [tagged], version, image);
  }),
};

/** `running`: of each replica that tells it, else the one of the image's tag. */
function judgeVersions(running: readonly string[], own: string, image: string): CheckOutcome {
  const found = [...new Set(running)].sort();
  if (found.length === 0) return skipped(`neither the metrics nor the image ${image} tell it`);
  if (found.every(version => version === own)) return passed(own);
  return warning(
    `expected ${own}, the version of this command, found ${found.join(' and ')}`,
    'What this command says of decisions may not be what the webhook does: use the same version.',
  );
}

function versionsIn(metrics: readonly PodMetrics[]): readonly string[] {
  return metrics.flatMap(found => {
    if (found.kind === 'unreachable') return [];
    const info = found.samples.find(({ name }) => name === 'irsa_webhook_build_info');
    return info?.labels.get('version') ?? [];
  });
}

/** `1.2.3` of `registry:5000/irsa-webhook:v1.2.3@sha256:…` */
export function tagOf(image: string): string | undefined {
  return /:v?([^:/@]+)$/.exec(image.replace(/@.*$/, ''))?.[1];
}
