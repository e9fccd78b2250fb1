import * as fc from 'fast-check';
import type { JsonObject } from '../../src/util/json.ts';
import { pod, role, withRole, type Annotations, type World } from '../audit/support.ts';
import { tokenPath } from '../injection/support.ts';
import { agentVariables, changed, tokenVolume, variable } from './cases.ts';
import { createdFrom } from './created-pod.ts';

export interface GeneratedWorld {
  readonly template: JsonObject;
  /** Let in from the template when the account was another, and perhaps changed by another webhook. */
  readonly running: JsonObject;
  readonly world: World;
}

const roles = fc.constantFrom(role('app'), role('own'), '', 'refund');
const files = fc.constantFrom(`${tokenPath}/token`, '/my/token', '/nowhere/token', '');

/** Variables as people write them in a template. */
const variables: fc.Arbitrary<readonly object[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  roles.map(value => [variable('AWS_ROLE_ARN', value)]),
  files.map(value => [variable('AWS_WEB_IDENTITY_TOKEN_FILE', value)]),
  fc
    .tuple(roles, files)
    .map(([value, file]) => [variable('AWS_ROLE_ARN', value), variable('AWS_WEB_IDENTITY_TOKEN_FILE', file)]),
  fc.constant([{ name: 'AWS_ROLE_ARN', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }]),
  fc.constant([variable('AWS_ACCESS_KEY_ID'), variable('AWS_SECRET_ACCESS_KEY')]),
  fc.constant([variable('AWS_REGION', 'eu-west-1'), variable('AWS_STS_REGIONAL_ENDPOINTS', 'regional')]),
  fc.constant([...agentVariables]),
);

const mounts = fc.constantFrom<readonly object[]>(
  [],
  [{ name: 'mine', mountPath: '/my' }],
  [{ name: 'aws-iam-token', mountPath: tokenPath, readOnly: true }],
);
const volumes = fc.constantFrom<readonly object[]>(
  [],
  [tokenVolume('mine')],
  [tokenVolume('mine', 'sts.amazonaws.co')],
  [tokenVolume('aws-iam-token', 'vault')],
  [tokenVolume('mine'), tokenVolume('aws-iam-token')],
);
const envFrom = fc.constantFrom<object>({}, {}, {}, { envFrom: [{ secretRef: { name: 's' } }] });

const container = (name: string): fc.Arbitrary<object> =>
  fc
    .tuple(variables, mounts, envFrom)
    .map(([env, volumeMounts, more]) => ({ name, image: 'x', env, volumeMounts, ...more }));

const podAnnotations = fc.constantFrom<Annotations>(
  {},
  {},
  {},
  { 'eks.amazonaws.com/skip-containers': 'two' },
  { 'eks.amazonaws.com/role-arn': role('app') },
  { 'eks.amazonaws.com/token-expiration': 'soon' },
);
const labels = fc.constantFrom<Annotations>(
  {},
  {},
  {},
  { 'eks.amazonaws.com/skip-pod-identity-webhook': '' },
  { 'eks.amazonaws.com/require-pod-identity': 'true' },
);

const template = fc
  .record({
    first: container('app'),
    second: fc.option(container('two')),
    volumes,
    annotations: podAnnotations,
    labels,
  })
  .map(({ first, second, ...parts }) => pod({ ...parts, containers: second === null ? [first] : [first, second] }))
  .filter(mountsWhatItHas);

/** The API server refuses a mount of a volume that the pod does not have. */
function mountsWhatItHas({ spec }: JsonObject): boolean {
  const { volumes: has, containers } = spec as { volumes: Named[]; containers: { volumeMounts: Named[] }[] };
  const names = new Set(has.map(({ name }) => name));
  return containers.every(({ volumeMounts }) => volumeMounts.every(({ name }) => names.has(name)));
}

interface Named {
  readonly name: string;
}

const accounts = fc.constantFrom<NonNullable<World['accounts']>>(
  { app: withRole('app') },
  { app: withRole('app') },
  { app: withRole('other') },
  { app: withRole('app', { audience: 'sts.amazonaws.co' }) },
  { app: withRole('app', { 'token-expiration': '3600' }) },
  { app: { 'eks.amazonaws.com/role-arn': 'refund' } },
  { app: {} },
  {},
);
const sources = fc.constantFrom<World>(
  {},
  {},
  {},
  { associations: [] },
  { associations: ['ns/app'] },
  { mapping: { 'ns/app': { RoleARN: role('mapped') } } },
  { mapping: { 'ns/app': {} } },
  { settings: { region: 'eu-west-1' } },
  { settings: { partialIdentityEnv: 'keep' } },
  { defaults: { invalidRoleArn: 'skip' } },
);
const worlds = fc.tuple(accounts, sources).map(([known, more]): World => ({ accounts: known, ...more }));

/** What happens to a pod beside the webhook. */
const change = fc.constantFrom<'nothing' | 'late' | 'stripped'>('nothing', 'nothing', 'late', 'stripped');

export const worldArbitrary: fc.Arbitrary<GeneratedWorld> = fc
  .record({ template, before: worlds, world: worlds, asked: fc.boolean(), what: change })
  .map(({ template: written, before, world, asked, what }) => {
    const created = asked ? createdFrom(written, before) : written;
    return { template: written, running: changeOf(created, what), world };
  });

function changeOf(created: JsonObject, what: 'nothing' | 'late' | 'stripped'): JsonObject {
  if (what === 'nothing') return created;
  if (what === 'stripped') return changed(created, 'app', { env: [] });
  const spec = created['spec'] as { containers: object[] };
  return { ...created, spec: { ...spec, containers: [...spec.containers, { name: 'late', image: 'x' }] } };
}
