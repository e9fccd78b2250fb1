// etcd and kube-apiserver for the tests and the demo, built once from Go modules and kept outside the checkout.
//
//   node test/support/cluster/build.ts                              the pinned version
//   KUBERNETES_VERSION=1.34.4 node test/support/cluster/build.ts    another one, with the modules that its release names;
//                                                                   make test-versions runs some, 1.35.4 and 1.37.2 resolve too
//   KUBEBUILDER_ASSETS=/folder                                      no build: that folder's etcd and kube-apiserver
import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { binaries, pinnedChecksum, pinnedKubernetesVersion, pinnedModule, writeModuleFor } from './go-module.ts';
import { runGo } from './run-go.ts';

const dayMs = 24 * 60 * 60 * 1000;
const workFolderPrefix = '.building-';
const oldestGo = { major: 1, minor: 26 } as const; // what k8s.io/kubernetes 1.36 asks for in its go.mod

export type Binaries =
  | { readonly kind: 'ready'; /** Holds `etcd` and `kube-apiserver`. */ readonly folder: string }
  | { readonly kind: 'unavailable'; readonly reason: 'go_missing' | 'go_too_old'; readonly detail: string };

export interface PrepareOptions {
  /** Reads KUBEBUILDER_ASSETS, KUBERNETES_VERSION, XDG_CACHE_HOME, and what the `go` command reads. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly progress?: (line: string) => void;
}

/**
 * Finds the binaries, or builds them: about five minutes on two cores, with nothing cached. Says so when there is no Go to
 * do it with; throws when a setting is wrong or the build fails.
 */
export async function prepareBinaries({
  environment = process.env,
  progress = line => process.stderr.write(`${line}\n`),
}: PrepareOptions = {}): Promise<Binaries> {
  const assets = environment['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && assets !== '') return { kind: 'ready', folder: await checkedAssets(assets) };

  const version = await wantedVersion(environment);
  const cache = join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'irsa-webhook');
  const folder = join(cache, await folderName(version));
  if ((await missingFrom(folder)).length === 0) return { kind: 'ready', folder };

  const go = await goVersion(environment);
  const need = `Go ${oldestGo.major}.${oldestGo.minor} or newer is needed to build etcd and kube-apiserver ${version}, found`;
  const remedy =
    'install it from https://go.dev/dl, or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver';
  if (go === undefined) return { kind: 'unavailable', reason: 'go_missing', detail: `${need} none: ${remedy}` };
  if (!isNewEnough(go)) return { kind: 'unavailable', reason: 'go_too_old', detail: `${need} ${go}: ${remedy}` };

  progress(
    `Building etcd and kube-apiserver ${version} with ${go}: once, about 5 minutes on two cores; kept in ${folder}`,
  );
  await build({ version, cache, folder, environment, progress });
  progress(`Built etcd and kube-apiserver ${version}`);
  return { kind: 'ready', folder };
}

async function checkedAssets(folder: string): Promise<string> {
  const missing = await missingFrom(folder);
  if (missing.length === 0) return folder;
  throw new Error(
    `expected KUBEBUILDER_ASSETS to be a folder with etcd and kube-apiserver, found no ${missing.join(', no ')} in ${folder}`,
  );
}

async function missingFrom(folder: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of Object.keys(binaries)) {
    await access(join(folder, name), constants.X_OK).catch(() => missing.push(name));
  }
  return missing;
}

async function wantedVersion(environment: NodeJS.ProcessEnv): Promise<string> {
  const wanted = environment['KUBERNETES_VERSION'] ?? '';
  if (wanted === '') return pinnedKubernetesVersion();
  if (!/^1\.\d+\.\d+$/.test(wanted)) {
    throw new Error(`expected KUBERNETES_VERSION to be a release such as 1.34.4, found "${wanted}"`);
  }
  return wanted;
}

/** A published version never changes, so only the pinned set, which is ours to change, needs its checksum in the name. */
async function folderName(version: string): Promise<string> {
  const isPinned = version === (await pinnedKubernetesVersion());
  return `kubernetes-${version}${isPinned ? `-${await pinnedChecksum()}` : ''}`;
}

/** As the machine has it, not one that `go` would download. */
function goVersion(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise(resolve => {
    execFile('go', ['env', 'GOVERSION'], { env: { ...environment, GOTOOLCHAIN: 'local' }, cwd: '/' }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : undefined),
    );
  });
}

function isNewEnough(version: string): boolean {
  const [, major = 0, minor = 0] = (/^go(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  return major > oldestGo.major || (major === oldestGo.major && minor >= oldestGo.minor);
}

interface Build {
  readonly version: string;
  readonly cache: string;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
}

/** Builds beside the final folder and renames, so that what is there is whole, also when two build at once. */
async function build({ version, cache, folder, environment, progress }: Build): Promise<void> {
  await mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  const workFolder = await mkdtemp(join(cache, workFolderPrefix));
  try {
    let module = pinnedModule;
    if (version !== (await pinnedKubernetesVersion())) {
      module = workFolder;
      const what = `finding the modules of ${version}`;
      await writeModuleFor(version, module, (...args) => runGo({ args, folder: module, environment, what, progress }));
    }
    const result = join(workFolder, 'result');
    for (const [name, path] of Object.entries(binaries)) {
      const args = ['build', '-trimpath', `-ldflags=${linkerFlags(version)}`, '-o', join(result, name), path];
      await runGo({ args, folder: module, environment, what: `building ${name}`, progress });
    }
    await rename(result, folder).catch(async (error: unknown) => {
      if ((await missingFrom(folder)).length > 0) throw error;
    });
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** Of builds that were interrupted; one that still runs is younger than a day. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const isLeftover = name.startsWith(workFolderPrefix) && Date.now() - (await stat(path)).mtimeMs > dayMs;
    if (isLeftover) await rm(path, { recursive: true, force: true });
  }
}

/** What Kubernetes' own build sets; without it the API server takes itself for v0.0.0 and refuses to start. */
function linkerFlags(version: string): string {
  const [major, minor] = version.split('.');
  const values = {
    'k8s.io/component-base/version.gitVersion': `v${version}`,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'k8s.io/component-base/version.gitTreeState': 'clean',
    'k8s.io/component-base/version.gitCommit': 'unknown',
    'k8s.io/client-go/pkg/version.gitVersion': `v${version}`,
  };
  return ['-s -w', ...Object.entries(values).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
}

if (import.meta.main) {
  const result = await prepareBinaries();
  if (result.kind === 'ready') console.log(result.folder);
  else console.error(result.detail);
  process.exitCode = result.kind === 'ready' ? 0 : 1;
}
