import { containerCredentials } from '../../injection/support.ts';
import { identityOf, injected, pod, withRole, type Annotations } from '../../audit/support.ts';

function account(name: string, annotations: Annotations = {}): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'ns', annotations } };
}

function ownedBy(kind: string, name: string): object {
  return { ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: '1', controller: true }] };
}

const web = { labels: { app: 'web', 'pod-template-hash': '5d4f' }, metadata: ownedBy('ReplicaSet', 'web-5d4f') };
const two = [
  { name: 'app', image: 'app' },
  { name: 'proxy', image: 'proxy' },
];
const partial = injected(
  pod({ name: 'agent-x', account: 'app', containers: two.slice(0, 1), metadata: ownedBy('DaemonSet', 'agent') }),
);

/** What `kubectl get pods,serviceaccounts,configmaps -A -o json` may print: pods first, each kind of trouble once. */
export const dumpItems: readonly object[] = [
  pod({ name: 'web-5d4f-a', ...web }),
  pod({ name: 'web-5d4f-b', ...web }),
  injected(pod({ name: 'db-0', labels: { app: 'db' }, metadata: ownedBy('StatefulSet', 'db') }), identityOf('old')),
  { ...partial, spec: { ...(partial['spec'] as object), initContainers: [{ name: 'init', image: 'init' }] } },
  injected(pod({ name: 'alone', account: 'plain' })),
  injected(pod({ name: 'fine' })),
  injected(pod({ name: 'by-agent', account: 'plain' }), containerCredentials),
  pod({ name: 'mapped', account: 'mapped' }),
  pod({ name: 'done', status: { phase: 'Succeeded' } }),
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'ns' },
    spec: { template: { spec: { containers: [{ name: 'app', image: 'app' }] } } },
  },
  account('app', withRole('app')),
  account('plain'),
  account('mapped'),
  account('idle', withRole('idle', { 'token-expiration': 'soon' })),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'pod-identity-webhook', namespace: 'irsa' },
    data: { config: JSON.stringify({ 'ns/mapped': { RoleARN: 'not-an-arn' }, broken: {} }) },
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'ns' }, data: { config: '{' } },
];

/** The dump as kubectl prints it: keys in order, so that `kind` comes after the items. */
export const dumpJson: string = `${JSON.stringify({ apiVersion: 'v1', items: dumpItems, kind: 'List', metadata: { resourceVersion: '' } }, null, 4)}\n`;
