import { waitFor } from '../wait-for.ts';
import { succeeded, type KubernetesClient } from './client.ts';
import { createPod } from './objects.ts';

const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const probeLabel = 'irsa-webhook.test/registration';

export interface WebhookOptions {
  /** Unique in the cluster; also the name of the webhook, with `.irsa-webhook.test` behind it. */
  readonly name: string;
  /** Where it is called, such as `https://127.0.0.1:1234/mutate`. */
  readonly url: string;
  /** PEM. */
  readonly caBundle: string;
  /** It is called for pods of these only: the tests share a cluster. */
  readonly namespaces: readonly string[];
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly admissionReviewVersions?: readonly string[];
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
  readonly timeoutSeconds?: number;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly rules?: readonly object[];
}

interface LabelSelector {
  readonly matchLabels?: { readonly [label: string]: string };
  readonly matchExpressions?: readonly object[];
}

/** Registers a webhook and waits until the API server calls it. Disposal removes it. */
export async function registerWebhook(client: KubernetesClient, options: WebhookOptions): Promise<AsyncDisposable> {
  const probe = probeEntry(options);
  const configuration = { metadata: { name: options.name }, webhooks: [probe, entry(options)] };
  succeeded(await client.create(configurations, configuration));
  await waitUntilCalled(client, options, probe.name);
  return {
    async [Symbol.asyncDispose]() {
      succeeded(await client.delete(`${configurations}/${options.name}`));
    },
  };
}

const podCreation = {
  operations: ['CREATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods'],
  scope: 'Namespaced',
};

function entry({ name, url, caBundle, namespaces, objectSelector, ...options }: WebhookOptions): object {
  return {
    name: `${name}.irsa-webhook.test`,
    clientConfig: { url, caBundle: Buffer.from(caBundle).toString('base64') },
    namespaceSelector: namespaceSelector(namespaces),
    objectSelector: withoutProbes(objectSelector),
    failurePolicy: 'Ignore',
    admissionReviewVersions: ['v1'],
    reinvocationPolicy: 'IfNeeded',
    timeoutSeconds: 10,
    sideEffects: 'None',
    rules: [podCreation],
    ...options,
  };
}

/**
 * The API server follows the configurations by a watch, and does not say how far it is. So beside the webhook there is an
 * entry that nobody serves, for pods with a label of its own: once such a pod is refused, the whole configuration is in use.
 */
function probeEntry({ name, namespaces }: WebhookOptions): { readonly name: string } {
  const probe = {
    name: `${name}.probe.irsa-webhook.test`,
    clientConfig: { url: 'https://127.0.0.1:1/' },
    namespaceSelector: namespaceSelector(namespaces),
    objectSelector: { matchLabels: { [probeLabel]: name } },
    failurePolicy: 'Fail',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [podCreation],
  };
  return probe;
}

/** The probing pods of one webhook are not to be seen by another. */
function withoutProbes({ matchExpressions = [], ...selector }: LabelSelector = {}): LabelSelector {
  return { ...selector, matchExpressions: [...matchExpressions, { key: probeLabel, operator: 'DoesNotExist' }] };
}

function namespaceSelector(namespaces: readonly string[]): object {
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }] };
}

async function waitUntilCalled(
  client: KubernetesClient,
  { name, namespaces }: WebhookOptions,
  probe: string,
): Promise<void> {
  const pod = { name: 'registration-probe', labels: { [probeLabel]: name }, dryRun: true };
  for (const namespace of namespaces) {
    const isRefused = async (): Promise<boolean> =>
      String((await createPod(client, namespace, pod)).body['message']).includes(probe);
    await waitFor(isRefused, { what: `the API server to call the webhook ${name} for pods of ${namespace}` });
  }
}
