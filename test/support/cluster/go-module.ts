import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The module whose `tool` lines name what is built, with the versions that the repository pins. */
export const pinnedModule: string = fileURLToPath(new URL('binaries', import.meta.url));

/** Package -> name of its binary. */
export const binaries: { readonly [name: string]: string } = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
};

/** The Kubernetes version that the repository pins, such as `1.36.3`. */
export async function pinnedKubernetesVersion(): Promise<string> {
  const goMod = await readFile(join(pinnedModule, 'go.mod'), 'utf8');
  const version = /^\s*k8s\.io\/kubernetes v(\S+)/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error(`expected a line "k8s.io/kubernetes v…" in ${pinnedModule}/go.mod`);
  return version;
}

/** A short name for the exact contents of the pinned modules. */
export async function pinnedChecksum(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(join(pinnedModule, 'go.sum')))
    .digest('hex')
    .slice(0, 12);
}

const downloaded = z.object({ GoMod: z.string() });
const requirements = z.object({ Require: z.array(z.object({ Path: z.string(), Version: z.string() })) });

/**
 * Writes a go.mod for another Kubernetes version into the folder. What it needs beside Kubernetes itself is what the go.mod
 * of that version asks for: the same etcd, and of each staging module (there v0.0.0) the release that goes with it.
 */
export async function writeModuleFor(
  version: string,
  folder: string,
  go: (...args: readonly string[]) => Promise<string>,
): Promise<void> {
  await writeFile(join(folder, 'go.mod'), 'module irsa-webhook/test/support/cluster/binaries\n\ngo 1.26.0\n');
  const { GoMod } = downloaded.parse(JSON.parse(await go('mod', 'download', '-json', `k8s.io/kubernetes@v${version}`)));
  const { Require } = requirements.parse(JSON.parse(await go('mod', 'edit', '-json', GoMod)));
  const etcd = Require.find(({ Path }) => Path === 'go.etcd.io/etcd/client/v3');
  if (etcd === undefined) throw new Error(`expected Kubernetes ${version} to require go.etcd.io/etcd/client/v3`);
  const staging = Require.filter(({ Version }) => Version === 'v0.0.0').map(({ Path }) => Path);
  await go(
    'mod',
    'edit',
    ...Object.values(binaries).map(path => `-tool=${path}`),
    `-require=k8s.io/kubernetes@v${version}`,
    `-require=go.etcd.io/etcd/server/v3@${etcd.Version}`,
    ...staging.map(path => `-replace=${path}=${path}@v${version.replace(/^1\./, '0.')}`),
  );
  await go('mod', 'tidy');
}
