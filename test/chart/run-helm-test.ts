import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createTempFolder } from '../support/temp-folder.ts';
import { find, type KubernetesObject } from './helm.ts';
import { podSpecOf } from './pod-spec.ts';

/** Names are looked up by the cluster; here they all are this machine's. */
const lookUpHere = `import dns from 'node:dns'; dns.lookup = (name, options, found) =>
  options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4);`;

export interface HelmTestRun {
  readonly code: number | null;
  readonly output: string;
}

/** Runs here what the pod of `helm test` runs in the cluster. The folder holds `token` and `ca.crt`. */
export async function runHelmTest(
  objects: readonly KubernetesObject[],
  { apiServerPort, credentials }: { readonly apiServerPort: number; readonly credentials: string },
): Promise<HelmTestRun> {
  const { args = [], env = [] } = podSpecOf(find(objects, 'Pod')).containers[0];
  await using folder = await createTempFolder();
  await folder.write('look-up.mjs', lookUpHere);
  const options = ['--import', join(folder.path, 'look-up.mjs'), '--input-type=module', '--eval'];
  const child = spawn(process.execPath, [...options, ...args], {
    env: {
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(apiServerPort),
      KUBE_CREDENTIALS: credentials,
    },
  });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  return { code, output: (await outputs).join('') };
}
