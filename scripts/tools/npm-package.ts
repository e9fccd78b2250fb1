import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A package of the npm registry that is fetched when it is needed, and belongs to no lock file. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Of its archive, in base64. */
  readonly sha512?: string;
  /** How long the download may take. Default: as long as it takes. */
  readonly limitMs?: number;
}

/** Fetches the package and unpacks it into the folder, which must exist. Gives the path of what it holds. */
export async function unpackNpmPackage(wanted: NpmPackage, folder: string): Promise<string> {
  const { name, version, sha512, limitMs = 0 } = wanted;
  const options = ['--silent', '--fetch-retries=1', `--pack-destination=${folder}`];
  const { stdout } = await run('npm', ['pack', ...options, `${name}@${version}`], { timeout: limitMs });
  const archive = join(folder, stdout.trim());
  if (sha512 !== undefined) await checkHash(archive, wanted, sha512);
  await run('tar', ['-xzf', archive, '-C', folder]);
  await rm(archive);
  return join(folder, 'package');
}

async function checkHash(archive: string, { name, version }: NpmPackage, expected: string): Promise<void> {
  const hash = createHash('sha512').update(await readFile(archive));
  const found = hash.digest('base64');
  if (found !== expected) throw new Error(`expected ${name} ${version} with SHA-512 ${expected}, found ${found}`);
}

/**
 * Makes a folder of the cache once: `fill` is given an empty folder and tells which becomes the cached one. It is renamed when
 * it is whole, since two processes may do this at once.
 */
export async function cacheOnce(folder: string, fill: (unfinished: string) => Promise<string>): Promise<void> {
  if (await exists(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.unfinished-`);
  try {
    const whole = await fill(unfinished);
    await rename(whole, folder).catch(async error => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
