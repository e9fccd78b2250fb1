import { uninstallRelease } from '../support/release.ts';

/** Whatever a test has installed is gone after the last one. */
export function setup(): () => Promise<void> {
  return uninstallRelease;
}
