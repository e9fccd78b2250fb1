import type { ServeSettings } from '../configuration/serve-settings.ts';
import { at, ownString, type JsonObject } from '../util/json.ts';
import { failed, ofWorkload, passed, type Check, type CheckOutcome } from './check.ts';
import type { ClusterReader } from '../cluster/reader.ts';

/** `get`, `list` and so on; a name only where the right is for one object. */
export interface AccessRight {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

export const webhookRights: Check = {
  code: 'webhook-rights',
  group: 'Workload',
  title: 'the ServiceAccount of the webhook has the rights it needs',
  run: ofWorkload(async ({ namespace, podSpec }, { settings }, { cluster }) => {
    const name = ownString(podSpec, 'serviceAccountName') ?? 'default';
    const missing = await findMissingRights(cluster, rightsFor(settings), {
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    });
    return judgeRights(missing, `${namespace}/${name}`);
  }),
};

function judgeRights(missing: readonly AccessRight[], account: string): CheckOutcome {
  if (missing.length === 0) return passed(`ServiceAccount ${account}`);
  return failed(
    `ServiceAccount ${account} may not ${missing.map(describeRight).join(', ')}`,
    'Install the Roles and ClusterRoles of the chart (rbac.create), or grant the rights in another way.',
  );
}

/** As the chart grants them. */
export function rightsFor({ tls, sources, kubernetes }: ServeSettings): readonly AccessRight[] {
  const read = ['get', 'list', 'watch'];
  const rights = (verbs: readonly string[], right: Omit<AccessRight, 'verb'>): readonly AccessRight[] =>
    verbs.map(verb => ({ verb, ...right }));
  const accounts = rights(read, { group: '', resource: 'serviceaccounts' });
  const { mapping } = sources;
  const ofMapping = mapping && rights(read, { group: '', resource: 'configmaps', ...mapping });
  const { certificates } = tls;
  if (certificates.kind === 'files') return [...accounts, ...(ofMapping ?? [])];
  const secrets = { group: '', resource: 'secrets', namespace: kubernetes.namespace };
  return [
    ...accounts,
    ...(ofMapping ?? []),
    ...rights(['create'], secrets),
    ...rights([...read, 'update'], { ...secrets, name: certificates.secretName }),
    ...rights([...read, 'patch'], {
      group: 'admissionregistration.k8s.io',
      resource: 'mutatingwebhookconfigurations',
      name: certificates.webhookConfigurationName,
    }),
  ];
}

/** Whose rights are asked for; without it, the caller's own. */
export interface AccessSubject {
  readonly user: string;
  readonly groups: readonly string[];
}

/** Returns the rights that the API server refuses. Nothing is kept there. Rejects with KubernetesError. */
export async function findMissingRights(
  cluster: ClusterReader,
  rights: readonly AccessRight[],
  subject?: AccessSubject,
): Promise<readonly AccessRight[]> {
  const allowed = await Promise.all(rights.map(right => isAllowed(cluster, right, subject)));
  return rights.filter((_, index) => allowed[index] !== true);
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
async function isAllowed(
  { client, timeoutMs, signal }: ClusterReader,
  right: AccessRight,
  subject: AccessSubject | undefined,
): Promise<boolean> {
  const kind = subject === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  const apiVersion = 'authorization.k8s.io/v1';
  const review: JsonObject = { apiVersion, kind, spec: { ...subject, resourceAttributes: right } };
  const answer = await client.create(`/apis/${apiVersion}/${kind.toLowerCase()}s`, review, { timeoutMs, signal });
  return at(answer, 'status', 'allowed') === true;
}

/** `watch secrets irsa-webhook-ca in irsa-system` */
export function describeRight({ verb, group, resource, namespace, name }: AccessRight): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
