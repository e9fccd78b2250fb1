import type { Identity, Parameter } from '../identity/identity.ts';
import type { IdentityInputs } from '../identity/resolve.ts';
import { tokenFileInContainer, type Injection } from '../injection/inject.ts';
import { podExpiration } from '../injection/token-volume.ts';
import type { Pod } from '../injection/pod.ts';
import { sessionNameVariable } from '../injection/parts.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { ExplainedSetting, ExplainedVolume } from './explanation.ts';
import { quote } from '../util/text.ts';

export interface SettingsInput {
  readonly pod: Pod;
  readonly identity: Identity;
  readonly inputs: IdentityInputs;
  readonly settings: InjectionSettings;
  readonly injection: Injection;
  readonly origins: FlagOrigins;
}

/** Every setting of this pod's identity with where it came from, in the order of their weight. */
export function explainSettings(input: SettingsInput): readonly ExplainedSetting[] {
  return [
    ...role(input),
    audience(input),
    expiration(input),
    regionalSts(input),
    region(input),
    ...sessionName(input),
    tokenFile(input),
  ];
}

type Origin = Pick<ExplainedSetting, 'from' | 'detail'>;

/** Names of a setting: the annotation's part behind the prefix, the mapping's field, and the flag. */
interface Names {
  readonly annotation: string;
  readonly field: string;
  readonly flag: string;
}

const names = {
  audience: { annotation: 'audience', field: 'Audience', flag: 'token-audience' },
  containerAudience: { annotation: '', field: '', flag: 'container-credentials-audience' },
  expiration: { annotation: 'token-expiration', field: 'TokenExpiration', flag: 'token-expiration' },
  regionalSts: { annotation: 'sts-regional-endpoints', field: 'UseRegionalSTS', flag: 'sts-regional-endpoint' },
} as const;

function originOf({ from }: Parameter<unknown>, { annotation, field, flag }: Names, input: SettingsInput): Origin {
  if (from === 'flag') return describeFlag(flag, input.origins);
  if (from === 'mapping') return { from, detail: `${mappingEntry(input)}, ${field}` };
  const object = from === 'pod' ? 'pod' : 'ServiceAccount';
  return { from, detail: `${object} annotation ${input.settings.annotationPrefix}/${annotation}` };
}

function mappingEntry({ inputs: { mapping, account } }: SettingsInput): string {
  return `mapping entry ${quote(mapping.find(account.namespace, account.name)?.key ?? '')}`;
}

function role(input: SettingsInput): readonly ExplainedSetting[] {
  const { identity } = input;
  if (identity.method === 'container_credentials') {
    const detail = 'AWS knows it from the Pod Identity association; the webhook does not';
    return [{ name: 'role', value: '', from: 'association', detail }];
  }
  const origin = originOf(identity.roleArn, { annotation: 'role-arn', field: 'RoleARN', flag: '' }, input);
  return [{ name: 'role', value: identity.roleArn.value, ...origin }];
}

function audience(input: SettingsInput): ExplainedSetting {
  const { identity } = input;
  const flags = identity.method === 'web_identity' ? names.audience : names.containerAudience;
  return { name: 'audience', value: identity.audience.value, ...originOf(identity.audience, flags, input) };
}

/** The ends of the range over which the webhook spreads a default; the same twice where it does not. */
const spreadEnds = [() => 0, () => 1 - Number.EPSILON] as const;

function expiration(input: SettingsInput): ExplainedSetting {
  const { pod, identity, settings } = input;
  const [least, most] = spreadEnds.map(
    random => podExpiration(pod, identity, settings.annotationPrefix, random).expiration,
  );
  const found = most ?? identity.expirationSeconds;
  const isSpread = least !== undefined && least.value !== found.value;
  const value = isSpread ? `${least.value}-${found.value}` : String(found.value);
  return { name: 'expiration', value, ...originOf(found, names.expiration, input) };
}

function regionalSts(input: SettingsInput): ExplainedSetting {
  const { regionalSts: found } = input.identity;
  return { name: 'regional_sts', value: String(found.value), ...originOf(found, names.regionalSts, input) };
}

function region({ settings, origins }: SettingsInput): ExplainedSetting {
  return { name: 'region', value: settings.region, ...describeFlag('aws-default-region', origins) };
}

/** Pod Identity names its sessions itself. */
function sessionName({ pod, identity, settings, origins }: SettingsInput): readonly ExplainedSetting[] {
  if (identity.method !== 'web_identity') return [];
  const variable = sessionNameVariable(pod);
  const field = 'valueFrom' in variable ? variable.valueFrom.fieldRef.fieldPath : '';
  const value = settings.roleSessionName === 'pod' ? field : '';
  return [{ name: 'session_name', value, ...describeFlag('role-session-name', origins) }];
}

function tokenFile({ identity, injection, origins }: SettingsInput): ExplainedSetting {
  const flag = identity.method === 'web_identity' ? 'token-mount-path' : 'container-credentials-token-mount-path';
  return { name: 'token_file', value: tokenFileInContainer(injection.context), ...describeFlag(flag, origins) };
}

/** The token volume: added, or the pod's own. Undefined where no container needs it. */
export function explainVolume(injection: Injection): ExplainedVolume | undefined {
  if (injection.kind === 'inject' && injection.volume !== undefined) {
    const { name, projected } = injection.volume;
    const { audience: wanted } = projected.sources[0].serviceAccountToken;
    return { name, action: 'add', detail: `projects a token of the pod's ServiceAccount for ${wanted}` };
  }
  const { volume, audience: wanted } = injection.context;
  if (!volume.exists) return undefined;
  return { name: volume.name, action: 'keep', detail: `the pod has it: it projects a token for ${wanted}` };
}

/** Who gave a setting of the webhook its value. */
export interface FlagOrigin {
  readonly from: 'flag' | 'environment' | 'installed' | 'default';
  /** As it was written, for example `IRSA_TOKEN_AUDIENCE`. */
  readonly label: string;
}

/** By the name of the flag, without its dashes. */
export type FlagOrigins = ReadonlyMap<string, FlagOrigin>;

/** Returns the origin of this flag, and how a person reads it. */
function describeFlag(
  name: string,
  origins: FlagOrigins,
): { readonly from: FlagOrigin['from']; readonly detail: string } {
  const { from, label } = origins.get(name) ?? { from: 'default', label: `--${name}` };
  if (from === 'default') return { from, detail: `default of --${name}` };
  return {
    from,
    detail: from === 'flag' ? `flag ${label}` : from === 'environment' ? `environment variable ${label}` : label,
  };
}
