import { programImages } from '../machine/image-names.ts';
import { outputOf, script } from './application.ts';
import { apply, kubectl } from './kubectl.ts';
import { release, releaseNamespace } from './release.ts';

const name = 'irsa-e2e-killer';
const namespace = 'kube-system'; // where nothing restricts a pod

/** `kill -9` of the webhook's process in one replica, from a pod that sees the processes of its node. */
export async function killReplica(): Promise<void> {
  const code = `
    const { readdirSync, readFileSync } = await import('node:fs');
    const commandOf = pid => { try { return readFileSync('/proc/' + pid + '/cmdline', 'utf8'); } catch { return ''; } };
    const pid = readdirSync('/proc').find(entry => /^\\d+$/.test(entry) && commandOf(entry).includes('--webhook-configuration='));
    process.kill(Number(pid), 'SIGKILL');
    console.log('killed', pid);`;
  const killer = {
    name: 'app',
    image: programImages.javascript,
    imagePullPolicy: 'Never',
    command: script(code),
    securityContext: { privileged: true, runAsUser: 0 },
  };
  const spec = { hostPID: true, restartPolicy: 'Never', containers: [killer] };
  await apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec });
  try {
    await outputOf(namespace, name);
  } finally {
    await kubectl('delete', 'pod', name, '--namespace', namespace, '--wait=false');
  }
  await kubectl('rollout', 'status', `deployment/${release}`, '--namespace', releaseNamespace, '--timeout=120s');
}
