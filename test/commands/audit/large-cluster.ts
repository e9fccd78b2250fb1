import { serveCluster, type ServedCluster } from './serve-cluster.ts';

/** A cluster of many pods, made page by page while they are asked for. */
interface LargeCluster extends ServedCluster {
  /** Sizes of the pages of pods that were asked for. */
  readonly pages: readonly number[];
}

export const podsPerDeployment = 20;
export const accountsPerNamespace = 10;
const deploymentsPerNamespace = 50;

/** Serves `pods` pods of about 8 kB. Every second Deployment runs without the identity that its account has. */
export async function serveLargeCluster(pods: number): Promise<LargeCluster> {
  const pages: number[] = [];
  const cluster = await serveCluster(url => {
    const limit = Number(url.searchParams.get('limit'));
    if (url.pathname === '/api/v1/pods') pages.push(limit);
    return answer(url.pathname, Number(url.searchParams.get('continue') ?? '0'), limit, pods);
  });
  return { ...cluster, pages, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

function answer(path: string, from: number, limit: number, pods: number): object | undefined {
  if (path === '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations')
    return page('MutatingWebhookConfiguration', [], { from: 0, total: 0, limit });
  const namespaces = Math.ceil(pods / (podsPerDeployment * deploymentsPerNamespace));
  if (path === '/api/v1/serviceaccounts') {
    const total = namespaces * accountsPerNamespace;
    const accounts = range(from, Math.min(total, from + limit)).map(serviceAccount);
    return page('ServiceAccount', accounts, { from, total, limit });
  }
  if (path !== '/api/v1/pods') return undefined;
  return page('Pod', range(from, Math.min(pods, from + limit)).map(largePod), { from, total: pods, limit });
}

interface Window {
  readonly from: number;
  readonly total: number;
  readonly limit: number;
}

function page(kind: string, items: readonly object[], { from, total, limit }: Window): object {
  const next = from + limit;
  return {
    kind: `${kind}List`,
    metadata: { resourceVersion: '1', ...(next < total ? { continue: String(next) } : {}) },
    items,
  };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

const role = 'arn:aws:iam::111122223333:role/app';

export function serviceAccount(index: number): object {
  const namespace = `ns-${Math.floor(index / accountsPerNamespace)}`;
  const annotations = { 'eks.amazonaws.com/role-arn': role };
  return { metadata: { name: `app-${index % accountsPerNamespace}`, namespace, annotations } };
}

/** Pods of one Deployment come one after the other, as they do from etcd. */
export function largePod(index: number): object {
  const deployment = Math.floor(index / podsPerDeployment);
  const hash = '5d4f8c7b9';
  const injected = deployment % 2 === 0;
  return {
    metadata: {
      name: `web-${deployment}-${hash}-${index}`,
      namespace: `ns-${Math.floor(deployment / deploymentsPerNamespace)}`,
      uid: `0b5b1c5e-0000-4000-8000-${String(index).padStart(12, '0')}`,
      labels: { app: `web-${deployment}`, 'pod-template-hash': hash },
      annotations: { 'example.com/note': 'x'.repeat(400) },
      creationTimestamp: '2026-11-20T10:00:00Z',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `web-${deployment}-${hash}`, controller: true },
      ],
      managedFields: range(0, 3).map(manager => ({
        manager: `m${manager}`,
        fieldsV1: { fields: `f:${'spec'.repeat(300)}` },
      })),
    },
    spec: {
      serviceAccountName: `app-${deployment % accountsPerNamespace}`,
      volumes: [
        ...(injected ? [tokenVolume] : []),
        {
          name: 'kube-api-access',
          projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }] },
        },
      ],
      containers: [container('app', injected), container('proxy', injected)],
    },
    status: { phase: 'Running', conditions: range(0, 5).map(n => ({ type: `Condition${n}`, status: 'True' })) },
  };
}

const mountPath = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const tokenVolume = {
  name: 'aws-iam-token',
  projected: {
    sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' } }],
  },
};

function container(name: string, injected: boolean): object {
  const identity = [
    { name: 'AWS_ROLE_ARN', value: role },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${mountPath}/token` },
  ];
  const settings = range(0, 15).map(n => ({ name: `SETTING_${n}`, value: `value of setting ${n}` }));
  return {
    name,
    image: 'registry.example.com/team/application:1.2.3',
    env: [...settings, ...(injected ? identity : [])],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    volumeMounts: [
      { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
      ...(injected ? [{ name: 'aws-iam-token', mountPath, readOnly: true }] : []),
    ],
    livenessProbe: {
      httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
      periodSeconds: 10,
      failureThreshold: 3,
    },
  };
}
