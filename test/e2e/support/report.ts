import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunnerTestSuite } from 'vitest';
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
  'kube-proxy.log': ['logs', '--namespace', 'kube-system', '--selector', 'k8s-app=kube-proxy', '--tail=300'],
  'api-server.log': ['logs', '--namespace', 'kube-system', '--selector', 'component=kube-apiserver', '--tail=300'],
};

/** Of what failed before the first test of a file or of a part of it, where no test can. */
export async function reportFailedStart(file: Readonly<RunnerTestSuite>): Promise<void> {
  for (const suite of [file, ...file.tasks]) {
    const errors = suite.type === 'suite' ? (suite.result?.errors ?? []) : [];
    if (errors.length > 0) await report(`before ${suite.name}`, errors);
  }
}

interface Failure {
  readonly message: string;
  readonly diff?: string;
}

/** Says what failed, and writes down what the cluster looks like. */
export async function report(name: string, errors: readonly Failure[]): Promise<void> {
  const folder = join(results, name.replaceAll(/[^\w.-]+/g, '-').slice(0, 100));
  await mkdir(folder, { recursive: true });
  // The runner shows it at the end of the whole run only.
  const why = errors.map(({ message, diff = '' }) => `${message}\n${diff}`).join('\n');
  await writeFile(join(folder, 'error.txt'), why);
  process.stderr.write(`\nFailed: ${name}\n${why.slice(0, shownCharacters)}\n`);
  for (const [file, args] of Object.entries(reports)) {
    const { stdout, stderr } = await run('kubectl', args);
    await writeFile(join(folder, file), `${stdout}${stderr}`);
  }
  process.stderr.write(`What the cluster looked like then: ${folder}\n`);
}
