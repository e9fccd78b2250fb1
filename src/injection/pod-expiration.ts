import { parseGoInt64 } from '../go/numbers.ts';
import type { Identity, Setting } from '../identity/identity.ts';
import type { Notice } from '../identity/notice.ts';
import { invalidExpiration, limitExpiration } from '../identity/token-expiration.ts';
import { ownString } from '../util/json.ts';
import type { Pod } from './pod.ts';

/** A day: the default lifetime, at which the AWS webhook starts to spread the lifetimes of container credentials. */
const defaultExpirationSeconds = 86_400;
/** 22 hours. Pods of one rollout then renew their tokens over two hours instead of all at once (E126). */
const minSpreadSeconds = 79_200;

export interface PodExpiration {
  readonly expiration: Setting<number>;
  readonly notices: readonly Notice[];
}

/**
 * Lifetime of this pod's token: the pod's annotation, else the identity's (E125). A default of 86400 for container
 * credentials is spread over [79200, 86400]; a lifetime that somebody chose is kept, other than in the AWS webhook.
 */
export function podExpiration(pod: Pod, identity: Identity, prefix: string, random: () => number): PodExpiration {
  const annotation = `${prefix}/token-expiration`;
  const text = pod.annotations === undefined ? undefined : ownString(pod.annotations, annotation);
  const where = `pod annotation ${annotation}`;
  const value = text === undefined ? undefined : parseGoInt64(text);
  if (value !== undefined) {
    const limited = limitExpiration(value, where);
    return { expiration: { value: limited.seconds, from: 'pod' }, notices: limited.notices };
  }
  const notices = text === undefined ? [] : [invalidExpiration(text, where)];
  return { expiration: spread(identity, random), notices };
}

function spread({ method, expirationSeconds }: Identity, random: () => number): Setting<number> {
  const isDefault = expirationSeconds.from === 'flag' && expirationSeconds.value === defaultExpirationSeconds;
  if (method !== 'container_credentials' || !isDefault) return expirationSeconds;
  const steps = defaultExpirationSeconds - minSpreadSeconds + 1;
  return { value: minSpreadSeconds + Math.floor(random() * steps), from: 'flag' };
}
