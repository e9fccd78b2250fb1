import { describe, expect, test } from 'vitest';
import { remedyScript } from '../../src/audit/remedy-script.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { containerCredentials } from '../injection/support.ts';
import { audit, identityOf, injected, pod, role, summary, withRole, type Annotations } from './support.ts';

/** A pod of a workload, as its controller names it. */
function podOf(
  kind: string,
  owner: string,
  suffix: string,
  more: { labels?: Annotations; account?: string } = {},
): JsonObject {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind, name: owner, controller: true }];
  return pod({ name: `${owner}-${suffix}`, metadata: { ownerReferences }, ...more });
}

const ofDeployment = (suffix: string): JsonObject =>
  podOf('ReplicaSet', 'web-5d4f', suffix, { labels: { 'pod-template-hash': '5d4f' } });

describe('Audit', () => {
  test('puts the pods of one workload together when they have the same in common', () => {
    const { findings } = audit([ofDeployment('b'), ofDeployment('a'), podOf('StatefulSet', 'db', '0')]);
    expect(findings.map(({ object, pods }) => [`${object.kind}/${object.name}`, pods])).toEqual([
      ['Deployment/web', ['web-5d4f-a', 'web-5d4f-b']],
      ['StatefulSet/db', ['db-0']],
    ]);
  });

  test('tells pods of one workload apart when they run with different roles', () => {
    const pods = ['a', 'b', 'c'].map((name, index) =>
      injected(ofDeployment(name), identityOf(index === 2 ? 'older' : 'old')),
    );
    const { findings } = audit(pods);
    expect(findings.map(({ podRole, pods: names }) => [podRole, names.length])).toEqual([
      [role('old'), 2],
      [role('older'), 1],
    ]);
    expect(findings.every(finding => finding.role === role('app'))).toBe(true);
  });

  test('counts pods, accounts and roles', () => {
    const pods = [
      ofDeployment('a'),
      injected(ofDeployment('b')),
      pod({ name: 'none', account: 'none' }),
      pod({ name: 'skipped', labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' } }),
      injected(pod({ name: 'agent', account: 'agent' }), containerCredentials),
    ];
    const accounts = { app: withRole('app'), same: withRole('app'), none: {}, agent: {} };
    const { totals, accounts: audited } = audit(pods, { accounts });
    expect(totals).toEqual({
      pods: 5,
      podsWithIdentity: 3,
      podsLackingIdentity: 1,
      podsSkipped: 1,
      podsNotJudged: 0,
      podsWithFindings: 1,
      findings: { error: 1, warning: 0, info: 1 },
      suppressed: 0,
      accounts: 3,
      roles: 1,
    });
    expect(audited.map(({ name, method, source, pods: count }) => [name, method, source, count])).toEqual([
      ['agent', 'container_credentials', 'pods', 1],
      ['app', 'web_identity', 'annotation', 2],
      ['same', 'web_identity', 'annotation', 0],
    ]);
  });

  test('says which accounts a mapping gives a role, and which does not exist', () => {
    const mapping = { 'ns/*': { RoleARN: role('mapped') } };
    const pods = [pod({ account: 'known' }), pod({ account: 'gone' })];
    const { accounts } = audit(pods, { accounts: { known: {}, idle: {} }, mapping });
    expect(accounts.map(({ name, source, exists, role: arn }) => [name, source, exists, arn])).toEqual([
      ['gone', 'mapping', false, role('mapped')],
      ['idle', 'mapping', true, role('mapped')],
      ['known', 'mapping', true, role('mapped')],
    ]);
  });

  test('puts objects with the worst findings first, and what concerns one object together', () => {
    const pods = [
      injected(podOf('DaemonSet', 'a-warning', 'x', { account: 'none' })),
      podOf('DaemonSet', 'z-error', 'x'),
    ];
    expect(
      summary(
        audit(pods, { accounts: { app: withRole('app'), none: {}, idle: withRole('x', { 'token-expiration': '1' }) } }),
      ),
    ).toEqual(['IRSA001 app', 'IRSA003 app', 'IRSA005 account', 'IRSA007 account']);
  });

  test('leaves out and counts what is suppressed', () => {
    const suppressions = [{ code: 'IRSA001', namespace: 'ns', name: 'we*' } as const];
    const report = audit([ofDeployment('a'), ofDeployment('b'), podOf('StatefulSet', 'db', '0')], {
      options: { suppressions },
    });
    expect(report.findings.map(({ object }) => object.name)).toEqual(['db']);
    expect(report.totals).toMatchObject({ suppressed: 1, podsWithFindings: 1, findings: { error: 1 } });
  });

  test('repeats no value of a variable that is not the ARN of a role', () => {
    const secret = 'hunter2-AKIAIOSFODNN7EXAMPLE';
    const stale = injected(pod(), {
      ...identityOf('x'),
      method: 'web_identity',
      roleArn: { value: secret, from: 'service_account' },
    });
    const keys = pod({
      name: 'keys',
      containers: [{ name: 'app', env: [{ name: 'AWS_ACCESS_KEY_ID', value: secret }] }],
    });
    const report = JSON.stringify(audit([stale, keys]));
    expect(report).toContain('IRSA002');
    expect(report).not.toContain(secret);
  });
});

describe('remedyScript()', () => {
  test('gives each command once, the gentle first and the system last', () => {
    const inSystem = {
      ...ofDeployment('a'),
      metadata: { ...(ofDeployment('a')['metadata'] as object), namespace: 'kube-system' },
    };
    const pods = [
      podOf('ReplicaSet', 'bare', '1'),
      inSystem,
      podOf('DaemonSet', 'agent', 'x'),
      podOf('StatefulSet', 'db', '0'),
      ofDeployment('a'),
      injected(ofDeployment('b'), identityOf('old')),
      podOf('CronJob', 'nightly', 'x'),
      pod({ name: 'alone' }),
    ];
    const script = remedyScript(audit(pods, { mapping: { 'kube-system/app': { RoleARN: role('app') } } }));
    expect(script.split('\n').filter(line => line.startsWith('kubectl'))).toEqual([
      'kubectl rollout restart deployment/web -n ns',
      'kubectl rollout restart deployment/web -n kube-system',
      'kubectl rollout restart statefulset/db -n ns',
      'kubectl rollout restart daemonset/agent -n ns',
      'kubectl delete pod/bare-1 -n ns',
    ]);
    expect(script).toContain('# CronJob ns/nightly (IRSA001): The next run of the CronJob has new pods.');
    expect(script).toContain('# Pod ns/alone (IRSA001): Nothing replaces this pod');
  });

  test('gives no commands where a person has to decide, or new pods would be no better', () => {
    const mounted = { name: 'app', volumeMounts: [{ name: 'aws-iam-token', mountPath: '/x' }] };
    const projected = { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } }] };
    const unnamed = pod({ name: 'unnamed', containers: [mounted], volumes: [{ name: 'aws-iam-token', projected }] });
    const report = audit([injected(ofDeployment('a')), unnamed], { accounts: { app: {} } });
    expect(summary(report)).toEqual(['IRSA003 app', 'IRSA008 app']);
    expect(remedyScript(report)).not.toMatch(/^kubectl/m);
  });

  test('lets no name of a dump become a command of its own', () => {
    const name = "x'\n; touch /tmp/pwned #\u001b[2J";
    const script = remedyScript(audit([podOf('ReplicaSet', name, '1'), podOf('Job', name, '1')]));
    for (const line of script.split('\n')) expect(line).toMatch(/^(?:# |kubectl delete '|$)/);
    expect(script).not.toContain('\u001b');
  });

  test('is empty when nothing was found', () => {
    expect(remedyScript(audit([injected(pod())]))).toBe('');
  });
});
