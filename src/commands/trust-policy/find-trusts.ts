import { isNamespaceName, isServiceAccountName } from '../../kubernetes/objects.ts';
import { readClusterSnapshot } from '../../cluster/accounts.ts';
import { lookForWebhook } from '../../cluster/installed-webhook.ts';
import { readClusterDiscovery } from '../../cluster/issuer.ts';
import { openCluster, type Cluster } from '../../cluster/open-cluster.ts';
import type { IdentityAnswer } from '../../identity/identity.ts';
import { roleArnProblem } from '../../identity/role-arn.ts';
import {
  isPlainAudience,
  type TrustGrant,
  type TrustedAccount,
  type ProviderAccount,
  providerOfIssuer,
  parseProviderArn,
  type TrustProvider,
} from '../../oidc/trust-policy.ts';
import { quote } from '../../util/text.ts';
import type { CommandIo } from '../command-io.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import { CommandFailure, usageFailure } from '../common/command-failure.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { TrustOptions } from './trust-policy-command.ts';

/** Who may assume one role. */
export interface RoleTrust {
  /** Undefined where ServiceAccounts are named and the role is not. */
  readonly roleArn: string | undefined;
  readonly grants: readonly TrustGrant[];
}

const defaultAudience = 'sts.amazonaws.com';

/** The trust of each role that the options ask for, by ARN. Rejects with CommandFailure, OidcError or KubernetesError. */
export async function findTrusts(options: TrustOptions, io: CommandIo): Promise<readonly RoleTrust[]> {
  if (options.fromCluster === true) return findClusterTrusts(options, io);
  const [roleArn] = options.role ?? [];
  const serviceAccounts = (options.serviceAccount ?? []).map(parseTrustedAccount);
  const providers = trustProviders(options, options.issuer ?? [], roleArn);
  return [{ roleArn, grants: [{ providers, audiences: options.audience ?? [defaultAudience], serviceAccounts }] }];
}

async function findClusterTrusts(options: TrustOptions, io: CommandIo): Promise<readonly RoleTrust[]> {
  const cluster = await openCluster(clusterAccess(options), io.environment);
  const accounts = await readAnnotatedAccounts(cluster, options, io);
  const byRole = Map.groupBy(accounts, ({ roleArn }) => roleArn);
  const wanted = options.role ?? [...byRole.keys()].toSorted();
  const isNamed = options.providerArn !== undefined || options.issuer !== undefined;
  const issuers = isNamed ? (options.issuer ?? []) : [await readClusterIssuer(cluster)];
  if (wanted.length === 0) {
    throw new CommandFailure(`${cluster.server}: expected ServiceAccounts with a role, found none`);
  }
  return wanted.map(roleArn => {
    const ofRole = byRole.get(roleArn);
    if (ofRole !== undefined) return { roleArn, grants: grantsOf(ofRole, options, issuers) };
    throw new CommandFailure(`${cluster.server}: expected ServiceAccounts with the role ${roleArn}, found none`);
  });
}

/** ServiceAccounts whose tokens have the same audience stand together. */
function grantsOf(
  accounts: readonly AnnotatedAccount[],
  options: TrustOptions,
  issuers: readonly string[],
): readonly TrustGrant[] {
  const roleArn = accounts[0]?.roleArn ?? '';
  const providers = trustProviders(options, issuers, roleArn);
  if (options.audience !== undefined) return [{ providers, audiences: options.audience, serviceAccounts: accounts }];
  return [...Map.groupBy(accounts, ({ audience }) => audience)].map(([audience, serviceAccounts]) => ({
    providers,
    audiences: [audience],
    serviceAccounts,
  }));
}

/** A ServiceAccount or pattern as `--service-account` has it. Throws CommandFailure. */
function parseTrustedAccount(text: string): TrustedAccount {
  const [namespace = '', name = '', ...more] = text.split('/');
  // A wildcard may stand for a letter, so that what is left must be part of a name that exists.
  const sample = (pattern: string): string => pattern.replaceAll(/[*?]/g, 'a');
  if (more.length === 0 && isNamespaceName(sample(namespace)) && isServiceAccountName(sample(name))) {
    return { namespace, name };
  }
  throw usageFailure(`--service-account: expected NAMESPACE/NAME such as team-a/app or team-a/*, found ${quote(text)}`);
}

/**
 * The providers that the options name, those of issuers in the account of `--account-id`, else of the role. Throws
 * CommandFailure or OidcError.
 */
function trustProviders(
  options: TrustOptions,
  issuers: readonly string[],
  roleArn: string | undefined,
): readonly TrustProvider[] {
  const named = (options.providerArn ?? []).map(parseProviderArn);
  const ofIssuers = issuers.map(issuer => providerOfIssuer(issuer, providerAccount(options, roleArn)));
  const providers = [...named, ...ofIssuers];
  if (providers.length > 0) return providers;
  throw usageFailure('expected the OIDC provider, by --provider-arn ARN or --issuer URL, found neither');
}

function providerAccount({ accountId, partition }: TrustOptions, roleArn: string | undefined): ProviderAccount {
  const [, rolePartition, , , roleAccount] = (roleArn ?? '').split(':');
  const id = accountId ?? roleAccount;
  if (id === undefined) throw usageFailure('--issuer: expected --account-id or --role with it, found neither');
  return { partition: partition ?? rolePartition ?? 'aws', id };
}

/** A ServiceAccount that names a role. */
interface AnnotatedAccount extends TrustedAccount {
  readonly roleArn: string;
  /** Of the tokens that the webhook gives its pods. */
  readonly audience: string;
}

/**
 * The ServiceAccounts of the cluster that carry a role, as the webhook reads their annotations; sorted by namespace and name.
 * Writes a warning for those whose role is no ARN. Rejects with KubernetesError or CommandFailure.
 */
async function readAnnotatedAccounts(
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

/** The issuer that the API server names in its tokens. Rejects with KubernetesError, OidcError or CommandFailure. */
async function readClusterIssuer(cluster: Cluster): Promise<string> {
  const { issuer } = await readClusterDiscovery(cluster);
  if (issuer !== undefined) return issuer;
  throw new CommandFailure(`${cluster.server}: the discovery document of the API server names no issuer`);
}

function audienceProblem(audience: string): string | undefined {
  return isPlainAudience(audience) ? undefined : `expected an audience that IAM takes, found ${quote(audience)}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
