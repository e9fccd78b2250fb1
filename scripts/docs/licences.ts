import lock from '../../package-lock.json' with { type: 'json' };
import { markdownTable } from './markdown-table.ts';

/** A package of the lock file, under its path in node_modules. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** False for what only builds and tests. */
  readonly isShipped: boolean;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** Every package that the lock file pins, by name and version. */
export function lockedPackages(): readonly LockedPackage[] {
  const entries: readonly (readonly [string, LockEntry])[] = Object.entries(lock.packages);
  return entries
    .filter(([path]) => path !== '')
    .map(([path, entry]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? '',
      licence: entry.license ?? 'none',
      isShipped: entry.dev !== true,
    }));
}

export function renderLicences(): string {
  const shipped = new Map(
    lockedPackages()
      .filter(({ isShipped }) => isShipped)
      .map(({ name, version, licence }) => [`${name} ${version}`, [name, version, licence]]),
  );
  const rows = [...shipped].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
  return [
    '# Licences of the dependencies',
    '',
    'The packages that `irsa` may load, from `package-lock.json`. The build bundles only the parts of them that are used.',
    'A test fails for a licence that is not on [its list](../test/security/licences.test.ts); what only builds and tests is held',
    'to a list too. irsa-webhook itself is under the [Apache License 2.0](../LICENSE).',
    '',
    markdownTable(['package', 'version', 'licence'], rows),
    '',
  ].join('\n');
}
