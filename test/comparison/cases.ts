import type { JsonObject } from '../../src/util/json.ts';
import { containerCredentials, settingsWith, tokenPath, webIdentity } from '../injection/support.ts';
import { identityOf, injected, pod, role, withRole, type PodParts, type World } from '../audit/support.ts';

export interface Case {
  readonly when: string;
  readonly pods: readonly JsonObject[];
  readonly world?: World;
  /** What `summary()` says of the report. */
  readonly found: readonly string[];
}

const two: readonly object[] = [
  { name: 'app', image: 'app' },
  { name: 'proxy', image: 'proxy' },
];
const container = (...env: object[]): PodParts => ({ containers: [{ name: 'app', image: 'app', env }] });
export const variable = (name: string, value = 'x'): object => ({ name, value });
export const plain: World = { accounts: { app: {} } };
export const tokenVolume = (name: string, audience = 'sts.amazonaws.com', expirationSeconds = 86_400): object => ({
  name,
  projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds, path: 'token' } }] },
});
const ourFile = variable('AWS_WEB_IDENTITY_TOKEN_FILE', `${tokenPath}/token`);
const identityVariables: readonly object[] = [variable('AWS_ROLE_ARN', role('app')), ourFile];
export const agentVariables: readonly object[] = [
  variable('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://169.254.170.23/v1/credentials'),
  variable(
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
  ),
];
const ours: object = { name: 'aws-iam-token', mountPath: tokenPath, readOnly: true };
/** Changes one container of a pod that was let in. */
export function changed(object: JsonObject, name: string, change: object): JsonObject {
  const copy = structuredClone(object) as { spec: { containers: { name: string }[] } };
  const containers = copy.spec.containers.map(each => (each.name === name ? { ...each, ...change } : each));
  return { ...copy, spec: { ...copy.spec, containers } };
}

