import type { Command } from '@commander-js/extra-typings';
import type { ClusterAccess } from '../../cluster/open-cluster.ts';
import { parseGoDuration } from '../../go/duration.ts';
import { usageFailure } from './command-failure.ts';
import { defineCommand, type CommandTexts } from './define-command.ts';
import { quote } from '../../util/text.ts';

/** kubectl's options for the access to a cluster, as commander gives them. */
export type ClusterOptions = {
  kubeconfig?: string;
  context?: string;
  /** True for a bare `--cluster`, in the commands that read files unless they are told to. */
  cluster?: string | true;
  user?: string;
  as?: string;
  asGroup?: string[];
  requestTimeout: string;
  namespace?: string;
};

/** A command that reads a cluster: it takes kubectl's options. */
export function defineClusterCommand(texts: CommandTexts): Command<[], ClusterOptions> {
  return defineCommand(texts)
    .option('-n, --namespace <name>', "Namespace; without it, that of the kubeconfig's context.")
    .option('--kubeconfig <file>', 'Kubeconfig instead of $KUBECONFIG, ~/.kube/config or the ServiceAccount of a pod.')
    .option('--context <name>', 'Context of the kubeconfig.')
    .option(
      '--cluster [name]',
      'Cluster of the kubeconfig; in commands that read files, without a name: read the cluster too.',
    )
    .option('--user <name>', 'User of the kubeconfig.')
    .option('--as <user>', 'Act as this user.')
    .option('--as-group <group...>', 'Act as a member of this group; can be repeated.')
    .option('--request-timeout <duration>', 'How long one request may take, as in 30s or 1m.', '30s');
}

/** Returns what the options say of the cluster. Throws CommandFailure. */
export function clusterAccess(options: ClusterOptions): ClusterAccess {
  const { kubeconfig, context, cluster, user, as, asGroup = [], namespace } = options;
  return {
    kubeconfig,
    context,
    cluster: cluster === true ? undefined : cluster,
    user,
    impersonate: as === undefined ? undefined : { user: as, groups: asGroup },
    namespace,
    timeoutMs: readTimeout(options.requestTimeout),
  };
}

function readTimeout(text: string): number {
  const timeoutMs = parseGoDuration(text);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw usageFailure(`--request-timeout: expected a duration such as 30s or 1m, found ${quote(text)}`);
}
