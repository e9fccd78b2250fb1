import { describe, expect, test } from 'vitest';
import { pod, withRole } from '../../audit/support.ts';
import { runIrsa, type IrsaResult } from '../../support/run-irsa.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { serveCluster } from '../audit/serve-cluster.ts';

const objects: { readonly [path: string]: object } = {
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations': {
    metadata: { resourceVersion: '1' },
    items: [],
  },
  '/api/v1/namespaces/ns/serviceaccounts/app': {
    metadata: { name: 'app', namespace: 'ns', annotations: withRole('app') },
  },
  '/api/v1/namespaces/ns/pods/web': pod({ metadata: { uid: 'u' } }),
  '/api/v1/namespaces/ns/pods': {
    kind: 'PodList',
    metadata: { resourceVersion: '1' },
    items: [
      pod({
        name: 'web-5d4f-a',
        labels: { app: 'web', 'pod-template-hash': '5d4f' },
        metadata: { ownerReferences: [{ kind: 'ReplicaSet', name: 'web-5d4f', controller: true }] },
      }),
      pod({ name: 'alone', labels: { app: 'web' } }),
    ],
  },
  '/apis/apps/v1/namespaces/ns/deployments/web': {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'ns' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] } },
    },
  },
};

async function explain(...args: readonly string[]): Promise<IrsaResult> {
  await using cluster = await serveCluster(url => objects[url.pathname]);
  await using folder = await createTempFolder();
  const kubeconfig = await folder.write('kubeconfig', cluster.kubeconfig);
  return await runIrsa(['explain', '--kubeconfig', kubeconfig, '-o', 'json', ...args]);
}

describe('irsa explain of a cluster', () => {
  test('E216: takes the name of an object as kubectl does', async () => {
    const { code, stdout, stderr } = await explain('pod', 'web');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(stdout).toBe((await explain('pod/web')).stdout);
    expect((await explain('pod')).code).toBe(2);
    expect((await explain('pod', 'deployment/web')).code).toBe(2);
  });

  test('E215: counts the pods of a workload that are not as they would be now', async () => {
    const { pods, verdict } = JSON.parse((await explain('deployment', 'web')).stdout);
    expect(pods).toMatchObject({
      running: 1,
      broken: 1,
      differs: 0,
      findings: [
        { name: 'identity_missing', pods: 1, remedy: { commands: ['kubectl rollout restart deployment/web -n ns'] } },
      ],
    });
    expect(verdict.verdict).toBe('broken');
    expect(verdict.sentence).toContain('of 1 pod that runs, 1 broken');
  });
});
