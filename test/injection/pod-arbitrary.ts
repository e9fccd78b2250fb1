import * as fc from 'fast-check';
import { tokenPath } from './support.ts';

/**
 * Pods as attackers and odd controllers write them: mostly well-formed, full of the names and paths that matter, now and
 * then of a wrong type.
 */
const json = fc.jsonValue({ maxDepth: 2 });

/** A field that is right nine times of ten, else absent, null or anything. */
function mostly<T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 18, arbitrary: right },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: json },
  );
}

function fields(shape: { [name: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<{ [name: string]: unknown }> {
  return fc.record(shape, { requiredKeys: [] });
}

const variableName = fc.constantFrom(
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_STS_REGIONAL_ENDPOINTS',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_ROLE_SESSION_NAME',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_PROFILE',
  'PATH',
  '__proto__',
);
const volumeName = fc.constantFrom('aws-iam-token', 'aws-iam-token-2', 'eks-pod-identity-token', 'data', 'constructor');
const path = fc.constantFrom(
  tokenPath,
  `${tokenPath}/`,
  `${tokenPath}-2`,
  `/var/run//secrets/eks.amazonaws.com/serviceaccount`,
  `${tokenPath}/token`,
  '/var/run/secrets',
  '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
  '/data',
  '',
);

/** Values that mean something to an SDK, beside any. */
const value = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    'arn:aws:iam::111122223333:role/app',
    'arn:aws:iam::111122223333:role/other',
    '$(ROLE)',
    `${tokenPath}/token`,
    '/data/token',
    'http://169.254.170.23/v1/credentials',
    'http://127.0.0.1:9999/c',
  ),
);
const variable = mostly(
  fc.oneof(fields({ name: variableName, value }), fields({ name: mostly(variableName), value, valueFrom: json })),
);
const mount = mostly(
  fields({
    name: mostly(volumeName),
    mountPath: mostly(path),
    readOnly: fc.boolean(),
    subPath: fc.constantFrom('', 'token', 'x'),
    subPathExpr: fc.constantFrom('', '$(X)'),
  }),
);
const token = fields({
  audience: fc.constantFrom('sts.amazonaws.com', 'pods.eks.amazonaws.com', 'vault'),
  expirationSeconds: fc.integer(),
  path: fc.constantFrom('token', 'eks-pod-identity-token', 'other'),
});
const volume = mostly(
  fields({
    name: mostly(volumeName),
    emptyDir: fc.constant({}),
    projected: mostly(
      fields({ sources: mostly(fc.array(mostly(fields({ serviceAccountToken: mostly(token) })), { maxLength: 2 })) }),
    ),
  }),
);
const containerName = fc.constantFrom('app', 'proxy', 'a b', '');
const container = mostly(
  fields({
    name: mostly(containerName),
    env: mostly(fc.array(variable, { maxLength: 5 })),
    volumeMounts: mostly(fc.array(mount, { maxLength: 4 })),
    volumeDevices: mostly(fc.array(mostly(fields({ devicePath: mostly(path) })), { maxLength: 2 })),
    envFrom: fc.constantFrom([], [{ configMapRef: { name: 'c' } }]),
    futureField: json,
  }),
);
const containers = mostly(fc.array(container, { maxLength: 4 }));

const metadata = fields({
  name: mostly(fc.string({ maxLength: 70 })),
  generateName: mostly(fc.string()),
  labels: mostly(fields({ 'eks.amazonaws.com/pod-identity': fc.constantFrom('enabled', 'x'), app: fc.string() })),
  annotations: mostly(
    fields({
      'eks.amazonaws.com/skip-containers': mostly(fc.constantFrom('app', ' proxy,"app"', '"', '')),
      'eks.amazonaws.com/include-containers': mostly(fc.constantFrom('app', 'gone')),
      'eks.amazonaws.com/token-expiration': mostly(fc.constantFrom('600', '1', 'x', '99999999999999999999')),
    }),
  ),
});
const spec = fields({
  serviceAccountName: mostly(fc.string()),
  serviceAccount: mostly(fc.string()),
  containers,
  initContainers: containers,
  ephemeralContainers: containers,
  volumes: mostly(fc.array(volume, { maxLength: 4 })),
  os: mostly(fields({ name: fc.constantFrom('linux', 'windows') })),
  nodeSelector: mostly(fields({ 'kubernetes.io/os': fc.constantFrom('linux', 'windows') })),
});

/** A pod, or something that only looks like one. Plain objects, as `JSON.parse` gives them. */
export const podArbitrary: fc.Arbitrary<{ [field: string]: unknown }> = fields({
  metadata: mostly(metadata),
  spec: fc.oneof({ weight: 9, arbitrary: spec }, { weight: 1, arbitrary: mostly(spec) }),
  status: json,
}).map(pod => JSON.parse(JSON.stringify(pod)));
