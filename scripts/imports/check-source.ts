import { readTree } from '../read-tree.ts';
import { checkTable } from './check-table.ts';
import { findCircles } from './find-circles.ts';
import { findForbidden } from './find-forbidden.ts';
import { readImports, type ImportingFile } from './read-imports.ts';

/** Compares all files of `src/` with the table; one line for each problem. */
export function checkSource(): readonly string[] {
  const files = readSource();
  const circles = findCircles(files).map(circle => `circle: ${circle}`);
  return [...findForbidden(files), ...circles, ...checkTable(files)];
}

/** Reads the imports of all files of `src/` that hold code. */
export function readSource(): readonly ImportingFile[] {
  const endings = ['', 'c', 'm'].flatMap(kind => [`.${kind}ts`, `.${kind}js`]);
  return readTree(['src'], endings).map(({ path, text }) => readImports(path, text));
}
