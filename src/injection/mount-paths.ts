import { cleanPath } from '../go/path.ts';

/** Linux opens no longer path (PATH_MAX), so no container can have something there; cleaning 3 MB of it takes 100 ms. */
const maxPathCharacters = 4_096;

/**
 * The absolute path at which the kubelet mounts something: `/a/`, `//a`, `/./a` and `a` are the same place. On Windows
 * `C:\a`, `c:/A` and `/a` are. https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/volume/util/util.go (MakeAbsolutePath)
 */
export function absolutePath(path: string, windows: boolean): string {
  if (path.length > maxPathCharacters) return path;
  if (!windows) return cleanPath(path.startsWith('/') ? path : `/${path}`);
  const onDriveC = slashesOf(path).toLowerCase().replace(/^c:/, '');
  return cleanPath(/^(?:\/|[a-z]:)/.test(onDriveC) ? onDriveC : `/${onDriveC}`);
}

/** The path of a mount as its variables name it: the spelling stays, but for what cleaning removes. */
export function writtenPath(path: string, windows: boolean): string {
  if (!windows) return absolutePath(path, false);
  const slashed = cleanPath(slashesOf(path));
  return /^(?:\/|[A-Za-z]:)/.test(slashed) ? slashed : `/${slashed}`;
}

function slashesOf(path: string): string {
  return path.replaceAll('\\', '/');
}

/** One name for an absolute path: `/var/run` is a link to `/run` in most images (E105). */
export function samePlace(path: string): string {
  return path.startsWith('/var/run') && (path.length === linked || path[linked] === '/')
    ? path.slice('/var'.length)
    : path;
}

const linked = '/var/run'.length;

/** True when the path lies below the other; both are absolute and clean. */
export function isBelow(path: string, parent: string): boolean {
  if (parent === '/') return path !== '/';
  return path.startsWith(parent) && path[parent.length] === '/';
}
