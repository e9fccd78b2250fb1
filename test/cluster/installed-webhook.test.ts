import { describe, expect, test } from 'vitest';
import { lookForWebhook, type InstalledWebhook, type WebhookView } from '../../src/cluster/installed-webhook.ts';
import type { KubernetesObject } from '../chart/helm.ts';
import { CannedApiServer, readerOf } from './canned-api-server.ts';
import { awsManifests, managedRegistration, otherRegistration, ourManifests } from './manifests.ts';

interface Found {
  readonly view: WebhookView;
  readonly webhook: InstalledWebhook | undefined;
  readonly text: (name: string) => string | undefined;
}

async function findIn(objects: readonly KubernetesObject[], forbidden: readonly string[] = []): Promise<Found> {
  await using api = await CannedApiServer.start(objects);
  api.forbidden.push(...forbidden);
  const view = await lookForWebhook(await readerOf(api));
  const { webhook } = view;
  return { view, webhook, text: name => webhook?.flags.get(name)?.text };
}

describe('lookForWebhook()', () => {
  test('finds ours with the flags of its container', async () => {
    const { webhook, text } = await findIn([otherRegistration, ...(await ourManifests())]);
    expect(webhook).toMatchObject({
      kind: 'ours',
      hook: { configuration: 'irsa-webhook' },
      workload: { kind: 'Deployment', namespace: 'irsa-system', name: 'irsa-webhook', container: { name: 'webhook' } },
      mapping: undefined,
      associationsFile: undefined,
      notes: [],
    });
    expect(text('sts-regional-endpoint')).toBe('true');
    expect(text('partial-identity-env')).toBeUndefined();
  });

  test('finds the AWS webhook, beside its sidecar, and what it cannot be told', async () => {
    const { webhook, text } = await findIn(awsManifests());
    expect(webhook).toMatchObject({
      kind: 'aws',
      workload: { container: { name: 'pod-identity-webhook' } },
      notes: [],
    });
    expect(text('token-audience')).toBe('example.com');
    expect(text('partial-identity-env')).toBe('keep');
  });

  test("finds our image in the AWS webhook's manifests", async () => {
    const { webhook, text } = await findIn(awsManifests({ image: 'registry:5000/team/irsa-webhook:1.2.3' }));
    expect(webhook?.kind).toBe('ours');
    expect(text('partial-identity-env')).toBeUndefined();
  });

  test('says where mapping and associations are', async () => {
    const args = ['--watch-config-map', '--watch-container-credentials-config=/etc/associations.json'];
    const { webhook } = await findIn(awsManifests({ args }));
    expect(webhook).toMatchObject({
      mapping: { namespace: 'eks', name: 'pod-identity-webhook' },
      associationsFile: '/etc/associations.json',
    });
  });

  test('takes a pod where no Deployment made it, as with a DaemonSet', async () => {
    const [registration, service] = awsManifests();
    const spec = { containers: [{ name: 'webhook', command: ['/webhook', '--namespace=kube-system'] }] };
    const metadata = { name: 'webhook-abcde', namespace: 'eks', labels: { app: 'pod-identity-webhook' } };
    const other = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'other', namespace: 'eks' }, spec };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
    const { webhook, text } = await findIn([registration, service, other, pod].filter(object => object !== undefined));
    expect(webhook?.workload).toMatchObject({ kind: 'Pod', name: 'webhook-abcde' });
    expect(text('namespace')).toBe('kube-system');
  });

  test('prefers ours, then the AWS webhook, then a managed one', async () => {
    const ours = await ourManifests();
    const managed = { ...managedRegistration, metadata: { name: 'a-first' } };
    expect((await findIn([managed, ...awsManifests(), ...ours])).webhook?.hook.configuration).toBe('irsa-webhook');
    expect((await findIn([managed, ...awsManifests()])).webhook?.kind).toBe('aws');
    expect((await findIn([managed])).webhook?.kind).toBe('managed');
  });

  test.each<{ where: string; objects: readonly KubernetesObject[]; forbidden: readonly string[]; note: string }>([
    {
      where: 'where it cannot be seen',
      objects: [managedRegistration],
      forbidden: [],
      note: "it runs outside the cluster's sight",
    },
    {
      where: 'where its Service is missing',
      objects: awsManifests().filter(({ kind }) => kind !== 'Service'),
      forbidden: [],
      note: 'Service eks/pod-identity-webhook has no Deployment and no pods behind it',
    },
    {
      where: 'where nothing runs',
      objects: awsManifests().filter(({ kind }) => kind !== 'Deployment'),
      forbidden: [],
      note: 'Service eks/pod-identity-webhook has no Deployment and no pods behind it',
    },
    {
      where: 'where its namespace may not be read',
      objects: awsManifests(),
      forbidden: ['/apis/apps/v1/namespaces/eks'],
      note: 'what is behind Service eks/pod-identity-webhook may not be read',
    },
  ])('gives no settings but a note $where', async ({ objects, forbidden, note }) => {
    const { webhook } = await findIn(objects, forbidden);
    expect(webhook?.workload).toBeUndefined();
    const unknown = 'the settings of the webhook of pod-identity-webhook are not known, defaults are used';
    expect(webhook?.notes).toEqual([`${unknown}: ${note}`]);
    expect(webhook?.flags.get('token-audience')).toBeUndefined();
  });

  test('says where there is none, and which settings are used', async () => {
    expect((await findIn([otherRegistration])).view).toEqual({
      kind: 'not_installed',
      webhook: undefined,
      notes: ['the cluster has no webhook for AWS identities: settings are those of the flags and their defaults'],
    });
  });

  test('says where the configurations may not be listed, in the words of the API server', async () => {
    const { view } = await findIn(await ourManifests(), ['/apis/admissionregistration.k8s.io/']);
    if (view.kind !== 'unknown') throw new Error(`expected the kind unknown, found ${view.kind}`);
    expect(view.detail).toMatch(/^whether a webhook is installed may not be seen: .*cannot get path/);
    expect(view.notes).toEqual([`${view.detail}; settings are those of the flags and their defaults`]);
  });

  test('rejects where the API server gives no answer', async () => {
    const api = await CannedApiServer.start([]);
    const reader = await readerOf(api);
    await api[Symbol.asyncDispose]();
    await expect(lookForWebhook(reader)).rejects.toMatchObject({ code: 'connection_failed' });
  });
});