/** Running pods, each with what is found when it is compared with its account. */
export const cases: readonly Case[] = [
  // IRSA001
  { when: 'a pod is older than the annotation', pods: [pod()], found: ['IRSA001 app'] },
  { when: 'a pod of two containers has nothing', pods: [pod({ containers: two })], found: ['IRSA001 app,proxy'] },
  { when: 'a pod has what a review gives', pods: [injected(pod({ containers: two }))], found: [] },
  { when: 'the account has no role', pods: [pod()], world: plain, found: [] },
  {
    when: 'the mapping gives the role',
    pods: [pod()],
    world: { ...plain, mapping: { 'ns/*': { RoleARN: role('app') } } },
    found: ['IRSA001 app'],
  },
  {
    when: 'the mapping says: none',
    pods: [pod()],
    world: { ...plain, mapping: { 'ns/app': { RoleARN: '' } } },
    found: [],
  },
  {
    when: 'the pod asks to be skipped',
    pods: [pod({ labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' } })],
    found: [],
  },
  { when: 'the namespace is exempt', pods: [pod()], world: { settings: { exemptNamespaces: ['n*'] } }, found: [] },
  {
    when: 'the pod is the image of a static pod',
    pods: [pod({ annotations: { 'kubernetes.io/config.mirror': 'x' } })],
    found: [],
  },
  {
    when: 'the pod has ended',
    pods: [pod({ status: { phase: 'Succeeded' } }), pod({ status: { phase: 'Failed' } })],
    found: ['IRSA007 account'],
  },
  {
    when: 'the pod is being deleted',
    pods: [pod({ metadata: { deletionTimestamp: '2026-11-24T10:00:00Z' } })],
    found: ['IRSA007 account'],
  },
  { when: 'the pod waits for a node', pods: [pod({ status: { phase: 'Pending' } })], found: ['IRSA001 app'] },
  {
    when: 'every container is skipped',
    pods: [pod({ annotations: { 'eks.amazonaws.com/skip-containers': 'app' } })],
    found: [],
  },
  {
    when: 'the pod configures all of it by hand',
    pods: [
      pod(
        container(
          ...identityVariables.map(v => ({ ...v, value: '/x' })),
          variable('AWS_REGION'),
          variable('AWS_STS_REGIONAL_ENDPOINTS'),
        ),
      ),
    ],
    found: ['IRSA016 app', 'IRSA017 app'],
  },
  {
    when: 'volume and mount are gone and the variables are left',
    pods: [pod(container(...identityVariables))],
    found: ['IRSA001 app'],
  },
  {
    when: 'an init container lacks it too',
    pods: [pod({ spec: { initContainers: [{ name: 'init', image: 'x' }] } })],
    found: ['IRSA001 app,init'],
  },
  // IRSA002
  { when: 'the role of the account has changed', pods: [injected(pod(), identityOf('old'))], found: ['IRSA002 app'] },
  {
    when: 'one container sets a role of its own',
    pods: [
      injected(
        pod({
          containers: [
            { name: 'app', image: 'x' },
            { name: 'other', image: 'x', env: [variable('AWS_ROLE_ARN', role('other')), ourFile] },
          ],
        }),
      ),
    ],
    found: ['IRSA002 other'],
  },
  {
    when: 'the role comes from elsewhere',
    pods: [
      injected(
        pod({
          containers: [
            {
              name: 'app',
              image: 'x',
              env: [{ name: 'AWS_ROLE_ARN', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }, ourFile],
            },
          ],
        }),
      ),
    ],
    found: [],
  },
  {
    when: 'the pod has another token by hand, and another role',
    pods: [
      pod(
        container(
          variable('AWS_ROLE_ARN', role('hand')),
          variable('AWS_WEB_IDENTITY_TOKEN_FILE', '/hand/token'),
          variable('AWS_REGION'),
          variable('AWS_STS_REGIONAL_ENDPOINTS'),
        ),
      ),
    ],
    found: ['IRSA016 app', 'IRSA017 app'],
  },
  {
    when: 'an association has come, and the pod runs as the role',
    pods: [injected(pod())],
    world: { associations: ['ns/app'] },
    found: ['IRSA002 app'],
  },
  // IRSA003
  { when: 'the role was taken away', pods: [injected(pod())], world: plain, found: ['IRSA003 app'] },
  {
    when: 'the association was taken away',
    pods: [injected(pod(), containerCredentials)],
    world: { ...plain, associations: [] },
    found: ['IRSA003 app'],
  },
  {
    when: 'the pod has a token and a role under names of its own',
    pods: [
      pod({
        containers: [
          { name: 'app', image: 'x', env: identityVariables, volumeMounts: [{ name: 'mine', mountPath: tokenPath }] },
        ],
        volumes: [tokenVolume('mine')],
      }),
    ],
    world: plain,
    found: [],
  },
  {
    when: 'the role is no ARN and such are not injected',
    pods: [injected(pod())],
    world: { accounts: { app: { 'eks.amazonaws.com/role-arn': 'app' } }, defaults: { invalidRoleArn: 'skip' } },
    found: ['IRSA005 account', 'IRSA003 app'],
  },
  // IRSA004
  {
    when: 'a container came after the webhook',
    pods: [changed(injected(pod({ containers: two })), 'proxy', { env: [], volumeMounts: [] })],
    found: ['IRSA004 proxy'],
  },
  {
    when: 'only the mount of one is gone',
    pods: [changed(injected(pod({ containers: two })), 'proxy', { volumeMounts: [] })],
    found: ['IRSA004 proxy'],
  },
  {
    when: 'an annotation excludes the other',
    pods: [injected(pod({ containers: two, annotations: { 'eks.amazonaws.com/skip-containers': 'proxy' } }))],
    found: [],
  },
  {
    when: 'a partial identity is completed and the other container has none',
    pods: [changed(injected(pod({ containers: two })), 'proxy', { env: [variable('AWS_ROLE_ARN', role('app'))] })],
    found: ['IRSA004 proxy'],
  },
  // IRSA005
  {
    when: 'the role is no ARN',
    pods: [
      injected(pod(), {
        ...identityOf('app'),
        method: 'web_identity',
        roleArn: { value: 'app', from: 'service_account' },
      }),
    ],
    world: { accounts: { app: { 'eks.amazonaws.com/role-arn': 'app' } } },
    found: ['IRSA005 account'],
  },
  {
    when: 'the lifetime is no number',
    pods: [injected(pod())],
    world: { accounts: { app: withRole('app', { 'token-expiration': 'soon' }) } },
    found: ['IRSA005 account'],
  },
  {
    when: 'the endpoint is neither true nor false',
    pods: [injected(pod())],
    world: { accounts: { app: withRole('app', { 'sts-regional-endpoints': 'yes' }) } },
    found: ['IRSA005 account'],
  },
  {
    when: 'the lifetime of the pod is no number',
    pods: [injected(pod({ annotations: { 'eks.amazonaws.com/token-expiration': 'soon' } }))],
    found: ['IRSA005'],
  },
  {
    when: 'skip-containers names no container',
    pods: [injected(pod({ annotations: { 'eks.amazonaws.com/skip-containers': 'prxy' } }))],
    found: ['IRSA005'],
  },
  {
    when: 'the entry of the mapping has no ARN',
    pods: [injected(pod(), { ...identityOf('x'), method: 'web_identity', roleArn: { value: 'app', from: 'mapping' } })],
    world: { ...plain, mapping: { 'ns/app': { RoleARN: 'app' } } },
    found: ['IRSA005 account'],
  },
  {
    when: 'the entry of the mapping has no ARN and the annotation wins',
    pods: [injected(pod())],
    world: { mapping: { 'ns/app': { RoleARN: 'app' } } },
    found: [],
  },
  // IRSA006
  {
    when: 'one container has both methods',
    pods: [changed(injected(pod()), 'app', { env: [...identityVariables, ...agentVariables] })],
    world: { associations: [] },
    found: ['IRSA006 app'],
  },
  {
    when: 'each of two containers has one of them',
    pods: [changed(injected(pod({ containers: two })), 'proxy', { env: agentVariables })],
    world: { associations: [] },
    found: ['IRSA004 proxy'],
  },
  {
    when: 'the pod has container credentials by an association',
    pods: [injected(pod(), containerCredentials)],
    world: { associations: ['ns/app'] },
    found: [],
  },
  {
    when: 'the pod has container credentials, and nobody knows the associations',
    pods: [injected(pod(), containerCredentials)],
    found: [],
  },
  // IRSA007
  {
    when: 'no pod uses an annotated account',
    pods: [injected(pod())],
    world: { accounts: { app: withRole('app'), idle: withRole('idle') } },
    found: ['IRSA007 account'],
  },
  {
    when: 'no pod uses an account without a role',
    pods: [injected(pod())],
    world: { accounts: { app: withRole('app'), idle: {}, odd: { 'eks.amazonaws.com/audience': 'x' } } },
    found: [],
  },
  {
    when: 'only some pods were looked at',
    pods: [],
    world: { options: { scope: { namespace: null, selector: 'app=x' } } },
    found: [],
  },
  // IRSA008
  {
    when: 'the volume is there and the variables are not',
    pods: [
      pod({ containers: [{ name: 'app', image: 'x', volumeMounts: [ours] }], volumes: [tokenVolume('aws-iam-token')] }),
    ],
    found: ['IRSA008 app'],
  },
  {
    when: 'the same, and the account has no role',
    pods: [
      pod({ containers: [{ name: 'app', image: 'x', volumeMounts: [ours] }], volumes: [tokenVolume('aws-iam-token')] }),
    ],
    world: plain,
    found: ['IRSA008 app'],
  },
  {
    when: 'a configuration file may name the token',
    pods: [
      pod({
        containers: [{ name: 'app', image: 'x', env: [variable('AWS_CONFIG_FILE')], volumeMounts: [ours] }],
        volumes: [tokenVolume('aws-iam-token')],
      }),
    ],
    world: plain,
    found: [],
  },
  {
    when: 'the token is for another audience',
    pods: [
      pod({
        containers: [{ name: 'app', image: 'x', volumeMounts: [{ name: 'vault', mountPath: '/vault' }] }],
        volumes: [tokenVolume('vault', 'vault')],
      }),
    ],
    world: plain,
    found: [],
  },
  {
    when: 'nobody mounts the volume',
    pods: [pod({ volumes: [tokenVolume('aws-iam-token')] })],
    world: plain,
    found: [],
  },
  // IRSA009
  {
    when: 'access keys are set too',
    pods: [injected(pod(container(variable('AWS_ACCESS_KEY_ID'), variable('AWS_SECRET_ACCESS_KEY'))))],
    found: ['IRSA009'],
  },
  {
    when: 'access keys are set where there is no identity',
    pods: [pod(container(variable('AWS_ACCESS_KEY_ID')))],
    world: plain,
    found: [],
  },
  {
    when: 'access keys are set in a container that is skipped',
    pods: [
      injected(
        pod({
          containers: [
            { name: 'app', image: 'x' },
            { name: 'keys', image: 'x', env: [variable('AWS_ACCESS_KEY_ID')] },
          ],
          annotations: { 'eks.amazonaws.com/skip-containers': 'keys' },
        }),
      ),
    ],
    found: [],
  },
  // IRSA010
  {
    when: 'the audience of the account has changed',
    pods: [injected(pod())],
    world: { accounts: { app: withRole('app', { audience: 'sts.amazonaws.com.cn' }) } },
    found: ['IRSA010'],
  },
  {
    when: 'the audience is as the account asks',
    pods: [injected(pod(), { ...webIdentity, audience: { value: 'mine', from: 'service_account' } })],
    world: { accounts: { app: withRole('app', { audience: 'mine' }) } },
    found: [],
  },
  {
    when: 'another audience and a container without anything',
    pods: [
      changed(
        injected(pod({ containers: two }), { ...webIdentity, audience: { value: 'mine', from: 'flag' } }),
        'proxy',
        { env: [], volumeMounts: [] },
      ),
    ],
    found: ['IRSA004 proxy', 'IRSA010'],
  },
  // IRSA011
  {
    when: 'the lifetime of the account has changed',
    pods: [injected(pod())],
    world: { accounts: { app: withRole('app', { 'token-expiration': '3600' }) } },
    found: ['IRSA011'],
  },
  {
    when: 'the lifetime is as the pod asks',
    pods: [injected(pod({ annotations: { 'eks.amazonaws.com/token-expiration': '3600' } }))],
    found: [],
  },
  {
    when: 'the lifetime of container credentials was spread',
    pods: [injected(pod(), containerCredentials)],
    world: { associations: ['ns/app'] },
    found: [],
  },
  {
    when: 'the lifetime of container credentials is beside the spread',
    pods: [injected(pod(), { ...containerCredentials, expirationSeconds: { value: 700, from: 'flag' } })],
    world: { associations: ['ns/app'] },
    found: ['IRSA011'],
  },
  // IRSA012
  {
    when: 'the role is set twice',
    pods: [changed(injected(pod()), 'app', { env: [variable('AWS_ROLE_ARN', role('old')), ...identityVariables] })],
    found: ['IRSA012 app'],
  },
  {
    when: 'the last role is the old one',
    pods: [changed(injected(pod()), 'app', { env: [...identityVariables, variable('AWS_ROLE_ARN', role('old'))] })],
    found: ['IRSA012 app', 'IRSA017 app'],
  },
  {
    when: 'another variable is set twice',
    pods: [changed(injected(pod()), 'app', { env: [...identityVariables, variable('PATH'), variable('PATH')] })],
    found: [],
  },
  // IRSA013
  {
    when: 'the account of a pod with an identity is gone',
    pods: [injected(pod())],
    world: { accounts: {} },
    found: ['IRSA013'],
  },
  { when: 'the account of a pod without identity is gone', pods: [pod()], world: { accounts: {} }, found: [] },
  {
    when: 'the mapping gives a role to an account that is not there',
    pods: [
      injected(pod(), {
        ...identityOf('app'),
        method: 'web_identity',
        roleArn: { value: role('app'), from: 'mapping' },
      }),
    ],
    world: { accounts: {}, mapping: { 'ns/app': { RoleARN: role('app') } } },
    found: ['IRSA013'],
  },
  // IRSA014
  {
    when: 'a region is injected now',
    pods: [injected(pod())],
    world: { settings: { region: 'eu-west-1' } },
    found: ['IRSA014 app'],
  },
  {
    when: 'the region is there',
    pods: [injected(pod(), webIdentity, settingsWith({ region: 'eu-west-1' }))],
    world: { settings: { region: 'eu-west-1' } },
    found: [],
  },
  {
    when: 'the region was left out and is not wanted',
    pods: [injected(pod(), webIdentity, settingsWith({ region: 'eu-west-1' }))],
    found: [],
  },
  {
    when: 'the label of container credentials is missing',
    pods: [{ ...injected(pod(), containerCredentials), metadata: { name: 'web', namespace: 'ns' } }],
    world: { associations: ['ns/app'] },
    found: ['IRSA014'],
  },
  {
    when: 'the pod names a token of its own, and a review would mount ours beside it',
    pods: [
      pod(container(variable('AWS_ROLE_ARN', role('app')), variable('AWS_WEB_IDENTITY_TOKEN_FILE', '/hand/token'))),
    ],
    found: ['IRSA016 app', 'IRSA014 app'],
  },
  // IRSA015
  {
    when: 'the pod requires an identity that its account has not',
    pods: [pod({ labels: { 'eks.amazonaws.com/require-pod-identity': 'true' } })],
    world: plain,
    found: ['IRSA015'],
  },
  {
    when: 'the pod requires an identity, and has it',
    pods: [injected(pod({ labels: { 'eks.amazonaws.com/require-pod-identity': 'true' } }))],
    found: [],
  },
  {
    when: 'the label has another value',
    pods: [pod({ labels: { 'eks.amazonaws.com/require-pod-identity': 'false' } })],
    world: plain,
    found: [],
  },
];
