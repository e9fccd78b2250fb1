import * as fc from 'fast-check';

/** ServiceAccounts of the comparison: what is written on each. The first has nothing. */
export const accounts: { readonly [name: string]: { readonly [annotation: string]: string } } = {
  plain: {},
  app: { 'role-arn': 'arn:aws:iam::111122223333:role/app' },
  audience: { 'role-arn': 'arn:aws:iam::111122223333:role/app', audience: 'vault' },
  'empty-audience': { 'role-arn': 'arn:aws:iam::111122223333:role/app', audience: '' },
  regional: { 'role-arn': 'arn:aws:iam::111122223333:role/app', 'sts-regional-endpoints': 'true' },
  'not-regional': { 'role-arn': 'arn:aws:iam::111122223333:role/app', 'sts-regional-endpoints': 'false' },
  hour: { 'role-arn': 'arn:aws:iam::111122223333:role/app', 'token-expiration': '3600' },
  second: { 'role-arn': 'arn:aws:iam::111122223333:role/app', 'token-expiration': '1' },
  spaces: { 'role-arn': ' arn:aws:iam::111122223333:role/app ' },
  path: { 'role-arn': 'arn:aws-us-gov:iam::111122223333:role/team/app' },
};

/** Where a container gets its token. */
export const tokenFolder = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

const variable = fc.oneof(
  fc.record({
    name: fc.constantFrom('AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'LOG'),
    value: fc.constantFrom(
      '',
      'eu-west-1',
      'arn:aws:iam::111122223333:role/app',
      'arn:aws:iam::111122223333:role/other',
      `${tokenFolder}/token`,
      '/my/token',
    ),
  }),
  fc.record({
    name: fc.constantFrom('AWS_STS_REGIONAL_ENDPOINTS', 'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_PROFILE'),
    value: fc.constantFrom('regional', 'legacy', 'http://127.0.0.1:9999/c'),
  }),
  fc.record({
    name: fc.constantFrom('AWS_ROLE_ARN', 'AWS_REGION', 'POD'),
    valueFrom: fc.constantFrom(
      { fieldRef: { fieldPath: 'metadata.name' } },
      { secretKeyRef: { name: 'aws', key: 'role', optional: true } },
    ),
  }),
);

/** Volumes by name; a mount may name only one that is there. */
const volumes: { readonly [name: string]: fc.Arbitrary<object> } = {
  'aws-iam-token': fc.constantFrom(
    { emptyDir: {} },
    { projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } }] } },
    { projected: { sources: [{ serviceAccountToken: { audience: 'vault', path: 'token' } }] } },
  ),
  'my-token': fc.constant({
    projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } }] },
  }),
  data: fc.constantFrom({ emptyDir: {} }, { configMap: { name: 'c' } }, { secret: { secretName: 's' } }),
};

const mountPath = fc.constantFrom(
  ...[
    '/my',
    '/data',
    tokenFolder,
    `${tokenFolder}/extra`,
    `${tokenFolder}/token`,
    '/var/run/secrets',
    '/run/secrets',
    '/var/run',
    '/var',
  ],
);

function container(name: string, volumeNames: readonly string[]): fc.Arbitrary<object> {
  const mount =
    volumeNames.length === 0
      ? fc.constant(undefined)
      : fc.record(
          { name: fc.constantFrom(...volumeNames), mountPath, readOnly: fc.boolean() },
          { requiredKeys: ['name', 'mountPath'] },
        );
  return fc
    .record({
      env: often(fc.uniqueArray(variable, { maxLength: 4, selector: ({ name: variableName }) => variableName })),
      envFrom: rarely(fc.constant([{ configMapRef: { name: 'settings', optional: true } }])),
      mounts: often(fc.uniqueArray(mount, { maxLength: 2, selector: entry => entry?.mountPath })),
    })
    .map(({ env, envFrom, mounts }) => ({
      name,
      image: 'example.com/app:1',
      ...(env && { env }),
      ...(envFrom && { envFrom }),
      ...(mounts && { volumeMounts: mounts.filter(entry => entry !== undefined) }),
    }));
}

function often<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(fc.constant(undefined), value);
}

function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

const volumeList = fc
  .subarray(Object.keys(volumes))
  .chain(names =>
    fc
      .tuple(...names.map(name => volumes[name] ?? fc.constant({})))
      .map(sources => names.map((name, index) => ({ name, ...sources[index] }))),
  );

const annotations = fc.record(
  {
    'eks.amazonaws.com/skip-containers': fc.constantFrom('app', 'setup', 'app,proxy', 'app, proxy', 'gone'),
    'eks.amazonaws.com/token-expiration': fc.constantFrom('3600', '599', 'x', '4294967296', '4294967297'),
  },
  { requiredKeys: [] },
);

/** A pod as an application team writes it; kube-apiserver takes nearly all of them. */
export const ordinaryPod: fc.Arbitrary<object> = volumeList.chain(list => {
  const names = list.map(({ name }) => name);
  return fc
    .record({
      serviceAccountName: fc.constantFrom(...Object.keys(accounts)),
      annotations: rarely(annotations),
      labels: rarely(fc.constantFrom({ 'eks.amazonaws.com/pod-identity': 'x' }, { app: 'a' })),
      automountServiceAccountToken: fc.boolean(),
      containers: fc.tuple(container('app', names), rarely(container('proxy', names))),
      initContainers: rarely(container('setup', names)),
      nodeSelector: rarely(fc.constantFrom({ 'kubernetes.io/os': 'windows' }, { 'kubernetes.io/os': 'linux' })),
    })
    .map(pod => ({
      metadata: {
        name: 'p',
        ...(pod.annotations && { annotations: pod.annotations }),
        ...(pod.labels && { labels: pod.labels }),
      },
      spec: {
        serviceAccountName: pod.serviceAccountName,
        automountServiceAccountToken: pod.automountServiceAccountToken,
        containers: pod.containers.filter(entry => entry !== undefined),
        ...(pod.initContainers && { initContainers: [pod.initContainers] }),
        ...(pod.nodeSelector && { nodeSelector: pod.nodeSelector }),
        ...(list.length > 0 && { volumes: list }),
      },
    }));
});
