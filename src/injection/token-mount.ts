import type { Notice } from '../identity/notice.ts';
import { cleanPath } from '../go/path.ts';
import { isObject, ownField, ownString, type JsonObject } from '../util/json.ts';
import { quote } from '../util/text.ts';
import { absolutePath, isBelow, samePlace, writtenPath } from './mount-paths.ts';
import { entriesOf, type Container } from './pod.ts';
import type { TokenLocation } from './settings.ts';
import { isReadOnlyVolume, type PodVolumes } from './token-volume.ts';

/** Where a container finds its token, and the mount that it lacks for it. */
export interface TokenMountChoice {
  /** Path of the token file inside the container, with slashes. */
  readonly tokenFile: string;
  /** Path at which the token volume has to be mounted; undefined when the container has a mount that serves. */
  readonly mountPath: string | undefined;
  /** The container names the token file of the new mount itself. */
  readonly isNeeded: boolean;
  readonly notices: readonly Notice[];
}

/** What the choice depends on beside the container. */
export interface TokenMountContext {
  readonly location: TokenLocation;
  /** Where the kubelet mounts the usual path. */
  readonly usualPlace: string;
  /** The token file in a mount at the usual path. */
  readonly tokenFile: string;
  /** Name of the chosen token volume. */
  readonly volumeName: string;
  readonly volumes: PodVolumes;
  readonly windows: boolean;
}

/**
 * Finds the mount of the token volume that the container has (reinvocation, a template copied from a live pod), else a
 * path for a new one. That is the usual path, unless something is mounted there or below it (E102, E181), or a read-only
 * mount lies above it (E103). A container that names the usual token file itself, `namedFile`, needs the mount there (E186).
 */
export function chooseTokenMount(
  container: Container,
  context: TokenMountContext,
  namedFile: string | undefined,
): TokenMountChoice {
  const places = placesOf(container, context.windows);
  const existing = existingTokenFile(places, context);
  const namesUsual = namedFile !== undefined && isSameFile(namedFile, context.tokenFile, context);
  if (existing !== undefined && !(namesUsual && !isSameFile(existing, context.tokenFile, context))) {
    return { tokenFile: existing, mountPath: undefined, isNeeded: false, notices: [] };
  }
  const { mountPath, notices } = choosePath(container, places, context);
  if (mountPath === context.location.mountPath) {
    return { tokenFile: context.tokenFile, mountPath, isNeeded: namesUsual, notices };
  }
  const tokenFile = cleanPath(`${mountPath}/${context.location.tokenPath}`);
  return { tokenFile, mountPath, isNeeded: false, notices };
}

/** True when this container sees the token of the identity in this file, by a mount of its own. */
export function servesToken(file: string, container: Container, context: TokenMountContext): boolean {
  const { location, volumeName, volumes, windows } = context;
  const path = absolutePath(file, windows);
  let nearest: Place | undefined;
  for (const place of placesOf(container, windows)) {
    const covers = place.path === path || isBelow(path, place.path);
    if (covers && (nearest === undefined || place.path.length >= nearest.path.length)) nearest = place;
  }
  if (nearest === undefined || ownString(nearest.mount, 'subPathExpr')) return false;
  const subPath = ownString(nearest.mount, 'subPath') ?? '';
  const inVolume = cleanPath(`/${subPath}/${path.slice(nearest.path.length)}`).slice(1);
  const name = ownString(nearest.mount, 'name') ?? '';
  // The pod may mount our volume without having it: then it is added.
  if (name === volumeName && inVolume === location.tokenPath) return true;
  return volumes.tokens.get(name)?.has(inVolume) === true;
}

/** A mount and the place where the kubelet puts it. */
interface Place {
  readonly mount: JsonObject;
  readonly path: string;
}

function placesOf(container: Container, windows: boolean): readonly Place[] {
  const places: Place[] = [];
  for (const mount of entriesOf(container.volumeMounts)) {
    const path = isObject(mount) ? ownString(mount, 'mountPath') : undefined;
    if (isObject(mount) && path) places.push({ mount, path: absolutePath(path, windows) });
  }
  return places;
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
  const { location, volumes, windows } = context;
  const name = ownString(mount, 'name') ?? '';
  if (name !== context.volumeName) {
    if (path !== context.usualPlace) return undefined;
    if (volumes.tokens.get(name)?.has(location.tokenPath) !== true) return undefined;
  }
  if (ownString(mount, 'subPathExpr')) return undefined;
  const subPath = ownString(mount, 'subPath') ?? '';
  const written = writtenPath(ownString(mount, 'mountPath') ?? '', windows);
  if (subPath === location.tokenPath) return written;
  return subPath === '' ? cleanPath(`${written}/${location.tokenPath}`) : undefined;
}

