import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import { run } from '../machine/command.ts';
import { release, releaseNamespace } from './release.ts';

const results = join(import.meta.dirname, '..', '..', '..', 'test-results', 'e2e');
const ofWebhook = ['--namespace', releaseNamespace, '--selector', `app.kubernetes.io/instance=${release}`];

const shownCharacters = 2_000;

/** File -> the kubectl that fills it. */
const reports: { readonly [file: string]: readonly string[] } = {
  'pods.txt': ['get', 'pods', '--all-namespaces', '--output', 'wide'],
  'pods.yaml': ['get', 'pods', '--all-namespaces', '--output', 'yaml'],
  'events.txt': ['get', 'events', '--all-namespaces', '--sort-by', '.lastTimestamp'],
  'webhook-configurations.yaml': ['get', 'mutatingwebhookconfigurations', '--output', 'yaml'],
  'webhook.log': ['logs', ...ofWebhook, '--prefix', '--tail=-1'],
  'webhook-description.txt': ['describe', 'pods', ...ofWebhook],
  'api-server.log': ['logs', '--namespace', 'kube-system', '--selector', 'component=kube-apiserver', '--tail=300'],
};

// While everything is still there: a test removes its namespace only after this.
beforeEach(({ task, onTestFailed }) => {
  onTestFailed(async () => {
    const folder = join(results, task.name.replaceAll(/[^\w.-]+/g, '-').slice(0, 100));
    await mkdir(folder, { recursive: true });
    // The runner shows it at the end of the whole run only.
    const why = (task.result?.errors ?? []).map(({ message, diff = '' }) => `${message}\n${diff}`).join('\n');
    await writeFile(join(folder, 'error.txt'), why);
    process.stderr.write(`\nFailed: ${task.name}\n${why.slice(0, shownCharacters)}\n`);
    for (const [file, args] of Object.entries(reports)) {
      const { stdout, stderr } = await run('kubectl', args);
      await writeFile(join(folder, file), `${stdout}${stderr}`);
    }
    process.stderr.write(`What the cluster looked like then: ${folder}\n`);
  });
});
