import { writeFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesClient } from '../support/cluster/client.ts';
import { requestToken } from '../support/cluster/objects.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { waitFor } from '../support/wait-for.ts';
import { startWebhook } from '../support/webhook-process.ts';
import { createWebhookAccount } from './demo-objects.ts';
import type { DemoCluster } from './find-cluster.ts';
import { namespace, region, webhookName } from './names.ts';

/** The flags that make a difference to the pod. */
export const shownFlags: readonly string[] = [`--aws-default-region=${region}`, '--role-session-name=pod'];

export interface DemoWebhookOptions {
  readonly client: KubernetesClient;
  readonly cluster: DemoCluster;
  /** For its certificate and its kubeconfig. */
  readonly folder: string;
}

export interface DemoWebhook extends AsyncDisposable {
  readonly url: string;
  /** Has the API server call it for the pods of our namespace, and waits until it does. */
  register(): Promise<void>;
  /** The line of its log that says what became of the pod. */
  logLine(pod: string): Promise<string>;
}

/** Starts the built program with an account of its own in the cluster, and waits until it is ready. */
export async function startDemoWebhook({ client, cluster, folder }: DemoWebhookOptions): Promise<DemoWebhook> {
  const { host } = cluster;
  await createWebhookAccount(client);
  const authority = createCertificateAuthority({ commonName: 'demo' });
  const { certificate, key } = authority.issue({ hosts: [host] });
  const files = {
    'tls.crt': certificate,
    'tls.key': key,
    kubeconfig: renderKubeconfig(cluster.kubeconfig, await requestToken(client, namespace, webhookName)),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { mode: 0o600 });
  const webhook = await startWebhook({
    flags: [
      `--tls-cert=${join(folder, 'tls.crt')}`,
      `--tls-key=${join(folder, 'tls.key')}`,
      `--kubeconfig=${join(folder, 'kubeconfig')}`,
      ...(host === '127.0.0.1' ? [] : ['--bind-address=']), // all: which of them the host stands for is not known here
      '--log-format=text',
      '--log-level=debug', // shows the pods that get nothing too
      ...shownFlags,
    ],
  });
  const url = `https://${isIPv6(host) ? `[${host}]` : host}:${webhook.port}/mutate`;
  return {
    url,
    async register() {
      const caBundle = authority.certificate;
      await registerWebhook(client, {
        name: webhookName,
        url,
        caBundle,
        namespaces: [namespace],
        failurePolicy: 'Ignore',
      });
    },
    logLine: pod => findLogLine(() => webhook.output(), pod, url),
    [Symbol.asyncDispose]: () => webhook[Symbol.asyncDispose](),
  };
}

/** The cluster of the given kubeconfig, however it is reached, and the token in place of its user. */
function renderKubeconfig(givenPath: string, token: string): string {
  const given = new KubeConfig();
  given.loadFromFile(givenPath);
  const cluster = given.getCurrentCluster();
  if (cluster === null) throw new Error(`kubeconfig ${givenPath}: expected a cluster in its current context`);
  const own = new KubeConfig();
  own.loadFromClusterAndUser(cluster, { name: webhookName, token });
  return own.exportConfig();
}

/** With failurePolicy Ignore an API server that cannot reach the webhook only shrugs; so this is where it shows. */
function findLogLine(output: () => string, pod: string, url: string): Promise<string> {
  const find = (): string | undefined =>
    output()
      .split('\n')
      .find(line => / Pod was /.test(line) && line.includes(` pod=${pod} `));
  return waitFor(find, { what: `the webhook to log the pod ${pod}`, timeoutMs: 5_000 }).catch(() => {
    const remedy = 'set DEMO_WEBHOOK_HOST to an address of this machine that the API server can reach';
    throw new Error(`expected the API server to call the webhook at ${url}, it did not: ${remedy}`);
  });
}
