import { ownObject } from '../../src/util/json.ts';
import type { KubernetesObject } from '../chart/helm.ts';
import {
  add,
  answer,
  both,
  create,
  entries,
  flags,
  name,
  registration,
  type Variation,
  refusal,
  gone,
} from './changes.ts';
import { managedRegistration } from '../cluster/manifests.ts';

const configMap = (config: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'pod-identity-webhook', namespace: 'irsa-system' },
  data: { config },
});
const mapped = flags('--watch-config-map');
const pods = /\/pods$/;
const later = { kind: registration, apiVersion: 'admissionregistration.k8s.io/v1' };
const strange = { kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'x', n: 'AQAB', e: 'AQAB' };

/** Of other webhooks, identities, the issuer, pods that are tried, and of clusters before an installation. */
export const surroundingsVariations: readonly Variation[] = [
  {
    code: 'other-identity-webhooks',
    when: 'EKS has its own',
    change: add(managedRegistration),
    expected: 'warning',
    detail: 'beside it there is pod-identity-webhook (managed, as on EKS)',
  },
  {
    code: 'later-webhooks',
    when: 'there are some and it is not called again',
    change: both(
      entries(entry => ({ ...entry, reinvocationPolicy: 'Never' })),
      add({
        ...later,
        metadata: { name: 'vault-agent' },
        webhooks: [{ rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] }],
      }),
    ),
    expected: 'warning',
    detail: 'istio-sidecar-injector, vault-agent come after it: containers that are added there get no identity',
  },
  {
    code: 'mapping',
    when: 'its ConfigMap is missing',
    change: mapped,
    expected: 'warning',
    detail: 'expected ConfigMap irsa-system/pod-identity-webhook, found none: nothing is mapped',
  },
  {
    code: 'mapping',
    when: 'it is no JSON',
    change: both(mapped, add(configMap('{'))),
    expected: 'failed',
    detail: 'ConfigMap irsa-system/pod-identity-webhook: expected a JSON object from "namespace/name" to an entry',
  },
  {
    code: 'mapping',
    when: 'entries are left out',
    change: both(
      mapped,
      add(configMap('{"a": {}, "b": {}, "ns/ok": {"RoleARN": "arn:aws:iam::111122223333:role/r"}}')),
    ),
    expected: 'failed',
    detail: /^ConfigMap irsa-system\/pod-identity-webhook: .*"a".*, and 1 more$/,
  },
  {
    code: 'mapping',
    when: 'it is right',
    change: both(mapped, add(configMap('{"ns/ok": {"RoleARN": "arn:aws:iam::111122223333:role/r"}}'))),
    expected: 'passed',
    detail: '1 entry in ConfigMap irsa-system/pod-identity-webhook',
  },
  {
    code: 'service-accounts',
    when: 'one has an ARN that is none',
    change: add({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'wrong', namespace: 'team-b', annotations: { 'eks.amazonaws.com/role-arn': 'role/wrong' } },
    }),
    expected: 'warning',
    detail: '1 of 2 annotated ServiceAccounts with a value that is not taken as it is: team-b/wrong',
  },
  {
    code: 'issuer-discovery',
    when: 'the issuer is no URL',
    change: answer('/.well-known/openid-configuration', { issuer: 'kubernetes/serviceaccount' }),
    expected: 'failed',
    detail: /^issuer of the API server: expected an https URL/,
  },
  {
    code: 'issuer-discovery',
    when: 'the issuer is known only inside of the cluster (E230)',
    change: answer('/.well-known/openid-configuration', { issuer: 'https://kubernetes.default.svc.cluster.local' }),
    expected: 'failed',
    detail: /^issuer of the API server: AWS can never read it, since its host name is known only inside of the cluster/,
  },
  {
    code: 'issuer-reachable',
    when: 'the issuer is known only inside of the cluster (E230)',
    change: answer('/.well-known/openid-configuration', { issuer: 'https://kubernetes.default.svc.cluster.local' }),
    expected: 'skipped',
    detail: 'AWS cannot read this issuer: see issuer-discovery',
  },
  {
    code: 'issuer-keys',
    when: 'there are none',
    change: answer('/openid/v1/jwks', { keys: [] }),
    expected: 'failed',
    detail: 'expected a key in /openid/v1/jwks, found none',
  },
  {
    code: 'signing-key',
    when: 'the key is not published',
    change: answer('/openid/v1/jwks', { keys: [{ kty: 'RSA', kid: 'other', n: 'AQAB', e: 'AQAB' }] }),
    expected: 'failed',
    detail: "a new token: signature: expected a key for the token's kid and alg in /openid/v1/jwks, found none",
  },
  {
    code: 'signing-key',
    when: 'there is no account to try',
    change: create(/\/token$/, 404, refusal('serviceaccounts "default" not found')),
    expected: 'skipped',
    detail: 'ServiceAccount irsa-system/default does not exist',
  },
  {
    code: 'issuer-reachable',
    when: 'another key is published there',
    change: ({ issuer }) => issuer.publish({ keySet: { keys: [{ ...strange, alg: 'ES256' }] } }),
    expected: 'failed',
    detail: /test-key/,
  },
  {
    code: 'issuer-reachable',
    when: 'nobody is there',
    change: answer('/.well-known/openid-configuration', { issuer: 'https://elsewhere.example.com' }),
    expected: 'warning',
    detail: /^it cannot be read from here: /,
  },
  {
    code: 'dry-run-pod',
    when: 'it comes back without its identity',
    change: create(pods, 201, { spec: { containers: [{ name: 'check' }] } }),
    expected: 'failed',
    detail: 'a pod of ServiceAccount team-a/app got no AWS_WEB_IDENTITY_TOKEN_FILE',
  },
  {
    code: 'dry-run-pod',
    when: 'a policy refuses it',
    change: create(pods, 403, refusal('admission webhook "policy.example.com" denied the request: no')),
    expected: 'skipped',
    detail: 'team-a does not let the pod in: admission webhook "policy.example.com" denied the request: no',
  },
  {
    code: 'dry-run-pod',
    when: 'the webhook cannot be called under the policy Fail',
    change: create(
      pods,
      500,
      refusal('Internal error occurred: failed calling webhook "pod-identity-webhook.amazonaws.com": EOF'),
    ),
    expected: 'failed',
    detail:
      'the API server could not call a webhook: Internal error occurred: failed calling webhook "pod-identity-webhook.amazonaws.com": EOF',
  },
  {
    code: 'dry-run-pod',
    when: 'the caller may not create pods',
    change: create(
      pods,
      403,
      refusal('pods is forbidden: User "me" cannot create resource "pods" in API group "" in the namespace "team-a"'),
    ),
    expected: 'skipped',
    detail: 'needs create on pods in team-a',
  },
  {
    code: 'dry-run-pod',
    when: 'no account has a role',
    change: gone('ServiceAccount', 'app'),
    expected: 'skipped',
    detail: 'there is no ServiceAccount with a role whose pods the webhook is called for',
  },
  {
    code: 'dry-run-pod',
    when: 'another namespace is asked for',
    change: () => undefined,
    options: { namespace: 'team-b' },
    expected: 'skipped',
    detail: 'there is no ServiceAccount with a role in team-b whose pods the webhook is called for',
  },
  {
    code: 'failed-calls',
    when: 'there were some',
    change: answer(
      '/metrics',
      [
        'apiserver_admission_webhook_fail_open_count{name="pod-identity-webhook.amazonaws.com",type="admit"} 3',
        'apiserver_admission_webhook_fail_open_count{name="other.example.com",type="admit"} 5',
        'apiserver_admission_webhook_rejection_count{error_type="calling_webhook_error",name="require.pod-identity-webhook.amazonaws.com",operation="CREATE"} 1',
        'apiserver_admission_webhook_rejection_count{error_type="no_error",name="require.pod-identity-webhook.amazonaws.com",operation="CREATE"} 7',
        '',
      ].join('\n'),
    ),
    expected: 'warning',
    detail: 'since its start the API server has had calls that failed: 3 pods let in without it, 1 pod refused',
  },
  {
    code: 'no-webhook-yet',
    when: 'ours is there',
    change: () => undefined,
    expected: 'warning',
    detail: 'MutatingWebhookConfiguration irsa-webhook is there already',
  },
  {
    code: 'no-webhook-yet',
    when: 'there is none',
    change: gone(registration, name),
    expected: 'passed',
    detail: 'none is registered',
  },
  {
    code: 'install-rights',
    when: 'some are missing',
    change: ({ api }) =>
      void api.creations.unshift(({ path, body }) => {
        const resource = ownObject(ownObject(body, 'spec') ?? {}, 'resourceAttributes')?.['resource'];
        if (!path.endsWith('/selfsubjectaccessreviews') || resource !== 'clusterroles') return undefined;
        return { status: 201, body: { status: { allowed: false } } };
      }),
    expected: 'failed',
    detail: 'you may not create clusterroles.rbac.authorization.k8s.io',
  },
  {
    code: 'install-namespace',
    when: 'it is being deleted',
    change: cluster =>
      cluster.change('Namespace', 'irsa-system', object => ({ ...object, status: { phase: 'Terminating' } })),
    expected: 'failed',
    detail: 'namespace irsa-system is being deleted',
  },
  {
    code: 'install-namespace',
    when: 'it is kube-system',
    change: add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } }),
    options: { namespace: 'kube-system' },
    expected: 'warning',
    detail: 'in kube-system the webhook leaves out only its own pods, by their labels',
  },
  {
    code: 'install-namespace',
    when: 'it does not exist',
    change: () => undefined,
    options: { namespace: 'new' },
    expected: 'passed',
    detail: 'new does not exist yet',
  },
  {
    code: 'install-pods',
    when: 'a policy refuses them',
    change: create(pods, 403, refusal('admission webhook "policy.example.com" denied the request: no')),
    expected: 'failed',
    detail:
      'namespace irsa-system refuses a pod that is as restricted as those of the webhook: admission webhook "policy.example.com" denied the request: no',
  },
  {
    code: 'token-audience',
    when: 'the API server signs none',
    change: create(/\/token$/, 422, refusal('spec.audiences: Invalid value')),
    expected: 'failed',
    detail: 'expected a token for sts.amazonaws.com, found: spec.audiences: Invalid value',
  },
];
