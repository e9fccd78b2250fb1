import type { Notice } from '../identity/notice.ts';
import { cleanPath } from '../go/path.ts';
import { isObject, ownField, ownString, type JsonObject } from '../util/json.ts';
import { entriesOf, type Container } from './pod.ts';
import type { TokenLocation } from './settings.ts';
import { quote } from '../util/text.ts';

/** Where a container finds its token, and the mount that it lacks for it. */
export interface TokenMountChoice {
  /** Unix path of the token file inside the container. */
  readonly tokenFile: string;
  /** Path at which the token volume has to be mounted; undefined when the container has a mount that serves. */
  readonly mountPath: string | undefined;
  readonly notices: readonly Notice[];
}

/** What the choice depends on beside the container. */
export interface TokenMountContext {
  readonly location: TokenLocation;
  /** The token file in a mount at the usual path. */
  readonly tokenFile: string;
  /** Name of the chosen token volume. */
  readonly volumeName: string;
  /** Names of the pod's volumes that project the same token. */
  readonly tokenVolumes: ReadonlySet<string>;
}

/**
 * Finds the mount of the token volume that the container has (reinvocation, a template copied from a live pod), else a
 * path for a new one: the usual path unless something is mounted there (E102), which the API server would refuse.
 */
export function chooseTokenMount(container: Container, context: TokenMountContext): TokenMountChoice {
  const places = placesOf(container);
  const existing = existingTokenFile(places, context);
  if (existing !== undefined) return { tokenFile: existing, mountPath: undefined, notices: [] };
  const usual = context.location.mountPath;
  const mountPath = isOccupied(usual, places, container) ? freePath(usual, occupiedPaths(places, container)) : usual;
  const notices = readOnlyParents(container, places, mountPath);
  if (mountPath === usual) return { tokenFile: context.tokenFile, mountPath, notices };
  const tokenFile = cleanPath(`${mountPath}/${context.location.tokenPath}`);
  return { tokenFile, mountPath, notices: [pathTaken(container, usual, mountPath), ...notices] };
}

/** A mount and its path, cleaned: `/a/`, `//a` and `/./a` are the same place for the container. */
interface Place {
  readonly mount: JsonObject;
  readonly path: string;
}

function placesOf(container: Container): readonly Place[] {
  const places: Place[] = [];
  for (const mount of entriesOf(container.volumeMounts)) {
    if (isObject(mount)) places.push({ mount, path: placeOf(ownString(mount, 'mountPath') ?? '') });
  }
  return places;
}

/** Linux opens no longer path (PATH_MAX), so no container can have something there; cleaning 3 MB of it takes 100 ms. */
const maxPathCharacters = 4_096;

function placeOf(path: string): string {
  return path.length > maxPathCharacters ? path : cleanPath(path);
}

/** The token file that an existing mount gives; a mount at the usual path is preferred to one elsewhere. */
function existingTokenFile(places: readonly Place[], context: TokenMountContext): string | undefined {
  let first: string | undefined;
  for (const place of places) {
    const file = tokenFileOf(place, context);
    if (file === context.tokenFile) return file;
    first ??= file;
  }
  return first;
}

/** The token file that this mount gives: the volume has to be ours, or to lie at our path and project the same token. */
function tokenFileOf({ mount, path }: Place, context: TokenMountContext): string | undefined {
  const { location } = context;
  const name = ownString(mount, 'name') ?? '';
  if (name !== context.volumeName) {
    if (path !== location.mountPath) return undefined;
    if (!context.tokenVolumes.has(name)) return undefined;
  }
  if (ownString(mount, 'subPathExpr')) return undefined;
  const subPath = ownString(mount, 'subPath') ?? '';
  if (subPath === location.tokenPath) return path;
  return subPath === '' ? cleanPath(`${path}/${location.tokenPath}`) : undefined;
}

function isOccupied(wanted: string, places: readonly Place[], container: Container): boolean {
  return places.some(({ path }) => path === wanted) || devicePaths(container).includes(wanted);
}

function devicePaths({ volumeDevices }: Container): readonly string[] {
  return volumeDevices.filter(isObject).map(device => placeOf(ownString(device, 'devicePath') ?? ''));
}

/** All of them at once: asking one by one would take quadratic time for a pod that occupies thousands (E79). */
function occupiedPaths(places: readonly Place[], container: Container): ReadonlySet<string> {
  return new Set([...places.map(place => place.path), ...devicePaths(container)]);
}

/** Each path tried but the last is occupied, so this ends after as many rounds as there are mounts. */
function freePath(wanted: string, occupied: ReadonlySet<string>): string {
  for (let attempt = 2; ; attempt += 1) {
    const path = `${wanted}-${attempt}`;
    if (!occupied.has(path)) return path;
  }
}

function pathTaken(container: Container, wanted: string, mountPath: string): Notice {
  const detail = `container ${quote(container.name)} has something mounted at ${wanted}: the token is mounted at ${mountPath}`;
  return { code: 'mount_path_taken', detail };
}

/** A mount point below a read-only mount cannot be made by the container runtime (E103). Each parent is told once. */
function readOnlyParents(container: Container, places: readonly Place[], path: string): readonly Notice[] {
  const parents = places.filter(place => isReadOnlyParent(place, path)).map(place => place.path);
  if (parents.length === 0) return [];
  return Array.from(new Set(parents), parent => ({
    code: 'mount_under_read_only_parent',
    detail: `container ${quote(container.name)} mounts ${quote(parent)} read-only, above ${path}: it may fail to start`,
  }));
}

function isReadOnlyParent({ mount, path: parent }: Place, path: string): boolean {
  return path.startsWith(parent) && path[parent.length] === '/' && ownField(mount, 'readOnly') === true;
}
