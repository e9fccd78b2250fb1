import type { Account } from './reviews.ts';

const accountsPerNamespace = 50;

/** One in ten has a role, as in a cluster where a few teams use AWS. */
const accountsPerRole = 10;

/** The account that the reviews are about: the first, which has a role. */
export const measuredAccount: Account = { namespace: 'bench-0', name: 'account-0' };

/** A ServiceAccount as the API server sends it. */
export interface ServiceAccount {
  readonly kind: 'ServiceAccount';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly namespace: string; readonly name: string };
}

/** ServiceAccounts of about 1 KB each, as Helm creates them: labels, annotations and their `managedFields`. */
export function createServiceAccounts(count: number): readonly ServiceAccount[] {
  return Array.from({ length: count }, (_, index) => createServiceAccount(index));
}

function createServiceAccount(index: number): ServiceAccount {
  const hasRole = index % accountsPerRole === 0;
  const annotations = {
    'meta.helm.sh/release-name': `app-${index}`,
    'meta.helm.sh/release-namespace': 'applications',
    ...(hasRole ? { 'eks.amazonaws.com/role-arn': `arn:aws:iam::111122223333:role/role-${index}` } : {}),
  };
  const labels = {
    'app.kubernetes.io/instance': `app-${index}`,
    'app.kubernetes.io/managed-by': 'Helm',
    'app.kubernetes.io/name': `app-${index}`,
    'app.kubernetes.io/version': '1.42.0',
    'helm.sh/chart': 'app-1.42.0',
  };
  const metadata = {
    name: `account-${index}`,
    namespace: `bench-${Math.floor(index / accountsPerNamespace)}`,
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    resourceVersion: String(1_000 + index),
    creationTimestamp: '2026-11-24T08:00:00Z',
    labels,
    annotations,
    managedFields: [
      {
        manager: 'helm',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-11-24T08:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:labels': managed(labels), 'f:annotations': managed(annotations) } },
      },
    ],
  };
  return { kind: 'ServiceAccount', apiVersion: 'v1', metadata };
}

function managed(values: { readonly [name: string]: string }): unknown {
  return { '.': {}, ...Object.fromEntries(Object.keys(values).map(name => [`f:${name}`, {}])) };
}
