import { injected, identityOf, pod, role, withRole, type PodParts } from '../audit/support.ts';
import { containerCredentials, tokenPath, webIdentity } from '../injection/support.ts';
import { agentVariables, changed, plain, tokenVolume, variable, type Case } from './cases.ts';

const pair = (name: string, file: string): readonly object[] => [
  variable('AWS_ROLE_ARN', role(name)),
  variable('AWS_WEB_IDENTITY_TOKEN_FILE', file),
];
const region = [variable('AWS_REGION', 'eu-west-1'), variable('AWS_STS_REGIONAL_ENDPOINTS', 'regional')];

/** A pod that brings its own token at `/my`, as its template says. */
function ownLayout({ env = pair('app', '/my/token'), audience = 'sts.amazonaws.com', mount = {} } = {}): PodParts {
  return {
    containers: [{ name: 'app', image: 'x', env, volumeMounts: [{ name: 'mine', mountPath: '/my', ...mount }] }],
    volumes: [tokenVolume('mine', audience)],
  };
}

/** A pod of which one container has these variables, as the webhook lets it in. */
const letIn = (...env: readonly object[]): ReturnType<typeof pod> =>
  injected(pod({ containers: [{ name: 'app', image: 'x', env }] }));
const badRole = (value: string): Case => ({
  when: `E209: the role is ${value}`,
  pods: [
    injected(pod(), { ...identityOf('app'), method: 'web_identity', roleArn: { value, from: 'service_account' } }),
  ],
  world: { accounts: { app: { 'eks.amazonaws.com/role-arn': value } } },
  found: ['IRSA005 account'],
});

/** Pods of other layouts than the webhook's own, and what is nearly right. */
export const layoutCases: readonly Case[] = [
  {
    when: 'E210: the pod has its own token and the role of its account',
    pods: [pod(ownLayout())],
    found: ['IRSA014 app'],
  },
  {
    when: 'E210: the pod has its own token, role and region',
    pods: [pod(ownLayout({ env: [...pair('app', '/my/token'), ...region] }))],
    found: [],
  },
  {
    when: 'E210: the token is mounted as one file',
    pods: [pod(ownLayout({ env: pair('app', '/my'), mount: { subPath: 'token' } }))],
    found: ['IRSA014 app'],
  },
  {
    when: 'E210: the pod has its own token, and its account no role',
    pods: [pod(ownLayout())],
    world: plain,
    found: [],
  },
  {
    when: 'E211: the pod has its own token, and another role',
    pods: [pod(ownLayout({ env: pair('hand', '/my/token') }))],
    found: ['IRSA014 app', 'IRSA017 app'],
  },
  {
    when: 'E211: its own token has another audience',
    pods: [pod(ownLayout({ audience: 'sts.amazonaws.co' }))],
    found: ['IRSA010', 'IRSA014 app'],
  },
  {
    when: 'E211: its own token lies in a volume that cannot be seen',
    pods: [pod({ ...ownLayout(), volumes: [{ name: 'mine', csi: { driver: 'x' } }] })],
    found: ['IRSA014 app'],
  },
  {
    when: 'E211: its token file is another one of its volume',
    pods: [pod(ownLayout({ env: pair('app', '/my/other') }))],
    found: ['IRSA014 app'],
  },
  {
    when: 'E211: its token file lies beside its volume',
    pods: [pod(ownLayout({ env: pair('app', '/mine/token') }))],
    found: ['IRSA016 app', 'IRSA014 app'],
  },
  {
    when: 'E212: a session token is set beside the identity',
    pods: [letIn(variable('AWS_PROFILE'))],
    found: ['IRSA009'],
  },
  {
    when: 'E212: the container wants no identity by an empty variable',
    pods: [pod({ containers: [{ name: 'app', env: [variable('AWS_ROLE_ARN', '')] }] })],
    found: [],
  },
  {
    when: 'E212: the container has a role, and the webhook completes no identity',
    pods: [pod({ containers: [{ name: 'app', env: [variable('AWS_ROLE_ARN', role('own'))] }] })],
    world: { settings: { partialIdentityEnv: 'keep' } },
    found: ['IRSA004 app'],
  },
  {
    when: 'the container has the relative address of container credentials',
    pods: [
      changed(injected(pod(), containerCredentials), 'app', {
        env: [variable('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', '/x'), ...agentVariables.slice(1)],
      }),
    ],
    world: { associations: ['ns/app'] },
    found: ['IRSA001 app', 'IRSA006'],
  },
  ...['refund', 'arn:aws:iam::111122223333:role/a b', 'arn:aws:iam::11112222333:role/app'].map(badRole),
  ...['arn:aws:iam::111122223333:instance-profile/app', 'arn:aws:iam::<ACCOUNT>:role/app'].map(badRole),
  {
    when: 'a volume of our name is for something else, and ours has a number',
    pods: [injected(pod({ volumes: [tokenVolume('aws-iam-token', 'vault')] }))],
    found: [],
  },
  {
    when: 'something is mounted at our path, and ours beside it',
    pods: [
      injected(
        pod({
          containers: [{ name: 'app', image: 'x', volumeMounts: [{ name: 'data', mountPath: tokenPath }] }],
          volumes: [{ name: 'data', emptyDir: {} }],
        }),
      ),
    ],
    found: [],
  },
  // IRSA018
  {
    when: 'the role stands on the pod',
    pods: [pod({ annotations: { 'eks.amazonaws.com/role-arn': role('app') } })],
    world: plain,
    found: ['IRSA018'],
  },
  // IRSA019
  ...['sts.amazonaws.co', 'STS.amazonaws.com', 'https://sts.amazonaws.com', 'sts.eu-west-1.amazonaws.com'].map(
    (audience): Case => ({
      when: `E204: the audience is ${audience}`,
      pods: [injected(pod(), { ...webIdentity, audience: { value: audience, from: 'service_account' } })],
      world: { accounts: { app: withRole('app', { audience }) } },
      found: ['IRSA019 account'],
    }),
  ),
  ...['sts.amazonaws.com.cn', 'vault', 'https://issuer.example.com'].map((audience): Case => ({
    when: `the audience is ${audience}`,
    pods: [injected(pod(), { ...webIdentity, audience: { value: audience, from: 'service_account' } })],
    world: { accounts: { app: withRole('app', { audience }) } },
    found: [],
  })),
  // IRSA020
  {
    when: 'E205: a container has envFrom',
    pods: [injected(pod({ containers: [{ name: 'app', envFrom: [{ secretRef: { name: 'keys' } }] }] }))],
    found: ['IRSA020 app'],
  },
  {
    when: 'a container has envFrom where there is no identity',
    pods: [pod({ containers: [{ name: 'app', envFrom: [{ secretRef: { name: 'keys' } }] }] })],
    world: plain,
    found: [],
  },
];
