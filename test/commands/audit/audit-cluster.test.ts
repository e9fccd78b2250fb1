import { describe, expect, test } from 'vitest';
import { runIrsa, type IrsaResult } from '../../support/run-irsa.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { identityOf, injected, pod, role, withRole } from '../../audit/support.ts';
import { serveCluster } from './serve-cluster.ts';

const list = (items: readonly object[], next?: string): object => ({
  metadata: { resourceVersion: '1', ...(next === undefined ? {} : { continue: next }) },
  items,
});
const account = (name: string): object => ({ metadata: { name, namespace: 'ns', annotations: withRole(name) } });
const accountsPath = '/api/v1/namespaces/ns/serviceaccounts';
const podsPath = '/api/v1/namespaces/ns/pods';
const listKinds = new Map([
  [accountsPath, 'ServiceAccountList'],
  [podsPath, 'PodList'],
]);
const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const forbidden = { kind: 'Status', code: 403, reason: 'Forbidden', message: 'you may not' };

/** Runs the audit against what is served by path; of several answers to one path the last is repeated. */
async function audit(
  answers: { readonly [path: string]: readonly object[] },
  ...args: string[]
): Promise<IrsaResult & { asked: readonly URL[] }> {
  const asked: URL[] = [];
  const left = new Map(Object.entries({ [webhooks]: [list([])], ...answers }).map(([path, each]) => [path, [...each]]));
  await using cluster = await serveCluster(url => {
    asked.push(url);
    const each = left.get(url.pathname);
    const answer = each !== undefined && each.length > 1 ? each.shift() : each?.[0];
    return answer === undefined ? undefined : { kind: listKinds.get(url.pathname), ...answer };
  });
  await using folder = await createTempFolder();
  const kubeconfig = await folder.write('kubeconfig', cluster.kubeconfig);
  return { ...(await runIrsa(['audit', '--kubeconfig', kubeconfig, '-o', 'json', ...args])), asked };
}

describe('irsa audit of a cluster', () => {
  test('reads an account that is younger than the list of accounts, once', async () => {
    const { stdout, asked } = await audit({
      [accountsPath]: [list([])],
      [`${accountsPath}/app`]: [account('app')],
      [podsPath]: [list([pod({ name: 'a' }), injected(pod({ name: 'b' }))])],
    });
    const report = JSON.parse(stdout);
    expect(report.findings).toMatchObject([{ code: 'IRSA001', pods: ['a'] }]);
    expect(report).toMatchObject({
      totals: { pods: 2, podsWithIdentity: 2 },
      accounts: [{ name: 'app', exists: true, pods: 2 }],
    });
    expect(asked.filter(({ pathname }) => pathname === `${accountsPath}/app`)).toHaveLength(1);
  });

  test('finds pods whose account is gone', async () => {
    const { code, stdout } = await audit({ [accountsPath]: [list([])], [podsPath]: [list([injected(pod())])] });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).findings).toMatchObject([{ code: 'IRSA013' }]);
  });

  test('counts no pod twice when the list has to be begun anew', async () => {
    const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    const { stdout } = await audit({
      [accountsPath]: [list([account('app')])],
      [podsPath]: [
        list([pod({ name: 'a' })], 'x'),
        expired,
        list([pod({ name: 'a' })], 'y'),
        list([pod({ name: 'b' })]),
      ],
    });
    expect(JSON.parse(stdout)).toMatchObject({
      totals: { pods: 2 },
      findings: [{ code: 'IRSA001', object: { name: 'a' } }, { object: { name: 'b' } }],
    });
  });

  test("asks for running pods of the context's namespace, with the selector", async () => {
    const { asked } = await audit(
      { [accountsPath]: [list([account('app')])], [podsPath]: [list([])] },
      '-l',
      'app=web',
    );
    const query = asked.find(({ pathname }) => pathname === podsPath)?.searchParams;
    expect(query?.get('fieldSelector')).toBe('status.phase!=Succeeded,status.phase!=Failed');
    expect(query?.get('labelSelector')).toBe('app=web');
    expect(asked.every(({ pathname }) => pathname === webhooks || pathname.startsWith('/api/v1/namespaces/ns/'))).toBe(
      true,
    );
  });

  test('goes on with defaults, and says so, when it may not be seen whether a webhook is installed', async () => {
    const { code, stderr } = await audit({
      [webhooks]: [forbidden],
      [accountsPath]: [list([account('app')])],
      [podsPath]: [list([])],
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: whether a webhook is installed may not be seen: .*; settings are those of the flags and their defaults$/m,
    );
  });

  test('heeds associations of a file', async () => {
    await using folder = await createTempFolder();
    const associations = await folder.write(
      'a.json',
      JSON.stringify({ identities: [{ namespace: 'ns', serviceAccount: 'app' }] }),
    );
    const world = {
      [accountsPath]: [list([account('app')])],
      [podsPath]: [list([injected(pod(), identityOf('app'))])],
    };
    const { stdout } = await audit(world, '--associations', associations);
    expect(JSON.parse(stdout).findings).toMatchObject([{ code: 'IRSA002', podRole: role('app') }]);
    expect((await audit(world)).code).toBe(0);
  });

  test('E206: reads the template of a workload once, to see whether a restart changes its role', async () => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true }];
    const stale = (name: string): object => injected(pod({ name, metadata: { ownerReferences } }), identityOf('old'));
    const statefulSet = '/apis/apps/v1/namespaces/ns/statefulsets/db';
    const world = { [accountsPath]: [list([account('app')])], [podsPath]: [list([stale('db-0'), stale('db-1')])] };
    const template = (env: readonly object[]): object => ({
      spec: { template: { spec: { containers: [{ name: 'app', env }] } } },
    });
    const commands = ['kubectl rollout restart statefulset/db -n ns'];
    const clean = await audit({ ...world, [statefulSet]: [template([])] });
    expect(JSON.parse(clean.stdout).findings).toMatchObject([{ code: 'IRSA002', remedy: { commands } }]);
    expect(clean.asked.filter(({ pathname }) => pathname === statefulSet)).toHaveLength(1);
    const written = await audit({
      ...world,
      [statefulSet]: [template([{ name: 'AWS_ROLE_ARN', value: role('old') }])],
    });
    expect(JSON.parse(written.stdout).findings).toMatchObject([{ code: 'IRSA017', remedy: { commands: [] } }]);
    const refused = await audit({ ...world, [statefulSet]: [forbidden] });
    expect(JSON.parse(refused.stdout).findings).toMatchObject([{ code: 'IRSA002', remedy: { commands: [] } }]);
  });

  test('E207: ends with 3 and one line when the namespace does not exist', async () => {
    const nothing = { [accountsPath]: [list([])], [podsPath]: [list([])] };
    const { code, stdout, stderr } = await audit(nothing);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^error: namespace ns does not exist$/m);
    expect((await audit({ ...nothing, '/api/v1/namespaces/ns': [{ metadata: { name: 'ns' } }] })).code).toBe(0);
  });

  test.each([
    {
      what: 'pods may not be listed',
      answers: { [accountsPath]: [list([])], [podsPath]: [forbidden] },
      code: 'forbidden',
    },
    {
      what: 'accounts may not be listed',
      answers: { [accountsPath]: [forbidden], [podsPath]: [list([])] },
      code: 'forbidden',
    },
    { what: 'there are no such paths', answers: {}, code: 'not_found' },
  ])('ends with 3 and one line when $what', async ({ answers, code: reason }) => {
    const { code, stdout, stderr } = await audit(answers);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^error: (?:the cluster could not be asked|a right is missing): .*\\(${reason}\\)$`, 'm'),
    );
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
