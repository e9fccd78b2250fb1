import type { Notice } from '../identity/notice.ts';
import { isObject, listAt, ownField, ownObject, ownString } from '../util/json.ts';
import type { TokenLocation } from './settings.ts';
import { parseGoInt64 } from '../go/numbers.ts';
import type { Identity, Parameter } from '../identity/identity.ts';
import { invalidExpiration, limitExpiration } from '../identity/token-expiration.ts';
import type { Pod } from './pod.ts';

/** The volume that holds the token: one that the pod has already, or one to add. */
export interface TokenVolumeChoice {
  readonly name: string;
  readonly exists: boolean;
  readonly notices: readonly Notice[];
}

/** The names of a pod's volumes. */
export interface PodVolumes {
  readonly names: ReadonlySet<string>;
  /** Those under which the pod has this token: found once, since any number of mounts may name a volume of many sources. */
  readonly tokenVolumes: ReadonlySet<string>;
}

/** Reads `spec.volumes`; of two of one name the first counts. */
export function readVolumes(volumes: readonly unknown[], location: TokenLocation, audience: string): PodVolumes {
  const names = new Set<string>();
  const tokenVolumes = new Set<string>();
  for (const volume of volumes) {
    const name = isObject(volume) ? ownString(volume, 'name') : undefined;
    if (name === undefined || names.has(name)) continue;
    names.add(name);
    if (projectsToken(volume, location, audience)) tokenVolumes.add(name);
  }
  return { names, tokenVolumes };
}

/** More than any pod has of one kind: who takes them all gets a number that is hardly taken, instead of as many tries. */
const maxLowNumber = 100;

/**
 * Chooses the token volume among the pod's own. A volume of our name is reused when it is the same projection (E100,
 * E127: whatever its lifetime), and left alone under another name when it is anything else (E101).
 */
export function chooseTokenVolume({ names, tokenVolumes }: PodVolumes, wanted: string): TokenVolumeChoice {
  // Each name tried but the last is taken by one of the pod's volumes, so this ends after as many rounds as it has volumes.
  for (let number = 1; ; number = number === maxLowNumber ? names.size + maxLowNumber : number + 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    const exists = names.has(name);
    if (exists && !tokenVolumes.has(name)) continue;
    return { name, exists, notices: name === wanted ? [] : [nameTaken(wanted, name)] };
  }
}

/** True when the volume projects a token of this audience at this path. */
function projectsToken(volume: unknown, location: TokenLocation, audience: string): boolean {
  if (!isObject(volume)) return false;
  return listAt(volume, 'projected', 'sources').some(source => {
    const token = isObject(source) ? ownObject(source, 'serviceAccountToken') : undefined;
    return (
      token !== undefined && ownField(token, 'audience') === audience && ownField(token, 'path') === location.tokenPath
    );
  });
}

function nameTaken(wanted: string, name: string): Notice {
  const detail = `the pod's volume ${wanted} is not the token projection that is needed: ${name} is used instead`;
  return { code: 'volume_name_taken', detail };
}

/** A day: the default lifetime, at which the AWS webhook starts to spread the lifetimes of container credentials. */
const defaultExpirationSeconds = 86_400;
/** 22 hours. Pods of one rollout then renew their tokens over two hours instead of all at once (E126). */
const minSpreadSeconds = 79_200;

export interface PodExpiration {
  readonly expiration: Parameter<number>;
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

function spread({ method, expirationSeconds }: Identity, random: () => number): Parameter<number> {
  const isDefault = expirationSeconds.from === 'flag' && expirationSeconds.value === defaultExpirationSeconds;
  if (method !== 'container_credentials' || !isDefault) return expirationSeconds;
  const steps = defaultExpirationSeconds - minSpreadSeconds + 1;
  return { value: minSpreadSeconds + Math.floor(random() * steps), from: 'flag' };
}
