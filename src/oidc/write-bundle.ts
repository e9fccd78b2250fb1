import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OidcError } from './finding.ts';
import { discoveryPath, keySetPath } from './issuer-url.ts';
import type { IssuerDocuments } from './documents.ts';

/** A file of the bundle and what became of it. */
export interface WrittenFile {
  readonly path: string;
  readonly result: 'written' | 'unchanged';
}

export interface BundleOptions extends IssuerDocuments {
  readonly folder: string;
  /** Replaces files that have another content. */
  readonly force: boolean;
}

/**
 * Writes both documents where a web server or a bucket has to have them. Nothing is written when a file differs and `force` is
 * not given: OidcError `file_differs`. Rejects with the error of Node.js when the folder cannot be written.
 */
export async function writeBundle({
  folder,
  force,
  discovery,
  keySet,
}: BundleOptions): Promise<readonly WrittenFile[]> {
  const files = [
    { path: join(folder, discoveryPath), text: discovery },
    { path: join(folder, keySetPath), text: keySet },
  ];
  const found = await Promise.all(files.map(({ path }) => readExisting(path)));
  const differing = files.find(({ text }, index) => found[index] !== undefined && found[index] !== text);
  if (differing !== undefined && !force) {
    const text = `${differing.path}: expected no file, or one with the same content, found another; --force replaces it`;
    throw new OidcError('file_differs', { text });
  }
  const written: WrittenFile[] = [];
  for (const [index, { path, text }] of files.entries()) {
    const unchanged = found[index] === text;
    if (!unchanged) await replaceFile(path, text);
    written.push({ path, result: unchanged ? 'unchanged' : 'written' });
  }
  return written;
}

async function readExisting(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** At once, so that a server of the folder never gives half a file. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
