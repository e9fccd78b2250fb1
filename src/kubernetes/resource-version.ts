/** As many digits as a number of 128 bits has; those of etcd have 64 bits. */
const maxDigits = 39;
const decimal = /^(?:0|[1-9][0-9]*)$/;

/** True for a resource version that says before or after: a decimal number without leading zeros. */
export function isVersion(text: string): boolean {
  return text.length <= maxDigits && decimal.test(text);
}

/**
 * True when the first resource version is newer than the second. Both may exceed 2^53, so they are compared by length, then
 * by text. What is no number stands for "none", as the empty string does, and is older than all: it cannot outdo anything.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function isNewerVersion(version: string, than: string): boolean {
  if (!isVersion(version)) return false;
  if (!isVersion(than)) return true;
  return version.length === than.length ? version > than : version.length > than.length;
}

/** The newer of two resource versions. */
export function newerVersion(left: string, right: string): string {
  return isNewerVersion(left, right) ? left : right;
}
