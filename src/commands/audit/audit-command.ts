import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import { collect, colourOption, type CommandContext, type CommandTexts } from '../common/define-command.ts';

const description = `Compares running pods with what the webhook would give them if they were created now. Finds pods that are older than the annotation of their ServiceAccount, run with a role of the past or lack a part of their identity, and annotations that cannot mean what they say. docs/findings.md says what each code means and what to do.

Reads the cluster and changes nothing. The settings are those of the installed webhook; flags win over them. With -f a dump is read instead: pods, ServiceAccounts and the mapping ConfigMap as kubectl prints them, in JSON of any size or in YAML of at most 16 MiB.`;

const texts: CommandTexts = {
  name: 'audit',
  summary: 'Find running pods whose AWS identity is missing, stale or not as it should be.',
  description,
  examples: [
    { purpose: 'All pods of the cluster', line: 'irsa audit -A' },
    { purpose: 'The commands that replace the pods concerned', line: 'irsa audit -A --remedy' },
    {
      purpose: 'In a pipeline: fail also for warnings, but not for old pods of the sandboxes',
      line: "irsa audit -A --fail-on warning --suppress 'IRSA003=sandbox-*/*'",
    },
    {
      purpose: 'A dump, on a machine without access to the cluster',
      line: 'kubectl get pods,serviceaccounts,configmaps,replicasets,statefulsets,daemonsets -A -o json | irsa audit -f -',
    },
    { purpose: 'One page for people who do not use a terminal', line: 'irsa audit -A -o html > audit.html' },
  ],
};

/** `irsa audit` */
export function auditCommand(context: CommandContext): CommandUnknownOpts {
  return defineClusterCommand(texts)
    .option('-A, --all-namespaces', 'All namespaces; with -f that is so unless -n names one.')
    .option('-l, --selector <labels>', "Only pods with these labels, as in 'app=web,tier!=test'.", '')
    .option(
      '-f, --filename <path>',
      'Read a file, a folder or - (standard input) instead of a cluster; can be repeated.',
      collect,
    )
    .option(
      '--mapping <file>',
      'The mapping ConfigMap, or its document, instead of the one in the cluster or the dump.',
    )
    .option('--associations <file>', 'The file of EKS Pod Identity associations that the webhook reads.')
    .addOption(
      new Option('--fail-on <severity>', 'End with exit code 1 for findings of this severity or a heavier one.')
        .choices(['error', 'warning', 'info', 'never'])
        .default('error'),
    )
    .option('--exit-zero', 'End with exit code 0 whatever is found.')
    .option(
      '--suppress <code>',
      'Leave findings out: CODE or CODE=NAMESPACE/NAME, with * as wildcard; can be repeated.',
      collect,
    )
    .addOption(
      new Option('-o, --output <format>', 'Format.')
        .choices(['table', 'wide', 'json', 'yaml', 'sarif', 'html'])
        .default('table'),
    )
    .addOption(
      new Option('--remedy', 'Print kubectl commands that replace the pods concerned. Nothing is run.').conflicts(
        'output',
      ),
    )
    .option('--no-headers', 'Leave out the headers of the table.')
    .addOption(colourOption())
    .action(async options => {
      const { runAudit } = await import('./run-audit.ts');
      await runAudit(options, context);
    });
}
