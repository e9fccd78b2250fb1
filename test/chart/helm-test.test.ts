// What `helm test` runs in the cluster, here against an API server and a webhook of our own.
import { createServer } from 'node:https';
import { describe, expect, test } from 'vitest';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { find, render } from './helm.ts';
import { podSpecOf } from './pod-spec.ts';
import { runHelmTest, type HelmTestRun } from './run-helm-test.ts';

const serviceHost = 'irsa-webhook.irsa-system.svc';
const [published, other] = [createCertificateAuthority(), createCertificateAuthority()];
interface Situation {
  readonly caBundle: string | undefined;
  readonly webhookStatus?: number;
  readonly apiServerStatus?: number;
}

async function runTest({ caBundle, webhookStatus = 200, apiServerStatus = 200 }: Situation): Promise<HelmTestRun> {
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
  const { port: apiServerPort, close: closeApiServer } = await listenOnLoopback(apiServer);
  await using folder = await createTempFolder();
  await folder.write('token', 'secret-token\n');
  await folder.write('ca.crt', published.certificate);
  try {
    const result = await runHelmTest(await render(), { apiServerPort, credentials: folder.path });
    expect(paths).toEqual([
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/irsa-webhook Bearer secret-token',
    ]);
    return result;
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
