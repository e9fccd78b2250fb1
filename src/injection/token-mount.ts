import type { Notice } from '../identity/notice.ts';
import { cleanPath } from '../util/clean-path.ts';
import { isObject, ownField, ownString, type JsonObject } from '../util/type-guards.ts';
import { quote } from '../identity/quote.ts';
import { entriesOf, type Container } from './pod.ts';
import type { TokenLocation } from './settings.ts';
import { findVolume, projectsToken } from './token-volume.ts';

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
  readonly audience: string;
  /** Name of the chosen token volume. */
  readonly volumeName: string;
  /** `spec.volumes` as received. */
  readonly volumes: readonly unknown[];
}

/**
 * Finds the mount of the token volume that the container has (reinvocation, a template copied from a live pod), else a
 * path for a new one: the usual path unless something is mounted there (E102), which the API server would refuse.
 */
export function chooseTokenMount(container: Container, context: TokenMountContext): TokenMountChoice {
  const mounts = entriesOf(container.volumeMounts).filter(isObject);
  const existing = existingTokenFile(mounts, context);
  if (existing !== undefined) return { tokenFile: existing, mountPath: undefined, notices: [] };
  const occupied = occupiedPaths(container, mounts);
  const mountPath = freePath(context.location.mountPath, occupied);
  const notices = [
    ...(mountPath === context.location.mountPath ? [] : [pathTaken(container, context.location.mountPath, mountPath)]),
    ...readOnlyParents(container, mounts, mountPath),
  ];
  return { tokenFile: cleanPath(`${mountPath}/${context.location.tokenPath}`), mountPath, notices };
}

/** The token file that an existing mount gives; a mount at the usual path is preferred to one elsewhere. */
function existingTokenFile(mounts: readonly JsonObject[], context: TokenMountContext): string | undefined {
  const usual = cleanPath(`${context.location.mountPath}/${context.location.tokenPath}`);
  const files = mounts.map(mount => tokenFileOf(mount, context)).filter(file => file !== undefined);
  return files.includes(usual) ? usual : files[0];
}

/** The token file that this mount gives: the volume has to be ours, or to lie at our path and project the same token. */
function tokenFileOf(mount: JsonObject, context: TokenMountContext): string | undefined {
  const { location } = context;
  const mountPath = cleanPath(ownString(mount, 'mountPath') ?? '');
  const name = ownString(mount, 'name') ?? '';
  if (ownString(mount, 'subPathExpr')) return undefined;
  if (name !== context.volumeName) {
    if (mountPath !== location.mountPath) return undefined;
    if (!projectsToken(findVolume(context.volumes, name), location, context.audience)) return undefined;
  }
  const subPath = ownString(mount, 'subPath') ?? '';
  if (subPath === location.tokenPath) return mountPath;
  return subPath === '' ? cleanPath(`${mountPath}/${location.tokenPath}`) : undefined;
}

/** Paths are compared cleaned: `/a/`, `//a` and `/./a` are the same place for the container. */
function occupiedPaths(container: Container, mounts: readonly JsonObject[]): ReadonlySet<string> {
  const paths = new Set(mounts.map(mount => cleanPath(ownString(mount, 'mountPath') ?? '')));
  for (const device of container.volumeDevices) {
    if (isObject(device)) paths.add(cleanPath(ownString(device, 'devicePath') ?? ''));
  }
  return paths;
}

function freePath(wanted: string, occupied: ReadonlySet<string>): string {
  if (!occupied.has(wanted)) return wanted;
  for (let attempt = 2; ; attempt += 1) {
    const path = `${wanted}-${attempt}`;
    if (!occupied.has(path)) return path;
  }
}

function pathTaken(container: Container, wanted: string, mountPath: string): Notice {
  const detail = `container ${quote(container.name)} has something mounted at ${wanted}: the token is mounted at ${mountPath}`;
  return { code: 'mount_path_taken', detail };
}

/** A mount point below a read-only mount cannot be made by the container runtime (E103). */
function readOnlyParents(container: Container, mounts: readonly JsonObject[], path: string): readonly Notice[] {
  return mounts
    .filter(mount => ownField(mount, 'readOnly') === true)
    .map(mount => cleanPath(ownString(mount, 'mountPath') ?? ''))
    .filter(parent => path.startsWith(`${parent}/`))
    .map(parent => ({
      code: 'mount_under_read_only_parent',
      detail: `container ${quote(container.name)} mounts ${quote(parent)} read-only, above ${path}: it may fail to start`,
    }));
}
