import type { Identity } from '../identity/identity.ts';
import { podExpiration } from '../injection/pod-expiration.ts';
import type { Pod } from '../injection/pod.ts';
import { podFinding, shown, type PodFinding } from './pod-finding.ts';
import type { RunningToken } from './running-pod.ts';

/** The token that a pod has against the one that a review would give it. */
export function findInToken(pod: Pod, token: RunningToken, identity: Identity, prefix: string): readonly PodFinding[] {
  return [...findAudience(token, identity), ...findExpiration(pod, token, identity, prefix)];
}

function findAudience({ audience }: RunningToken, identity: Identity): readonly PodFinding[] {
  const { value } = identity.audience;
  if (audience === value) return [];
  const found = audience === '' ? "the API server's own" : shown(audience);
  return [podFinding('IRSA010', `expected a token for audience ${shown(value)}, found ${found}`)];
}

/** The largest number below 1 that a source of random numbers gives. */
const highest = 1 - Number.EPSILON / 2;

/** The default lifetime of container credentials is spread: any in that range is as expected. */
function findExpiration(pod: Pod, token: RunningToken, identity: Identity, prefix: string): readonly PodFinding[] {
  const least = podExpiration(pod, identity, prefix, () => 0);
  const most = podExpiration(pod, identity, prefix, () => highest).expiration.value;
  const annotation = least.notices.map(({ detail }) => podFinding('IRSA005', detail));
  const found = token.expirationSeconds;
  if (found === undefined || (found >= least.expiration.value && found <= most)) return annotation;
  const expected = most === least.expiration.value ? `${most} seconds` : `${least.expiration.value} to ${most} seconds`;
  return [...annotation, podFinding('IRSA011', `expected a token that lives ${expected}, found ${found} seconds`)];
}
