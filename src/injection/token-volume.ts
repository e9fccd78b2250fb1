import type { Notice } from '../identity/notice.ts';
import { isObject, ownField, ownList, ownObject, ownString } from '../util/type-guards.ts';
import type { TokenLocation } from './settings.ts';

/** The volume that holds the token: one that the pod has already, or one to add. */
export interface TokenVolumeChoice {
  readonly name: string;
  readonly exists: boolean;
  readonly notices: readonly Notice[];
}

/**
 * Chooses the token volume among the pod's own. A volume of our name is reused when it is the same projection (E100,
 * E127: whatever its lifetime), and left alone under another name when it is anything else (E101).
 */
export function chooseTokenVolume(
  volumes: ReadonlyMap<string, unknown>,
  tokenVolumes: ReadonlySet<string>,
  wanted: string,
): TokenVolumeChoice {
  // Each name tried but the last is taken by one of the pod's volumes, so this ends after as many rounds as it has volumes.
  for (let attempt = 1, name = wanted; ; attempt += 1, name = `${wanted}-${attempt}`) {
    const exists = volumes.has(name);
    if (exists && !tokenVolumes.has(name)) continue;
    return { name, exists, notices: name === wanted ? [] : [nameTaken(wanted, name)] };
  }
}

/** The names under which the pod has this token: found once, since any number of mounts may name a volume of many sources. */
export function tokenVolumeNames(
  volumes: ReadonlyMap<string, unknown>,
  location: TokenLocation,
  audience: string,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, volume] of volumes) if (projectsToken(volume, location, audience)) names.add(name);
  return names;
}

/** True when the volume projects a token of this audience at this path. */
function projectsToken(volume: unknown, location: TokenLocation, audience: string): boolean {
  if (!isObject(volume)) return false;
  return ownList(ownObject(volume, 'projected') ?? {}, 'sources').some(source => {
    const token = isObject(source) ? ownObject(source, 'serviceAccountToken') : undefined;
    return (
      token !== undefined && ownField(token, 'audience') === audience && ownField(token, 'path') === location.tokenPath
    );
  });
}

/** `spec.volumes` by name; of two of one name the first counts. */
export function volumesByName(volumes: readonly unknown[]): ReadonlyMap<string, unknown> {
  const byName = new Map<string, unknown>();
  for (const volume of volumes) {
    const name = isObject(volume) ? ownString(volume, 'name') : undefined;
    if (name !== undefined && !byName.has(name)) byName.set(name, volume);
  }
  return byName;
}

function nameTaken(wanted: string, name: string): Notice {
  const detail = `the pod's volume ${wanted} is not the token projection that is needed: ${name} is used instead`;
  return { code: 'volume_name_taken', detail };
}
