import { expect, test } from 'vitest';
import { add, flags } from '../../checks/changes.ts';
import { startHealthyCluster } from '../../checks/healthy-cluster.ts';
import { runIrsa } from '../../support/run-irsa.ts';

const brokenMapping = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'pod-identity-webhook', namespace: 'irsa-system' },
  data: { config: '{"a/b":' },
};

test('irsa explain reports a mapping of the cluster that is broken (E224)', async () => {
  await using cluster = await startHealthyCluster();
  flags('--watch-config-map')(cluster);
  add(brokenMapping)(cluster);
  const args = ['explain', 'serviceaccount/app', '-n', 'team-a', ...cluster.access.slice(0, 2)];
  const { stdout, stderr } = await runIrsa(args);
  expect(stdout).toMatch(
    /mapping +ConfigMap irsa-system\/pod-identity-webhook is broken: .*; the webhook goes on with/,
  );
  expect(stdout).not.toContain('there is no mapping');
  expect(stderr).toContain('warning: ConfigMap irsa-system/pod-identity-webhook: ');
});
