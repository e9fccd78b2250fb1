import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheOnce } from '../../scripts/tools/npm-package.ts';
import { cacheFolder } from '../../scripts/tools/tool.ts';

/**
 * Returns the path of something in the cache that is made of these files: `fill` is given an empty folder and returns what of
 * it is kept, where the cache has none for their content.
 */
export async function cached(
  name: string,
  sources: readonly string[],
  fill: (unfinished: string) => Promise<string>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(await readFile(source));
  const path = join(cacheFolder(process.env), `${name}-${hash.digest('hex').slice(0, 12)}`);
  await cacheOnce(path, fill);
  return path;
}
