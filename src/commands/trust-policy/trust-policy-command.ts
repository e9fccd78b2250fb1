import { Option } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import type { CommandTexts, OptionsOf } from '../common/define-command.ts';

const texts: CommandTexts = {
  name: 'trust-policy',
  summary: 'Write the trust policy that lets ServiceAccounts assume an IAM role.',
  description:
    'Writes the trust policy of a role for pods of these ServiceAccounts, as IAM, Terraform or CloudFormation takes it. ' +
    'In NAMESPACE/NAME a * stands for any characters and a ? for one; such patterns are compared by StringLike, all else ' +
    'by StringEquals. Several providers, one for each cluster, may be in one policy. Ends with 1 when the policy is ' +
    'longer than any quota of IAM.',
  examples: [
    {
      purpose: 'For one ServiceAccount',
      line:
        'irsa trust-policy --issuer https://oidc.example.com/cluster-a --account-id 111122223333 ' +
        '--service-account team-a/app > trust.json',
    },
    {
      purpose: 'For all roles that ServiceAccounts of the cluster name, in Terraform',
      line: 'irsa trust-policy --from-cluster -o terraform > roles.tf',
    },
    {
      purpose: 'For one of these roles',
      line: 'irsa trust-policy --from-cluster --role arn:aws:iam::111122223333:role/app',
    },
  ],
};

/** `irsa trust-policy` */
export function defineTrustPolicy() {
  return defineClusterCommand(texts)
    .option('--service-account <namespace/name...>', 'ServiceAccount or pattern; can be repeated.')
    .option(
      '--from-cluster',
      'All ServiceAccounts of the cluster with a role, by role; with -n those of the namespace.',
    )
    .option('--provider-arn <arn...>', 'OIDC provider in IAM; can be repeated.')
    .option('--issuer <url...>', "Issuer of the provider; with --from-cluster, without it, the cluster's own.")
    .option('--account-id <id>', 'Account of the provider of --issuer; without it that of the role.')
    .option('--partition <name>', 'Partition of the provider of --issuer; without it that of the role, else aws.')
    .option(
      '--audience <audience...>',
      "Audience of the tokens; without it the ServiceAccount's, else sts.amazonaws.com.",
    )
    .option('--role <arn...>', 'Role to write the policy for; without it, with --from-cluster, all.')
    .option(
      '--annotation-prefix <prefix>',
      "Prefix of the ServiceAccounts' annotations; without it the installed webhook's.",
    )
    .addOption(
      new Option('-o, --output <format>', 'Format.').choices(['json', 'terraform', 'cloudformation']).default('json'),
    );
}

export type TrustOptions = OptionsOf<typeof defineTrustPolicy>;
