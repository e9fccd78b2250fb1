import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { programImages } from '../machine/image-names.ts';
import { apply, kubectl } from './kubectl.ts';
import { release, releaseNamespace } from './release.ts';

const name = 'prometheus';
const listenPort = 9090;
const folder = '/etc/prometheus';
const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface Target {
  readonly job: string;
  readonly health: string;
  readonly lastError: string;
}

export interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError: string;
  readonly state: string;
}

const target: z.ZodType<Target> = z
  .object({ labels: z.object({ job: z.string() }), health: z.string(), lastError: z.string() })
  .transform(({ labels, ...health }) => ({ job: labels.job, ...health }));
const rule: z.ZodType<Rule> = z.object({
  name: z.string(),
  health: z.string(),
  lastError: z.string().default(''),
  state: z.string(),
});
const targetsAnswer = z.object({ data: z.object({ activeTargets: z.array(target) }) });
const rulesAnswer = z.object({ data: z.object({ groups: z.array(z.object({ rules: z.array(rule) })) }) });
const sample = z.object({ value: z.tuple([z.number(), z.string()]) });
const queryAnswer = z.object({ data: z.object({ result: z.array(sample) }) });

/** A Prometheus in the cluster, asked through the API server. */
export interface Prometheus {
  targets(): Promise<readonly Target[]>;
  rules(): Promise<readonly Rule[]>;
  /** The values that the expression has now. */
  query(expression: string): Promise<readonly number[]>;
}

/**
 * Runs Prometheus in the namespace with these rule groups. It scrapes the replicas, by the port of the Service that the chart's
 * ServiceMonitor names, and the API server, on whose metrics some alerts are.
 */
export async function deployPrometheus(namespace: string, groups: readonly object[]): Promise<Prometheus> {
  const configuration = {
    ...usual,
    scrape_configs: [apiServer, { job_name: release, static_configs: [await replicas()] }],
  };
  const data = { 'prometheus.yaml': JSON.stringify(configuration), 'rules.yaml': JSON.stringify({ groups }) };
  await apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    ...rights(namespace),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data },
    pod(namespace),
  );
  await kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=90s', '--namespace', namespace);
  const get = async (path: string): Promise<unknown> =>
    JSON.parse(
      await kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}:${listenPort}/proxy/api/v1/${path}`),
    );
  return {
    targets: async () => targetsAnswer.parse(await get('targets')).data.activeTargets,
    rules: async () => rulesAnswer.parse(await get('rules')).data.groups.flatMap(({ rules }) => rules),
    async query(expression) {
      const { data: answer } = queryAnswer.parse(await get(`query?query=${encodeURIComponent(expression)}`));
      return answer.result.map(({ value }) => Number(value[1]));
    },
  };
}

/** They are the cluster's own, so they do not go with the namespace. */
export async function removePrometheusRights(): Promise<void> {
  await kubectl('delete', 'clusterrole,clusterrolebinding', clusterWide, '--ignore-not-found');
}

const usual = {
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  rule_files: [`${folder}/rules.yaml`],
};
const apiServer = {
  job_name: 'apiserver',
  scheme: 'https',
  scrape_interval: '5s',
  scrape_timeout: '5s',
  tls_config: { ca_file: `${accountFolder}/ca.crt` },
  authorization: { credentials_file: `${accountFolder}/token` },
  static_configs: [{ targets: ['kubernetes.default.svc:443'] }],
};

const sliceList = z.object({
  items: z.array(
    z.object({
      endpoints: z.array(z.object({ addresses: z.array(z.string()) })),
      ports: z.array(z.object({ name: z.string(), port: z.number() })),
    }),
  ),
});

/** Debian's Prometheus cannot ask Kubernetes, so that is done here. */
async function replicas(): Promise<object> {
  const ofService = ['--namespace', releaseNamespace, '--selector', `kubernetes.io/service-name=${release}`];
  const { items } = sliceList.parse(JSON.parse(await kubectl('get', 'endpointslices', ...ofService, '--output=json')));
  const targets = items.flatMap(({ endpoints, ports }) => {
    const port = ports.find(({ name: portName }) => portName === 'metrics')?.port;
    return endpoints.flatMap(({ addresses }) => addresses.map(address => `${bracketed(address)}:${port}`));
  });
  return { targets };
}

function bracketed(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

const clusterWide = 'irsa-e2e-prometheus';

function rights(namespace: string): readonly object[] {
  const group = 'rbac.authorization.k8s.io';
  const metadata = { name: clusterWide };
  const rules = [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }];
  return [
    { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata, rules },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: clusterWide },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
}

function pod(namespace: string): object {
  const container = {
    name,
    image: programImages.prometheus,
    imagePullPolicy: 'Never',
    args: [
      `--config.file=${folder}/prometheus.yaml`,
      '--storage.tsdb.path=/data',
      `--web.listen-address=:${listenPort}`,
    ],
    readinessProbe: { httpGet: { path: '/-/ready', port: listenPort }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'configuration', mountPath: folder },
      { name: 'data', mountPath: '/data' },
    ],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      serviceAccountName: name,
      terminationGracePeriodSeconds: 0,
      containers: [container],
      volumes: [
        { name: 'configuration', configMap: { name } },
        { name: 'data', emptyDir: {} },
      ],
    },
  };
}
