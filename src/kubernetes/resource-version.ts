/**
 * True when the first resource version is newer than the second. Both are decimal numbers without leading zeros that may
 * exceed 2^53, so they are compared by length, then by text. The empty string stands for "none" and is older than all.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function isNewerVersion(version: string, than: string): boolean {
  return version.length === than.length ? version > than : version.length > than.length;
}

/** The newer of two resource versions. */
export function newerVersion(left: string, right: string): string {
  return isNewerVersion(left, right) ? left : right;
}
