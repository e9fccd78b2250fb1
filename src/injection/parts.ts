import type { Identity } from '../identity/identity.ts';
import type { InjectionSettings, TokenLocation } from './settings.ts';
import { toWindowsPath } from './operating-system.ts';
import type { Pod } from './pod.ts';
import type { Notice } from '../identity/notice.ts';
import { ownField } from '../util/json.ts';
import { quote } from '../util/text.ts';

/** An environment variable as Kubernetes writes it. */
export type EnvironmentVariable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } } };

/** Variables that belong together, in the order in which they are appended. */
export interface VariableGroup {
  readonly variables: readonly EnvironmentVariable[];
  /**
   * `each`: every variable that is missing is added. `all_or_none`: none is added when one is present. `identity`: the same,
   * unless the one that is present is certainly of this identity.
   */
  readonly rule: 'each' | 'all_or_none' | 'identity';
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
function settingGroups(identity: Identity, settings: InjectionSettings): readonly VariableGroup[] {
  const groups: VariableGroup[] = [];
  if (identity.regionalSts.value) groups.push({ rule: 'each', variables: [{ name: stsVariable, value: 'regional' }] });
  if (settings.region !== '') {
    groups.push({ rule: 'all_or_none', variables: regionVariables.map(name => ({ name, value: settings.region })) });
  }
  return groups;
}

/** The role, or the address at which the SDK asks for credentials. */
export function sourceOf({ identity, settings }: Pick<VariablesContext, 'identity' | 'settings'>): string {
  return identity.method === 'web_identity' ? identity.roleArn.value : settings.containerCredentials.fullUri;
}

/** The variables of the identity itself. `tokenFile` is the token's path as the container sees it. */
function identityGroup(identity: Identity, settings: InjectionSettings, tokenFile: string): VariableGroup {
  const [first, second] = identityVariables(identity);
  return {
    rule: 'identity',
    variables: [
      { name: first, value: sourceOf({ identity, settings }) },
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

/** What one container of a pod gets like another: made once, and rendered once. */
export interface UsualParts {
  readonly groups: readonly VariableGroup[];
  /** Those of all groups, for a container that has none yet. */
  readonly variables: readonly EnvironmentVariable[];
  readonly mount: VolumeMount;
}

/** What the variables depend on beside the token file. */
export interface VariablesContext {
  readonly identity: Identity;
  readonly settings: InjectionSettings;
  readonly windows: boolean;
  /** Set when containers are to get a session name. */
  readonly sessionName: EnvironmentVariable | undefined;
}

/** `tokenFile` is a Unix path. */
export function usualParts(context: VariablesContext, tokenFile: string, mount: VolumeMount): UsualParts {
  const groups = variableGroups(context, tokenFile);
  return { groups, variables: groups.flatMap(({ variables }) => variables), mount };
}

/** The variables that containers are to have, in the order in which they are appended. */
export function variableGroups(
  { identity, settings, sessionName, windows }: VariablesContext,
  tokenFile: string,
): readonly VariableGroup[] {
  const path = windows ? toWindowsPath(tokenFile) : tokenFile;
  const groups = [...settingGroups(identity, settings), identityGroup(identity, settings, path)];
  return sessionName === undefined ? groups : [...groups, { rule: 'each', variables: [sessionName] }];
}

/** STS takes 2 to 64 characters of `[\w+=,.@-]`; every pod name and UID consists of such. */
const minSessionNameCharacters = 2;
const maxSessionNameCharacters = 64;

/**
 * `AWS_ROLE_SESSION_NAME` from the pod's name where that fits, else from its UID (E99). A name that the API server has yet
 * to make from `generateName` fits: it is cut to 63 characters. Only the reference depends on the name, never a value, so
 * that a name filled in before reinvocation changes nothing (E35).
 */
export function sessionNameVariable(pod: Pod): EnvironmentVariable {
  const fits = pod.name.length >= minSessionNameCharacters && pod.name.length <= maxSessionNameCharacters;
  const generated = pod.name === '' && pod.generateName !== '';
  const fieldPath = fits || generated ? 'metadata.name' : 'metadata.uid';
  return { name: 'AWS_ROLE_SESSION_NAME', valueFrom: { fieldRef: { fieldPath } } };
}

/** Hard-coded in the AWS webhook too, whatever the annotation prefix (E66). */
export const podIdentityLabel = 'eks.amazonaws.com/pod-identity';
export const podIdentityLabelValue = 'enabled';

/** Whether the label that marks pods with container credentials is to be added. */
export interface PodLabelPlan {
  readonly kind: 'add' | 'keep';
  readonly notices: readonly Notice[];
}

/** Plans the label. A value of the user's own stays: nothing that is there is ever changed (decision 1). */
export function planPodLabel(pod: Pod, identity: Identity): PodLabelPlan {
  if (identity.method !== 'container_credentials') return { kind: 'keep', notices: [] };
  if (pod.labels === 'malformed') return { kind: 'keep', notices: [] };
  const value = pod.labels === undefined ? undefined : ownField(pod.labels, podIdentityLabel);
  if (value === undefined) return { kind: 'add', notices: [] };
  if (value === podIdentityLabelValue) return { kind: 'keep', notices: [] };
  const found = typeof value === 'string' ? quote(value) : typeof value;
  const detail = `pod label ${podIdentityLabel} is ${found}, not "${podIdentityLabelValue}": left as it is`;
  return { kind: 'keep', notices: [{ code: 'pod_label_kept', detail }] };
}
