import { stringify } from 'yaml';
import { roleArnProblem } from '../../identity/role-arn.ts';
import { roleNameOf, toCloudFormation, toTerraform, type RoleDefinition } from '../../oidc/role-definition.ts';
import {
  hasWildcard,
  isPlainAudience,
  trustPolicy,
  shortenAdvice,
  trustPolicyLength,
  trustPolicyQuota,
} from '../../oidc/trust-policy.ts';
import { checkPublic } from '../../oidc/issuer-url.ts';
import { remarkWithHint } from '../../oidc/remark.ts';
import { quote } from '../../util/text.ts';
import { exitCodes, writeResult, type CommandIo, type ExitCode } from '../command-io.ts';
import { usageFailure } from '../common/command-failure.ts';
import { withRemarks } from '../oidc/remarks.ts';
import { findTrusts, type RoleTrust } from './find-trusts.ts';
import type { TrustOptions } from './trust-policy-command.ts';

/** `irsa trust-policy`: resolves with the exit code. */
export async function runTrustPolicy(options: TrustOptions, io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  await withRemarks(async () => {
    checkTrustOptions(options);
    const trusts = await findTrusts(options, io);
    await writeResult(io.documents, await render(trusts, options));
    warnOfPrivateIssuers(trusts, io);
    for (const trust of trusts) {
      warnOfWideNamespaces(trust, io);
      warnOfForeignProviders(trust, io);
    }
    const tooLong = trusts.map(trust => warnOfLength(trust, io)).includes(true);
    if (tooLong) exitCode = exitCodes.findings;
  });
  return exitCode;
}

/** Refuses values that IAM would not take, and options that say different things. Throws CommandFailure. */
function checkTrustOptions(options: TrustOptions): void {
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

async function render(trusts: readonly RoleTrust[], options: TrustOptions): Promise<string> {
  if (options.output === 'json') return `${JSON.stringify(jsonOf(trusts, options), null, 2)}\n`;
  const definitions = trusts.map(toDefinition);
  if (options.output === 'terraform') return toTerraform(definitions);
  // Quoted, since 2012-10-17 alone is a date in YAML 1.1, and never folded.
  return stringify(toCloudFormation(definitions), {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
  });
}

function toDefinition({ roleArn, grants }: RoleTrust): RoleDefinition {
  return { role: roleArn === undefined ? undefined : roleNameOf(roleArn), policy: trustPolicy(grants) };
}

/** The bare policy where one is asked for, so that IAM's own tools take it; else a list of the roles. */
function jsonOf(trusts: readonly RoleTrust[], { fromCluster, role = [] }: TrustOptions): unknown {
  const [first] = trusts;
  if (first !== undefined && (fromCluster === undefined || role.length === 1)) return trustPolicy(first.grants);
  const items = trusts.map(({ roleArn, grants }) => {
    const policy = trustPolicy(grants);
    const serviceAccounts = grants.flatMap(grant =>
      grant.serviceAccounts.map(({ namespace, name }) => `${namespace}/${name}`),
    );
    return { roleArn, serviceAccounts: serviceAccounts.toSorted(), characters: trustPolicyLength(policy), policy };
  });
  return { apiVersion: 'irsa/v1', kind: 'TrustPolicyList', items };
}

/** Each issuer once: AWS STS would look for its keys in vain. */
function warnOfPrivateIssuers(trusts: readonly RoleTrust[], { stderr }: CommandIo): void {
  const providers = trusts.flatMap(({ grants }) => grants.flatMap(grant => grant.providers));
  for (const name of new Set(providers.map(provider => provider.name))) {
    const fault = checkPublic(`https://${name}`, 'issuer');
    if (fault !== undefined) stderr.write(`warning: ${remarkWithHint(fault)}\n`);
  }
}

/** Whoever may create a namespace of a fitting name may then assume the role. */
function warnOfWideNamespaces({ grants }: RoleTrust, { stderr }: CommandIo): void {
  const wide = grants.flatMap(grant => grant.serviceAccounts).filter(({ namespace }) => hasWildcard(namespace));
  for (const { namespace, name } of wide) {
    stderr.write(
      `warning: ${namespace}/${name}: the pattern takes in namespaces that do not exist yet, and whoever may create one ` +
        'may assume the role\n',
    );
  }
}

/** https://docs.aws.amazon.com/eks/latest/userguide/cross-account-access.html */
function warnOfForeignProviders({ roleArn, grants }: RoleTrust, { stderr }: CommandIo): void {
  if (roleArn === undefined) return;
  for (const { arn } of grants[0]?.providers ?? []) {
    if (accountOf(arn) === accountOf(roleArn)) continue;
    stderr.write(`warning: ${roleArn}: expected a provider in the role's own account, found ${arn}\n`);
  }
}

/** Partition and account of an ARN of IAM. */
function accountOf(arn: string): string {
  return arn.split(':').slice(0, 5).join(':');
}

/** Writes a line about a policy above the default quota; true when it is above every quota. */
function warnOfLength({ roleArn, grants }: RoleTrust, { stderr }: CommandIo): boolean {
  const length = trustPolicyLength(trustPolicy(grants));
  if (length <= trustPolicyQuota.default) return false;
  const isUsable = length <= trustPolicyQuota.maximum;
  const subject = `the trust policy${roleArn === undefined ? '' : ` of ${roleArn}`} has ${length} characters without white space`;
  const quota = isUsable
    ? `more than the default quota of ${trustPolicyQuota.default}: IAM takes it once the quota "Role trust policy length" is raised`
    : `more than ${trustPolicyQuota.maximum}, the most that IAM takes`;
  stderr.write(`${isUsable ? 'warning' : 'error'}: ${subject}, ${quota}\n`);
  for (const line of shortenAdvice(grants)) stderr.write(`  shorter: ${line}\n`);
  return !isUsable;
}
