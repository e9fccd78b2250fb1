import type { IdentityAnswer } from '../../identity/identity.ts';
import { roleArnProblem } from '../../identity/role-arn.ts';
import { lookForWebhook } from '../../cluster/installed-webhook.ts';
import { discoveryPath } from '../../oidc/issuer-url.ts';
import { isPlainAudience, type TrustedAccount } from '../../oidc/trust-policy.ts';
import { readClusterSnapshot } from '../../cluster/accounts.ts';
import { ownString } from '../../util/json.ts';
import type { CommandIo } from '../command-io.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { Cluster } from '../../cluster/open-cluster.ts';
import type { TrustOptions } from './trust-options.ts';
import { quote } from '../../util/text.ts';

/** A ServiceAccount that names a role. */
export interface AnnotatedAccount extends TrustedAccount {
  readonly roleArn: string;
  /** Of the tokens that the webhook gives its pods. */
  readonly audience: string;
}

/**
 * The ServiceAccounts of the cluster that carry a role, as the webhook reads their annotations; sorted by namespace and name.
 * Those whose role is no ARN are told of on standard error. Rejects with KubernetesError or CommandFailure.
 */
export async function readAnnotatedAccounts(
  cluster: Cluster,
  { annotationPrefix, namespace: only }: TrustOptions,
  { environment, stderr }: CommandIo,
): Promise<readonly AnnotatedAccount[]> {
  const { webhook } = await lookForWebhook(cluster);
  // Trust policies are often written before there is a webhook: then the defaults decide, without a word.
  for (const note of webhook?.notes ?? []) stderr.write(`warning: ${note}\n`);
  const own = new Map(
    annotationPrefix === undefined
      ? []
      : [['annotation-prefix', { text: annotationPrefix, label: '--annotation-prefix' }]],
  );
  const { defaults } = await decisionContext(own, environment, webhook?.flags);
  const { accounts } = await readClusterSnapshot(cluster, { defaults, mapping: undefined });
  const found: AnnotatedAccount[] = [];
  for (const [account] of accounts.annotated()) {
    const { namespace, name } = account;
    if (only !== undefined && namespace !== only) continue;
    const answer = accounts.identityOf(account);
    const role = readRole(answer);
    if (role.kind === 'role') found.push({ namespace, name, roleArn: role.roleArn, audience: role.audience });
    if (role.kind === 'problem')
      stderr.write(`warning: ServiceAccount ${namespace}/${name} is left out: ${role.detail}\n`);
  }
  return found.toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
}

type Role =
  | { readonly kind: 'role'; readonly roleArn: string; readonly audience: string }
  | { readonly kind: 'problem'; readonly detail: string }
  | { readonly kind: 'none' };

function readRole(answer: IdentityAnswer): Role {
  if (answer.kind === 'none' && answer.reason === 'invalid_role_arn') return { kind: 'problem', detail: answer.detail };
  if (answer.kind !== 'identity' || answer.identity.method !== 'web_identity') return { kind: 'none' };
  const { roleArn, audience } = answer.identity;
  const detail = roleArnProblem(roleArn.value) ?? audienceProblem(audience.value);
  if (detail !== undefined) return { kind: 'problem', detail };
  return { kind: 'role', roleArn: roleArn.value, audience: audience.value };
}

/** The issuer that the API server names in its tokens. Rejects with KubernetesError or CommandFailure. */
export async function readClusterIssuer({ client, server, timeoutMs }: Cluster): Promise<string> {
  const issuer = ownString(await client.get(discoveryPath, { timeoutMs }), 'issuer');
  if (issuer !== undefined) return issuer;
  throw new CommandFailure(`${server}: expected the issuer in the discovery document of the API server, found none`);
}

function audienceProblem(audience: string): string | undefined {
  return isPlainAudience(audience) ? undefined : `expected an audience that IAM takes, found ${quote(audience)}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
