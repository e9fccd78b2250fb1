import { z } from 'zod';
import { programImages } from '../machine/image-names.ts';
import { apply, kubectl } from './kubectl.ts';
import { release, releaseNamespace } from './release.ts';

const name = 'prometheus';
const port = 9090;
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
 * Runs Prometheus in the namespace with these rule groups. It finds the replicas as the operator has it find them by the chart's
 * ServiceMonitor, and also scrapes the API server, on whose metrics some alerts are.
 */
export async function deployPrometheus(namespace: string, groups: readonly object[]): Promise<Prometheus> {
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
      await kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy/api/v1/${path}`),
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

/** What is the cluster's own goes with this, not with the namespace. */
export async function removePrometheusRights(): Promise<void> {
  await kubectl('delete', 'clusterrole,clusterrolebinding', clusterWide, '--ignore-not-found');
  await kubectl('delete', 'role,rolebinding', clusterWide, '--namespace', releaseNamespace, '--ignore-not-found');
}

const meta = '__meta_kubernetes';
const configuration = {
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  rule_files: [`${folder}/rules.yaml`],
  scrape_configs: [
    {
      job_name: 'service-monitor',
      kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: [releaseNamespace] } }],
      relabel_configs: [
        { action: 'keep', source_labels: [`${meta}_service_label_app_kubernetes_io_instance`], regex: release },
        { action: 'keep', source_labels: [`${meta}_endpointslice_port_name`], regex: 'metrics' },
        { source_labels: [`${meta}_service_label_app_kubernetes_io_name`], target_label: 'job' },
      ],
    },
    {
      job_name: 'apiserver',
      scheme: 'https',
      scrape_interval: '5s',
      scrape_timeout: '5s',
      tls_config: { ca_file: `${accountFolder}/ca.crt` },
      authorization: { credentials_file: `${accountFolder}/token` },
      static_configs: [{ targets: ['kubernetes.default.svc:443'] }],
    },
  ],
};

const clusterWide = 'irsa-e2e-prometheus';

function rights(namespace: string): readonly object[] {
  const group = 'rbac.authorization.k8s.io';
  const role = (kind: string, where: object, rule: object): readonly object[] => [
    { apiVersion: `${group}/v1`, kind, metadata: { name: clusterWide, ...where }, rules: [rule] },
    {
      apiVersion: `${group}/v1`,
      kind: `${kind}Binding`,
      metadata: { name: clusterWide, ...where },
      roleRef: { apiGroup: group, kind, name: clusterWide },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
  return [
    ...role('ClusterRole', {}, { nonResourceURLs: ['/metrics'], verbs: ['get'] }),
    ...role(
      'Role',
      { namespace: releaseNamespace },
      {
        apiGroups: ['', 'discovery.k8s.io'],
        resources: ['pods', 'services', 'endpointslices'],
        verbs: ['get', 'list', 'watch'],
      },
    ),
  ];
}

function pod(namespace: string): object {
  const container = {
    name,
    image: programImages.prometheus,
    imagePullPolicy: 'Never',
    args: [`--config.file=${folder}/prometheus.yaml`, '--storage.tsdb.path=/data', `--web.listen-address=:${port}`],
    readinessProbe: { httpGet: { path: '/-/ready', port }, periodSeconds: 1 },
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
