import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

const root = join(import.meta.dirname, '..');

/** The files of these folders that end so, in the order of their paths. */
export function readTree(folders: readonly string[], endings: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
    )
    .filter(path => endings.some(ending => path.endsWith(ending)))
    .toSorted()
    .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
