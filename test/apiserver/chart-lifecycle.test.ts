// Install, upgrade and uninstall by Helm, against the real API server. There are no nodes, so nothing runs: what the webhook
// writes is written here.
import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findTool } from '../../scripts/tools/tool.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { chart, find, render, type KubernetesObject } from '../chart/helm.ts';
import { helm3Version } from '../chart/helm-3.ts';
import { connect, succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import { inOrder } from '../support/cluster/shared-cluster.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { pathFor } from './object-path.ts';

const bundle = Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64');
const written = { 'ca.crt': bundle, 'ca.key': Buffer.from('key').toString('base64') };

const cluster = inject('cluster');
const helm3 = inject('helm3');
const versions = [
  { version: '4', helm: findTool('helm') },
  { version: helm3Version, helm: helm3.kind === 'available' ? helm3.path : undefined },
];

describe('the chart', inOrder, () => {
  describe.each(versions)('managed by Helm $version', ({ version, helm }) => {
    const [major = ''] = version.split('.');
    const release = `chart-lifecycle-${major}`;
    const namespace = release;
    const isPossible = cluster.kind === 'available' && helm !== undefined;
    let admin: KubernetesClient;
    let cache: TempFolder;
    let objects: readonly KubernetesObject[] = [];

    const values = {
      // Other tests use the cluster at the same time.
      mutatingWebhook: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
      podDisruptionBudget: { maxUnavailable: '50%' },
      config: { podIdentityWebhookMap: { enabled: true } },
    };

    const run = async (...args: readonly string[]): Promise<string> => {
      if (cluster.kind !== 'available' || helm === undefined) throw new Error('expected a cluster and Helm');
      const flags = ['--namespace', namespace, '--kubeconfig', cluster.kubeconfig];
      return await new Promise((resolve, reject) => {
        // Helm would keep what the cluster can do for hours, in the home folder.
        const env = { ...process.env, KUBECACHEDIR: cache.path };
        const child = execFile(helm, [...args, ...flags], { env }, (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(`helm ${args.join(' ')}: ${stderr}`)),
        );
        child.stdin?.end(JSON.stringify(values));
      });
    };
    const install = (): Promise<string> => run('install', release, chart, '--create-namespace', '--values', '-');
    const upgradeWith = (flags: readonly string[], sets: readonly string[]): Promise<string> =>
      run('upgrade', release, chart, ...flags, '--values', '-', ...sets.flatMap(set => ['--set', set]));
    const upgrade = (...sets: readonly string[]): Promise<string> => upgradeWith([], sets);

    const pathOf = (kind: string): string => {
      const object = find(objects, kind);
      return `${pathFor(object)}/${object.metadata.name}`;
    };
    const read = async (kind: string): Promise<JsonObject> => succeeded(await admin.get(pathOf(kind))).body;

    beforeAll(async () => {
      cache = await createTempFolder();
      if (cluster.kind !== 'available') return;
      admin = connect({ ...cluster, token: cluster.adminToken });
      objects = (await render({ release, namespace, values })).filter(
        ({ metadata }) => !metadata.name.endsWith('-test'),
      );
    });

    afterAll(async () => {
      admin?.[Symbol.dispose]();
      await cache[Symbol.asyncDispose]();
    });

    test.skipIf(!isPossible)('is installed as it is rendered', async () => {
      await install();
      for (const object of objects) {
        const { status, body } = await admin.get(`${pathFor(object)}/${object.metadata.name}`);
        expect({ kind: object.kind, status }).toEqual({ kind: object.kind, status: 200 });
        expect(body).toMatchObject({ metadata: { annotations: { 'meta.helm.sh/release-name': release } } });
      }
    });

    test.skipIf(!isPossible)('keeps in an upgrade what the webhook has written', async () => {
      succeeded(await admin.patch(pathOf('Secret'), 'merge-patch', { data: written }));
      const publish = [0, 1].map(index => {
        return { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: bundle };
      });
      succeeded(await admin.patch(pathOf('MutatingWebhookConfiguration'), 'json-patch', publish));

      await upgrade('replicaCount=3', 'mutatingWebhook.timeoutSeconds=7');
      expect((await read('Deployment'))['spec']).toMatchObject({ replicas: 3 });
      expect((await read('Secret'))['data']).toEqual(written);
      expect((await read('MutatingWebhookConfiguration'))['webhooks']).toMatchObject([
        { timeoutSeconds: 7, clientConfig: { caBundle: bundle } },
        { timeoutSeconds: 10, clientConfig: { caBundle: bundle } },
      ]);
    });

    test.skipIf(!isPossible)('is upgraded after the Secret was deleted, and made anew by the webhook', async () => {
      const { metadata, type, data } = await read('Secret');
      const { labels, annotations } = metadata as KubernetesObject['metadata'];
      const { name } = find(objects, 'Secret').metadata;
      succeeded(await admin.delete(pathOf('Secret')));
      const path = pathFor(find(objects, 'Secret'));
      succeeded(await admin.create(path, { metadata: { name, labels, annotations }, type, data }));
      await upgrade();
      expect((await read('Secret'))['data']).toEqual(written);
    });

    test.skipIf(!isPossible)('can be given a certificate instead of its own, and back', async () => {
      const [ca, own] = [createCertificateAuthority().certificate, bundle];
      const sets = ['pki.existingSecret=tls', `pki.caBundle=${ca}`];
      if (major === '4') {
        await expect(upgrade(...sets)).rejects.toThrow(/conflict.*caBundle/s);
        await upgradeWith(['--force-conflicts'], sets);
      } else await upgrade(...sets);
      const bundles = async (): Promise<readonly unknown[]> => {
        const { webhooks } = (await read('MutatingWebhookConfiguration')) as {
          webhooks: { clientConfig: JsonObject }[];
        };
        return webhooks.map(({ clientConfig }) => clientConfig['caBundle']);
      };
      const given = Buffer.from(ca).toString('base64');
      expect(await bundles()).toEqual([given, given]);
      await upgrade();
      expect(await bundles()).not.toContain(own);
    });

    test.skipIf(!isPossible)('leaves nothing behind, and can be installed again', async () => {
      await run('uninstall', release);
      for (const object of objects) {
        const { status } = await admin.get(`${pathFor(object)}/${object.metadata.name}`);
        expect({ kind: object.kind, status }).toEqual({ kind: object.kind, status: 404 });
      }
      const { body } = succeeded(await admin.get(`/api/v1/namespaces/${namespace}/secrets`));
      expect(body['items']).toEqual([]);
      await install();
      expect((await read('Secret'))['data']).toBeUndefined();
      await run('uninstall', release);
    });

    // The kind that it adds is the whole cluster's, so only one of both may.
    if (major !== '4') return;
    test.skipIf(!isPossible)('says on EKS that there is another webhook', async () => {
      const dryRun = (): Promise<string> => run('install', release, chart, '--dry-run=server', '--values', '-');
      expect(await dryRun()).not.toContain('looks like EKS');
      // The kind by which the chart knows EKS; its network plugin brings it.
      const group = 'vpcresources.k8s.aws';
      const names = { kind: 'SecurityGroupPolicy', plural: 'securitygrouppolicies' };
      const schema = { openAPIV3Schema: { type: 'object' } };
      const definition = {
        metadata: { name: `${names.plural}.${group}` },
        spec: {
          group,
          names,
          scope: 'Namespaced',
          versions: [{ name: 'v1beta1', served: true, storage: true, schema }],
        },
      };
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      succeeded(await admin.create(path, definition));
      try {
        const isServed = async (): Promise<boolean> => (await admin.get(`/apis/${group}/v1beta1`)).status === 200;
        await waitFor(isServed, { what: `the API server to serve ${group}` });
        await cache[Symbol.asyncDispose]();
        expect(await dryRun()).toContain('looks like EKS');
      } finally {
        succeeded(await admin.delete(`${path}/${definition.metadata.name}`));
      }
    });
  });
});
