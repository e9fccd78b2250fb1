import { describe, expect, test } from 'vitest';
import { runHelm, type RenderOptions } from './helm.ts';

async function notes(options: RenderOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runHelm(['install', '--dry-run=client'], options);
  if (code !== 0) throw new Error(stderr);
  return stdout.slice(stdout.indexOf('NOTES:'));
}

describe('the notes', () => {
  test('say how to go on, and warn of nothing by default', async () => {
    const text = await notes({ release: 'my', namespace: 'identity' });
    expect(text).toContain('kubectl -n identity rollout status deployment/my-irsa-webhook');
    expect(text).toContain('eks.amazonaws.com/role-arn=');
    expect(text).toContain('helm test my -n identity');
    expect(text).not.toContain('WARNING');
  });

  test.each<{ what: string; options: RenderOptions; warning: string }>([
    { what: 'one replica', options: { values: { replicaCount: 1 } }, warning: 'with 1 replica' },
    {
      what: 'Fail for all pods',
      options: { values: { mutatingWebhook: { failurePolicy: 'Fail' } } },
      warning: 'kubectl delete mutatingwebhookconfiguration irsa-webhook',
    },
    {
      what: 'kube-system',
      options: { namespace: 'kube-system' },
      warning: 'in kube-system the webhook leaves out only',
    },
    { what: 'missing rights', options: { values: { rbac: { create: false } } }, warning: 'rbac.create is false' },
    {
      what: 'objects left out',
      options: { values: { metrics: { renderMode: 'skipIfMissing', podMonitor: { enabled: true } } } },
      warning: 'does not know the kinds of the Prometheus operator',
    },
  ])('warn of $what', async ({ options, warning }) => {
    const text = await notes(options);
    expect(text.match(/WARNING/g)).toHaveLength(1);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(warning);
  });
});
