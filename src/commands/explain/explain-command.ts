import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import { collect, colourOption, type CommandContext, type CommandTexts } from '../common/define-command.ts';
import { explainFormats } from './explain-options.ts';

const texts: CommandTexts = {
  name: 'explain',
  summary: 'Show why a pod gets an AWS identity, or why not.',
  description:
    'Shows the whole way of the decision: which ServiceAccount and why, whether the webhook is asked at all, what each source of roles says and which one wins, where every setting comes from, what each container gets, what the AWS SDKs make of it, and at the end one sentence and what to do next.\n\n' +
    'A pod of the cluster is compared with what it would get if it were created now. A Deployment and its like are explained by their pod template, and their running pods are compared with it; a ServiceAccount is explained by a pod of it. Settings are those of the installed webhook, unless flags say otherwise. Nothing is changed. The rights to get the object and its ServiceAccount suffice; with more rights it sees more.',
  examples: [
    { purpose: 'Why has this pod no identity?', line: 'irsa explain pod/web-7c9f4 -n shop' },
    { purpose: 'What would the pods of a Deployment get?', line: 'irsa explain deployment/web -n shop' },
    { purpose: 'What would a pod of this ServiceAccount get?', line: 'irsa explain serviceaccount/web -n shop' },
    { purpose: 'Before anything is applied, without a cluster', line: 'irsa explain -f manifests/' },
    {
      purpose: 'A rendered chart, with the ServiceAccounts of the cluster',
      line: 'helm template . | irsa explain -f - --cluster',
    },
    {
      purpose: 'In a pipeline: fail unless the pods get what they need',
      line: 'irsa explain -f manifests/ --exit-code',
    },
    { purpose: 'For a script', line: 'irsa explain pod/web-7c9f4 -o json | jq -r .verdict.code' },
  ],
};

/** `irsa explain` */
export function explainCommand(context: CommandContext): CommandUnknownOpts {
  return defineClusterCommand(texts)
    .argument(
      '[object...]',
      'Objects of the cluster as KIND/NAME, or KIND NAME: pod, deployment, statefulset, daemonset, replicaset, job, cronjob, serviceaccount.',
    )
    .option(
      '-f, --filename <path>',
      'Manifests instead of objects of the cluster: a file, a folder, or - for standard input; can be repeated.',
      collect,
    )
    .option('-R, --recursive', 'With -f: the folders within folders too.')
    .option(
      '--service-accounts <path>',
      'With -f: more ServiceAccounts, from a file or folder; can be repeated.',
      collect,
    )
    .option('--mapping <file>', 'With -f: the mapping ConfigMap, or what is in its config.')
    .option('--associations <file>', 'With -f: the file of EKS Pod Identity associations.')
    .option(
      '--template-path <kind=path>',
      'With -f: where objects of another kind hold pod templates, as in Workflow=spec.podTemplate; can be repeated.',
      collect,
    )
    .option(
      '--exit-code',
      'End with exit code 1 unless every verdict is ok; with 3 where one is unknown and none worse.',
    )
    .addOption(new Option('-o, --output <format>', 'Format.').choices(explainFormats).default('text'))
    .addOption(colourOption())
    .action(async (objects, options) => {
      const { runExplain } = await import('./run-explain.ts');
      await runExplain(objects, options, context);
    });
}
