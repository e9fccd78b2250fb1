import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { reportFailedStart } from './report.ts';
import { apply, kubectl, tryKubectl } from './kubectl.ts';

/** Namespaces of the tests bear it, so that what a killed run leaves in a cluster of one's own is found. */
const testLabel = 'irsa-e2e';

/**
 * A namespace for the tests of a file: made before the first, removed with all it holds after the last, so that it is still
 * there when a failed test is looked at.
 */
export function useNamespace(): string {
  const name = `e2e-${randomBytes(4).toString('hex')}`;
  beforeAll(async () => {
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [testLabel]: 'true' } } });
    const hasDefaultAccount = async (): Promise<boolean> =>
      (await tryKubectl('get', 'serviceaccount', 'default', '--namespace', name)).code === 0;
    await waitFor(hasDefaultAccount, { what: `the default ServiceAccount of ${name}`, timeoutMs: 30_000 });
  });
  // oxlint-disable-next-line no-empty-pattern -- the runner takes the names of what a hook needs from this pattern
  afterAll(async ({}, file) => {
    await reportFailedStart(file);
    await kubectl('delete', 'namespace', name, '--wait=false');
  });
  return name;
}

export interface ServiceAccountOptions {
  readonly namespace: string;
  readonly name: string;
  /** Without it the account has no identity. */
  readonly role?: string;
  readonly annotations?: { readonly [name: string]: string };
}

export function serviceAccount({ namespace, name, role, annotations = {} }: ServiceAccountOptions): object {
  const all = { ...(role !== undefined && { 'eks.amazonaws.com/role-arn': role }), ...annotations };
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, annotations: all } };
}

/** The ARN of a role in the account that the tests use. */
export function roleArn(name: string): string {
  return `arn:aws:iam::123456789012:role/${name}`;
}
