import { roleArnProblem } from '../../identity/role-arn.ts';
import { isNamespaceName, isServiceAccountName } from '../../kubernetes/objects.ts';
import {
  isPlainAudience,
  type TrustedAccount,
  parseProviderArn,
  providerOfIssuer,
  type ProviderAccount,
  type TrustProvider,
} from '../../oidc/trust-policy.ts';
import type { ClusterOptions } from '../common/cluster-command.ts';
import { usageFailure } from '../common/command-failure.ts';
import { quote } from '../../util/text.ts';

export type TrustOptions = ClusterOptions & {
  serviceAccount?: string[];
  fromCluster?: true;
  providerArn?: string[];
  issuer?: string[];
  accountId?: string;
  partition?: string;
  audience?: string[];
  role?: string[];
  annotationPrefix?: string;
  output: 'json' | 'terraform' | 'cloudformation';
};

/** Refuses values that IAM would not take, and options that say different things. Throws CommandFailure. */
export function checkTrustOptions(options: TrustOptions): void {
  const { accountId, partition, audience = [], role = [] } = options;
  if (options.fromCluster === undefined && options.serviceAccount === undefined) {
    throw usageFailure(
      'expected ServiceAccounts, by --service-account NAMESPACE/NAME or --from-cluster, found neither',
    );
  }
  if (options.fromCluster !== undefined && options.serviceAccount !== undefined) {
    throw usageFailure('expected --service-account or --from-cluster, found both');
  }
  if (options.fromCluster === undefined && role.length > 1) {
    throw usageFailure(`--role: expected one role for these ServiceAccounts, found ${role.length}`);
  }
  expectMatch('--account-id', accountId, /^[0-9]{12}$/, '12 digits');
  expectMatch('--partition', partition, /^aws[a-z0-9-]{0,30}$/, 'a partition such as aws or aws-cn');
  const unusable = audience.find(text => !isPlainAudience(text));
  if (unusable !== undefined) {
    throw usageFailure(
      `--audience: expected at most 255 characters without spaces and "\${", found ${quote(unusable)}`,
    );
  }
  for (const arn of role) {
    const problem = roleArnProblem(arn);
    if (problem !== undefined) throw usageFailure(`--role: ${problem}`);
  }
}

function expectMatch(option: string, text: string | undefined, pattern: RegExp, expected: string): void {
  if (text === undefined || pattern.test(text)) return;
  throw usageFailure(`${option}: expected ${expected}, found ${quote(text)}`);
}

/** A ServiceAccount or pattern as `--service-account` has it. Throws CommandFailure. */
export function parseTrustedAccount(text: string): TrustedAccount {
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
export function trustProviders(
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
