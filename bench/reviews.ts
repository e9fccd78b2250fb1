/** The ServiceAccount that a review's pod runs as. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** One body that the API server might send. */
export interface Review {
  /** Its size and shape, for tables and progress lines. */
  readonly name: string;
  readonly body: Buffer;
  readonly containers: number;
  readonly initContainers: number;
}

interface Shape {
  readonly name: string;
  readonly containers: number;
  readonly initContainers: number;
  /** Variables of each container. */
  readonly variables: number;
  /** Annotations of the pod, beside those that everyone has. */
  readonly annotations: number;
  /** Whether it has what a pod written with care has: probes, resources, security contexts, affinity. */
  readonly elaborate: boolean;
}

/** A bare ReplicaSet pod, a usual one and a large one (decision 7). */
const shapes: readonly Shape[] = [
  { name: '3.5 KB', containers: 1, initContainers: 0, variables: 0, annotations: 0, elaborate: false },
  { name: '8 KB', containers: 2, initContainers: 1, variables: 3, annotations: 1, elaborate: true },
  { name: '40 KB', containers: 6, initContainers: 3, variables: 20, annotations: 20, elaborate: true },
];

/**
 * AdmissionReviews of pod creations as kube-apiserver sends them: the defaults are filled in, `managedFields` are there, the
 * token volume of the ServiceAccount admission is mounted, and the pod has a `generateName` only.
 */
export function createReviews(account: Account): readonly Review[] {
  return shapes.map(shape => ({
    name: shape.name,
    body: Buffer.from(JSON.stringify(review(shape, account))),
    containers: shape.containers,
    initContainers: shape.initContainers,
  }));
}

const podKind = { group: '', version: 'v1', kind: 'Pod' };
const podResource = { group: '', version: 'v1', resource: 'pods' };
const imageDigest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const createdAt = '2026-11-24T08:00:00Z';
const owner = { uid: '9c5b94b1-35ad-49bb-b118-8e8fc24abf80', name: 'checkout-6d4cf56db6' };

function review(shape: Shape, account: Account): unknown {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: podKind,
      resource: podResource,
      requestKind: podKind,
      requestResource: podResource,
      namespace: account.namespace,
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        uid: 'f2d6b6f5-4b5e-4f7a-9a35-0f3bd1c5a0e1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
        extra: {
          'authentication.kubernetes.io/credential-id': ['JTI=5f0b1c1e-6d43-4f0e-8d0a-1c1f6b1f8f0a'],
        },
      },
      object: pod(shape, account),
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  };
}

function pod(shape: Shape, account: Account): unknown {
  const labels = {
    app: 'checkout',
    'pod-template-hash': '6d4cf56db6',
    ...(shape.elaborate ? { 'app.kubernetes.io/name': 'checkout', 'app.kubernetes.io/part-of': 'shop' } : {}),
  };
  const annotations = {
    'kubectl.kubernetes.io/restartedAt': createdAt,
    ...Object.fromEntries(
      numbers(shape.annotations).map(index => [`example.com/setting-${index}`, `value-${index}-of-this-annotation`]),
    ),
  };
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      generateName: `${owner.name}-`,
      namespace: account.namespace,
      creationTimestamp: null,
      labels,
      annotations,
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: owner.name,
          uid: owner.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: [managedFields(shape, Object.keys(labels), Object.keys(annotations))],
    },
    spec: podSpec(shape, account),
    status: {},
  };
}

