import type { Notice } from '../identity/notice.ts';
import { at, isObject, listAt, ownField, ownObject, ownString, type JsonObject } from '../util/json.ts';
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

/** The volumes of a pod. */
export interface PodVolumes {
  /** Of two of one name the first. */
  readonly byName: ReadonlyMap<string, JsonObject>;
  /**
   * The files with a token for the audience, by the name of the volume that projects them. Found once, since any number of
   * mounts may name a volume of many sources.
   */
  readonly tokens: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reads `spec.volumes`. */
export function readVolumes(volumes: readonly unknown[], audience: string): PodVolumes {
  const byName = new Map<string, JsonObject>();
  const tokens = new Map<string, ReadonlySet<string>>();
  for (const volume of volumes) {
    const name = isObject(volume) ? ownString(volume, 'name') : undefined;
    if (!isObject(volume) || name === undefined || byName.has(name)) continue;
    byName.set(name, volume);
    const files = tokenFiles(volume, audience);
    if (files !== undefined) tokens.set(name, files);
  }
  return { byName, tokens };
}

/** The files of the volume that hold a token for this audience; undefined where there is none. */
function tokenFiles(volume: JsonObject, audience: string): ReadonlySet<string> | undefined {
  let files: Set<string> | undefined;
  for (const source of listAt(volume, 'projected', 'sources')) {
    const token = isObject(source) ? ownObject(source, 'serviceAccountToken') : undefined;
    const path = token === undefined ? undefined : ownString(token, 'path');
    if (token === undefined || path === undefined || ownField(token, 'audience') !== audience) continue;
    files = (files ?? new Set()).add(path);
  }
  return files;
}

/** Kinds of volumes that the kubelet mounts read-only, whatever the mount says. */
const readOnlyKinds = ['secret', 'configMap', 'downwardAPI', 'projected', 'image'] as const;

/** Kinds of volumes whose source may be read-only for every mount. */
const storageKinds = ['persistentVolumeClaim', 'csi', 'nfs', 'iscsi', 'fc', 'cephfs', 'rbd'] as const;

/** True when every mount of this volume is read-only: by its kind, or because its source says so. */
export function isReadOnlyVolume(volume: JsonObject): boolean {
  return (
    readOnlyKinds.some(kind => ownObject(volume, kind) !== undefined) ||
    storageKinds.some(kind => at(volume, kind, 'readOnly') === true)
  );
}

/** More than any pod has of one kind: who takes them all gets a number that is hardly taken, instead of as many tries. */
const maxLowNumber = 100;

/**
 * Chooses the token volume among the pod's own. A volume of our name is reused when it is the same projection (E100,
 * E127: whatever its lifetime), and left alone under another name when it is anything else (E101).
 */
export function chooseTokenVolume(
  { byName, tokens }: PodVolumes,
  { volumeName: wanted, tokenPath }: TokenLocation,
): TokenVolumeChoice {
  // Each name tried but the last is taken by one of the pod's volumes, so this ends after as many rounds as it has volumes.
  for (let number = 1; ; number = number === maxLowNumber ? byName.size + maxLowNumber : number + 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    const exists = byName.has(name);
    if (exists && tokens.get(name)?.has(tokenPath) !== true) continue;
    return { name, exists, notices: name === wanted ? [] : [nameTaken(wanted, name)] };
  }
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
