import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { podOf, role, variableOf, withRole, type Container } from './pods.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import { runWebhook } from './registered-webhook.ts';

describeOnCluster('a pod that another webhook changes after ours', (cluster, admin) => {
  test('gets its identity in the added container too, by a second call that adds nothing else (E34, E35)', async () => {
    const namespace = 'reinvocation';
    await using running = await runWebhook(admin, cluster, { namespace, flags: ['--role-session-name=pod'] });
    await using ours = await startRecordingProxy(running.webhook);
    await createServiceAccount(admin, namespace, 'app', withRole('app'));
    // Webhooks are called in the order of their configurations' names.
    await using _first = await registerWebhook(admin, {
      name: `${namespace}-1`,
      url: ours.url,
      caBundle: ours.caBundle,
      namespaces: [namespace],
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
    });
    await using other = await startPatchingWebhook([
      { op: 'add', path: '/spec/containers/-', value: { name: 'proxy', image: 'example.com/proxy:1' } },
      { op: 'add', path: '/metadata/name', value: 'named-in-between' },
    ]);
    await using _second = await registerWebhook(admin, {
      name: `${namespace}-2`,
      url: other.url,
      caBundle: other.caBundle,
      namespaces: [namespace],
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
    });
    const pod = podOf(
      await admin.create(`/api/v1/namespaces/${namespace}/pods`, {
        metadata: { generateName: 'app-' },
        spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'example.com/app:1' }] },
      }),
    );
    expect(ours.calls).toHaveLength(2);
    const nameAt = (call: number): string | undefined => ours.calls[call]?.review.request?.object.metadata.name;
    expect(nameAt(0)).not.toBe('named-in-between');
    expect(nameAt(1)).toBe('named-in-between');
    expect(pod.metadata.name).toBe('named-in-between');
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(['app', 'proxy']);
    for (const container of pod.spec.containers) expectOneIdentity(container);
    expect(pod.spec.volumes?.filter(({ name }) => name === 'aws-iam-token')).toHaveLength(1);
  });
});

function expectOneIdentity(container: Container): void {
  expect(container.env?.map(({ name }) => name)).toEqual([
    'AWS_ROLE_ARN',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_ROLE_SESSION_NAME',
  ]);
  expect(variableOf(container, 'AWS_ROLE_ARN')).toBe(role('app'));
  expect(container.env?.[2]?.valueFrom).toMatchObject({ fieldRef: { fieldPath: 'metadata.name' } });
  expect(container.volumeMounts?.filter(({ name }) => name === 'aws-iam-token')).toHaveLength(1);
}

interface PatchingWebhook extends AsyncDisposable {
  readonly url: string;
  readonly caBundle: string;
}

/** Answers every pod with the same JSON Patch. */
async function startPatchingWebhook(patch: readonly object[]): Promise<PatchingWebhook> {
  const authority = createCertificateAuthority();
  const { certificate, key } = authority.issue();
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { apiVersion, kind, request } = JSON.parse(await text(incoming));
    const response = { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch: encoded };
    outgoing.end(JSON.stringify({ apiVersion, kind, response }));
  };
  const server = createServer({ cert: certificate, key }, (incoming, outgoing) => void answer(incoming, outgoing));
  const { port, close } = await listenOnLoopback(server);
  return { url: `https://127.0.0.1:${port}/`, caBundle: authority.certificate, [Symbol.asyncDispose]: close };
}
