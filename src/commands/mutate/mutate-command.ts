import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import { collect, type CommandContext, type CommandTexts } from '../common/define-command.ts';

const texts: CommandTexts = {
  name: 'mutate',
  summary: 'Give manifests what the webhook would give their pods.',
  description: `Injects into pods, and into the pod templates of Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController,
Job, CronJob, PodTemplate, Argo Rollout, Knative Service and Configuration, and of any kind that --template-path names.
Everything else is written as it was read: comments, order and quoting stay, lines are only added. JSON stays JSON.

ServiceAccounts and the mapping ConfigMap (named pod-identity-webhook) are taken from the same input, from the files that
options name, and with --cluster from the cluster, together with the settings of the webhook that is installed there.
A pod whose ServiceAccount is in none of them is left as it is, unless a mapping or an association tells its role.

An AdmissionReview is answered as the webhook would answer it. Where the webhook chooses at random, the lifetime of
tokens for container credentials between 22 and 24 hours, this command takes 23 hours: the same input gives the same output.

Standard error has a line for each pod. Ends with 1 when a pod would be refused because it has no identity.`,
  examples: [
    { purpose: 'See what the webhook would add', line: 'irsa mutate -f manifests/ -o diff' },
    { purpose: 'Apply a chart with its identities', line: 'helm template . | irsa mutate -f - | kubectl apply -f -' },
    {
      purpose: 'With the ServiceAccounts of a file',
      line: 'irsa mutate -f app.yaml --service-accounts accounts.yaml',
    },
    { purpose: 'With the ServiceAccounts and settings of a cluster', line: 'irsa mutate -f app.yaml --cluster' },
    { purpose: 'Only the change', line: 'irsa mutate -f pod.yaml -o jsonpatch' },
    {
      purpose: 'A kind of your own',
      line: "irsa mutate -f ray.yaml --template-path 'RayCluster=spec.workerGroupSpecs[*].template'",
    },
  ],
};

/** `irsa mutate` */
export function mutateCommand(context: CommandContext): CommandUnknownOpts {
  return defineClusterCommand(texts)
    .requiredOption('-f, --filename <path>', 'File, folder, or - for standard input; can be repeated.', collect)
    .option('-R, --recursive', 'Read the folders within folders too.', false)
    .option('--service-accounts <path>', 'More ServiceAccounts, from a file or folder; can be repeated.', collect)
    .option('--mapping <file>', 'The mapping ConfigMap, or what is in its config.')
    .option('--associations <file>', 'The file of EKS Pod Identity associations.')
    .option(
      '--template-path <kind=path>',
      'Where objects of another kind hold pod templates, as in Workflow=spec.podTemplate; can be repeated.',
      collect,
    )
    .addOption(
      new Option(
        '-o, --output <format>',
        'Format. Without it yaml, which is the input with additions; for an AdmissionReview, admissionreview.',
      ).choices(['yaml', 'json', 'jsonpatch', 'admissionreview', 'diff']),
    )
    .action(async options => {
      const { runMutate } = await import('./run-mutate.ts');
      await runMutate(options, context);
    });
}
