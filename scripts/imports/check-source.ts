import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkTable } from './check-table.ts';
import { findCircles } from './find-circles.ts';
import { findForbidden } from './find-forbidden.ts';
import { readImports, type ImportingFile } from './read-imports.ts';

const root = join(import.meta.dirname, '..', '..');

/** Compares all files of `src/` with the table; one line for each problem. */
export async function checkSource(): Promise<readonly string[]> {
  const files = await readSource();
  const circles = findCircles(files).map(circle => `circle: ${circle}`);
  return [...findForbidden(files), ...circles, ...checkTable(files)];
}

/** Reads the imports of all files of `src/` that hold code. */
export async function readSource(): Promise<readonly ImportingFile[]> {
  const names = await readdir(join(root, 'src'), { recursive: true });
  const paths = names.filter(name => /\.[cm]?[jt]s$/.test(name)).map(name => `src/${name}`);
  return Promise.all(paths.toSorted().map(async path => readImports(path, await readFile(join(root, path), 'utf8'))));
}
