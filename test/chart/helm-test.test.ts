// What `helm test` runs in the cluster, here against an API server and a webhook of our own.
import { spawn } from 'node:child_process';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { find, render } from './helm.ts';
import { podSpecOf } from './pod-spec.ts';

const serviceHost = 'irsa-webhook.irsa-system.svc';
const [published, other] = [createCertificateAuthority(), createCertificateAuthority()];
/** Names are looked up by the cluster; here they all are this machine's. */
const lookUpHere = `import dns from 'node:dns'; dns.lookup = (name, options, found) =>
  options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4);`;

interface Situation {
  readonly caBundle: string | undefined;
  readonly webhookStatus?: number;
  readonly apiServerStatus?: number;
}

async function runTest({ caBundle, webhookStatus = 200, apiServerStatus = 200 }: Situation): Promise<{
  readonly code: number | null;
  readonly output: string;
}> {
  const { certificate: cert, key } = published.issue({ hosts: [serviceHost, '127.0.0.1'] });
  const webhook = createServer({ cert, key }, (_request, response) => response.writeHead(webhookStatus).end('ok'));
  const { port, close: closeWebhook } = await listenOnLoopback(webhook);
  const bundle = caBundle && Buffer.from(caBundle).toString('base64');
  const service = { name: 'irsa-webhook', namespace: 'irsa-system', port };
  const webhooks = [{ name: 'a.example.com', clientConfig: { service, caBundle: bundle } }];
  const paths: string[] = [];
  const apiServer = createServer({ cert, key }, (request, response) => {
    paths.push(`${request.url} ${request.headers.authorization}`);
    response.writeHead(apiServerStatus).end(JSON.stringify({ webhooks }));
  });
  const { port: apiPort, close: closeApiServer } = await listenOnLoopback(apiServer);
  await using folder = await createTempFolder();
  await folder.write('token', 'secret-token\n');
  await folder.write('ca.crt', published.certificate);
  try {
    const { args = [], env = [] } = podSpecOf(find(await render(), 'Pod')).containers[0];
    const here = await folder.write('look-up.mjs', lookUpHere);
    const child = spawn(process.execPath, ['--import', here, '--input-type=module', '--eval', ...args], {
      env: {
        ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: String(apiPort),
        KUBE_CREDENTIALS: folder.path,
      },
    });
    const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
    const code = await new Promise<number | null>(resolve => child.on('close', resolve));
    expect(paths).toEqual([
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/irsa-webhook Bearer secret-token',
    ]);
    return { code, output: (await outputs).join('') };
  } finally {
    await Promise.all([closeWebhook(), closeApiServer()]);
  }
}

describe('helm test', () => {
  test.each<{ when: string; situation: Situation; code: number; says: string }>([
    {
      when: 'the webhook has a certificate of a published authority',
      situation: { caBundle: other.certificate + published.certificate },
      code: 0,
      says: `a.example.com: https://${serviceHost}:`,
    },
    {
      when: 'nothing is published',
      situation: { caBundle: undefined },
      code: 1,
      says: 'no caBundle has been published',
    },
    {
      when: 'only another authority is published',
      situation: { caBundle: other.certificate },
      code: 1,
      says: 'certificate',
    },
    {
      when: 'the webhook is unwell',
      situation: { caBundle: published.certificate, webhookStatus: 500 },
      code: 1,
      says: 'answered 500',
    },
    {
      when: 'the registration cannot be read',
      situation: { caBundle: undefined, apiServerStatus: 403 },
      code: 1,
      says: 'the API server answered 403 for the registration irsa-webhook',
    },
  ])('ends with $code when $when', async ({ situation, code, says }) => {
    const result = await runTest(situation);
    expect(result.output).toContain(says);
    expect(result.code).toBe(code);
  });

  test('runs nowhere near the Service, with no more rights than it needs', async () => {
    const objects = await render();
    const pod = find(objects, 'Pod');
    expect(pod.metadata['labels']).toMatchObject({ 'app.kubernetes.io/name': 'irsa-webhook-test' });
    expect(podSpecOf(pod).containers[0].securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    expect(find(objects, 'ClusterRole', 'irsa-webhook-test')['rules']).toEqual([
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        resourceNames: ['irsa-webhook'],
        verbs: ['get'],
      },
    ]);
    for (const object of objects.filter(({ metadata }) => metadata.name === 'irsa-webhook-test')) {
      expect(object.metadata['annotations']).toMatchObject({ 'helm.sh/hook': 'test' });
    }
  });
});