function isSameFile(one: string, other: string, { windows }: TokenMountContext): boolean {
  return one === other || absolutePath(one, windows) === absolutePath(other, windows);
}

/** The path for a new mount. */
interface PathChoice {
  readonly mountPath: string;
  readonly notices: readonly Notice[];
}

function choosePath(container: Container, places: readonly Place[], context: TokenMountContext): PathChoice {
  const usual = context.location.mountPath;
  const taken = [...places.map(({ path }) => path), ...devicePaths(container, context.windows)].map(samePlace);
  const parent = outermostReadOnlyParent(places, context);
  if (parent !== undefined && parent !== '/') {
    const mountPath = freeSibling(parent, taken, context.windows) + usual.slice(parent.length);
    return { mountPath, notices: [pathTaken(container, `read-only at ${parent}`, mountPath)] };
  }
  const place = samePlace(context.usualPlace);
  const occupant = taken.find(path => path === place || isBelow(path, place));
  const mountPath = occupant === undefined ? usual : freeSibling(usual, taken, context.windows);
  const where = occupant === place ? `at ${usual}` : `below ${usual}`;
  const notices = occupant === undefined ? [] : [pathTaken(container, where, mountPath)];
  return { mountPath, notices: parent === undefined ? notices : [...notices, readOnlyRoot(container, mountPath)] };
}

function devicePaths({ volumeDevices }: Container, windows: boolean): readonly string[] {
  return volumeDevices.filter(isObject).map(device => absolutePath(ownString(device, 'devicePath') ?? '', windows));
}

/**
 * The part of the usual path at which the outermost read-only mount lies: the container runtime cannot create a folder below
 * it. Undefined where none does. A mount at `/var` hides the link `/var/run`, so both names of our path are looked at.
 */
function outermostReadOnlyParent(
  places: readonly Place[],
  { location, usualPlace, volumes }: TokenMountContext,
): string | undefined {
  const linkedPlace = samePlace(usualPlace);
  let outermost: string | undefined;
  for (const { mount, path } of places) {
    const below = depthBelow(usualPlace, path) ?? depthBelow(linkedPlace, samePlace(path));
    if (below === undefined || !isReadOnly(mount, volumes)) continue;
    const parent = location.mountPath.slice(0, -below) || '/';
    if (outermost === undefined || parent.length < outermost.length) outermost = parent;
  }
  return outermost;
}

/** How many characters of the path lie below the parent; undefined where it does not lie below. */
function depthBelow(path: string, parent: string): number | undefined {
  if (!isBelow(path, parent)) return undefined;
  return parent === '/' ? path.length : path.length - parent.length;
}

function isReadOnly(mount: JsonObject, volumes: PodVolumes): boolean {
  if (ownField(mount, 'readOnly') === true) return true;
  const volume = volumes.byName.get(ownString(mount, 'name') ?? '');
  return volume !== undefined && isReadOnlyVolume(volume);
}

/** The path with the first number that no mount has, nor a mount below it. All are looked at once, since there may be thousands (E79). */
function freeSibling(path: string, taken: readonly string[], windows: boolean): string {
  const beginning = samePlace(absolutePath(`${path}-`, windows));
  const numbers = new Set<string>();
  for (const other of taken) {
    if (other.startsWith(beginning)) numbers.add(other.slice(beginning.length).split('/', 1)[0] ?? '');
  }
  // Each number but the last is taken by a mount, so this ends after as many rounds as there are mounts.
  for (let number = 2; ; number += 1) if (!numbers.has(String(number))) return `${path}-${number}`;
}

function pathTaken(container: Container, where: string, mountPath: string): Notice {
  const detail = `container ${quote(container.name)} has something mounted ${where}: the token is mounted at ${mountPath}`;
  return { code: 'mount_path_taken', detail };
}

/** Nothing lies outside of the root. */
function readOnlyRoot(container: Container, mountPath: string): Notice {
  const detail = `container ${quote(container.name)} mounts "/" read-only, above ${mountPath}: it may fail to start`;
  return { code: 'mount_under_read_only_parent', detail };
}
