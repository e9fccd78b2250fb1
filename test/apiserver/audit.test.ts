import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../support/cluster/client.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { createPod, createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { role, withRole } from './pods.ts';
import { runRegisteredWebhook } from './registered-webhook.ts';

const policy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules: [{ level: 'Metadata', verbs: ['create'], resources: [{ group: '', resources: ['pods'] }] }, { level: 'None' }],
};

interface AuditEvent {
  readonly stage: string;
  readonly objectRef?: { readonly name?: string };
  readonly annotations?: { readonly [name: string]: string };
}

describeOnCluster('the audit log of the API server', () => {
  test('says of each pod what was decided and why', async () => {
    await using folder = await createTempFolder();
    const logPath = join(folder.path, 'audit.log');
    await using cluster = await startCluster({
      apiServerFlags: [
        `--audit-policy-file=${await folder.write('policy.json', JSON.stringify(policy))}`,
        `--audit-log-path=${logPath}`,
      ],
    });
    using admin = connect({ ...cluster, token: cluster.adminToken });
    const namespace = 'audit';
    await using _ = await runRegisteredWebhook(admin, cluster, { namespace });
    await createServiceAccount(admin, namespace, 'app', withRole('app'));
    const labels = { 'eks.amazonaws.com/require-pod-identity': 'true' };
    await createPod(admin, namespace, { name: 'injected', serviceAccount: 'app' });
    await createPod(admin, namespace, { name: 'plain' });
    await createPod(admin, namespace, { name: 'refused', labels });

    const annotationsOf = (name: string): Promise<Readonly<Record<string, string>>> =>
      waitFor(async () => find(await readFile(logPath, 'utf8'), name), { what: `the audit event of ${name}` });
    const key = (name: string): string => `${namespace}.irsa-webhook.test/${name}`;
    expect(await annotationsOf('injected')).toMatchObject({
      [key('decision')]: 'mutated',
      [key('reason')]: 'identity_injected',
      [key('detail')]: expect.stringContaining(role('app')),
    });
    expect(await annotationsOf('plain')).toMatchObject({
      [key('decision')]: 'no_identity',
      [key('reason')]: 'no_role',
      [key('detail')]: expect.stringContaining('audit/default'),
    });
    expect(await annotationsOf('refused')).toMatchObject({
      [key('decision')]: 'denied',
      [key('reason')]: 'identity_required',
    });
  });
});

function find(log: string, name: string): AuditEvent['annotations'] {
  const events = log
    .split('\n')
    .filter(line => line.endsWith('}'))
    .map((line): AuditEvent => JSON.parse(line));
  return events.find(({ objectRef, stage }) => objectRef?.name === name && stage === 'ResponseComplete')?.annotations;
}
