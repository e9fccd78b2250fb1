import { stringify } from 'yaml';
import { roleNameOf, toCloudFormation, toTerraform, type RoleDefinition } from '../../oidc/role-definition.ts';
import {
  trustPolicyLength,
  trustPolicyQuota,
  shortenAdvice,
  hasWildcard,
  trustPolicy,
} from '../../oidc/trust-policy.ts';
import { exitCodes, type CommandIo, type ExitCode } from '../command-io.ts';
import { writeResult } from '../common/write-result.ts';
import { withRemarks } from '../oidc/with-remarks.ts';
import { findTrusts, type RoleTrust } from './find-trusts.ts';
import { checkTrustOptions, type TrustOptions } from './trust-options.ts';

/** `irsa trust-policy`: resolves with the exit code. */
export async function runTrustPolicy(options: TrustOptions, io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  await withRemarks(async () => {
    checkTrustOptions(options);
    const trusts = await findTrusts(options, io);
    await writeResult(io.stdout, await render(trusts, options));
    for (const trust of trusts) {
      tellWideNamespaces(trust, io);
      tellForeignProviders(trust, io);
    }
    const tooLong = trusts.map(trust => tellLength(trust, io)).includes(true);
    if (tooLong) exitCode = exitCodes.findings;
  });
  return exitCode;
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

/** Whoever may create a namespace of a fitting name may then assume the role. */
function tellWideNamespaces({ grants }: RoleTrust, { stderr }: CommandIo): void {
  const wide = grants.flatMap(grant => grant.serviceAccounts).filter(({ namespace }) => hasWildcard(namespace));
  for (const { namespace, name } of wide) {
    stderr.write(
      `warning: ${namespace}/${name}: the pattern takes in namespaces that do not exist yet, and whoever may create one ` +
        'may assume the role\n',
    );
  }
}

/** https://docs.aws.amazon.com/eks/latest/userguide/cross-account-access.html */
function tellForeignProviders({ roleArn, grants }: RoleTrust, { stderr }: CommandIo): void {
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

/** Tells of a policy above the default quota; true when it is above every quota. */
function tellLength({ roleArn, grants }: RoleTrust, { stderr }: CommandIo): boolean {
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
