import { Option } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import { colourOption, type OptionsOf } from '../common/define-command.ts';

/** `irsa check` */
export function defineCheck() {
  return defineClusterCommand({
    name: 'check',
    summary: 'Check an installation, or a cluster before one.',
    description: [
      'Checks all that has to be right for pods to get their identity: the registration of the webhook, its certificate, its workload, other webhooks, ServiceAccounts, the issuer of tokens, and whether a pod gets its identity in a dry run. Nothing is changed. What you may not read is skipped, with the right that it needs.',
      'With --pre, --namespace is the one to install into, irsa-system by default. Otherwise the pod of the dry run is tried in that namespace only, and without it where the first ServiceAccount with a role is.',
      'Exits with 0 when no check failed, with 1 when one did, and with 3 when the cluster could not be asked, when nothing of the webhook may be seen, or when the namespace does not exist.',
    ].join('\n\n'),
    examples: [
      { purpose: 'Is the webhook installed well?', line: 'irsa check' },
      { purpose: 'Can it be installed here?', line: 'irsa check --pre -n irsa-system' },
      { purpose: 'Wait after an installation, as in a script', line: 'irsa check --wait 60s -o short' },
    ],
  })
    .option('--pre', 'Check a cluster before the installation.')
    .option('--wait <duration>', 'Check again, for so long, until all is well; such as 60s.')
    .addOption(
      new Option('--fail-on <status>', 'Least status of a check that gives exit code 1.')
        .choices(['warning', 'failed'])
        .default('failed'),
    )
    .option('--issuer-ca <file>', 'PEM of the authorities that the issuer is trusted by, instead of those of Node.js.')
    .addOption(
      new Option('-o, --output <format>', 'Format; short leaves out the checks that passed.')
        .choices(['text', 'short', 'json'])
        .default('text'),
    )
    .addOption(colourOption());
}

export type CheckOptions = OptionsOf<typeof defineCheck>;
