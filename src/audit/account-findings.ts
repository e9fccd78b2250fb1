import type { ServiceAccountFacts } from '../identity/service-account-annotations.ts';
import type { PodFinding } from './pod-finding.ts';

/** What is wrong with an annotated account by itself. `unused` where every pod was looked at and none uses it. */
export function findInAccount(
  { roleArn, roleArnProblem, notices }: ServiceAccountFacts,
  { prefix, unused }: { readonly prefix: string; readonly unused: boolean },
): readonly PodFinding[] {
  const invalid = notices.map(({ detail }) =>
    accountFinding('IRSA005', detail === roleArnProblem ? 'error' : 'warning', detail),
  );
  if (!unused || roleArn === '') return invalid;
  return [
    ...invalid,
    accountFinding('IRSA007', 'info', `annotation ${prefix}/role-arn gives a role to no running pod`),
  ];
}

function accountFinding(
  code: PodFinding['code'],
  severity: NonNullable<PodFinding['severity']>,
  detail: string,
): PodFinding {
  return { code, severity, concerns: 'account', podRole: null, containers: [], detail };
}
