import { add, answer, both, entries, gone, name, registration, type Variation, target } from './changes.ts';
import { awsManifests, managedRegistration } from '../cluster/manifests.ts';

/** Of the API server and the registration. */
export const registrationVariations: readonly Variation[] = [
  {
    code: 'kubernetes-version',
    when: 'it is too old',
    change: answer('/version', { major: '1', minor: '27+', gitVersion: 'v1.27.9-eks' }),
    expected: 'failed',
    detail: 'expected Kubernetes 1.28 or later, which knows matchConditions, found v1.27.9-eks',
  },
  {
    code: 'registration-exists',
    when: 'there is none',
    change: gone(registration, name),
    expected: 'failed',
    detail: 'expected a MutatingWebhookConfiguration of this webhook, found none',
  },
  {
    code: 'registration-exists',
    when: 'it is of the AWS webhook',
    change: both(gone(registration, name), add(...awsManifests())),
    expected: 'warning',
    detail: 'MutatingWebhookConfiguration pod-identity-webhook registers the AWS webhook',
  },
  {
    code: 'registration-exists',
    when: 'it is managed',
    change: both(gone(registration, name), add(managedRegistration)),
    expected: 'warning',
    detail:
      "MutatingWebhookConfiguration pod-identity-webhook registers a webhook outside the cluster's sight, as EKS manages it",
  },
  {
    code: 'registration-entries',
    when: 'nobody looks after pods that require an identity',
    change: cluster =>
      cluster.change(registration, name, object => ({ ...object, webhooks: [(object['webhooks'] as unknown[])[0]] })),
    expected: 'warning',
    detail:
      'expected an entry for pods with the label require-pod-identity, found only pod-identity-webhook.amazonaws.com',
  },
  {
    code: 'registration-entries',
    when: 'nobody looks after the others',
    change: cluster =>
      cluster.change(registration, name, object => ({ ...object, webhooks: [(object['webhooks'] as unknown[])[1]] })),
    expected: 'failed',
    detail: 'expected an entry for all pods, found none',
  },
  {
    code: 'registration-rules',
    when: 'they are about something else',
    change: entries(entry => ({
      ...entry,
      rules: [{ operations: ['UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    })),
    expected: 'failed',
    detail:
      'expected a rule for CREATE of v1 pods, found none in pod-identity-webhook.amazonaws.com, require.pod-identity-webhook.amazonaws.com',
  },
  {
    code: 'service-target',
    when: 'the Service is missing',
    change: gone('Service', name),
    expected: 'failed',
    detail: 'expected Service irsa-system/irsa-webhook, found none',
  },
  {
    code: 'service-target',
    when: 'the path is another',
    change: target({ path: '/other' }),
    expected: 'failed',
    detail: 'expected the path /mutate, found /other in pod-identity-webhook.amazonaws.com',
  },
  {
    code: 'service-target',
    when: 'the port is not there',
    change: target({ port: 8443 }),
    expected: 'failed',
    detail: 'expected port 8443 of Service irsa-system/irsa-webhook, found 443, 9999',
  },
  {
    code: 'service-target',
    when: 'the entries differ',
    change: entries((entry, index) =>
      index === 0 ? entry : { ...entry, clientConfig: { service: { name: 'other', namespace: 'x' } } },
    ),
    expected: 'failed',
    detail:
      'expected Service irsa-system/irsa-webhook in every entry, found another in require.pod-identity-webhook.amazonaws.com',
  },
  {
    code: 'service-target',
    when: 'a URL is registered',
    change: entries(entry => ({ ...entry, clientConfig: { url: 'https://webhook.example.com/mutate' } })),
    expected: 'skipped',
    detail: 'a URL is registered, and no Service',
  },
  {
    code: 'failure-policy',
    when: 'every pod waits for the webhook',
    change: entries(entry => ({ ...entry, failurePolicy: 'Fail' })),
    expected: 'warning',
    detail:
      'pod-identity-webhook.amazonaws.com has failurePolicy Fail: while the webhook is down no pod can be created',
  },
  {
    code: 'failure-policy',
    when: 'not even those that require an identity do',
    change: entries(entry => ({ ...entry, failurePolicy: 'Ignore' })),
    expected: 'warning',
    detail:
      'require.pod-identity-webhook.amazonaws.com has failurePolicy Ignore: pods that require an identity start without one',
  },
  {
    code: 'timeout',
    when: 'it is long',
    change: entries(entry => ({ ...entry, timeoutSeconds: 30 })),
    expected: 'warning',
    detail: 'expected at most 10 s, found 30 s in pod-identity-webhook.amazonaws.com',
  },
  {
    code: 'side-effects',
    when: 'nothing is said of them',
    change: entries(entry => ({ ...entry, sideEffects: undefined })),
    expected: 'failed',
    detail: 'expected sideEffects None, found Unknown in pod-identity-webhook.amazonaws.com',
  },
  {
    code: 'reinvocation',
    when: 'nothing is said of it',
    change: entries(entry => ({ ...entry, reinvocationPolicy: undefined })),
    expected: 'warning',
    detail:
      'pod-identity-webhook.amazonaws.com has reinvocationPolicy Never: sidecars of later webhooks get no identity',
  },
  {
    code: 'own-pods-excluded',
    when: 'no namespace is left out',
    change: entries(entry => ({ ...entry, namespaceSelector: {}, objectSelector: {} })),
    expected: 'failed',
    detail:
      "require.pod-identity-webhook.amazonaws.com takes the webhook's own pods: once all are gone, none can start",
  },
  {
    code: 'own-pods-excluded',
    when: 'no namespace is left out, and errors are ignored',
    change: entries(entry => ({ ...entry, namespaceSelector: {} })),
    expected: 'warning',
    detail: "pod-identity-webhook.amazonaws.com takes the webhook's own pods: each start waits for its time-out",
  },
];
