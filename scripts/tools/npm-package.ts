import { execFile, type ExecFileOptions } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './tool.ts';

const scripts = join(import.meta.dirname, '..');
/** Name here, package, version, SHA-512. */
const listFile = join(scripts, 'npm-packages.txt');

export interface FetchOptions {
  /** How long the download may take. Default: as long as it takes. */
  readonly limitMs?: number;
  /** Another list than the repository's. */
  readonly list?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** The line of `scripts/npm-packages.txt` for that name. */
export async function readNpmEntry(name: string): Promise<string> {
  const lines = (await readFile(listFile, 'utf8')).split('\n');
  const entry = lines.find(line => line.startsWith(`${name} `));
  if (entry === undefined) throw new Error(`${listFile} does not list ${name}`);
  return entry;
}

/** The version that `scripts/npm-packages.txt` names for it. */
export async function npmPackageVersion(name: string): Promise<string> {
  const [, , version = ''] = (await readNpmEntry(name)).split(' ');
  return version;
}

/** Fetches a package of `scripts/npm-packages.txt` into a folder that does not exist. Throws when its SHA-512 is another. */
export async function fetchNpmPackage(name: string, folder: string, options: FetchOptions = {}): Promise<void> {
  const { limitMs = 0, list = listFile, environment = process.env } = options;
  const { code, stderr } = await runScript([name, folder, list], { timeout: limitMs, env: environment });
  if (code === 0) return;
  throw new Error(stderr.trim() || `the npm registry did not give ${name} within ${limitMs} ms`);
}

interface ScriptResult {
  readonly code: number;
  readonly stderr: string;
}

function runScript(args: readonly string[], options: ExecFileOptions): Promise<ScriptResult> {
  return new Promise(resolve => {
    execFile(join(scripts, 'fetch-npm-package.sh'), args, { ...options, encoding: 'utf8' }, (error, _, stderr) =>
      resolve({ code: error === null ? 0 : 1, stderr }),
    );
  });
}

/** The folder of a package of `scripts/npm-packages.txt`, fetched into the cache the first time; where ensure-node.sh looks. */
export async function cachedNpmPackage(name: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const folder = join(cacheFolder(environment), 'npm', `${name}-${await npmPackageVersion(name)}`);
  if (!(await exists(folder))) console.error(`Fetching ${name} from the npm registry …`);
  await fetchNpmPackage(name, folder);
  return folder;
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
