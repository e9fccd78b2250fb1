import type { Identity } from '../identity/identity.ts';
import type { InjectionSettings, TokenLocation } from './settings.ts';

/** An environment variable as Kubernetes writes it. */
export type EnvironmentVariable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } } };

/** Variables that belong together, in the order in which they are appended. */
export interface VariableGroup {
  readonly variables: readonly EnvironmentVariable[];
  /** `each`: every variable that is missing is added. `all_or_none`: none is added when one is present. */
  readonly rule: 'each' | 'all_or_none';
}

export interface ProjectedTokenVolume {
  readonly name: string;
  readonly projected: {
    readonly sources: readonly [
      {
        readonly serviceAccountToken: {
          readonly audience: string;
          readonly expirationSeconds: number;
          readonly path: string;
        };
      },
    ];
  };
}

export interface VolumeMount {
  readonly name: string;
  readonly readOnly: true;
  readonly mountPath: string;
}

export const stsVariable = 'AWS_STS_REGIONAL_ENDPOINTS';
export const regionVariables = ['AWS_DEFAULT_REGION', 'AWS_REGION'] as const;
const webIdentityVariables = ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'] as const;
const containerCredentialsVariables = [
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
] as const;

/** The two variables from which an SDK takes this identity. */
export function identityVariables({ method }: Pick<Identity, 'method'>): readonly [string, string] {
  return method === 'web_identity' ? webIdentityVariables : containerCredentialsVariables;
}

/** Volume name, mount path and token file name of this identity's method. */
export function tokenLocation(identity: Identity, settings: InjectionSettings): TokenLocation {
  return identity.method === 'web_identity' ? settings.webIdentity : settings.containerCredentials;
}

/** Region and endpoint variables, appended before those of the identity (E76). */
export function settingGroups(identity: Identity, settings: InjectionSettings): readonly VariableGroup[] {
  const groups: VariableGroup[] = [];
  if (identity.regionalSts.value) groups.push({ rule: 'each', variables: [{ name: stsVariable, value: 'regional' }] });
  if (settings.region !== '') {
    groups.push({ rule: 'all_or_none', variables: regionVariables.map(name => ({ name, value: settings.region })) });
  }
  return groups;
}

/** The variables of the identity itself. `tokenFile` is the token's path as the container sees it. */
export function identityGroup(identity: Identity, settings: InjectionSettings, tokenFile: string): VariableGroup {
  const [first, second] = identityVariables(identity);
  const source = identity.method === 'web_identity' ? identity.roleArn.value : settings.containerCredentials.fullUri;
  return {
    rule: settings.partialIdentityEnv === 'complete' ? 'each' : 'all_or_none',
    variables: [
      { name: first, value: source },
      { name: second, value: tokenFile },
    ],
  };
}

/** The projected volume; without `defaultMode`, which the kubelet chooses right by itself (E128, E129). */
export function tokenVolume(
  name: string,
  audience: string,
  expirationSeconds: number,
  path: string,
): ProjectedTokenVolume {
  return { name, projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds, path } }] } };
}