function podSpec(shape: Shape, account: Account): unknown {
  const initContainers = numbers(shape.initContainers).map(index => container(`init-${index}`, shape, 'init'));
  return {
    volumes: [accessVolume, ...(shape.elaborate ? [configVolume] : [])],
    ...(initContainers.length === 0 ? {} : { initContainers }),
    containers: numbers(shape.containers).map(index => container(`main-${index}`, shape, 'main')),
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: account.name,
    serviceAccount: account.name,
    securityContext: shape.elaborate ? { runAsNonRoot: true, fsGroup: 2000 } : {},
    ...(shape.elaborate ? { affinity } : {}),
    schedulerName: 'default-scheduler',
    tolerations: ['not-ready', 'unreachable'].map(condition => ({
      key: `node.kubernetes.io/${condition}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

const accessVolumeName = 'kube-api-access-x7k2p';

/** What the ServiceAccount admission adds to every pod before webhooks are called. */
const accessVolume = {
  name: accessVolumeName,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 420,
  },
};

const configVolume = { name: 'config', configMap: { name: 'checkout-config', defaultMode: 420 } };

const affinity = {
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          labelSelector: { matchLabels: { app: 'checkout' } },
          topologyKey: 'topology.kubernetes.io/zone',
        },
      },
    ],
  },
};

function container(name: string, shape: Shape, role: 'main' | 'init'): unknown {
  const mounts = [
    ...(shape.elaborate ? [{ name: 'config', mountPath: '/etc/checkout', readOnly: true }] : []),
    { name: accessVolumeName, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  ];
  return {
    name,
    image: `registry.example.com/shop/checkout-${name}@sha256:${imageDigest}`,
    ...(shape.elaborate && role === 'main' ? { ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] } : {}),
    ...(shape.variables === 0 ? {} : { env: variables(shape.variables) }),
    resources: shape.elaborate
      ? { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '256Mi' } }
      : { requests: { cpu: '100m' } },
    volumeMounts: mounts,
    ...(shape.elaborate && role === 'main' ? { livenessProbe: probe('/livez'), readinessProbe: probe('/readyz') } : {}),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    ...(shape.elaborate
      ? { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }
      : {}),
  };
}

function variables(count: number): readonly unknown[] {
  return numbers(count).map(index => ({ name: variableName(index), value: `value-of-variable-${index}` }));
}

function variableName(index: number): string {
  return `CHECKOUT_SETTING_${index}`;
}

function probe(path: string): unknown {
  return {
    httpGet: { path, port: 8080, scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  };
}

/** Which manager set which field: about as large again as what it is about. */
function managedFields(shape: Shape, labels: readonly string[], annotations: readonly string[]): unknown {
  const containers = numbers(shape.containers).map(index => managedContainer(`main-${index}`, shape, 'main'));
  const initContainers = numbers(shape.initContainers).map(index => managedContainer(`init-${index}`, shape, 'init'));
  return {
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: 'v1',
    time: createdAt,
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': {
        'f:annotations': { '.': {}, ...fields(annotations) },
        'f:generateName': {},
        'f:labels': { '.': {}, ...fields(labels) },
        'f:ownerReferences': { '.': {}, [`k:{"uid":"${owner.uid}"}`]: {} },
      },
      'f:spec': {
        ...(shape.elaborate ? { 'f:affinity': { '.': {}, 'f:podAntiAffinity': {} } } : {}),
        'f:containers': Object.fromEntries(containers),
        ...(initContainers.length === 0 ? {} : { 'f:initContainers': Object.fromEntries(initContainers) }),
        ...fields(['dnsPolicy', 'enableServiceLinks', 'restartPolicy', 'schedulerName', 'securityContext']),
        ...fields(['serviceAccount', 'serviceAccountName', 'terminationGracePeriodSeconds']),
      },
    },
  };
}

function managedContainer(name: string, shape: Shape, role: 'main' | 'init'): readonly [string, unknown] {
  const managed = {
    '.': {},
    ...(shape.variables === 0 ? {} : { 'f:env': managedVariables(shape.variables) }),
    ...fields(['image', 'imagePullPolicy', 'name']),
    'f:resources': { '.': {}, 'f:requests': { '.': {}, 'f:cpu': {} } },
    ...fields(['terminationMessagePath', 'terminationMessagePolicy']),
    ...(shape.elaborate && role === 'main' ? fields(['livenessProbe', 'ports', 'readinessProbe']) : {}),
    ...(shape.elaborate ? fields(['securityContext', 'volumeMounts']) : {}),
  };
  return [`k:{"name":"${name}"}`, managed];
}

function managedVariables(count: number): unknown {
  const entries = numbers(count).map(index => [
    `k:{"name":"${variableName(index)}"}`,
    { '.': {}, ...fields(['name', 'value']) },
  ]);
  return { '.': {}, ...Object.fromEntries(entries) };
}

function fields(names: readonly string[]): { readonly [field: string]: unknown } {
  return Object.fromEntries(names.map(name => [`f:${name}`, {}]));
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
