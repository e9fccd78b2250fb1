import type { Identity } from '../../src/identity/identity.ts';
import { planInjection, type Injection } from '../../src/injection/inject.ts';
import { toPatch, type AddOperation } from '../../src/injection/patch.ts';
import { readPod } from '../../src/injection/pod.ts';
import type { InjectionSettings } from '../../src/injection/settings.ts';
import type { JsonObject } from '../../src/util/json.ts';

export const tokenPath = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

/** The settings of the flags' defaults, but for what a test says. */
export function settingsWith(changes: Partial<InjectionSettings> = {}): InjectionSettings {
  return {
    annotationPrefix: 'eks.amazonaws.com',
    webIdentity: { volumeName: 'aws-iam-token', mountPath: tokenPath, tokenPath: 'token' },
    containerCredentials: {
      volumeName: 'eks-pod-identity-token',
      mountPath: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
      tokenPath: 'eks-pod-identity-token',
      fullUri: 'http://169.254.170.23/v1/credentials',
    },
    region: '',
    partialIdentityEnv: 'complete',
    roleSessionName: 'none',
    exemptNamespaces: [],
    ...changes,
  };
}

const common = {
  expirationSeconds: { value: 86_400, from: 'flag' },
  regionalSts: { value: false, from: 'flag' },
  notices: [],
} as const;

export const webIdentity: Identity = {
  method: 'web_identity',
  roleArn: { value: 'arn:aws:iam::111122223333:role/app', from: 'service_account' },
  audience: { value: 'sts.amazonaws.com', from: 'flag' },
  ...common,
};

export const containerCredentials: Identity = {
  method: 'container_credentials',
  audience: { value: 'pods.eks.amazonaws.com', from: 'flag' },
  ...common,
};

export interface Planned {
  readonly injection: Injection;
  readonly patch: readonly AddOperation[];
}

/** Plans and renders in one go, as a review does. */
export function planFor(
  object: JsonObject,
  identity: Identity = webIdentity,
  settings: InjectionSettings = settingsWith(),
  random: () => number = () => 0.5,
): Planned {
  const pod = readPod(object);
  const injection = planInjection(pod, identity, settings, random);
  return { injection, patch: injection.kind === 'inject' ? toPatch(pod, injection) : [] };
}
