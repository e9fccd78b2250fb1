import { namespacedPath } from '../kubernetes/paths.ts';
import { hasCode, KubernetesError } from '../kubernetes/kubernetes-error.ts';
import { isObject, ownList, ownObject, type JsonObject } from '../util/type-guards.ts';
import { count, failed, ofWebhook, passed, skipped, type Check, type CheckOutcome } from './check.ts';
import { listObjects, readLines, type ClusterReader } from '../cluster/reader.ts';

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
  const endpoints = slices.flatMap(slice => ownList(slice, 'endpoints').filter(isObject));
  const ready = endpoints.filter(endpoint => ownObject(endpoint, 'conditions')?.['ready'] !== false);
  if (ready.length > 0) return passed(`${count(ready.length, 'endpoint')} of Service ${service}`);
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
