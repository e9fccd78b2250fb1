import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The version that `kubernetes/go.mod` pins, such as `1.36.3`. */
export async function kubernetesVersion(): Promise<string> {
  const file = join(import.meta.dirname, 'kubernetes', 'go.mod');
  const version = /k8s\.io\/kubernetes v(\S+)/.exec(await readFile(file, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`expected a line "k8s.io/kubernetes v…" in ${file}, found none`);
  return version;
}

/** What Kubernetes' own build sets; without it kubelet and kubeadm take themselves for v0.0.0. */
export function kubernetesLinkerFlags(version: string): string {
  const [major, minor] = version.split('.');
  const base = 'k8s.io/component-base/version';
  const values = {
    [`${base}.gitVersion`]: `v${version}`,
    [`${base}.gitMajor`]: major,
    [`${base}.gitMinor`]: minor,
    [`${base}.gitTreeState`]: 'clean',
    [`${base}.gitCommit`]: 'unknown',
    'k8s.io/client-go/pkg/version.gitVersion': `v${version}`,
  };
  return ['-s -w', ...Object.entries(values).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
}
