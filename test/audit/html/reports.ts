import type { AuditedAccount, AuditReport, Finding } from '../../../src/audit/report.ts';
import { findingKinds, type FindingCode } from '../../../src/comparison/finding-kinds.ts';

const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

/** A finding of a Deployment, with what the test names instead. */
export function finding(code: FindingCode, parts: Partial<Finding> = {}): Finding {
  const { name, severity, remedy } = findingKinds[code];
  return {
    code,
    name,
    severity,
    object: { kind: 'Deployment', namespace: 'payments', name: 'checkout' },
    serviceAccount: 'checkout',
    role: role('checkout'),
    podRole: null,
    containers: [],
    pods: ['checkout-7c9d5c8b6-2xk4q'],
    detail: 'expected AWS_ROLE_ARN and the token in 1 container, found neither',
    remedy: { text: remedy, commands: ['kubectl -n payments rollout restart deployment/checkout'] },
    ...parts,
  };
}

export function account(namespace: string, name: string, parts: Partial<AuditedAccount> = {}): AuditedAccount {
  return {
    namespace,
    name,
    method: 'web_identity',
    role: role(name),
    assumable: true,
    source: 'annotation',
    exists: true,
    audience: 'sts.amazonaws.com',
    expirationSeconds: 86_400,
    pods: 1,
    ...parts,
  };
}

/** A report of these findings and accounts, with the totals that belong to them. */
export function reportOf(findings: readonly Finding[], accounts: readonly AuditedAccount[]): AuditReport {
  const pods = new Set(findings.flatMap(({ object, pods }) => pods.map(pod => `${object.namespace}/${pod}`)));
  const ofSeverity = (severity: string): number => findings.filter(finding => finding.severity === severity).length;
  return {
    apiVersion: 'irsa/v1',
    kind: 'AuditReport',
    generatedAt: '2026-11-24T09:51:00.000Z',
    source: { kind: 'cluster', server: 'https://api.prod-eu.example.com:6443' },
    scope: { namespace: null, selector: '' },
    totals: {
      pods: pods.size + 412,
      podsWithIdentity: pods.size + 151,
      podsLackingIdentity: 0,
      podsSkipped: 9,
      podsNotJudged: 0,
      podsWithFindings: pods.size,
      findings: { error: ofSeverity('error'), warning: ofSeverity('warning'), info: ofSeverity('info') },
      suppressed: 2,
      accounts: accounts.length,
      roles: new Set(accounts.flatMap(({ role }) => role ?? [])).size,
    },
    findings,
    accounts,
  };
}

const podNames = (owner: string, count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, index) => `${owner}-7c9d5c8b6-${(index * 7919 + 46656).toString(36).padStart(5, 'x')}`,
  );

/** What the report of a cluster of middle size looks like: every severity, owners of several kinds. */
export function exampleReport(): AuditReport {
  const ledger = { kind: 'StatefulSet', namespace: 'payments', name: 'ledger' };
  const thumbnails = { kind: 'CronJob', namespace: 'media', name: 'thumbnails-nightly' };
  return reportOf(
    [
      finding('IRSA001', {
        pods: podNames('checkout', 12),
        detail:
          'expected the role of ServiceAccount checkout in containers app and worker, found no identity in either',
      }),
      finding('IRSA009', {
        pods: podNames('checkout', 12),
        containers: ['worker'],
        detail: 'container worker sets AWS_ACCESS_KEY_ID, which the SDKs take before the role',
        remedy: { text: findingKinds.IRSA009.remedy, commands: [] },
      }),
      finding('IRSA002', {
        object: ledger,
        serviceAccount: 'ledger',
        role: role('teams/payments/ledger-2026'),
        podRole: role('teams/payments/ledger'),
        containers: ['postgres-backup', 'exporter'],
        pods: ['ledger-0', 'ledger-1', 'ledger-2'],
        detail: 'expected role ledger-2026, found role ledger in containers postgres-backup and exporter',
        remedy: {
          text: findingKinds.IRSA002.remedy,
          commands: [
            'kubectl -n payments rollout restart statefulset/ledger',
            'kubectl -n payments rollout status statefulset/ledger',
          ],
        },
      }),
      finding('IRSA013', {
        object: { kind: 'Pod', namespace: 'sandbox', name: 'debug-anna' },
        serviceAccount: 'anna',
        role: null,
        pods: ['debug-anna'],
        detail: 'expected ServiceAccount sandbox/anna, found none of this name',
        remedy: { text: findingKinds.IRSA013.remedy, commands: [] },
      }),
      finding('IRSA003', {
        object: thumbnails,
        serviceAccount: 'thumbnails',
        role: null,
        podRole: role('media-thumbnails'),
        pods: ['thumbnails-nightly-29397600-8gk2v'],
        detail: 'expected no identity, found role media-thumbnails',
        remedy: { text: findingKinds.IRSA003.remedy, commands: [] },
      }),
      finding('IRSA010', {
        object: { kind: 'DaemonSet', namespace: 'logging', name: 'fluent-bit' },
        serviceAccount: 'fluent-bit',
        role: role('fluent-bit'),
        pods: podNames('fluent-bit', 31),
        detail: 'expected audience sts.amazonaws.com, found sts.amazonaws.com.cn',
        remedy: {
          text: findingKinds.IRSA010.remedy,
          commands: ['kubectl -n logging rollout restart daemonset/fluent-bit'],
        },
      }),
      finding('IRSA007', {
        object: { kind: 'ServiceAccount', namespace: 'media', name: 'transcoder' },
        serviceAccount: 'transcoder',
        role: role('media-transcoder'),
        pods: [],
        detail: 'expected a pod that uses role media-transcoder, found none',
        remedy: { text: findingKinds.IRSA007.remedy, commands: [] },
      }),
    ],
    [
      account('logging', 'fluent-bit', { pods: 31 }),
      account('media', 'transcoder', { role: role('media-transcoder'), pods: 0 }),
      account('media', 'uploads', {
        method: 'container_credentials',
        role: null,
        source: 'association',
        audience: 'pods.eks.amazonaws.com',
        pods: 4,
      }),
      account('payments', 'checkout', { pods: 12 }),
      account('payments', 'invoices', { role: role('checkout'), source: 'mapping', pods: 2 }),
      account('payments', 'ledger', { role: role('teams/payments/ledger-2026'), expirationSeconds: 3_600, pods: 3 }),
      account('payments', 'refunds', { role: role('checkout'), source: 'mapping', exists: false, pods: 0 }),
    ],
  );
}

/** One finding of each of so many Deployments, ten pods each. */
export function largeReport(owners: number): AuditReport {
  const codes: readonly FindingCode[] = ['IRSA001', 'IRSA002', 'IRSA010', 'IRSA014'];
  const names = Array.from({ length: owners }, (_, index) => `service-${String(index).padStart(5, '0')}`);
  return reportOf(
    names.map((name, index) =>
      finding(codes[Math.floor((index * codes.length) / owners)] ?? 'IRSA001', {
        object: { kind: 'Deployment', namespace: `team-${index % 40}`, name },
        serviceAccount: name,
        role: role(name),
        pods: podNames(name, 10),
      }),
    ),
    names.map((name, index) => account(`team-${index % 40}`, name, { pods: 10 })),
  );
}
