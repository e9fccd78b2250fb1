import type { Identity } from '../identity/identity.ts';
import type { Pod } from '../injection/pod.ts';
import type { InjectionSettings, TokenLocation } from '../injection/settings.ts';
import { podExpiration } from '../injection/token-volume.ts';
import { nearest } from '../util/nearest.ts';
import type { ComparedContainer } from './compare-containers.ts';
import type { TemplateFacts } from './comparison-basis.ts';
import { podFinding, shown, type PodFinding } from './pod-finding.ts';
import type { RunningToken } from './running-pod.ts';

/** What the tokens of a pod are compared with. */
export interface TokenBasis {
  readonly identity: Identity;
  readonly settings: InjectionSettings;
  readonly location: TokenLocation;
  readonly template: TemplateFacts;
}

/** Compares the tokens that the containers read with the one that a review would give them. */
export function findInTokens(
  containers: readonly ComparedContainer[],
  pod: Pod,
  basis: TokenBasis,
): readonly PodFinding[] {
  const tokens = new Map<string, RunningToken>();
  for (const { state } of containers) {
    if (state.kind === 'complete' && state.token !== undefined) tokens.set(state.token.volume, state.token);
  }
  const findings = [...tokens.values()].flatMap(token => {
    const { volume } = token;
    const isInjected = isInjectedVolume(volume, basis.location) && basis.template.hasVolume(volume) !== true;
    const audience = findAudience(token, basis.identity, isInjected);
    return isInjected ? [...audience, ...findExpiration(pod, token, basis)] : audience;
  });
  // Two tokens may have the same wrong in common.
  return [...new Map(findings.map(finding => [finding.detail, finding])).values()];
}

/** True for a volume that the webhook adds. It appends a number where its usual name is taken (E101). */
export function isInjectedVolume(name: string, { volumeName }: TokenLocation): boolean {
  return name === volumeName || (name.startsWith(`${volumeName}-`) && /^\d+$/.test(name.slice(volumeName.length + 1)));
}

function findAudience({ audience }: RunningToken, identity: Identity, restart: boolean): readonly PodFinding[] {
  const { value } = identity.audience;
  if (audience === value) return [];
  const found = audience === '' ? "the API server's own" : shown(audience);
  const remedy = restart ? {} : { remedy: 'Correct the audience in the pod template, which has this volume.' };
  return [
    podFinding('IRSA010', `expected a token for audience ${shown(value)}, found ${found}`, { restart, ...remedy }),
  ];
}

/** The largest number below 1 that a source of random numbers gives. */
const highest = 1 - Number.EPSILON / 2;

/** The default lifetime of container credentials is spread: any in that range is as expected. */
function findExpiration(pod: Pod, token: RunningToken, { identity, settings }: TokenBasis): readonly PodFinding[] {
  const least = podExpiration(pod, identity, settings.annotationPrefix, () => 0);
  const most = podExpiration(pod, identity, settings.annotationPrefix, () => highest).expiration.value;
  const annotation = least.notices.map(({ detail }) => podFinding('IRSA005', detail));
  const found = token.expirationSeconds;
  if (found === undefined || (found >= least.expiration.value && found <= most)) return annotation;
  const expected = most === least.expiration.value ? `${most} seconds` : `${least.expiration.value} to ${most} seconds`;
  return [...annotation, podFinding('IRSA011', `expected a token that lives ${expected}, found ${found} seconds`)];
}

/** https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html, and the same in China. */
const stsAudiences: readonly string[] = ['sts.amazonaws.com', 'sts.amazonaws.com.cn'];

/** Returns a finding for an audience that was meant for AWS STS: with a slip, as a URL, or with a region. */
export function findNearAudience({ method, audience: { value } }: Identity): readonly PodFinding[] {
  if (method !== 'web_identity' || stsAudiences.includes(value)) return [];
  const host = value
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/.]+$/, '');
  const isNear = stsAudiences.includes(host) || /^sts\.[a-z0-9-]+\.amazonaws\.com/.test(host);
  if (!isNear && nearest(host, stsAudiences) === undefined) return [];
  return [
    podFinding('IRSA019', `the audience is ${shown(value)}, and that of AWS STS is sts.amazonaws.com`, {
      concerns: 'account',
    }),
  ];
}
