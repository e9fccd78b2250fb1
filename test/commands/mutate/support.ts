import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createTempFolder, type TempFolder } from '../../support/temp-folder.ts';

const inputs = join(import.meta.dirname, 'input');

/** A folder with the inputs. They are kept with a further `.txt`, so that no formatter touches them. */
export async function copyInputs(): Promise<TempFolder> {
  const folder = await createTempFolder();
  await cp(inputs, folder.path, { recursive: true });
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter(found => found.isFile())) {
    const path = join(entry.parentPath, entry.name);
    await rename(path, path.replace(/\.txt$/, ''));
  }
  await mkdir(join(folder.path, 'empty'));
  return folder;
}
